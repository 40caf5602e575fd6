import { Gauge, type Registry } from 'prom-client'
import type { Redis } from '#infra/redis/client'
import type { Log } from '#kernel/log'
import type { Sweep } from '#kernel/sweep'
import { brokenOf, type Checked, type CheckOptions, checkInvariants } from './checker.ts'

/** When least is sold in most places that sell in one region; in UTC, so that all processes mean the same hour. */
export const nightlyHourUtc = 3
const lookEveryMs = 10 * 60_000
/** Beside a live platform no statement may take long; what does not answer by then is told as not checked. */
const statementTimeoutMs = 20_000
/** A night is checked by one worker; whoever has died in the middle of it leaves it to the next night. */
const nightKeptSeconds = 36 * 3_600

const nightKey = (night: string) => `livelot:invariants:{${night}}:night`

export interface NightlyParts {
  readonly databaseUrl: string
  readonly redis: Redis
  readonly registry: Registry
  readonly log: Log
  readonly check?: (options: CheckOptions) => Promise<Checked[]>
}

/** Looks once a night whether what can be looked at cheaply still holds; whatever is broken is an alarm. */
export function invariantSweep({ databaseUrl, redis, registry, log, check = checkInvariants }: NightlyParts): Sweep {
  const registers = [registry]
  const broken = new Gauge({
    name: 'livelot_invariants_broken',
    help: 'What broke an invariant when it was last looked at, by its number; server/docs/invariants.md lists them',
    labelNames: ['id'],
    registers,
  })
  const lastCheck = new Gauge({
    name: 'livelot_invariants_checked_timestamp_seconds',
    help: 'When this process last checked the invariants',
    registers,
  })
  const tell = (checked: readonly Checked[]) => {
    broken.reset()
    for (const { id } of checked) broken.set({ id }, 0)
    for (const { id, rule, outcome } of brokenOf(checked)) {
      broken.inc({ id }, outcome.count)
      log.error({ invariant: id, rule, count: outcome.count, sample: outcome.sample }, 'invariant broken')
    }
    for (const { id, rule, outcome } of checked)
      if (outcome.state === 'unchecked' && !outcome.why.startsWith('not given'))
        log.warn({ invariant: id, rule, why: outcome.why }, 'an invariant could not be checked')
    lastCheck.setToCurrentTime()
  }
  return {
    name: 'invariants.nightly',
    everyMs: lookEveryMs,
    run: async () => {
      const now = new Date()
      if (now.getUTCHours() !== nightlyHourUtc) return
      const night = now.toISOString().slice(0, 10)
      if ((await redis.set(nightKey(night), '1', 'EX', nightKeptSeconds, 'NX')) !== 'OK') return
      const select: CheckOptions['select'] = ({ isCheap }) => isCheap
      tell(await check({ databaseUrl, sources: { redis }, select, statementTimeoutMs }))
    },
  }
}
