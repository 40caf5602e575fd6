import { z } from 'zod'
import { GiveawayId, OperationId, ProductId, ShowId, VariantId } from './ids.ts'
import { operation, toldEvent } from './operation.ts'
import { Address } from './profiles.ts'
import { hiddenSentence, oneVisibleLine } from './text.ts'
import { EpochMs } from './time.ts'

/** Limits that studio, API and database share. Source: market-facts, giveaway defaults. */
export const giveawayLimits = {
  entrySecondsMin: 30,
  entrySecondsMax: 1800,
  entrySecondsDefault: 300,
  winnersMax: 10,
  /** A prize that is not claimed in time goes on to somebody else at most this often. */
  passesMax: 3,
  /** The list of entries is published whole: some three megabytes at this length. */
  entriesMax: 50_000,
  claimMs: 48 * 3_600_000,
} as const

/** SHA-256, HMAC keys and seeds are 32 bytes, written in lower-case hexadecimal digits. */
export const Hex32 = z.string().regex(/^[0-9a-f]{64}$/)
/** Made by the server for one entry and told to its owner only, until the entry has won. */
export const EntrySalt = z.string().regex(/^[0-9a-f]{32}$/)

const Line = z.string().trim().min(3).max(80).regex(oneVisibleLine, hiddenSentence)

export const GiveawayPrize = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('variant'),
    productId: ProductId,
    variantId: VariantId,
    productName: z.string(),
    variantName: z.string(),
    pictureUrl: z.string(),
  }),
  /** Something that is not in the catalogue; the host sends it. */
  z.strictObject({ kind: z.literal('text'), text: z.string() }),
])
export type GiveawayPrize = z.infer<typeof GiveawayPrize>

/**
 * open → closed (the list of entries is frozen) → drawn. Nobody can hold it up or call it off. It is void where list or
 * seed, looked at before the draw, are not what the room had been told: nothing is drawn from them.
 */
export const GiveawayState = z.enum(['open', 'closed', 'drawn', 'void'])

export const GiveawayWinner = z.strictObject({ entryNo: z.int().min(1), displayName: z.string() })
export type GiveawayWinner = z.infer<typeof GiveawayWinner>

export const Giveaway = z.strictObject({
  giveawayId: GiveawayId,
  showId: ShowId,
  title: z.string(),
  prize: GiveawayPrize,
  winnerCount: z.int().min(1),
  state: GiveawayState,
  openedAtMs: EpochMs,
  entriesCloseAtMs: EpochMs,
  /** sha256 of the seed; told before anybody could enter. */
  seedCommitment: Hex32,
  entryCount: z.int().min(0),
  /** sha256 of `giveawayListText`; told after the last entry and before the seed. */
  entryListHash: Hex32.nullable(),
  /** Told with the winners. */
  seed: Hex32.nullable(),
  drawnAtMs: EpochMs.nullable(),
  /** In the order of the draw; fewer than `winnerCount` where fewer people entered. */
  winners: z.array(GiveawayWinner),
})
export type Giveaway = z.infer<typeof Giveaway>

/** What proves one entry to its owner; together with the account and the name it had then it makes the entry's hash. */
export const GiveawayEntry = z.strictObject({ entryNo: z.int().min(1), displayName: z.string(), salt: EntrySalt })
export type GiveawayEntry = z.infer<typeof GiveawayEntry>

export const PrizeState = z.enum(['waiting', 'claimed', 'expired'])

/** A prize as its winner sees it. */
export const WonPrize = z.strictObject({
  giveawayId: GiveawayId,
  showId: ShowId,
  title: z.string(),
  prize: GiveawayPrize,
  entryNo: z.int().min(1),
  /** It was somebody else's before, who did not claim it. */
  isPassedOn: z.boolean(),
  state: PrizeState,
  claimBeforeMs: EpochMs,
  claimedAtMs: EpochMs.nullable(),
  address: Address.nullable(),
})
export type WonPrize = z.infer<typeof WonPrize>

/** A prize as the host sees it. */
export const HandedPrize = z.strictObject({
  prizeNo: z.int().min(1),
  entryNo: z.int().min(1),
  displayName: z.string(),
  isPassedOn: z.boolean(),
  state: PrizeState,
  claimBeforeMs: EpochMs,
  claimedAtMs: EpochMs.nullable(),
  /** Only where the host sends the prize: what is in the catalogue, the warehouse sends. */
  address: Address.nullable(),
})
export type HandedPrize = z.infer<typeof HandedPrize>

// ——— operations ———

export const openGiveaway = operation({
  name: 'giveaway:open',
  summary: 'Open a giveaway in a live show of the caller. It runs to its end: nobody can pause it or call it off.',
  access: ['creator'],
  http: { method: 'post', path: '/v1/giveaways', status: 201 },
  request: z.strictObject({
    showId: ShowId,
    title: Line,
    /** A variant of a product on the shelf, of which a unit for each winner is set aside, or words. */
    prize: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('variant'), variantId: VariantId }),
      z.strictObject({ kind: z.literal('text'), text: Line }),
    ]),
    winnerCount: z.int().min(1).max(giveawayLimits.winnersMax).default(1),
    entrySeconds: z
      .int()
      .min(giveawayLimits.entrySecondsMin)
      .max(giveawayLimits.entrySecondsMax)
      .default(giveawayLimits.entrySecondsDefault),
    operationId: OperationId,
  }),
  response: Giveaway,
  repeatable: true,
  errors: [
    'show.not_found',
    'show.not_live',
    'show.product_not_on_shelf',
    'product.not_found',
    'giveaway.another_runs',
    'giveaway.not_enough_stock',
    'idempotency.key_reused',
  ],
})

