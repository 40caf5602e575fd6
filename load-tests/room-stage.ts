import { type Client, createClient } from '@livelot/client'
import pg from 'pg'
import type { Platform } from '../server/embedded/supervisor.mjs'
import { startBenchPlatform } from './platform.ts'
import { profilingEnvironment } from './profiling.ts'
import { Progress } from './progress.ts'
import { type LogWriter, openLogWriter } from './raw-frames.ts'
import { seedStage } from './seeding.ts'

/** A live show on a platform of its own, with a pinned product and whoever enters. */
export interface RoomStage {
  readonly platform: Platform
  readonly database: pg.Client
  readonly progress: Progress
  readonly creator: Client
  readonly showId: string
  readonly log: LogWriter
  readonly privateKey: string
}

export async function onRoomStage(
  scene: (stage: RoomStage) => Promise<boolean>,
  options: { readonly apiProcesses?: number; readonly env?: Record<string, string> } = {},
): Promise<boolean> {
  const progress = new Progress()
  const env = { SOCKETS_PER_ADDRESS_MAX: '50000', ...profilingEnvironment(), ...options.env }
  const { apiProcesses } = options
  const bench = await startBenchPlatform({ seed: false, apiProcesses, env, say: (text) => progress.say(text) })
  const { platform } = bench
  const database = new pg.Client({ connectionString: platform.databaseUrl })
  const closings: (() => void)[] = []
  try {
    await database.connect()
    const privateKey = platform.env.AUTH_PRIVATE_KEY ?? ''
    const { creator: session, productId } = await seedStage(database, [1], privateKey)
    const creator = createClient({ baseUrl: platform.urls.http, storage: 'memory' })
    closings.push(() => creator.close())
    await creator.account.adopt(session)
    const made = await creator.shows.create({ title: 'Bench room', startsAtMs: Date.now(), productIds: [productId] })
    const { showId } = await creator.shows.start({ showId: made.showId })
    await creator.shows.pin({ showId, productId })
    const log = await openLogWriter(platform.redisUrl, showId, productId)
    closings.push(() => log.close())
    return await scene({ platform, database, progress, creator, showId, log, privateKey })
  } finally {
    for (const close of closings) close()
    await database.end()
    await bench.stop()
  }
}

export const portOf = (url: string | undefined): number => Number(new URL(url ?? '').port)
