import { Cluster, type Redis } from 'ioredis'
import type { Log } from '#kernel/log'
import { optionsOf, prepare, retryAfterMs } from './client.ts'

const learnEveryMs = 1_000

/**
 * A Redis Cluster for hot decisions. What is asked of it goes through serverOf and runScript to the master of the key; the
 * client of the cluster itself only learns which master that is, every second. Until it has learned that a key moved,
 * calls for it fail as for a server that is away.
 */
export function createRedisCluster(urls: readonly string[], options: { name: string; log: Log }): Cluster {
  const nodes = urls.map((url) => new URL(url))
  const [first] = nodes
  const cluster = new Cluster(
    nodes.map(({ hostname, port }) => ({ host: hostname, port: Number(port || 6379) })),
    {
      slotsRefreshInterval: learnEveryMs,
      clusterRetryStrategy: retryAfterMs,
      clusterNodeRetryStrategy: retryAfterMs,
      // Its question would be the first of a connection that is not there yet, and cannot wait in a queue.
      enableReadyCheck: false,
      redisOptions: {
        ...optionsOf.hot,
        connectionName: `livelot-${options.name}`,
        ...(first?.username ? { username: decodeURIComponent(first.username) } : {}),
        ...(first?.password ? { password: decodeURIComponent(first.password) } : {}),
        ...(first?.protocol === 'rediss:' ? { tls: {} } : {}),
      },
    },
  )
  cluster.on('+node', (node: Redis) => {
    prepare(node)
    // At once, not with its first command: that one already needs the run id.
    node.connect().catch(() => undefined)
  })
  cluster.on('node error', (error: unknown, address: string) => {
    options.log.warn({ err: error, address }, 'a server of the redis cluster is away')
  })
  cluster.on('error', (error: unknown) => options.log.warn({ err: error }, 'redis cluster connection lost'))
  return cluster
}

/** Resolves when every slot has a master that takes commands. Rejects after `timeoutMs`. */
export async function whenClusterReady(cluster: Cluster, timeoutMs: number): Promise<void> {
  const isReady = () => {
    const masters = cluster.nodes('master')
    return cluster.status === 'ready' && masters.length > 0 && masters.every((node) => node.status === 'ready')
  }
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const timer = setTimeout(
    () => reject(new Error(`The Redis cluster did not answer within ${timeoutMs} ms`)),
    timeoutMs,
  )
  const look = () => {
    if (isReady()) resolve()
  }
  const watch = (node: Redis) => void node.once('ready', look)
  for (const node of cluster.nodes()) watch(node)
  cluster.on('+node', watch).on('ready', look)
  look()
  try {
    await promise
  } finally {
    clearTimeout(timer)
    cluster.off('+node', watch).off('ready', look)
  }
}