export const enterGiveaway = operation({
  name: 'giveaway:enter',
  summary: 'Enter, free, from the room of the show. An account has one entry, however often it asks.',
  access: 'signed-in',
  socket: { rate: { burst: 5, perSecond: 1 } },
  request: z.strictObject({ giveawayId: GiveawayId, operationId: OperationId }),
  response: z.strictObject({ entry: GiveawayEntry, entryCount: z.int().min(1) }),
  errors: ['giveaway.not_found', 'show.not_joined', 'giveaway.closed', 'giveaway.not_eligible', 'giveaway.full'],
})

export const getGiveaway = operation({
  name: 'giveaway:get',
  summary: 'One giveaway as it stands.',
  access: 'anyone',
  http: { method: 'get', path: '/v1/giveaways/{giveawayId}' },
  request: z.strictObject({ giveawayId: GiveawayId }),
  response: Giveaway,
  errors: ['giveaway.not_found'],
})

export const getMyGiveawayEntry = operation({
  name: 'giveaway:get-my-entry',
  summary: 'The caller’s entry, and the prize if it has won one.',
  access: 'signed-in',
  http: { method: 'get', path: '/v1/giveaways/{giveawayId}/my-entry' },
  request: z.strictObject({ giveawayId: GiveawayId }),
  response: z.strictObject({ entry: GiveawayEntry.nullable(), prize: WonPrize.nullable() }),
  errors: ['giveaway.not_found'],
})

export const claimPrize = operation({
  name: 'giveaway:claim',
  summary: 'Claim a prize that the caller has won, within 48 hours. The first address stands.',
  access: 'signed-in',
  http: { method: 'put', path: '/v1/giveaways/{giveawayId}/claim' },
  request: z.strictObject({
    giveawayId: GiveawayId,
    /** The saved address of the account where absent. */
    address: Address.optional(),
  }),
  response: WonPrize,
  errors: ['giveaway.not_found', 'prize.not_found', 'prize.expired', 'checkout.address_missing'],
})

export const listMyPrizes = operation({
  name: 'giveaway:list-my-prizes',
  summary: 'Prizes that the caller has won, newest first.',
  access: 'signed-in',
  http: { method: 'get', path: '/v1/me/prizes' },
  request: z.strictObject({}),
  response: z.strictObject({ items: z.array(WonPrize) }),
  errors: [],
})

export const listHandedPrizes = operation({
  name: 'giveaway:list-prizes',
  summary: 'Who has won, who has claimed, and to whom a prize went on; for the host.',
  access: ['creator'],
  http: { method: 'get', path: '/v1/giveaways/{giveawayId}/prizes' },
  request: z.strictObject({ giveawayId: GiveawayId }),
  response: z.strictObject({ items: z.array(HandedPrize) }),
  errors: ['giveaway.not_found'],
})

// ——— told ———

/** Events of the show's ordered log that belong to giveaways. */
export const giveawayOpened = toldEvent({
  name: 'giveaway:opened',
  version: 1,
  summary: 'A giveaway can be entered; its seed is committed to.',
  data: z.strictObject({ giveaway: Giveaway }),
})
export const giveawayEntriesChanged = toldEvent({
  name: 'giveaway:entries-changed',
  version: 1,
  summary: 'More people have entered. Told at most twice a second; only the newest of a frame is sent.',
  data: z.strictObject({ giveawayId: GiveawayId, entryCount: z.int().min(0) }),
})
export const giveawayClosed = toldEvent({
  name: 'giveaway:closed',
  version: 1,
  summary: 'Nobody can enter any more: the list of entries is frozen, and this is its hash. The draw follows.',
  data: z.strictObject({ giveawayId: GiveawayId, entryCount: z.int().min(0), entryListHash: Hex32 }),
})
export const giveawayDrawn = toldEvent({
  name: 'giveaway:drawn',
  version: 1,
  summary: 'The seed is revealed; the winners follow from it and the list of entries.',
  data: z.strictObject({
    giveawayId: GiveawayId,
    seed: Hex32,
    drawnAtMs: EpochMs,
    winners: z.array(GiveawayWinner),
  }),
})

export const giveawayVoided = toldEvent({
  name: 'giveaway:voided',
  version: 1,
  summary: 'Nothing is drawn and nobody wins: the kept entries or the kept seed are not what the room had been told.',
  data: z.strictObject({ giveawayId: GiveawayId, reason: z.enum(['list_changed', 'seed_changed']) }),
})

/** Told to one account. */
export const prizeWon = toldEvent({
  name: 'giveaway:prize-won',
  version: 1,
  summary: 'You have won. Claim the prize before its time is over.',
  data: z.strictObject({ prize: WonPrize }),
})
export const prizeExpiring = toldEvent({
  name: 'giveaway:prize-expiring',
  version: 1,
  summary: 'A prize of yours is not claimed yet and its time is nearly over.',
  data: z.strictObject({ prize: WonPrize }),
})
export const prizeExpired = toldEvent({
  name: 'giveaway:prize-expired',
  version: 1,
  summary: 'The time to claim the prize is over; it goes on to somebody else.',
  data: z.strictObject({ prize: WonPrize }),
})
