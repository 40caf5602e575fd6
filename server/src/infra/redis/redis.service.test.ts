import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { pino } from 'pino'
import { expect, it } from 'vitest'
import { startRedis, testRedis } from '../../../test/support/services.ts'
import { createRedis, serverRunId, whenReady } from './client.ts'
import { loadScript, runScript } from './scripts.ts'

const log = pino({ level: 'silent' })

it('runs a script with its includes, also after the server forgot it', async () => {
  await using server = await testRedis()
  const folder = await mkdtemp(join(tmpdir(), 'livelot-script-'))
  const file = join(folder, 'later.lua')
  await writeFile(
    file,
    "-- @include now_ms\nreturn {KEYS[1], ARGV[1], now_ms() > 1700000000000 and 'now' or 'never'}\n",
  )
  const script = loadScript(pathToFileURL(file))
  const redis = createRedis(server.url, { use: 'hot', name: 'test', log })
  await whenReady(redis, 5_000)
  expect(await runScript(redis, script, ['{a}:key'], [7])).toEqual(['{a}:key', '7', 'now'])
  await redis.script('FLUSH')
  expect(await runScript(redis, script, ['{a}:key'], ['again'])).toEqual(['{a}:key', 'again', 'now'])
  redis.disconnect()
  await rm(folder, { recursive: true })
})

it('knows another server by its run id, fails fast while it is away, and settles every call', async () => {
  const server = await startRedis()
  const redis = createRedis(server.url, { use: 'hot', name: 'test', log })
  await whenReady(redis, 5_000)
  const before = serverRunId(redis)
  expect(before).toMatch(/^[0-9a-f]{40}$/)
  const calls = Promise.allSettled(Array.from({ length: 50 }, (_, index) => redis.set(`key${index}`, index)))
  await server.kill()
  expect(await calls).toHaveLength(50)
  await expect.poll(() => serverRunId(redis)).toBeNull()
  await server.restart()
  await whenReady(redis, 10_000)
  expect(serverRunId(redis)).toMatch(/^[0-9a-f]{40}$/)
  expect(serverRunId(redis)).not.toBe(before)
  redis.disconnect()
  await server.stop()
})
