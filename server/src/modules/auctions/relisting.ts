import type { AuctionId } from '@livelot/client/contracts'
import type { Transaction } from '#infra/postgres/pool'
import { auctionStore } from './auction-store.pg.ts'
import { lotStore } from './lot-store.pg.ts'
import type { AuctionInventory, AuctionShows } from './needs.ts'
import { settleLot } from './recording.ts'

/**
 * A sold lot that nobody paid may run again, and its unit is free. Joins the caller's transaction and locks the show.
 * Repeats, and after the lot was run again: nothing moves.
 */
export async function giveBackUnit(
  tx: Transaction,
  parts: { readonly shows: AuctionShows; readonly inventory: AuctionInventory },
  auctionId: AuctionId,
): Promise<void> {
  const auction = await auctionStore.byId(tx, auctionId)
  if (!auction) return
  await parts.shows.lock(tx, auction.showId)
  const lot = await lotStore.lock(tx, auction.lotId)
  if (lot?.state !== 'sold' || lot.auctionId !== auctionId) return
  await settleLot(tx, parts.inventory, auction, 'unsold')
}
