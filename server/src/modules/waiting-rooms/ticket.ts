import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import { AccountId, FlashSaleId } from '@livelot/client/contracts'
import { z } from 'zod'
import { Refusal } from '#kernel/errors'

/** What a ticket says: whose it is, for which sale, where in the line, since when, and how long it is good for. */
const Ticket = z.strictObject({
  v: z.literal(1),
  sale: FlashSaleId,
  account: AccountId,
  /** Null for an early comer, whose place is the draw's. */
  place: z.int().min(0).nullable(),
  since: z.int().min(0),
  until: z.int().min(0),
})

export interface TicketFacts {
  readonly flashSaleId: FlashSaleId
  readonly accountId: AccountId
  readonly place: number | null
  readonly firstSeenMs: number
  readonly expiresAtMs: number
}

/** `secret`: any string that all processes share; the key is derived from it for this one use. */
export function createTickets(secret: string) {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'livelot waiting-room tickets', 32))
  const macOf = (body: string) => createHmac('sha256', key).update(body).digest('base64url')
  const invalid = (reason: string) => new Refusal('waiting_room.ticket_invalid', { reason })

  return {
    sign: ({ flashSaleId, accountId, place, firstSeenMs, expiresAtMs }: TicketFacts): string => {
      const ticket = { v: 1, sale: flashSaleId, account: accountId, place, since: firstSeenMs, until: expiresAtMs }
      const body = Buffer.from(JSON.stringify(ticket)).toString('base64url')
      return `${body}.${macOf(body)}`
    },

    /**
     * Checks a ticket by itself, without any store. Refuses: waiting_room.ticket_invalid where it was not signed here, is
     * somebody else's or another sale's, or has expired.
     */
    check: (ticket: string, holder: Pick<TicketFacts, 'flashSaleId' | 'accountId'>, nowMs: number): TicketFacts => {
      const [body = '', mac = '', ...rest] = ticket.split('.')
      const given = Buffer.from(mac)
      const right = Buffer.from(macOf(body))
      const isOurs = rest.length === 0 && given.length === right.length && timingSafeEqual(given, right)
      if (!isOurs) throw invalid('signature')
      const read = Ticket.safeParse(JSON.parse(Buffer.from(body, 'base64url').toString()))
      if (!read.success) throw invalid('version')
      const { sale, account, place, since, until } = read.data
      if (sale !== holder.flashSaleId || account !== holder.accountId) throw invalid('holder')
      if (until <= nowMs) throw invalid('expired')
      return { flashSaleId: sale, accountId: account, place, firstSeenMs: since, expiresAtMs: until }
    },
  }
}

export type Tickets = ReturnType<typeof createTickets>
