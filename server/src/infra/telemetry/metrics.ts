import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { JobHandler } from '#kernel/job'
import type { Sweep } from '#kernel/sweep'
import type { CallOutcome } from '../payments/json-caller.ts'
import type { Redis } from '../redis/client.ts'

const secondsBuckets = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10]
const shortBuckets = [0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 2]

/** Timing each of a hundred thousand commands a second would cost more than it tells. */
const redisSampleEvery = 16

export type ProcessMetrics = ReturnType<typeof createProcessMetrics>

/** Figures that every server process has: its Postgres, its Redis, its provider, and how late its event loop is. */
export function createProcessMetrics(registry: Registry) {
  const registers = [registry]
  const statements = new Histogram({
    name: 'livelot_postgres_statement_seconds',
    help: 'Time from sending a statement to its answer, without waiting for a connection.',
    buckets: shortBuckets,
    registers,
  })
  const provider = new Histogram({
    name: 'livelot_provider_call_seconds',
    help: 'Calls to the payment provider, by kind and by how they ended.',
    labelNames: ['call', 'outcome'],
    buckets: secondsBuckets,
    registers,
  })
  return {
    statementDone: (durationMs: number) => statements.observe(durationMs / 1_000),
    providerCalled: (call: string, outcome: CallOutcome, durationMs: number) =>
      provider.observe({ call, outcome }, durationMs / 1_000),
    watchPool: (pool: PoolCounts) => watchPool(registry, pool),
    watchRedis: createRedisWatch(registry),
    watchBreaker: (isOpen: () => boolean) =>
      gauge(registry, 'livelot_provider_breaker_open', '1 while calls to the payment provider are not tried', () =>
        Number(isOpen()),
      ),
    watchLoad: (load: { readonly level: number; readonly delayMs: number }) => {
      const levels = '0 well, 1 chat thinned, 2 chat and browsing refused, 3 nobody new let in'
      gauge(registry, 'livelot_load_level', levels, () => load.level)
      const help = 'How late timers were in the last second, p99'
      gauge(registry, 'livelot_event_loop_delay_seconds', help, () => load.delayMs / 1_000)
    },
  }
}

function gauge(registry: Registry, name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read())
    },
  })
}

interface PoolCounts {
  readonly totalCount: number
  readonly idleCount: number
  readonly waitingCount: number
}

function watchPool(registry: Registry, pool: PoolCounts): void {
  new Gauge({
    name: 'livelot_postgres_connections',
    help: 'Connections of this process, by use.',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      this.set({ state: 'used' }, pool.totalCount - pool.idleCount)
      this.set({ state: 'idle' }, pool.idleCount)
    },
  })
  gauge(registry, 'livelot_postgres_waiting', 'Calls that wait for a connection', () => pool.waitingCount)
}

/** `name` is what the connection is for, `isTimed` false where commands wait on purpose. */
function createRedisWatch(registry: Registry): (redis: Redis, name: string, isTimed: boolean) => void {
  const labelNames = ['connection'] as const
  const registers = [registry]
  const commands = new Histogram({
    name: 'livelot_redis_command_seconds',
    help: `Time from sending a command to its answer, one command in ${redisSampleEvery}.`,
    labelNames,
    buckets: shortBuckets,
    registers,
  })
  const failures = new Counter({
    name: 'livelot_redis_command_failures_total',
    help: 'Of the timed commands, those that failed or were not answered in time.',
    labelNames,
    registers,
  })
  const reconnects = new Counter({
    name: 'livelot_redis_reconnects_total',
    help: 'Connections that were lost and made again.',
    labelNames,
    registers,
  })
  const watched: [Redis, string][] = []
  new Gauge({
    name: 'livelot_redis_up',
    help: '1 while the connection can take commands.',
    labelNames,
    registers,
    collect() {
      for (const [redis, connection] of watched) this.set({ connection }, Number(redis.status === 'ready'))
    },
  })
  return (redis, connection, isTimed) => {
    watched.push([redis, connection])
    reconnects.inc({ connection }, 0)
    redis.on('reconnecting', () => reconnects.inc({ connection }))
    if (!isTimed) return
    const send = redis.sendCommand.bind(redis)
    let sent = 0
    redis.sendCommand = (command, stream) => {
      sent += 1
      if (sent % redisSampleEvery === 1) {
        const atMs = performance.now()
        const done = () => commands.observe({ connection }, (performance.now() - atMs) / 1_000)
        command.promise.then(done, () => {
          done()
          failures.inc({ connection })
        })
      }
      return send(command, stream)
    }
  }
}

/** Times every run of a job, by name and by whether it failed. */
export function timedJobs(registry: Registry, handlers: readonly JobHandler[]): JobHandler[] {
  const time = timer(registry, 'livelot_job_seconds', 'Runs of jobs, by name and outcome.', 'job')
  return handlers.map(({ job, handle }) => ({
    job,
    handle: (payload, jobId) => time(job.name, () => handle(payload, jobId)),
  }))
}

/** Times every run of a sweep or clock, by name and by whether it failed. */
export function timedSweeps(registry: Registry, sweeps: readonly Sweep[]): Sweep[] {
  const time = timer(registry, 'livelot_sweep_seconds', 'Runs of sweeps and clocks, by name and outcome.', 'sweep')
  return sweeps.map((sweep) => ({ ...sweep, run: () => time(sweep.name, sweep.run) }))
}

function timer(registry: Registry, name: string, help: string, label: 'job' | 'sweep') {
  const histogram = new Histogram({
    name,
    help,
    labelNames: [label, 'outcome'],
    buckets: secondsBuckets,
    registers: [registry],
  })
  return async (what: string, work: () => Promise<void>): Promise<void> => {
    const atMs = performance.now()
    const observe = (outcome: string) =>
      histogram.observe({ [label]: what, outcome }, (performance.now() - atMs) / 1_000)
    try {
      await work()
    } catch (error) {
      observe('failed')
      throw error
    }
    observe('ok')
  }
}
