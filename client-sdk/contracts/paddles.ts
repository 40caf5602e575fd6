import { z } from 'zod'
import { auctionLimits } from './auction-rules.ts'
import { AccountId, CardId, ShowId } from './ids.ts'
import { AmountMinor, Money } from './money.ts'
import { operation } from './operation.ts'

/** More bidders than a show will ever have, and a number that every store can hold. */
const paddleNumberMax = 1_000_000

/** Who bids, as others see it. The paddle number is given once per show and stands for the account in the ledger. */
export const Paddle = z.strictObject({ number: z.int().min(1), name: z.string() })
export type Paddle = z.infer<typeof Paddle>

/** Version of the terms that a bidder accepts; a new text is a new number. Rules: server/docs/auction-rules.md. */
export const bidTermsVersion = 1

/** Why somebody may not bid in a show. */
export const IneligibleReason = z.enum([
  'not_entered',
  'terms_not_accepted',
  'card_missing',
  'address_missing',
  'own_lot',
  'show_team',
  'linked_account',
  'barred_by_host',
  'non_payer',
  'deposit_required',
])
export type IneligibleReason = z.infer<typeof IneligibleReason>

export const Entry = z.strictObject({
  showId: ShowId,
  paddle: Paddle,
  cardId: CardId,
  /** Own limit in this show: leading maxima and wins together. Null: none. */
  limitMinor: AmountMinor.nullable(),
  /** Held on the card until the show ends, where earlier wins were not paid. */
  deposit: Money.nullable(),
})
export type Entry = z.infer<typeof Entry>

export const enterBidding = operation({
  name: 'auction:enter',
  summary:
    'Get a paddle in a show: accepts the terms, names the card that wins are charged to, and an own limit. Again: changes card and limit, the paddle stays.',
  access: ['buyer'],
  http: { method: 'put', path: '/v1/shows/{showId}/entry' },
  request: z.strictObject({
    showId: ShowId,
    cardId: CardId,
    acceptedTermsVersion: z.literal(bidTermsVersion),
    limitMinor: z.int().min(1).max(auctionLimits.priceMinorMax).nullable().default(null),
  }),
  response: Entry,
  errors: ['show.not_found', 'card.not_found', 'bid.not_eligible', 'payment.unavailable', 'auction.gate_closed'],
})
export const getMyEntry = operation({
  name: 'auction:get-my-entry',
  summary: 'The caller’s paddle in a show, or what stands in the way of one.',
  access: ['buyer'],
  http: { method: 'get', path: '/v1/shows/{showId}/entry' },
  request: z.strictObject({ showId: ShowId }),
  response: z.strictObject({ entry: Entry.nullable(), missing: z.array(IneligibleReason) }),
  errors: ['show.not_found'],
})
export const barBidder = operation({
  name: 'auction:bar-bidder',
  summary: 'Mute a bidder in a show of the caller, or lift it. Bids that stand go on standing.',
  access: ['creator'],
  http: { method: 'post', path: '/v1/shows/{showId}/paddles/{paddle}/bar' },
  request: z.strictObject({
    showId: ShowId,
    paddle: z.coerce.number().int().min(1).max(paddleNumberMax),
    isBarred: z.boolean(),
  }),
  response: z.strictObject({}),
  errors: ['show.not_found', 'profile.not_found', 'auction.gate_closed'],
})

/** Also for accounts of the team: who holds a paddle. */
export const PaddleHolder = z.strictObject({ paddle: Paddle, accountId: AccountId, isBarred: z.boolean() })
export type PaddleHolder = z.infer<typeof PaddleHolder>
export const listPaddles = operation({
  name: 'auction:list-paddles',
  summary: 'Who holds a paddle in a show of the caller.',
  access: ['creator'],
  http: { method: 'get', path: '/v1/shows/{showId}/paddles' },
  request: z.strictObject({ showId: ShowId }),
  response: z.strictObject({ items: z.array(PaddleHolder) }),
  errors: ['show.not_found'],
})
