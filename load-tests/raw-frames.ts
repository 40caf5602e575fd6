import { setTimeout as delay } from 'node:timers/promises'
import { createRedis, serverRunId, whenReady } from '../server/src/infra/redis/client.ts'
import { loadScript, runScript } from '../server/src/infra/redis/scripts.ts'
import { showFeedKey, showStateKey } from '../server/src/modules/live/keys.ts'

const script = loadScript(new URL('../server/src/edge/sockets/testing/append.lua', import.meta.url))
const log = { warn: () => undefined, info: () => undefined } as never

/** Appends to the log of a show as the platform's scripts do, so that nothing but the rooms' own work is measured. */
export interface LogWriter {
  /** Number of the newest event that was appended here. */
  readonly lastSeq: number
  /** One event; answers its number. */
  append(): Promise<number>
  appendFor(forMs: number, perSecond: number): Promise<number>
  close(): void
}

/** `productId` is pinned already: each event says it again. */
export async function openLogWriter(redisUrl: string, showId: string, productId: string): Promise<LogWriter> {
  const redis = createRedis(redisUrl, { use: 'hot', name: 'bench', log })
  await whenReady(redis, 5_000)
  const keys = [showStateKey(showId as never), showFeedKey(showId as never)]
  let lastSeq = 0
  const append = async () => {
    const data = JSON.stringify({ productId })
    const seq = Number(await runScript(redis, script, keys, [serverRunId(redis) ?? '', 'show:product-pinned', 1, data]))
    if (seq === 0) throw new Error('The log of the show does not take events.')
    lastSeq = seq
    return seq
  }
  return {
    get lastSeq() {
      return lastSeq
    },
    append,
    appendFor: async (forMs, perSecond) => {
      const begin = performance.now()
      let written = 0
      while (performance.now() - begin < forMs) {
        await append()
        written += 1
        await delay(Math.max(0, begin + (written * 1_000) / perSecond - performance.now()))
      }
      return written
    },
    close: () => redis.disconnect(),
  }
}
