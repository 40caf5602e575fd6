import type { DataOf, ToldEvent } from '../../contracts/index.ts'
import { guarded } from '../emitter.ts'
import { readToldOrNull } from './answers.ts'

/** Who hears which of the server's events. They outlive the sockets that bring them. */
export class Told {
  readonly #listeners = new Map<string, Set<(data: unknown) => void>>()

  /** Data that is not as the contract says is dropped, never passed on. */
  listen<E extends ToldEvent>(event: E, listener: (data: DataOf<E>) => void): () => void {
    return this.listenRaw(event.name, (data) => {
      const value = readToldOrNull(event, data)
      if (value !== null) guarded(() => listener(value))
    })
  }

  listenRaw(name: string, listener: (data: unknown) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, listeners)
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  hear(name: string, data: unknown): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) listener(data)
  }

  clear(): void {
    this.#listeners.clear()
  }
}
