import { z } from 'zod'
import { GiveawayEntry, GiveawayPrize, giveawayLimits, Hex32 } from './giveaways.ts'
import { AccountId, GiveawayId, ShowId } from './ids.ts'
import { operation } from './operation.ts'
import { EpochMs } from './time.ts'

/** Everything that a draw followed from. `verifyGiveaway()` of the SDK works it out again, offline. */
export const GiveawayExport = z.strictObject({
  version: z.literal(1),
  giveawayId: GiveawayId,
  showId: ShowId,
  title: z.string(),
  prize: GiveawayPrize,
  winnerCount: z.int().min(1),
  openedAtMs: EpochMs,
  entriesCloseAtMs: EpochMs,
  seedCommitment: Hex32,
  /** sha256 of `giveawayEntryText` of entry 1, 2, … */
  entryHashes: z.array(Hex32),
  entryListHash: Hex32,
  seed: Hex32,
  /** Numbers of the entries that were drawn: the winners, then those who are next in turn. */
  drawOrder: z.array(z.int().min(1)),
  /** Their entries, opened. */
  winners: z.array(GiveawayEntry.extend({ accountId: AccountId })),
})
export type GiveawayExport = z.infer<typeof GiveawayExport>

/** What an entry's hash is made of. Nobody without the salt can tell from the hash who entered. */
export function giveawayEntryText(giveawayId: string, accountId: string, entry: GiveawayEntry): string {
  return JSON.stringify([giveawayId, entry.entryNo, accountId, entry.displayName, entry.salt])
}

export type GiveawayTerms = Pick<
  GiveawayExport,
  'giveawayId' | 'showId' | 'title' | 'prize' | 'winnerCount' | 'openedAtMs' | 'entriesCloseAtMs' | 'seedCommitment'
>

/** What the hash of the list is made of: the terms, then a line for each entry. It binds them all before the draw. */
export function giveawayListText(terms: GiveawayTerms, entryHashes: readonly string[]): string {
  const { giveawayId, showId, title, prize, winnerCount, openedAtMs, entriesCloseAtMs, seedCommitment } = terms
  const goods =
    prize.kind === 'text'
      ? [prize.kind, prize.text]
      : [prize.kind, prize.productId, prize.variantId, prize.productName, prize.variantName, prize.pictureUrl]
  const head = ['livelot-giveaway-1', giveawayId, showId, title, goods, winnerCount, openedAtMs, entriesCloseAtMs]
  return [JSON.stringify([...head, seedCommitment]), ...entryHashes].join('\n')
}

/** How many entries are drawn: for each prize a winner, and those to whom it can go on. */
export function giveawayDrawLength(entryCount: number, winnerCount: number): number {
  return Math.min(entryCount, winnerCount * (1 + giveawayLimits.passesMax))
}

const wordValues = 2 ** 32

/**
 * A number below `below`, each as likely as any other: words at the uneven end of their range are thrown away and the
 * next is taken. A remainder alone would favour small numbers.
 */
export function* giveawayNumber(below: number): Generator<void, number, number> {
  const evenEnd = wordValues - (wordValues % below)
  for (;;) {
    const word: number = yield
    if (word < evenEnd) return word % below
  }
}

/**
 * The draw. Word i (from 0) is the first four bytes, big-endian, of HMAC-SHA256 with the seed as key over the 32 bytes
 * of the list's hash and i in four bytes, big-endian. The entries are shuffled as far as they are drawn (Fisher-Yates).
 * A generator that asks for words, so that server and SDK run the very same steps on their own cryptography.
 */
export function* giveawayDraw(entryCount: number, winnerCount: number): Generator<void, number[], number> {
  const entryNos = Array.from({ length: entryCount }, (_, index) => index + 1)
  const length = giveawayDrawLength(entryCount, winnerCount)
  for (let place = 0; place < length; place += 1) {
    const other = place + (yield* giveawayNumber(entryCount - place))
    const drawn = entryNos[other] as number
    entryNos[other] = entryNos[place] as number
    entryNos[place] = drawn
  }
  return entryNos.slice(0, length)
}

export const exportGiveaway = operation({
  name: 'giveaway:export',
  summary: 'Everything that a draw followed from; verifyGiveaway() of the SDK checks it offline.',
  access: 'anyone',
  http: { method: 'get', path: '/v1/giveaways/{giveawayId}/export' },
  request: z.strictObject({ giveawayId: GiveawayId }),
  response: GiveawayExport,
  errors: ['giveaway.not_found', 'giveaway.not_drawn'],
})
