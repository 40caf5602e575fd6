import { inHandMax, inHandMaxMs, payingPatienceMs } from './limits.ts'

const rateWindowMs = 1_000

/**
 * How many purchases this process has begun that have not come to an end yet, and how fast they end. When the last in
 * line would wait longer than a buyer's patience, nobody new is let in: everybody who is in still ends as fast as before.
 */
export function createInHand(nowMs: () => number = () => performance.now()) {
  /** In the order of their begin. */
  const begun = new Map<string, number>()
  let windowFromMs = nowMs()
  let endedInWindow = 0
  let perMs = 0

  const turnWindow = (): void => {
    const now = nowMs()
    const elapsedMs = now - windowFromMs
    if (elapsedMs >= rateWindowMs) {
      perMs = endedInWindow / elapsedMs
      windowFromMs = now
      endedInWindow = 0
    }
    // A telling may be lost: what is as old as this is somebody else's.
    for (const [checkoutId, atMs] of begun) {
      if (now - atMs < inHandMaxMs) break
      begun.delete(checkoutId)
    }
  }

  return {
    begin: (checkoutId: string): void => {
      begun.set(checkoutId, nowMs())
    },
    /** It did not come to be a checkout. */
    drop: (checkoutId: string): void => {
      begun.delete(checkoutId)
    },
    /** Also told of checkouts that other processes have begun. */
    end: (checkoutId: string): void => {
      if (begun.delete(checkoutId)) endedInWindow += 1
    },
    /** 0, or how many milliseconds from now somebody new should ask again. */
    waitMs: (): number => {
      turnWindow()
      const most = Math.max(inHandMax, perMs * payingPatienceMs)
      if (begun.size <= most) return 0
      return Math.min(payingPatienceMs, Math.ceil((begun.size - most) / Math.max(perMs, 0.01)) + 1_000)
    },
  }
}

export type InHand = ReturnType<typeof createInHand>
