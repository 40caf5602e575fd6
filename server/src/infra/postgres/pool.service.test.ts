import { pino } from 'pino'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../../../test/support/services.ts'
import { createDatabase, type Database, statement } from './pool.ts'

const backendId = statement('test.backend_id', 'SELECT pg_backend_pid() AS pid')
const one = statement('test.one', 'SELECT 1 AS one')
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
