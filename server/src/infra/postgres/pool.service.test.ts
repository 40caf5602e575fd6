import { pino } from 'pino'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../../../test/support/services.ts'
import { createDatabase, type Database, statement } from './pool.ts'

const backendId = statement('test.backend_id', 'SELECT pg_backend_pid() AS pid')
const one = statement('test.one', 'SELECT 1 AS one')
const lock = statement('test.lock', 'SELECT pg_advisory_xact_lock(1)')
const endBackend = statement('test.end_backend', 'SELECT pg_terminate_backend($1)')

let testDb: TestDatabase
let database: Database
let other: Database
beforeAll(async () => {
  testDb = await testDatabase()
  const open = () =>
    createDatabase({ url: testDb.url, poolSizeMax: 2, applicationName: 'test', log: pino({ level: 'silent' }) })
  database = open()
  other = open()
})
afterAll(async () => {
  await Promise.all([database.close(), other.close()])
  await testDb.drop()
})

it('refuses a transaction whose connection was cut between two statements, and the process and the pool go on', async () => {
  const cut = new Promise<void>((resolve) => {
    database.pool.once('acquire', (client) => void client.once('end', resolve))
  })
  const work = database.transaction(async (tx) => {
    const [row] = await tx.query<{ pid: number }>(backendId)
    await other.query(endBackend, [row?.pid])
    await cut
    await tx.query(one)
  })
  await expect(work).rejects.toThrow()
  expect(await database.transaction((tx) => tx.query(one))).toEqual([{ one: 1 }])
})

it('lets go what a transaction has locked that does nothing for long, as when its process is frozen', async () => {
  const log = pino({ level: 'silent' })
  const options = { url: testDb.url, poolSizeMax: 2, applicationName: 'test', log, idleInTransactionMs: 200 }
  const frozen = createDatabase(options)
  try {
    const locked = Promise.withResolvers<void>()
    const cut = new Promise<void>((resolve) => {
      frozen.pool.once('acquire', (client) => void client.once('end', resolve))
    })
    const work = frozen.transaction(async (tx) => {
      await tx.query(lock)
      locked.resolve()
      await cut
      await tx.query(one)
    })
    const outcome = expect(work).rejects.toThrow()
    await locked.promise
    expect(await other.transaction((tx) => tx.query(lock))).toHaveLength(1)
    await outcome
  } finally {
    await frozen.close()
  }
}, 8_000)
