import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'
import { type EmbeddedService, startEmbeddedPostgres, startEmbeddedRedis } from '../../embedded/services.mjs'
import { migrate } from '../../src/infra/postgres/migrate.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))

declare module 'vitest' {
  interface ProvidedContext {
    /** The servers that all test files of a run share; see services.ts. */
    services: { templateUrl: string; redisUrl: string }
  }
}

/**
 * Starts one Postgres with a migrated template database and one Redis for the run. Their data is not forced to disk:
 * a test that is about durability starts a server of its own.
 */
export default async function startServices(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(path.join(tmpdir(), 'livelot-test-'))
  await chmod(folder, 0o755)
  const started: EmbeddedService[] = []
  const stop = async () => {
    await Promise.all(started.map((service) => service.stop()))
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const password = () => randomBytes(12).toString('hex')
    const servers = await Promise.allSettled([
      startEmbeddedPostgres({ root, dataDir: folder, password: password(), durable: false }),
      startEmbeddedRedis({ dataDir: folder, password: password(), appendfsync: 'no', databaseCount: 4096 }),
    ])
    for (const server of servers) if (server.status === 'fulfilled') started.push(server.value)
    const [postgres, redis] = servers
    if (postgres.status === 'rejected') throw postgres.reason
    if (redis.status === 'rejected') throw redis.reason
    await migrate(postgres.value.url, { info: () => undefined })
    project.provide('services', { templateUrl: postgres.value.url, redisUrl: redis.value.url })
    return stop
  } catch (error) {
    await stop()
    throw error
  }
}
