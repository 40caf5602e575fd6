import type { Writable } from 'node:stream'
import { Cluster, Command, Redis, type RedisOptions } from 'ioredis'
import { assertThat } from '#kernel/errors'
import type { Log } from '#kernel/log'

export type { Redis } from 'ioredis'

/** One server, or the masters of a cluster that share the keys out; serverOf answers the one of a key. */
export type RedisServers = Redis | Cluster

/** What a connection is for decides how it behaves while Redis is away. */
export type RedisUse =
  /** Decisions of a buyer's tap: fails at once while Redis is away, never resends on its own. */
  | 'hot'
  /** Blocking reads and subscriptions: waits for Redis as long as it takes. */
  | 'blocking'
  /** BullMQ: its own rules (maxRetriesPerRequest null). */
  | 'queue'

export const optionsOf: Record<RedisUse, RedisOptions> = {
  // NOTE: a call whose reply was lost must not be resent: the script may have run. With autoResendUnfulfilledCommands
  // off, ioredis 6.0.0 leaves such a call pending for ever, so commandTimeout settles it.
  hot: {
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    commandTimeout: 2_000,
    maxRetriesPerRequest: 0,
  },
  blocking: { maxRetriesPerRequest: null, autoResendUnfulfilledCommands: false },
  queue: { maxRetriesPerRequest: null },
}

export const retryAfterMs = (attempt: number): number => Math.min(50 * 2 ** Math.min(attempt, 5), 1_000)

export function createRedis(url: string, options: { use: RedisUse; name: string; log: Log }): Redis {
  const redis = new Redis(url, {
    ...optionsOf[options.use],
    connectionName: `livelot-${options.name}`,
    retryStrategy: retryAfterMs,
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  })
  prepare(redis)
  let isDown = false
  redis.on('error', (error) => {
    if (!isDown) options.log.warn({ err: error, connection: options.name }, 'redis connection lost')
    isDown = true
  })
  redis.on('ready', () => {
    if (isDown) options.log.info({ connection: options.name }, 'redis connection is back')
    isDown = false
  })
  return redis
}

/** Before the connection is made: its server is known by the first command, and commands leave together. */
export function prepare(redis: Redis): void {
  recordRunId(redis)
  writeTogether(redis)
}

/**
 * Commands of one turn of the event loop leave in one packet: writing to a socket is the dearest part of a command, for
 * us and for Redis, which then answers them together too. Each stays a command of its own.
 */
function writeTogether(redis: Redis): void {
  const send = redis.sendCommand.bind(redis)
  let held: Writable | undefined
  redis.sendCommand = (command, stream) => {
    const { stream: socket } = redis as unknown as { stream?: Writable }
    if (socket && !held) {
      held = socket
      socket.cork()
      setImmediate(() => {
        held = undefined
        socket.uncork()
      })
    }
    return send(command, stream)
  }
}

/** Resolves when the connection can take commands. Rejects after `timeoutMs`. */
export async function whenReady(redis: Redis, timeoutMs: number): Promise<void> {
  if (redis.status === 'ready') return
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      redis.off('ready', ready)
      reject(new Error(`Redis did not answer within ${timeoutMs} ms`))
    }, timeoutMs)
    const ready = () => {
      clearTimeout(timer)
      resolve()
    }
    redis.once('ready', ready)
  })
}

const runIds = new WeakMap<Redis, string>()

/**
 * Remembers which server each connect reached. ioredis shows the INFO of its ready check to its connector before it
 * sends anything of ours, so the run id is known before the first command of a new connection goes out.
 */
function recordRunId(redis: Redis): void {
  const { connector } = redis as unknown as { connector?: { check?: (info: { run_id?: string }) => boolean } }
  const check = connector?.check?.bind(connector)
  assertThat(connector && check, 'this version of ioredis shows its ready check to the connector')
  connector.check = (info) => {
    if (info?.run_id) runIds.set(redis, info.run_id)
    return check(info)
  }
}

/**
 * Identity of the running Redis server that a connection talks to, or that holds `key`; another one after each restart,
 * and on another master. Known as soon as the connection is ready, and null while it is not.
 */
export function serverRunId(redis: Redis): string | null
export function serverRunId(redis: RedisServers, key: string): string | null
export function serverRunId(redis: RedisServers, key?: string): string | null {
  const server = redis instanceof Cluster ? masterOf(redis, key ?? '') : redis
  return server?.status === 'ready' ? (runIds.get(server) ?? null) : null
}

/**
 * The connection to the server that holds `key`. Of a cluster it is the plain connection to that master, which follows no
 * redirection: a script that was sent with the run id of one server must never run on another.
 */
export function serverOf(redis: RedisServers, key: string): Redis {
  const server = redis instanceof Cluster ? masterOf(redis, key) : redis
  if (!server) throw new Error('The Redis server of this key is away')
  return server
}

function masterOf(cluster: Cluster, key: string): Redis | undefined {
  const slot = new Command('get', [key]).getSlot()
  const address = slot === null ? undefined : cluster.slots[slot]?.[0]
  return cluster.nodes('master').find(({ options }) => `${options.host}:${options.port}` === address)
}
