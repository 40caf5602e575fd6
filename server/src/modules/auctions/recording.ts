import type { AuctionId, LotState } from '@livelot/client/contracts'
import { resultProved } from '@livelot/client/contracts'
import { writeOutbox } from '#infra/postgres/outbox'
import type { Transaction } from '#infra/postgres/pool'
import { assertThat } from '#kernel/errors'
import { writeShowEvent } from '#modules/live'
import { type AuctionRecord, type AuctionResult, unitReferenceOf } from './auction.ts'
import { auctionStore } from './auction-store.pg.ts'
import { chainOf } from './chain.ts'
import type { LoggedEntry } from './gate.ts'
import { auctionClosedJob } from './jobs.ts'
import { type LogCursor, ledgerStore } from './ledger-store.pg.ts'
import { lotStore } from './lot-store.pg.ts'
import { tellLots } from './lots.ts'
import type { AuctionInventory, AuctionShows } from './needs.ts'
import type { Receipts } from './receipts.ts'

export interface RecordingParts {
  readonly shows: AuctionShows
  readonly inventory: AuctionInventory
  readonly receipts: Receipts
}

/** Writes what the gate decided, in the order in which it decided: the entries, and with the last one the result. */
export function createRecording({ shows, inventory, receipts }: RecordingParts) {
  const resultOf = (auctionId: AuctionId, closed: LoggedEntry, root: string): AuctionResult => {
    const { outcome, seq: closeSeq, priceMinor, atMs: closedAtMs } = closed
    assertThat(outcome, 'the last entry tells the outcome')
    const isSold = outcome !== 'unsold'
    const paddle = isSold ? closed.leader : null
    const winnerAccountId = isSold ? closed.leaderAccountId : null
    const signed = { auctionId, root, entries: closeSeq, outcome, paddle, priceMinor, closedAtMs }
    const rootSignature = receipts.signRoot(signed)
    return { auctionId, outcome, winnerAccountId, paddle, priceMinor, closeSeq, root, rootSignature, closedAtMs }
  }

  const recordClose = async (tx: Transaction, auction: AuctionRecord, closed: LoggedEntry, root: string) => {
    const { auctionId, showId } = auction
    const result = resultOf(auctionId, closed, root)
    await auctionStore.insertResult(tx, result)
    await settleLot(tx, inventory, auction, result.outcome === 'unsold' ? 'unsold' : 'sold')
    await writeShowEvent(tx, showId, resultProved, { auctionId, root })
    await writeOutbox(tx, auctionClosedJob, { auctionId })
  }

  return {
    /**
     * Records entries that follow the cursor. Answers the cursor after them, or the one that it found where another
     * process has been there: then nothing is written.
     */
    record: async (
      tx: Transaction,
      auction: AuctionRecord,
      cursor: Pick<LogCursor, 'generation' | 'seq'>,
      log: { readonly generation: string; readonly entries: readonly LoggedEntry[] },
    ): Promise<LogCursor> => {
      const { auctionId, showId } = auction
      const { entries, generation } = log
      const last = entries.at(-1)
      assertThat(last, 'entries to record are there')
      // Whoever tells a show something locks it before anything else.
      if (last.what === 'closed') await shows.lock(tx, showId)
      const from = await ledgerStore.lockCursor(tx, auctionId)
      assertThat(from, 'an auction has a cursor')
      if (from.generation !== cursor.generation || from.seq !== cursor.seq) return from
      assertThat(entries[0]?.seq === from.seq + 1, 'the log goes on where the ledger ends')
      const hashes = chainOf(from.hash, auctionId, entries)
      const hash = hashes.at(-1) ?? from.hash
      const to = { generation, seq: last.seq, hash }
      await ledgerStore.copy(tx, auctionId, entries, { ...to, hashes })
      if (last.what === 'closed') await recordClose(tx, auction, last, hash.toString('hex'))
      return to
    },
  }
}

export type Recording = ReturnType<typeof createRecording>

/**
 * A lot after its run: sold, or free to run again. The unit of an unsold one goes back to the stock; made-up goods are
 * kept from ordinary sale. Tells the room.
 */
export async function settleLot(
  tx: Transaction,
  inventory: AuctionInventory,
  { auctionId, lotId, showId, variantId }: AuctionRecord,
  state: Extract<LotState, 'sold' | 'unsold'>,
): Promise<void> {
  const lot = await lotStore.lock(tx, lotId)
  assertThat(lot?.auctionId === auctionId, 'a lot that runs knows its auction')
  let { unitReference } = lot
  if (state === 'unsold') {
    await inventory.releaseStock(tx, unitReferenceOf(auctionId))
    if (unitReference !== null) {
      unitReference = `lot:${lotId}:after:${auctionId}`
      const isKept = await inventory.claimStock(tx, { variantId, units: 1, reference: unitReference })
      assertThat(isKept, 'the unit that an auction gave back can be claimed')
    }
  }
  await lotStore.setRun(tx, lotId, { state, auctionId, unitReference })
  await tellLots(tx, showId, [{ ...lot, state, unitReference }])
}
