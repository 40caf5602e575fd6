import type { AuctionId, ShowId } from '@livelot/client/contracts'
import type { Database } from '#infra/postgres/pool'
import { assertThat } from '#kernel/errors'
import { newId } from '#kernel/ids'
import type { Log } from '#kernel/log'
import { type AuctionRecord, factsOf } from './auction.ts'
import { auctionStore } from './auction-store.pg.ts'
import { entryStore } from './entry-store.pg.ts'
import type { AuctionGate, FirstStart, GateBasis, LogAnswer, OpenAnswer, Resumption } from './gate.ts'
import { type LogCursor, ledgerStore } from './ledger-store.pg.ts'
import { closedAuctionsTold, knownAuctionsMax, restoreAttemptsMax, restoreGapMs } from './record-limits.ts'
import type { Recording } from './recording.ts'

export interface GateKeeperParts {
  readonly database: Database
  readonly gate: AuctionGate
  readonly recording: Recording
  readonly log: Log
}

/** Closed auctions beyond those that are told, which a start takes out of the show's state. */
const forgottenAtOnce = 20

/** Keeps gate and Postgres together: copies the logs of auctions, opens their gates, and writes lost ones anew. */
export function createGateKeeper({ database, gate, recording, log }: GateKeeperParts) {
  // Committed cursors only: another process may be further, never less far.
  const cursors = new Map<AuctionId, Pick<LogCursor, 'generation' | 'seq'>>()
  const lags = new Map<AuctionId, number>()
  const requestedAt = new Map<AuctionId, number>()

  const copyStep = async (auction: AuctionRecord): Promise<LogAnswer | 'more'> => {
    const { auctionId } = auction
    const cursor = cursors.get(auctionId) ?? { generation: '', seq: 0 }
    const answer = await gate.readLog(auction, cursor.seq)
    const last = answer.gate === 'none' ? undefined : answer.entries.at(-1)
    if (answer.gate === 'none' || last === undefined) {
      lags.delete(auctionId)
      return answer
    }
    lags.set(auctionId, answer.seq - cursor.seq)
    if (cursors.size > knownAuctionsMax) cursors.clear()
    cursors.delete(auctionId)
    cursors.set(auctionId, await database.transaction((tx) => recording.record(tx, auction, cursor, answer)))
    return 'more'
  }

  /** Copies everything that is in the log now. Repeats, in several processes at once: each entry is recorded once. */
  const copyLog = async (auction: AuctionRecord): Promise<LogAnswer> => {
    for (;;) {
      const step = await copyStep(auction)
      if (step !== 'more') return step
    }
  }

  const openDesk = async (showId: ShowId): Promise<void> => {
    for (let attempt = 1; attempt <= restoreAttemptsMax; attempt += 1) {
      // What was decided before Redis was lost binds bidders too.
      for (const auction of await auctionStore.runningOfShow(database, showId)) await copyLog(auction)
      const basis = await gate.deskBasis(showId)
      if (basis.isOpen) return
      const answer = await gate.openDesk(showId, basis, await entryStore.desk(database, showId))
      if (answer !== 'stale') return
    }
    log.warn({ showId }, 'the desk of a show could not be opened yet')
  }

  const firstStart = async ({ auctionId, showId }: AuctionRecord): Promise<FirstStart> => {
    const [preBids, forgotten] = await Promise.all([
      ledgerStore.preBids(database, auctionId),
      // The one that starts now takes a place as well.
      auctionStore.closedOfShow(database, showId, { skip: closedAuctionsTold, limit: forgottenAtOnce }),
    ])
    return { how: 'start', startsInMs: 0, preBids, forgetAuctionIds: forgotten.map((one) => one.auctionId) }
  }

  const resumption = async ({ auctionId }: AuctionRecord): Promise<Resumption> => {
    const [first, last, bids, olderBidIds] = await Promise.all([
      ledgerStore.first(database, auctionId),
      ledgerStore.last(database, auctionId),
      ledgerStore.newestBids(database, auctionId),
      ledgerStore.olderBidIds(database, auctionId),
    ])
    assertThat(first && last, 'a ledger with entries has a first and a last one')
    const leaderMaximumMinor =
      last.leaderAccountId === null ? null : await ledgerStore.maximumOf(database, auctionId, last.leaderAccountId)
    return {
      how: 'resume',
      startedAtMs: first.atMs,
      firstEndsAtMs: first.endsAtMs,
      last,
      leaderMaximumMinor,
      refusedLate: 0,
      bids,
      olderBidIds,
    }
  }

  const open = async (auction: AuctionRecord, status: LogAnswer): Promise<OpenAnswer> => {
    const { auctionId } = auction
    const generation = newId()
    const seq = await ledgerStore.begin(database, auctionId, generation)
    const before = status.gate === 'none' ? '' : status.generation
    const basis: GateBasis = { generation: before, seq, readAtMs: status.nowMs }
    const run = seq === 0 ? await firstStart(auction) : await resumption(auction)
    // Another process recorded the close meanwhile.
    if (run.how === 'resume' && run.last.what === 'closed') return { code: 'stands' }
    return await gate.open(auction, basis, { ...factsOf(auction), run }, generation)
  }

  const restore = async (auctionId: AuctionId): Promise<void> => {
    for (let attempt = 1; attempt <= restoreAttemptsMax; attempt += 1) {
      const auction = await auctionStore.byId(database, auctionId)
      if (!auction || auction.closedAtMs !== null) return
      const status = await copyLog(auction)
      if (status.gate === 'stands' || (status.gate === 'shut' && status.state === 'closed')) return
      await openDesk(auction.showId)
      const answer = await open(auction, status)
      if (answer.code === 'stands') return
      if (answer.code !== 'opened') continue
      const voided = answer.voided.map((one) => one.bidId)
      if (voided.length > 0) await ledgerStore.voidPreBids(database, auctionId, voided)
      log.info({ auctionId, ledgerSeq: answer.figures.ledgerSeq, voided: voided.length }, 'gate of an auction opened')
      return
    }
    log.warn({ auctionId }, 'the gate of an auction could not be opened yet')
  }

  const restoreOnce = oncePerKey(restore)

  return {
    copyLog,
    /** The desk of a show stands, written from Postgres where it did not. Repeats: changes nothing. */
    openDesk: oncePerKey(openDesk),
    /** Opens the gate of an auction that runs, for the first time or again. Repeats, in several processes: one wins. */
    restore: restoreOnce,

    /** As restore, without waiting and not too often: a crowd before a shut gate must not become one before Postgres. */
    requestRestore: (auctionId: AuctionId): void => {
      const now = performance.now()
      if (now - (requestedAt.get(auctionId) ?? Number.NEGATIVE_INFINITY) < restoreGapMs) return
      if (requestedAt.size > knownAuctionsMax) requestedAt.clear()
      requestedAt.set(auctionId, now)
      restoreOnce(auctionId).catch((error: unknown) => log.warn({ err: error, auctionId }, 'gate not restored'))
    },

    /** Entries seen in Redis that were not in Postgres then, over all auctions of this process. */
    lagEntries: (): number => [...lags.values()].reduce((sum, lag) => sum + lag, 0),
  }
}

export type GateKeeper = ReturnType<typeof createGateKeeper>

/** Who asks for what is under way already waits for that. */
function oncePerKey<Key>(work: (key: Key) => Promise<void>): (key: Key) => Promise<void> {
  const running = new Map<Key, Promise<void>>()
  return (key) => {
    const before = running.get(key)
    if (before) return before
    const started = work(key).finally(() => running.delete(key))
    running.set(key, started)
    return started
  }
}
