import { randomBytes } from 'node:crypto'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Redis } from 'ioredis'
import pg from 'pg'
import { inject } from 'vitest'
import { startEmbeddedRedis } from '../../embedded/services.mjs'

/** A closed connection leaves the server's list within a few milliseconds; one that is still there then has leaked. */
const leakedConnectionMs = 2_000

export interface TestDatabase extends AsyncDisposable {
  readonly url: string
  /** Removes the database. Refuses when the test left a connection to it open. */
  drop(): Promise<void>
}

/** A migrated, otherwise empty database for one test file: a copy of the run's template. */
export async function testDatabase(): Promise<TestDatabase> {
  const { templateUrl } = inject('services')
  const name = `test_${randomBytes(6).toString('hex')}`
  const template = new URL(templateUrl).pathname.slice(1)
  // FILE_COPY clones a template of this size in a tenth of the time of the default strategy.
  await administer(templateUrl, (client) =>
    client.query(`CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY FILE_COPY`),
  )
  const url = new URL(templateUrl)
  url.pathname = `/${name}`
  const drop = () =>
    administer(templateUrl, async (client) => {
      const leaked = await waitForClosedConnections(client, name)
      await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)
      if (leaked > 0) throw new Error(`${leaked} connections to the test database were left open`)
    })
  return { url: url.href, drop, [Symbol.asyncDispose]: drop }
}

/** Works beside the template, never in it: a template with a connection to it cannot be copied. */
async function administer(templateUrl: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const url = new URL(templateUrl)
  url.pathname = '/postgres'
  const client = new pg.Client({ connectionString: url.href })
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}

async function waitForClosedConnections(client: pg.Client, name: string): Promise<number> {
  const deadline = performance.now() + leakedConnectionMs
  for (;;) {
    const { rows } = await client.query<{ open: number }>(
      'SELECT count(*)::int AS open FROM pg_stat_activity WHERE datname = $1',
      [name],
    )
    const open = rows[0]?.open ?? 0
    if (open === 0 || performance.now() > deadline) return open
    await delay(20)
  }
}

export interface TestRedis extends AsyncDisposable {
  /** Names a numbered database of the shared server that no other test uses. */
  readonly url: string
  /** For names that reach beyond one numbered database: channels. */
  readonly prefix: string
  /** Empties the database. */
  drop(): Promise<void>
}

/** An empty Redis database for one test file, on the server that the run shares. */
export async function testRedis(): Promise<TestRedis> {
  const { redisUrl } = inject('services')
  const number = await onRedis(redisUrl, (redis) => redis.incr('livelot:test:databases'))
  const url = new URL(redisUrl)
  url.pathname = `/${number}`
  const drop = async () => {
    await onRedis(url.href, (redis) => redis.flushdb())
  }
  return { url: url.href, prefix: `test-${number}:`, drop, [Symbol.asyncDispose]: drop }
}

async function onRedis<Result>(url: string, work: (redis: Redis) => Promise<Result>): Promise<Result> {
  const redis = new Redis(url, { lazyConnect: true })
  try {
    await redis.connect()
    return await work(redis)
  } finally {
    redis.disconnect()
  }
}

export interface OwnRedis extends AsyncDisposable {
  readonly url: string
  readonly port: number
  /** Ends it in order: everything that it has is written. */
  stop(): Promise<void>
  /** Ends it as a power cut would (kill -9). */
  kill(): Promise<void>
  /** Starts it again on the same port with what its file holds. */
  restart(): Promise<void>
  /** Empties it while it runs. */
  flush(): Promise<void>
  /** Sets its data aside as they are now, while it runs. */
  keepCopy(): Promise<void>
  /** Kills it and starts it on the copy, as a stale replica is promoted; answers when it was killed. */
  goBack(): Promise<number>
}

/** A Redis server of its own for tests that stop, kill or empty it. Stops with `stop`, or at the end of `await using`. */
export async function startRedis({
  appendfsync = 'always',
}: {
  appendfsync?: 'always' | 'everysec' | 'no'
} = {}): Promise<OwnRedis> {
  const folder = await mkdtemp(path.join(tmpdir(), 'livelot-test-redis-'))
  const password = randomBytes(12).toString('hex')
  const service = await startEmbeddedRedis({ dataDir: folder, password, appendfsync })
  const { url, port } = service
  const data = path.join(folder, 'redis', 'appendonlydir')
  const copy = path.join(folder, 'older-copy')
  return {
    url,
    port,
    stop: () => service.stop(),
    kill: () => service.kill(),
    restart: async () => {
      await service.stop()
      await service.start()
    },
    flush: async () => {
      await onRedis(url, (redis) => redis.flushall())
    },
    keepCopy: async () => {
      await rm(copy, { recursive: true, force: true })
      await cp(data, copy, { recursive: true })
    },
    goBack: async () => {
      await service.kill()
      const killedAtMs = Date.now()
      await rm(data, { recursive: true })
      await cp(copy, data, { recursive: true })
      await service.start()
      return killedAtMs
    },
    [Symbol.asyncDispose]: async () => {
      await service.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
