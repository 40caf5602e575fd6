import { Redis } from 'ioredis'
import pg from 'pg'
import { expect, test } from 'vitest'
import { startRedis, testDatabase, testRedis } from './services.ts'

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

test('each test database is migrated, empty of other tests, and gone after drop', async () => {
  const [one, two] = await Promise.all([testDatabase(), testDatabase()])
  await query(one.url, 'CREATE TABLE only_here (id int)')
  const inTwo = await query(
    two.url,
    "SELECT to_regclass('migrations')::text AS migrations, to_regclass('only_here') AS here",
  )
  expect(inTwo).toEqual([{ migrations: 'migrations', here: null }])
  await Promise.all([one.drop(), two.drop()])
  await expect(query(one.url, 'SELECT 1')).rejects.toThrow('does not exist')
})

test('a connection that a test leaves open is told when its database is dropped', async () => {
  const database = await testDatabase()
  const client = new pg.Client({ connectionString: database.url })
  // The forced end of the connection is the point of this test.
  client.on('error', () => undefined)
  await client.connect()
  await expect(database.drop()).rejects.toThrow('1 connections to the test database were left open')
})

test('two test Redis databases do not see each other', async () => {
  const [one, two] = await Promise.all([testRedis(), testRedis()])
  const [inOne, inTwo] = [new Redis(one.url), new Redis(two.url)]
  await inOne.set('key', 'one')
  expect(await inTwo.get('key')).toBeNull()
  await one.drop()
  expect(await inOne.get('key')).toBeNull()
  inOne.disconnect()
  inTwo.disconnect()
})

test('a Redis of its own keeps what it acknowledged through kill -9, and forgets after flush', async () => {
  await using own = await startRedis({ appendfsync: 'always' })
  const redis = new Redis(own.url)
  redis.on('error', () => undefined)
  await redis.set('key', 'kept')
  await own.kill()
  await own.restart()
  expect(await redis.get('key')).toBe('kept')
  await own.flush()
  expect(await redis.get('key')).toBeNull()
  redis.disconnect()
})
