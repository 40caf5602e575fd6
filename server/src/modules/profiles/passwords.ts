import { type Algorithm, hash, verify } from '@node-rs/argon2'
import { Refusal } from '#kernel/errors'

// OWASP's minimum for argon2id: 19 MiB, 2 passes. Source: OWASP password storage cheat sheet, read 2026-11-22.
const settings = { algorithm: 2 satisfies Algorithm, memoryCost: 19_456, timeCost: 2, parallelism: 1 }

// A hash costs 25 to 50 ms of a core: two at a time leave the rest of the machine to bids and payments.
const runningMax = 2
const waitingMax = 64

export interface Passwords {
  /** Refuses: server.busy when too many wait. */
  hash(password: string): Promise<string>
  /** Takes the same time whether or not there is such an account (`stored` null). */
  verify(stored: string | null, password: string): Promise<boolean>
}

export function createPasswords(): Passwords {
  let running = 0
  const waiting: (() => void)[] = []
  const limited = async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= runningMax) {
      if (waiting.length >= waitingMax) throw new Refusal('server.busy', { retryAfterMs: 2_000 })
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else running += 1
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running -= 1
    }
  }
  let decoy: Promise<string> | undefined
  return {
    hash: (password) => limited(() => hash(password, settings)),
    verify: async (stored, password) => {
      decoy ??= hash('nobody has this password', settings)
      const against = stored ?? (await decoy)
      const matches = await limited(() => verify(against, password))
      return stored !== null && matches
    },
  }
}
