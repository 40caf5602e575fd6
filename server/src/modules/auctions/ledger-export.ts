import type { AuctionId, AuctionLedger } from '@livelot/client/contracts'
import type { Database } from '#infra/postgres/pool'
import { Refusal } from '#kernel/errors'
import { headParts } from './auction.ts'
import { auctionStore } from './auction-store.pg.ts'
import { ledgerStore } from './ledger-store.pg.ts'

/**
 * The whole ledger of a closed auction, for everybody: bidders are paddle numbers, and their maxima are public from the
 * close on. Refuses: auction.not_found, auction.still_running.
 */
export async function exportLedger(database: Database, auctionId: AuctionId): Promise<AuctionLedger> {
  const auction = await auctionStore.byId(database, auctionId)
  if (!auction) throw new Refusal('auction.not_found')
  const result = await auctionStore.result(database, auctionId)
  if (!result) throw new Refusal('auction.still_running', { retryAfterMs: 1_000 })
  const { root, rootSignature } = result
  return {
    head: { ...headParts(auction), root, rootSignature },
    entries: await ledgerStore.entries(database, auctionId),
  }
}
