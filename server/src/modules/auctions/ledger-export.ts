import type { AuctionId, LedgerHead } from '@livelot/client/contracts'
import type { Database } from '#infra/postgres/pool'
import { Refusal } from '#kernel/errors'
import { StreamedJson } from '#kernel/streamed-json'
import { headParts } from './auction.ts'
import { auctionStore } from './auction-store.pg.ts'
import { ledgerStore } from './ledger-store.pg.ts'

/**
 * The whole ledger of a closed auction, for everybody: bidders are paddle numbers, and their maxima are public from the
 * close on. It is read page by page as it is sent. Refuses: auction.not_found, auction.still_running.
 */
export async function exportLedger(database: Database, auctionId: AuctionId): Promise<StreamedJson> {
  const auction = await auctionStore.byId(database, auctionId)
  if (!auction) throw new Refusal('auction.not_found')
  const result = await auctionStore.result(database, auctionId)
  if (!result) throw new Refusal('auction.still_running', { retryAfterMs: 1_000 })
  const { root, rootSignature } = result
  return new StreamedJson(ledgerParts(database, auctionId, { ...headParts(auction), root, rootSignature }))
}

/** A closed ledger never changes: its pages fit together though each is read by itself. */
async function* ledgerParts(database: Database, auctionId: AuctionId, head: LedgerHead): AsyncGenerator<string> {
  yield `{"head":${JSON.stringify(head)},"entries":[`
  let after = 0
  for (;;) {
    const page = await ledgerStore.entriesAfter(database, auctionId, after)
    const last = page.at(-1)
    if (!last) break
    const text = page.map((entry) => JSON.stringify(entry)).join(',')
    yield after === 0 ? text : `,${text}`
    after = last.seq
  }
  yield ']}'
}
