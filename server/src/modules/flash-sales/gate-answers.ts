import { type AccountId, HoldId, OperationId } from '@livelot/client/contracts'
import { z } from 'zod'
import type { LoggedHold, Offer } from './flash-sale.ts'

// What the gate's scripts may answer; the header of each says when.

const SaleState = z.enum(['scheduled', 'open', 'closed'])
const closed = z.tuple([z.literal('gate_closed')])

/** A flat list of equal groups, as Lua answers it. */
function groupsOf<T>(size: number, read: (group: readonly string[]) => T) {
  return z.array(z.union([z.string(), z.int()])).transform((flat) => {
    const groups: T[] = []
    for (let i = 0; i < flat.length; i += size) groups.push(read(flat.slice(i, i + size).map(String)))
    return groups
  })
}

const Offers = groupsOf(
  3,
  ([accountId, holdId, expiresAtMs]): Offer => ({
    accountId: accountId as AccountId,
    holdId: holdId as HoldId,
    expiresAtMs: Number(expiresAtMs),
  }),
)
const Asks = groupsOf(3, ([holdId, accountId, units]) => ({
  holdId: holdId as HoldId,
  accountId: accountId as AccountId,
  units: Number(units),
}))

const HoldNow = z.enum(['live', 'paying', 'claimed', 'settled', 'released', 'expired'])

export const ReserveAnswer = z.union([
  z.tuple([z.literal('held'), HoldId, z.int(), z.int(), z.int()]),
  z.tuple([z.literal('repeated'), HoldId, z.int(), z.int(), z.int(), HoldNow]),
  z.tuple([z.literal('sold_out'), z.int()]),
  z.tuple([z.literal('limit_reached'), z.int()]),
  z.tuple([z.literal('not_your_turn')]),
  z.tuple([z.literal('not_open'), z.int()]),
  z.tuple([z.literal('closed')]),
  z.tuple([z.literal('key_reused')]),
  closed,
])
export const PaymentAnswer = z.union([
  z.tuple([z.literal('paying'), z.int(), z.int()]),
  z.tuple([z.literal('not_found')]),
  z.tuple([z.literal('expired')]),
  closed,
])
export const ReleaseAnswer = z.union([
  z.tuple([z.literal('released'), Offers]),
  z.tuple([z.literal('ended'), z.enum(['released', 'expired', 'settled'])]),
  z.tuple([z.literal('not_found')]),
  z.tuple([z.literal('expired')]),
  z.tuple([z.literal('ask')]),
  closed,
])
export const JoinAnswer = z.union([
  z.tuple([z.literal('joined'), z.int(), Offers]),
  z.tuple([z.literal('repeated'), z.int()]),
  z.tuple([z.literal('not_open'), z.int()]),
  z.tuple([z.literal('closed')]),
  z.tuple([z.literal('limit_reached')]),
  z.tuple([z.literal('not_your_turn')]),
  closed,
])
export const ApplyAnswer = z.union([z.tuple([z.literal('applied'), Offers]), z.tuple([z.literal('repeated')]), closed])
export const TickAnswer = z.union([
  z.tuple([z.literal('ticked'), SaleState, z.int(), z.int(), z.int(), z.int(), Asks, Offers]),
  closed,
])
export const RebuildAnswer = z.union([
  z.tuple([z.literal('opened'), z.int()]),
  z.tuple([z.literal('stands')]),
  z.tuple([z.literal('not_copied')]),
  z.tuple([z.literal('stale')]),
])

const LogEntry = z.object({
  seq: z.coerce.number().int(),
  what: z.enum(['held', 'paying', 'released', 'expired']),
  hold: HoldId,
  buyer: z.string(),
  units: z.coerce.number().int(),
  expires: z.coerce.number().int(),
  operation: z.union([z.literal('').transform(() => null), OperationId]),
  remaining: z.coerce.number().int(),
})
const fieldsOfEntry = 2 * Object.keys(LogEntry.shape).length

function readEntry(flat: readonly string[]): LoggedHold {
  const pairs: Record<string, string> = {}
  for (let i = 0; i + 1 < flat.length; i += 2) pairs[flat[i] as string] = flat[i + 1] as string
  const entry = LogEntry.parse(pairs)
  return {
    seq: entry.seq,
    what: entry.what,
    holdId: entry.hold,
    accountId: entry.buyer as AccountId,
    units: entry.units,
    expiresAtMs: entry.expires,
    operationId: entry.operation,
    remainingThen: entry.remaining,
  }
}

export const LogAnswer = z.union([
  z.tuple([z.literal('no_gate'), z.int()]),
  z.tuple([
    z.literal('read'),
    z.int(),
    z.literal([0, 1]).transform((stands) => stands === 1),
    z.string(),
    z.int(),
    z.int(),
    z.int(),
    groupsOf(fieldsOfEntry, readEntry),
  ]),
])

export const GateFigures = z.tuple([z.string(), SaleState, z.coerce.number().int(), z.coerce.number().int()])

const HeldParts = z.tuple([
  z.string(),
  z.coerce.number().int(),
  z.enum(['live', 'restored', 'paying', 'claimed']),
  z.coerce.number().int(),
  z.string(),
  z.string(),
])

/** Reads a hold as the gate keeps it; gate.lua says what the parts are. */
export function readHeld(text: string) {
  const [accountId, units, how, expiresAtMs] = HeldParts.parse(text.split('|'))
  return { accountId: accountId as AccountId, units, how, expiresAtMs }
}
