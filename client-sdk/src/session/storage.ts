/** What must outlive the process so that a session can be resumed. */
export interface StoredSession {
  refreshToken: string
}

/** A place of the application's own, such as a file or a device's key store. It holds a secret: guard it as one. */
export interface SessionStorage {
  load(): StoredSession | null | Promise<StoredSession | null>
  save(session: StoredSession | null): void | Promise<void>
}

/**
 * `cookie`: an httpOnly cookie that scripts cannot read (browsers). `memory`: gone with the process (Node, tests).
 */
export type StorageChoice = 'cookie' | 'memory' | SessionStorage

class MemoryStorage implements SessionStorage {
  #session: StoredSession | null = null
  load(): StoredSession | null {
    return this.#session
  }
  save(session: StoredSession | null): void {
    this.#session = session
  }
}

/** Null stands for the cookie, which the browser keeps by itself. */
export function storageOf(choice: StorageChoice | undefined): SessionStorage | null {
  const chosen = choice ?? (typeof document === 'undefined' ? 'memory' : 'cookie')
  if (chosen === 'cookie') return null
  return chosen === 'memory' ? new MemoryStorage() : chosen
}
