import { setTimeout as delay } from 'node:timers/promises'
import type { AuctionHandle, AuctionView } from '@livelot/client'

/** Resolves when the caller does not lead, with what to bid on; with null when the auction is closed. */
export function turn(handle: AuctionHandle): Promise<AuctionView | null> {
  return new Promise((resolve) => {
    const look = () => {
      const view = handle.state()
      const isOver = view?.figures.state === 'closed'
      if (!view || (!isOver && view.own.standing === 'leading')) return
      stop()
      resolve(isOver ? null : view)
    }
    const stop = handle.subscribe(look)
    look()
  })
}

/** About as fast as people tap; the limits cut the connection of who goes on much faster. */
const tapEveryMs = 230

/** Resolves when this person may tap again, in whatever auction. */
export function createTaps(): () => Promise<void> {
  let nextAtMs = 0
  return async () => {
    const now = performance.now()
    const atMs = Math.max(now, nextAtMs)
    nextAtMs = atMs + tapEveryMs
    await delay(atMs - now)
  }
}
