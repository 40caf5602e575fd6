import { Counter, Gauge, type Registry } from 'prom-client'
import type { Log } from '#kernel/log'
import { ClockJudge } from './judge.ts'

/** A clock that decides, watched beside monotonic time. */
export interface ClockGuard {
  /** False while the clock is not where it should be; nothing is ended by it meanwhile. */
  readonly isSteady: boolean
  /**
   * What the clock should say now, by monotonic time since it was last known to be right. Wherever this process' own
   * clock stands, this is the time that deadlines are meant in.
   */
  nowMs(): number
  /**
   * Calls `act` when the clock has jumped ahead and stayed there, before that is believed: what would end at once because
   * of it can be given its time again.
   */
  onSettledAhead(act: (jumpMs: number) => Promise<void>): void
  close(): void
}

export interface ClockGuardOptions {
  /** For logs and metrics: whose clock it is. */
  readonly name: string
  /** What the clock says; fails while it cannot be asked, which is no jump. */
  readonly read: () => number | Promise<number>
  readonly log: Log
  readonly registry?: Registry
  readonly everyMs?: number
}

const lookEveryMs = 250

/** Looks once before it answers, and from then on until it is closed. A clock that cannot be asked then is taken for right. */
export async function startClockGuard({
  name,
  read,
  log,
  registry,
  everyMs = lookEveryMs,
}: ClockGuardOptions): Promise<ClockGuard> {
  const judge = new ClockJudge()
  const settledAhead: ((jumpMs: number) => Promise<void>)[] = []
  const jumps = registry ? metricsOf(registry) : null
  let isClosed = false
  let timer: NodeJS.Timeout | undefined

  const settle = async () => {
    const { jumpMs } = judge
    if (jumpMs > 0) await Promise.all(settledAhead.map((act) => act(jumpMs)))
    judge.settle()
    log.warn({ clock: name, jumpMs: Math.round(jumpMs) }, 'a clock has stayed where it jumped to and is believed')
  }
  const look = async () => {
    const askedAtMs = performance.now()
    const clockMs = await read()
    const verdict = judge.look({ clockMs, askedAtMs, answeredAtMs: performance.now() })
    if (verdict === 'jumped') {
      jumps?.count.inc({ clock: name })
      log.error({ clock: name, jumpMs: Math.round(judge.jumpMs) }, 'a clock has jumped')
    }
    if (verdict === 'back') log.warn({ clock: name }, 'a clock that had jumped is right again')
    if (verdict === 'settled') await settle()
    jumps?.steady.set({ clock: name }, judge.isSteady ? 1 : 0)
  }
  const looked = () =>
    look().catch((error: unknown) => log.debug({ err: error, clock: name }, 'a clock could not be read'))
  const loop = () => {
    if (isClosed) return
    timer = setTimeout(() => looked().then(loop), everyMs)
    timer.unref()
  }
  await looked()
  loop()
  return {
    get isSteady() {
      return judge.isSteady
    },
    nowMs: () => Math.round(judge.timeAt(performance.now()) ?? Date.now()),
    onSettledAhead: (act) => void settledAhead.push(act),
    close: () => {
      isClosed = true
      clearTimeout(timer)
    },
  }
}

/** Both are kept by name of the clock; several guards of one process share them. */
function metricsOf(registry: Registry) {
  const labelNames = ['clock'] as const
  const countName = 'livelot_clock_jumps_total'
  const steadyName = 'livelot_clock_steady'
  const count =
    (registry.getSingleMetric(countName) as Counter<'clock'> | undefined) ??
    new Counter({ name: countName, help: 'Jumps of a clock beside monotonic time.', labelNames, registers: [registry] })
  const steady =
    (registry.getSingleMetric(steadyName) as Gauge<'clock'> | undefined) ??
    new Gauge({ name: steadyName, help: '0 while a clock has jumped.', labelNames, registers: [registry] })
  return { count, steady }
}
