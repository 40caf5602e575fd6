import { collectDefaultMetrics, Registry } from 'prom-client'
import type { Config } from '#config/config'
import { type ClockGuard, startClockGuard } from '#infra/clock/guard'
import { assertMigrated } from '#infra/postgres/migrate'
import { onOutboxWritten } from '#infra/postgres/outbox'
import { createDatabase, type Database, statement } from '#infra/postgres/pool'
import { outboxChannel } from '#infra/queue/relay'
import { type Bus, createBus } from '#infra/redis/bus'
import { createRedis, type Redis, whenReady } from '#infra/redis/client'
import { createTeller } from '#infra/redis/teller'
import { checkServerVersions } from '#infra/server-versions'
import { createLog } from '#infra/telemetry/log'
import { createProcessMetrics, type ProcessMetrics } from '#infra/telemetry/metrics'
import { listenToOrders } from '#kernel/failpoints'
import type { Log } from '#kernel/log'
import type { Teller } from '#kernel/teller'

/** What every process of the server stands on: one database, one hot Redis connection, one bus, one log. */
export interface Ground {
  readonly config: Config
  readonly log: Log
  readonly registry: Registry
  readonly metrics: ProcessMetrics
  readonly database: Database
  readonly redis: Redis
  readonly bus: Bus
  readonly teller: Teller
  /** Redis' clock, by which sales and auctions are decided. */
  readonly clock: ClockGuard
  /** A further connection that closes with the ground. */
  openRedis(use: 'hot' | 'blocking' | 'queue', name: string): Redis
  close(): Promise<void>
}

const readyTimeoutMs = 20_000
const postgresLookEveryMs = 2_000
const databaseTime = statement('ground.time', 'SELECT extract(epoch FROM clock_timestamp()) * 1000 AS ms')

export async function openGround(config: Config, processName: string): Promise<Ground> {
  const log = createLog(processName, config.logLevel)
  if (config.failpointsFile !== null) listenToOrders(config.failpointsFile, processName)
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const metrics = createProcessMetrics(registry)
  const database = createDatabase({
    url: config.database.url,
    poolSizeMax: config.database.poolSizeMax,
    applicationName: `livelot-${processName}`,
    log,
    onStatement: metrics.statementDone,
  })
  metrics.watchPool(database.pool)
  const connections: Redis[] = []
  const openRedis = (use: 'hot' | 'blocking' | 'queue', name: string) => {
    const url = use === 'queue' ? config.redis.queueUrl : config.redis.url
    const connection = createRedis(url, { use, name: `${processName}-${name}`, log })
    connections.push(connection)
    metrics.watchRedis(connection, name, use === 'hot')
    return connection
  }
  const redis = openRedis('hot', 'hot')
  const bus = createBus(redis, openRedis('blocking', 'bus'), log)
  onOutboxWritten(debounced((lane) => bus.publish(outboxChannel, lane)))
  const ground = {
    config,
    log,
    registry,
    metrics,
    database,
    redis,
    bus,
    teller: createTeller(redis, log),
    openRedis,
    close: async () => {
      for (const connection of connections) connection.disconnect()
      await database.close()
    },
  }
  try {
    await whenReady(redis, readyTimeoutMs)
    await assertMigrated(database)
    await checkServerVersions(database, redis, log)
    const { clock, close } = await watchClocks({ redis, database, registry, log })
    return {
      ...ground,
      clock,
      close: async () => {
        close()
        await ground.close()
      },
    }
  } catch (error) {
    await ground.close()
    throw error
  }
}

/**
 * The clock by which sales and auctions are decided; and those of Postgres and of this process, whose jumps end no sale but
 * must be known all the same.
 */
async function watchClocks({
  redis,
  database,
  registry,
  log,
}: Pick<Ground, 'redis' | 'database' | 'registry' | 'log'>) {
  const readRedis = async () => {
    const [seconds, micros] = await redis.time()
    return Number(seconds) * 1_000 + Number(micros) / 1_000
  }
  const readPostgres = async () => Number((await database.query<{ ms: number }>(databaseTime))[0]?.ms)
  const [clock, ...others] = await Promise.all([
    startClockGuard({ name: 'redis', read: readRedis, log, registry }),
    startClockGuard({ name: 'postgres', read: readPostgres, log, registry, everyMs: postgresLookEveryMs }),
    startClockGuard({ name: 'process', read: () => Date.now(), log, registry }),
  ])
  return {
    clock,
    close: () => {
      clock.close()
      for (const one of others) one.close()
    },
  }
}

/** Many commits of one turn of the event loop wake a lane of the relay once. */
function debounced<Lane>(action: (lane: Lane) => void): (lane: Lane) => void {
  const due = new Set<Lane>()
  return (lane) => {
    if (due.has(lane)) return
    due.add(lane)
    setImmediate(() => {
      due.delete(lane)
      action(lane)
    })
  }
}
