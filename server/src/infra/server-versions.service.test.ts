import { pino } from 'pino'
import { expect, it } from 'vitest'
import { testDatabase, testRedis } from '../../test/support/services.ts'
import { assertMigrated } from './postgres/migrate.ts'
import { createDatabase, type Database, statement } from './postgres/pool.ts'
import { createRedis, type Redis, whenReady } from './redis/client.ts'
import { checkServerVersions, isOlder, luaHole } from './server-versions.ts'

const log = pino({ level: 'silent' })

const postgresOf = (number: number) => ({ query: async () => [{ number }] }) as unknown as Database
const redisOf = (info: string) => ({ info: async () => info }) as unknown as Redis

it('goes on with the servers that are there', async () => {
  await using testDb = await testDatabase()
  await using testStore = await testRedis()
  const database = createDatabase({ url: testDb.url, poolSizeMax: 1, applicationName: 'test', log })
  const redis = createRedis(testStore.url, { use: 'hot', name: 'test', log })
  await whenReady(redis, 5_000)
  await checkServerVersions(database, redis, log)
  await assertMigrated(database)
  await database.query(statement('test.forget', `DELETE FROM migrations WHERE name LIKE '0010%'`))
  await expect(assertMigrated(database)).rejects.toThrow(/lacks .*0010\w+\.sql.*: run server\/bin\/migrate\.ts first/)
  redis.disconnect()
  await database.close()
})

it('refuses servers that are too old, with a sentence that says which', async () => {
  const good = redisOf('redis_version:7.2.11\r\n')
  await expect(checkServerVersions(postgresOf(140_012), good, log)).rejects.toThrow(
    'Postgres is 14.12: Livelot needs 15.0',
  )
  const old = redisOf('redis_version:6.2.20\r\n')
  await expect(checkServerVersions(postgresOf(180_001), old, log)).rejects.toThrow(
    'Redis is 6.2.20: Livelot needs 7.0.0',
  )
  await checkServerVersions(postgresOf(180_001), good, log)
})

it('warns of a Redis whose scripts can break out', async () => {
  const lines: string[] = []
  const told = pino({ level: 'warn' }, { write: (line: string) => void lines.push(JSON.parse(line).mended) })
  for (const info of ['redis_version:8.0.3', 'redis_version:7.2.4\r\nvalkey_version:8.1.3', 'redis_version:7.0.15'])
    await checkServerVersions(postgresOf(180_001), redisOf(info), told)
  expect(lines).toEqual(['8.0.4', '8.1.4'])
  expect([luaHole('redis', '7.2.11'), luaHole('valkey', '9.0.0'), isOlder('15.10', '15.9')]).toEqual([
    null,
    null,
    false,
  ])
})
