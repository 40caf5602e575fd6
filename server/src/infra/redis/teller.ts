import type { AccountId } from '@livelot/client/contracts'
import type { Log } from '#kernel/log'
import type { Teller } from '#kernel/teller'
import type { Redis } from './client.ts'

/** Channel on which API processes hear what to tell whom. */
export const tellChannel = 'livelot:tell'

export interface ToldMessage {
  readonly accountId: AccountId
  readonly event: string
  readonly data: unknown
}

/** Tells over Redis pub/sub: at most once, and dropped while Redis is away. */
export function createTeller(redis: Redis, log: Log): Teller {
  return {
    toAccount: (accountId, event, data) => {
      const message: ToldMessage = { accountId, event: event.name, data }
      redis.publish(tellChannel, JSON.stringify(message)).catch((error: unknown) => {
        log.debug({ err: error, event: event.name }, 'not told: redis is away')
      })
    },
  }
}
