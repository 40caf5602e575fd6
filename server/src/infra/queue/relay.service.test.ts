import { pino } from 'pino'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { writeOutbox } from '#infra/postgres/outbox'
import { createDatabase, type Database, statement } from '#infra/postgres/pool'
import { createRedis } from '#infra/redis/client'
import { job, jobHandler } from '#kernel/job'
import {
  startRedis,
  type TestDatabase,
  type TestRedis,
  testDatabase,
  testRedis,
} from '../../../test/support/services.ts'
import { createJobQueue, startJobWorker } from './queue.ts'
import { buryJob, startRelay } from './relay.ts'

const log = pino({ level: 'silent' })
const parallel = job({ name: 'test.parallel', payload: z.strictObject({ number: z.int() }) })
const inOrder = job({ name: 'test.in-order', payload: z.strictObject({ number: z.int() }), ordered: true })

let testDb: TestDatabase
let testStore: TestRedis
let database: Database
beforeAll(async () => {
  ;[testDb, testStore] = await Promise.all([testDatabase(), testRedis()])
  database = createDatabase({ url: testDb.url, poolSizeMax: 8, applicationName: 'test', log })
})
afterAll(async () => {
  await database.close()
  await Promise.all([testDb.drop(), testStore.drop()])
})

const rowsLeft = async () =>
  (await database.query<{ left: number }>(statement('test.outbox_left', 'SELECT count(*) AS left FROM outbox')))[0]
    ?.left

function startWorkerProcess(heard: { parallel: number[]; ordered: number[] }) {
  const redis = createRedis(testStore.url, { use: 'queue', name: 'test', log })
  const blocking = createRedis(testStore.url, { use: 'queue', name: 'test', log })
  const handlers = [
    jobHandler(parallel, async ({ number }) => void heard.parallel.push(number)),
    jobHandler(inOrder, async ({ number }) => {
      if (number === 7 && !heard.ordered.includes(-7)) {
        heard.ordered.push(-7)
        throw new Error('fails once')
      }
      heard.ordered.push(number)
    }),
  ]
  const queue = createJobQueue(redis, log)
  const relay = startRelay({ database, queue, handlers, log, pollMs: 50 })
  const worker = startJobWorker({
    redis: blocking,
    handlers,
    concurrency: 4,
    log,
    bury: (row) => buryJob(database, row),
  })
  return async () => {
    await relay.close()
    await worker.close()
    await queue.close()
    redis.disconnect()
    blocking.disconnect()
  }
}

it('hands on what was committed, once, and nothing of a transaction that was rolled back', async () => {
  const heard = { parallel: [] as number[], ordered: [] as number[] }
  const numbers = Array.from({ length: 300 }, (_, index) => index)
  await Promise.all(numbers.map((number) => database.transaction((tx) => writeOutbox(tx, parallel, { number }))))
  await expect(
    database.transaction(async (tx) => {
      await writeOutbox(tx, parallel, { number: 1_000 })
      throw new Error('rolled back')
    }),
  ).rejects.toThrow('rolled back')
  const stops = [startWorkerProcess(heard), startWorkerProcess(heard)]
  await expect.poll(() => heard.parallel.length, { timeout: 10_000 }).toBe(300)
  expect([...heard.parallel].sort((a, b) => a - b)).toEqual(numbers)
  expect(await rowsLeft()).toBe(0)
  await Promise.all(stops.map((stop) => stop()))
})

it('hands ordered jobs on in the order written, whichever process relays and though one failed on the way', async () => {
  const heard = { parallel: [] as number[], ordered: [] as number[] }
  const numbers = Array.from({ length: 50 }, (_, index) => index)
  for (const number of numbers) await database.transaction((tx) => writeOutbox(tx, inOrder, { number }))
  const stops = [startWorkerProcess(heard), startWorkerProcess(heard)]
  await expect.poll(rowsLeft, { timeout: 10_000 }).toBe(0)
  await Promise.all(stops.map((stop) => stop()))
  // The batch in which number 7 failed was rolled back and handed on again as a whole: at least once, and in order.
  expect(heard.ordered).toEqual([0, 1, 2, 3, 4, 5, 6, -7, ...numbers])
})

const relayWith = (handle: (number: number) => void, registry?: Registry) => {
  const redis = createRedis(testStore.url, { use: 'queue', name: 'test', log })
  const queue = createJobQueue(redis, log)
  const handlers = [jobHandler(inOrder, async ({ number }) => handle(number))]
  const options = {
    database,
    queue,
    handlers,
    log,
    pollMs: 50,
    orderedAttemptsMax: 3,
    ...(registry ? { registry } : {}),
  }
  const relay = startRelay(options)
  return async () => {
    await relay.close()
    await queue.close()
    redis.disconnect()
  }
}
const deadJobs = () =>
  database.query<{ job: string; payload: unknown; error: string }>(
    statement('test.dead_jobs', 'SELECT job, payload, error FROM dead_jobs ORDER BY id'),
  )

