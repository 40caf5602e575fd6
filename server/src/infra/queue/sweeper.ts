import type { Log } from '#kernel/log'
import type { Sweep } from '#kernel/sweep'

/** Runs each sweep at its interval, never beside itself. A failed run is logged and the next one comes all the same. */
export function startSweeper(sweeps: readonly Sweep[], log: Log): { close(): Promise<void> } {
  let isClosed = false
  const timers = new Map<string, NodeJS.Timeout>()
  const running = new Set<Promise<void>>()
  const loop = (sweep: Sweep) => {
    if (isClosed) return
    const timer = setTimeout(() => {
      const run = sweep
        .run()
        .catch((error: unknown) => log.warn({ err: error, sweep: sweep.name }, 'sweep failed'))
        .finally(() => {
          running.delete(run)
          loop(sweep)
        })
      running.add(run)
    }, sweep.everyMs)
    timers.set(sweep.name, timer)
  }
  for (const sweep of sweeps) loop(sweep)
  return {
    close: async () => {
      isClosed = true
      for (const timer of timers.values()) clearTimeout(timer)
      await Promise.all(running)
    },
  }
}
