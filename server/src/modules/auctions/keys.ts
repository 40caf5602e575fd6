import type { AuctionId, ShowId } from '@livelot/client/contracts'
import { showFeedKey, showStateKey } from '#modules/live'

/**
 * Keys of one auction's gate, in the order in which its scripts declare them; all share the show's slot.
 * The first three end an hour after the close, once everything is in Postgres; the desk's two as deskKeys says; the last
 * two belong to the show and live with it.
 */
export function gateKeys(showId: ShowId, auctionId: AuctionId): string[] {
  const ours = ['auction', 'answers', 'log'].map((thing) => `livelot:auctions:{${showId}}:${auctionId}:${thing}`)
  return [...ours, ...deskKeys(showId), showStateKey(showId), showFeedKey(showId)]
}

/** Who may bid in a show, and what each has committed. Both end two days after the last auction or entry began. */
export const deskKeys = (showId: ShowId) =>
  ['entrants', 'commitments'].map((thing) => `livelot:auctions:{${showId}}:${thing}`)
