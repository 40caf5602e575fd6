import type { FlashSaleId } from '@livelot/client/contracts'
import { expect, it } from 'vitest'
import { newId } from '#kernel/ids'
import { createTickets, type TicketFacts } from './ticket.ts'

const facts: TicketFacts = {
  flashSaleId: newId<FlashSaleId>(),
  accountId: newId(),
  place: 281_474_976_710_700,
  firstSeenMs: 1_000,
  expiresAtMs: 9_000,
}
const tickets = createTickets('secret of all processes')
const ticket = tickets.sign(facts)

const reasonOf = (text: string, holder: Pick<TicketFacts, 'flashSaleId' | 'accountId'> = facts, nowMs = 5_000) => {
  try {
    tickets.check(text, holder, nowMs)
    return 'good'
  } catch (error) {
    const { code, details } = error as { code: string; details: { reason?: string } }
    return `${code} ${details.reason}`
  }
}

it('[WR8] is checked by any process that has the secret, without a store', () => {
  expect(createTickets('secret of all processes').check(ticket, facts, 5_000)).toEqual(facts)
  expect(ticket.length).toBeLessThan(400)
  expect(tickets.check(tickets.sign({ ...facts, place: null }), facts, 5_000).place).toBeNull()
})

it('[WR8] is refused where it is forged, somebody else’s, for another sale or out of date', () => {
  expect(reasonOf(ticket)).toBe('good')
  expect(reasonOf(createTickets('another secret').sign(facts))).toBe('waiting_room.ticket_invalid signature')
  const [, mac] = ticket.split('.')
  const better = Buffer.from(JSON.stringify({ v: 1, place: 0 })).toString('base64url')
  for (const text of [`${better}.${mac}`, ticket.slice(0, -2), `${ticket}.x`, '.', 'x', `${ticket} `])
    expect(reasonOf(text), text).toBe('waiting_room.ticket_invalid signature')
  expect(reasonOf(ticket, { ...facts, accountId: newId() })).toBe('waiting_room.ticket_invalid holder')
  expect(reasonOf(ticket, { ...facts, flashSaleId: newId() })).toBe('waiting_room.ticket_invalid holder')
  expect(reasonOf(ticket, facts, 9_000)).toBe('waiting_room.ticket_invalid expired')
})
