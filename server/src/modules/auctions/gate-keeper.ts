import type { AuctionId, ShowId } from '@livelot/client/contracts'
import type { Database } from '#infra/postgres/pool'
import type { GateWatch } from '#infra/telemetry/gate-watch'
import { assertThat } from '#kernel/errors'
import { between } from '#kernel/failpoints'
import { newId } from '#kernel/ids'
import type { Log } from '#kernel/log'
import { type AuctionRecord, factsOf } from './auction.ts'
import { auctionStore } from './auction-store.pg.ts'
import { entryStore } from './entry-store.pg.ts'
import type { AuctionGate, FirstStart, GateBasis, LogAnswer, OpenAnswer, Resumption } from './gate.ts'
import { type LogCursor, ledgerStore } from './ledger-store.pg.ts'
import { logBatchMax } from './limits.ts'
import { closedAuctionsTold, knownAuctionsMax, restoreAttemptsMax, restoreGapMs } from './record-limits.ts'
import type { Recording } from './recording.ts'

export interface GateKeeperParts {
  readonly database: Database
  readonly gate: AuctionGate
  readonly recording: Recording
  readonly watch: GateWatch<AuctionId>
  readonly log: Log
}

/** Closed auctions beyond those that are told, which a start takes out of the show's state. */
const forgottenAtOnce = 20

/** Keeps gate and Postgres together: copies the logs of auctions, opens their gates, and writes lost ones anew. */
export function createGateKeeper({ database, gate, recording, watch, log }: GateKeeperParts) {
  // Committed cursors only: another process may be further, never less far.
  const cursors = new Map<AuctionId, LogCursor>()
  const requestedAt = new Map<AuctionId, number>()

  const cursorOf = async (auctionId: AuctionId): Promise<LogCursor> => {
    const cursor = cursors.get(auctionId) ?? (await ledgerStore.cursor(database, auctionId))
    assertThat(cursor, 'an auction has a cursor')
    return cursor
  }

  /** Records what was read. While Postgres writes, what follows is read already, and answered where there is more. */
  const recordStep = async (auction: AuctionRecord, from: LogCursor, answer: Exclude<LogAnswer, { gate: 'none' }>) => {
    const { entries } = answer
    const last = entries.at(-1)
    const isMore = entries.length === logBatchMax && last !== undefined
    const [to, ahead] = await Promise.all([
      between('auctions.log.recording', 'auctions.log.recorded', () => recording.record(auction, from, answer)),
      isMore ? gate.readLog(auction, from.seq, last.seq) : null,
    ])
    if (cursors.size > knownAuctionsMax) cursors.clear()
    cursors.delete(auction.auctionId)
    if (to) cursors.set(auction.auctionId, to)
    // Without entries it would be the last word on this log, which was said before the record stood.
    const isUseful = to !== null && ahead !== null && ahead.gate !== 'none' && ahead.entries.length > 0
    return { isRecorded: to !== null, ahead: isUseful ? ahead : null }
  }

  /**
   * Copies what is in the log until nothing is left, or with `isPassing` until a read was less than a batch: while bids
   * come there is always a next one, and to record it alone costs ten times what it costs with those of fifty ms.
   */
  const copy = async (auction: AuctionRecord, isPassing: boolean): Promise<LogAnswer> => {
    const { auctionId } = auction
    let ahead: LogAnswer | null = null
    for (;;) {
      const cursor = await cursorOf(auctionId)
      const answer: LogAnswer = ahead ?? (await gate.readLog(auction, cursor.seq))
      if (answer.gate === 'none' || answer.entries.length === 0) {
        const isOver = answer.gate === 'shut' && answer.state === 'closed'
        watch.copied(auctionId, isOver ? null : answer.gate === 'stands' ? 'open' : 'shut')
        return answer
      }
      watch.lagging(auctionId, answer.seq - cursor.seq)
      const step = await recordStep(auction, cursor, answer)
      if (isPassing && step.isRecorded && answer.state === 'running' && answer.entries.length < logBatchMax)
        return answer
      ahead = step.ahead
    }
  }

  const copyLog = (auction: AuctionRecord): Promise<LogAnswer> => copy(auction, false)

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
    /** Copies all that is in the log. Repeats, in several processes at once: each entry is recorded once. */
    copyLog,
    /** As copyLog, for a clock that comes again in a moment: leaves what came while it was at work. */
    copyNewEntries: async (auction: AuctionRecord): Promise<void> => void (await copy(auction, true)),
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