it('buries an ordered row that always fails, and hands the rest on in their order', async () => {
  const heard: number[] = []
  const registry = new Registry()
  for (const number of [0, 1, 2, 3, 4, 5]) await database.transaction((tx) => writeOutbox(tx, inOrder, { number }))
  const stop = relayWith((number) => {
    heard.push(number)
    if (number === 1 || number === 4) throw new Error(`${number} cannot be done`)
  }, registry)
  await expect.poll(rowsLeft, { timeout: 10_000 }).toBe(0)
  await stop()
  expect(heard).toEqual([0, 1, 0, 1, 0, 1, 0, 2, 3, 4, 0, 2, 3, 4, 0, 2, 3, 4, 0, 2, 3, 5])
  expect(await deadJobs()).toEqual([
    { job: 'test.in-order', payload: { number: 1 }, error: '1 cannot be done' },
    { job: 'test.in-order', payload: { number: 4 }, error: '4 cannot be done' },
  ])
  expect(await registry.metrics()).toContain('livelot_outbox_ordered_rows_buried_total{job="test.in-order"} 2')
})

it('buries nothing while a store is away, however long that takes', async () => {
  const heard: number[] = []
  const before = (await deadJobs()).length
  await database.transaction((tx) => writeOutbox(tx, inOrder, { number: 9 }))
  const stop = relayWith((number) => {
    heard.push(number)
    if (heard.length <= 6) throw Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
  })
  await expect.poll(rowsLeft, { timeout: 10_000 }).toBe(0)
  await stop()
  expect([heard, (await deadJobs()).length]).toEqual([[9, 9, 9, 9, 9, 9, 9], before])
})

it('keeps a delayed row until its time', async () => {
  const heard = { parallel: [] as number[], ordered: [] as number[] }
  await database.transaction((tx) => writeOutbox(tx, parallel, { number: 1 }, { delayMs: 600_000 }))
  await database.transaction((tx) => writeOutbox(tx, parallel, { number: 2 }))
  const stop = startWorkerProcess(heard)
  await expect.poll(() => heard.parallel, { timeout: 5_000 }).toEqual([2])
  expect(await rowsLeft()).toBe(1)
  await stop()
})

it('gives rows back while the queue is away, can be closed then, and hands them on later', async () => {
  const heard = { parallel: [] as number[], ordered: [] as number[] }
  await using server = await startRedis()
  const redis = createRedis(server.url, { use: 'queue', name: 'test', log })
  const queue = createJobQueue(redis, log)
  const relay = startRelay({ database, queue, handlers: [], log, pollMs: 50 })
  await server.kill()
  await database.transaction((tx) => writeOutbox(tx, parallel, { number: 77 }))
  await expect.poll(() => redis.status, { timeout: 5_000 }).not.toBe('ready')
  relay.wake()
  await relay.close()
  expect(await rowsLeft()).toBeGreaterThanOrEqual(1)
  redis.disconnect()
  await queue.close().catch(() => undefined)
  const stop = startWorkerProcess(heard)
  await expect.poll(() => heard.parallel, { timeout: 10_000 }).toContain(77)
  await stop()
})

it('runs swept jobs itself, once, without the queue, and leaves a failed one to its sweep', async () => {
  const heard: number[] = []
  const swept = job({ name: 'test.swept', payload: z.strictObject({ number: z.int() }), isSwept: true })
  const handler = jobHandler(swept, async ({ number }) => {
    heard.push(number)
    if (number === 3) throw new Error('fails')
  })
  const queue = { addAll: () => Promise.reject(new Error('nothing is queued')), close: async () => undefined }
  const numbers = Array.from({ length: 300 }, (_, index) => index)
  const leftBefore = await rowsLeft()
  await Promise.all(numbers.map((number) => database.transaction((tx) => writeOutbox(tx, swept, { number }))))
  const relays = [1, 2].map(() => startRelay({ database, queue, handlers: [handler], log, pollMs: 50, concurrency: 4 }))
  await expect.poll(() => heard.length, { timeout: 10_000 }).toBe(300)
  await Promise.all(relays.map((relay) => relay.close()))
  expect([...heard].sort((a, b) => a - b)).toEqual(numbers)
  expect(await rowsLeft()).toBe(leftBefore)
})
