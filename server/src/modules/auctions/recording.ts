import type { AuctionId, LotState } from '@livelot/client/contracts'
import { resultProved } from '@livelot/client/contracts'
import { batchedOrAlone } from '#infra/postgres/batched'
import { writeOutbox } from '#infra/postgres/outbox'
import type { Database, Transaction } from '#infra/postgres/pool'
import { assertThat } from '#kernel/errors'
import type { Log } from '#kernel/log'
import { writeShowEvent } from '#modules/live'
import { type AuctionRecord, type AuctionResult, unitReferenceOf } from './auction.ts'
import { auctionStore } from './auction-store.pg.ts'
import { chainOf } from './chain.ts'
import type { LoggedEntry } from './gate.ts'
import { auctionClosedJob } from './jobs.ts'
import { type LogCopy, type LogCursor, ledgerStore } from './ledger-store.pg.ts'
import { lotStore } from './lot-store.pg.ts'
import { tellLots } from './lots.ts'
import type { AuctionInventory, AuctionShows } from './needs.ts'
import type { Receipts } from './receipts.ts'
import { copiesTogetherMax } from './record-limits.ts'

export interface RecordingParts {
  readonly database: Database
  readonly shows: AuctionShows
  readonly inventory: AuctionInventory
  readonly receipts: Receipts
  readonly log: Log
}

/** Writes what the gate decided, in the order in which it decided: the entries, and with the last one the result. */
export function createRecording({ database, shows, inventory, receipts, log }: RecordingParts) {
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

  // Fifty auctions with a few bids each cost Postgres as much as one with all of them, not ten times that.
  const copyTogether = batchedOrAlone(
    async (copies: readonly LogCopy[]) => {
      const copied = await ledgerStore.copy(database, copies)
      return copies.map((one) => copied.has(one.auctionId))
    },
    {
      sizeMax: copiesTogetherMax,
      parallel: 1,
      onApart: (error, size) => log.warn({ err: error, size }, 'logs of auctions could not be copied together'),
    },
  )

  return {
    /**
     * Records entries that follow the cursor, and with the last one of an auction its result. Answers the cursor after
     * them, or null where the ledger ends elsewhere, since another process has been there: then nothing is written.
     */
    record: async (
      auction: AuctionRecord,
      from: LogCursor,
      log: { readonly generation: string; readonly entries: readonly LoggedEntry[] },
    ): Promise<LogCursor | null> => {
      const { auctionId, showId } = auction
      const { entries, generation } = log
      const last = entries.at(-1)
      assertThat(last, 'entries to record are there')
      if (entries[0]?.seq !== from.seq + 1) {
        // Another process recorded what is missing here, and the log forgot it; a real gap would stay one for ever.
        const stands = await ledgerStore.cursor(database, auctionId)
        assertThat(stands?.seq !== from.seq, 'the log goes on where the ledger ends')
        return null
      }
      const hashes = chainOf(from.hash, auctionId, entries)
      const to = { generation, seq: last.seq, hash: hashes.at(-1) ?? from.hash }
      const one: LogCopy = { auctionId, entries, from, to, hashes }
      if (last.what !== 'closed') return (await copyTogether(one)) ? to : null
      return await database.transaction(async (tx) => {
        // Whoever tells a show something locks it before anything else.
        await shows.lock(tx, showId)
        if (!(await ledgerStore.copy(tx, [one])).has(auctionId)) return null
        await recordClose(tx, auction, last, to.hash.toString('hex'))
        return to
      })
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
