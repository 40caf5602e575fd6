import type { ShowId } from '@livelot/client/contracts'
import { z } from 'zod'
import type { RedisServers } from '#infra/redis/client'
import { loadScript, runScript } from '#infra/redis/scripts'
import type { Log } from '#kernel/log'
import { heartsKey, viewersKey } from './keys.ts'

const reportScript = loadScript(new URL('./lua/report_audience.lua', import.meta.url))
const Answer = z.tuple([z.literal('audience'), z.int(), z.int()])

export interface Audience {
  readonly viewerCount: number
  readonly heartCount: number
}

/** Reports come every half second; a process that misses this many milliseconds of them is taken for dead. */
export const reportTtlMs = 5_000

/** Viewers and hearts of shows, summed over all processes. */
export function createAudiences(redis: RedisServers, log: Log) {
  const run = async (showId: ShowId, args: readonly [string, number, number]): Promise<Audience> => {
    const keys = [viewersKey(showId), heartsKey(showId)]
    const [, viewerCount, heartCount] = Answer.parse(await runScript(redis, reportScript, keys, [...args, reportTtlMs]))
    return { viewerCount, heartCount }
  }
  return {
    /** One process's figures of one show; answers everyone's. The viewers stand for five seconds. */
    report: (showId: ShowId, processId: string, viewers: number, hearts: number) =>
      run(showId, [processId, viewers, hearts]),

    /** Viewers of each show; 0 while Redis is away, because a list of shows is worth more than its figures. */
    viewerCounts: async (showIds: readonly ShowId[]): Promise<ReadonlyMap<ShowId, number>> => {
      try {
        const counts = await Promise.all(showIds.map((showId) => run(showId, ['', 0, 0])))
        return new Map(showIds.map((showId, i) => [showId, counts[i]?.viewerCount ?? 0]))
      } catch (error) {
        log.warn({ err: error }, 'viewers cannot be counted')
        return new Map()
      }
    },
  }
}

export type Audiences = ReturnType<typeof createAudiences>
