import { pino } from 'pino'
import { Registry } from 'prom-client'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import { createRedis, type Redis, whenReady } from '#infra/redis/client'
import { testDatabase, testRedis } from '../../test/support/services.ts'
import type { Checked } from './checker.ts'
import { invariantSweep, nightlyHourUtc } from './nightly.ts'

const lines: Record<string, unknown>[] = []
const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) })
let stores: readonly [Awaited<ReturnType<typeof testDatabase>>, Awaited<ReturnType<typeof testRedis>>]
let redis: Redis
beforeAll(async () => {
  stores = await Promise.all([testDatabase(), testRedis()])
  redis = createRedis(stores[1].url, { use: 'hot', name: 'test', log })
  await whenReady(redis, 5_000)
})
afterEach(() => vi.useRealTimers())
afterAll(async () => {
  redis?.disconnect()
  for (const one of stores ?? []) await one.drop()
})

const at = (hour: number) => vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 10, 23, hour, 5) })
const rule = { group: 'orders', rule: 'no job was given up', ms: 1 } as const
const found: Checked[] = [
  { ...rule, id: 'I22', outcome: { state: 'broken', count: 3, sample: [{ outboxId: 7 }] } },
  { ...rule, id: 'I4', outcome: { state: 'held' } },
]

it('looks once a night, by one worker, and tells what is broken', async () => {
  const registry = new Registry()
  const nights: string[] = []
  const worker = (name: string, own = registry) =>
    invariantSweep({
      ...{ databaseUrl: stores[0].url, redis, registry: own, log },
      check: async () => {
        nights.push(name)
        return found
      },
    })
  const one = worker('one')
  const two = worker('two', new Registry())
  at(nightlyHourUtc - 1)
  await one.run()
  at(nightlyHourUtc)
  await one.run()
  await two.run()
  await one.run()
  expect(nights).toEqual(['one'])
  expect(lines).toMatchObject([
    { level: 50, msg: 'invariant broken', invariant: 'I22', count: 3, sample: [{ outboxId: 7 }] },
  ])
  const metrics = await registry.metrics()
  expect(metrics).toContain('livelot_invariants_broken{id="I22"} 3')
  expect(metrics).toContain('livelot_invariants_broken{id="I4"} 0')
})

it('finds nothing wrong with an empty platform', async () => {
  lines.length = 0
  await redis.flushdb()
  const registry = new Registry()
  at(nightlyHourUtc)
  await invariantSweep({ databaseUrl: stores[0].url, redis, registry, log }).run()
  expect(lines).toEqual([])
  expect(await registry.metrics()).toMatch(/livelot_invariants_broken\{id="I22"\} 0/)
})
