import { z } from 'zod'
import type { Bus } from '#infra/redis/bus'
import type { Redis } from '#infra/redis/client'
import type { Log } from '#kernel/log'
import { nowMs } from '#kernel/now'
import { accessTokenLifeMs } from './tokens.ts'

/** Channel on which every process learns of ended sessions. */
export const revokedChannel = 'livelot:sessions:revoked'

/** Sessions ended less than one access token's life ago; score: epoch milliseconds when they may be forgotten. */
const revokedKey = 'livelot:profiles:{sessions}:revoked'

const Revoked = z.object({ sessionId: z.uuid() })

export interface Revocations {
  /** Ends the session's access tokens everywhere, within two seconds. */
  revoke(sessionId: string): Promise<void>
  isRevoked(sessionId: string): boolean
  /** Learns what was revoked before this process started. */
  load(): Promise<void>
}

export function createRevocations(redis: Redis, bus: Bus, log: Log): Revocations {
  const revoked = new Map<string, number>()
  const add = (sessionId: string, untilMs: number) => {
    revoked.set(sessionId, untilMs)
    for (const [id, endMs] of revoked) if (endMs < nowMs()) revoked.delete(id)
  }
  bus.subscribe(revokedChannel, (message) => {
    const parsed = Revoked.safeParse(safeJson(message))
    if (parsed.success) add(parsed.data.sessionId, nowMs() + accessTokenLifeMs)
  })
  return {
    revoke: async (sessionId) => {
      const untilMs = nowMs() + accessTokenLifeMs
      add(sessionId, untilMs)
      bus.publish(revokedChannel, JSON.stringify({ sessionId }))
      try {
        await redis.multi().zadd(revokedKey, untilMs, sessionId).zremrangebyscore(revokedKey, 0, nowMs()).exec()
      } catch (error) {
        // The session's row is ended: no new token can be had. The old one ends by itself within ten minutes.
        log.warn({ err: error }, 'revocation not kept for processes that start later')
      }
    },
    isRevoked: (sessionId) => (revoked.get(sessionId) ?? 0) > nowMs(),
    load: async () => {
      const entries = await redis.zrangebyscore(revokedKey, nowMs(), '+inf', 'WITHSCORES')
      for (let index = 0; index + 1 < entries.length; index += 2)
        add(entries[index] as string, Number(entries[index + 1]))
    },
  }
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
