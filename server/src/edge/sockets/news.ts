import { AccountId, allToldEvents } from '@livelot/client/contracts'
import { z } from 'zod'
import type { Bus } from '#infra/redis/bus'
import { tellChannel } from '#infra/redis/teller'
import type { Directory } from './directory.ts'

const Told = z.object({ accountId: AccountId, event: z.string(), data: z.unknown() })
const Revoked = z.union([z.object({ sessionId: z.string() }), z.object({ accountId: AccountId })])

/** News for single people from any process: something told to an account, or the end of a session. */
export function followNews(bus: Bus, revokedChannel: string, directory: Directory): () => void {
  const stops = [
    bus.subscribe(tellChannel, (message) => {
      const { accountId, event, data } = Told.parse(JSON.parse(message))
      const told = allToldEvents.get(event)
      if (told) for (const connection of directory.ofAccount(accountId)) connection.tell(told, data)
    }),
    bus.subscribe(revokedChannel, (message) => {
      const revoked = Revoked.parse(JSON.parse(message))
      const ended =
        'sessionId' in revoked ? directory.ofSession(revoked.sessionId) : directory.ofAccount(revoked.accountId)
      for (const connection of ended) connection.close()
    }),
  ]
  return () => {
    for (const stop of stops) stop()
  }
}
