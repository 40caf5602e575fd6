import type {
  CreatorId,
  DataOf,
  Giveaway,
  GiveawayId,
  GiveawayPrize,
  GiveawayWinner,
  giveawayVoided,
  OperationId,
  ShowId,
} from '@livelot/client/contracts'

/** A giveaway as it is kept; the terms never change after the opening. */
export interface GiveawayRecord {
  readonly giveawayId: GiveawayId
  readonly showId: ShowId
  readonly creatorId: CreatorId
  readonly title: string
  readonly prize: GiveawayPrize
  readonly winnerCount: number
  readonly state: Giveaway['state']
  readonly openedAtMs: number
  readonly entriesCloseAtMs: number
  readonly seedCommitment: string
  readonly entryCount: number
  readonly closed: ClosedFact | null
  readonly drawn: DrawnFact | null
  readonly drawnAtMs: number | null
}

/** Written when the list of entries is frozen. */
export interface ClosedFact {
  readonly entryCount: number
  readonly entryListHash: string
}

/** The result: written once, with the seed that it followed from. */
export interface DrawnFact {
  readonly seed: string
  readonly drawOrder: readonly number[]
  readonly winners: readonly GiveawayWinner[]
}

/** Why nothing could be drawn: what was kept is not what the room had been told. */
export type VoidFact = Pick<DataOf<typeof giveawayVoided>, 'reason'>

export interface NewGiveaway
  extends Pick<GiveawayRecord, 'giveawayId' | 'showId' | 'creatorId' | 'title' | 'prize' | 'winnerCount'> {
  readonly entrySeconds: number
  readonly seed: Buffer
  readonly seedCommitment: string
  readonly operationId: OperationId
  readonly requestHash: Buffer
}

export function toGiveaway(record: GiveawayRecord): Giveaway {
  const { giveawayId, showId, title, prize, winnerCount, state, openedAtMs, entriesCloseAtMs } = record
  return {
    giveawayId,
    showId,
    title,
    prize,
    winnerCount,
    state,
    openedAtMs,
    entriesCloseAtMs,
    seedCommitment: record.seedCommitment,
    entryCount: record.entryCount,
    entryListHash: record.closed?.entryListHash ?? null,
    seed: record.drawn?.seed ?? null,
    drawnAtMs: record.drawnAtMs,
    winners: [...(record.drawn?.winners ?? [])],
  }
}

/** The field of the show's state that belongs to giveaways: a snapshot has the latest. */
export const giveawayField = (giveaway: Giveaway) => ({ giveaway: JSON.stringify(giveaway) })

/** What the stock knows one prize by. */
export const prizeReference = (giveawayId: GiveawayId, prizeNo: number) => `giveaway:${giveawayId}:${prizeNo}`

/** The entry that is next in the order of the draw, where `handedOut` prizes were given or passed on; null at its end. */
export function nextInTurn(drawOrder: readonly number[], handedOut: number): number | null {
  return drawOrder[handedOut] ?? null
}
