import type { AuctionId, ShowId } from '@livelot/client/contracts'
import type { ClockGuard } from '#infra/clock/guard'
import { type RedisServers, serverOf, serverRunId } from '#infra/redis/client'
import { runScript, type Script } from '#infra/redis/scripts'
import { scripts } from './auction-scripts.ts'
import type { AuctionAddress, AuctionGate, StandingFigures } from './gate.ts'
import {
  BarAnswer,
  BindAnswer,
  DeskOpenAnswer,
  EnterAnswer,
  readDecision,
  readLog,
  readOpen,
  readTick,
  ShutAnswer,
  StandingParts,
  standingFields,
} from './gate-answers.ts'
import { deskArguments, entrantParts, gateArguments, takenField } from './gate-contents.ts'
import { deskKeys, gateKeys } from './keys.ts'
import { deskKeepMs, keepKeysMs, logBatchMax, rebuildStaleMs } from './limits.ts'

const knownKeysMax = 5_000

/** The gate of auctions in Redis; AuctionGate says what each method promises. */
export function createAuctionGate(redis: RedisServers, clock?: Pick<ClockGuard, 'nowMs'>): AuctionGate {
  const keys = new Map<AuctionId, string[]>()
  const keysOf = ({ showId, auctionId }: AuctionAddress): string[] => {
    const known = keys.get(auctionId)
    if (known) return known
    if (keys.size > knownKeysMax) keys.clear()
    const made = gateKeys(showId, auctionId)
    keys.set(auctionId, made)
    return made
  }
  // A connection that is not ready has no run id; its command fails as it should.
  const runIdOf = (key = '') => serverRunId(redis, key) ?? ''
  const expectedMs = () => clock?.nowMs() ?? ''
  const run = (script: Script, at: AuctionAddress, args: readonly (string | number)[]): Promise<unknown> =>
    runAtDesk(script, keysOf(at), args)
  const runAtDesk = (script: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> =>
    runScript(redis, script, keys, [runIdOf(keys[0]), ...args])

  return {
    deskBasis: async (showId) => {
      const [entrants = ''] = deskKeys(showId)
      const readUnder = runIdOf(entrants)
      const server = serverOf(redis, entrants)
      const [run, [seconds, micros]] = await Promise.all([server.hget(entrants, 'run'), server.time()])
      const nowMs = Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000)
      return { isOpen: run !== null && run === readUnder, nowMs, runId: readUnder }
    },
    openDesk: async (showId, basis, contents) => {
      const args = [basis.runId, basis.nowMs, rebuildStaleMs, deskKeepMs, ...deskArguments(contents)]
      return DeskOpenAnswer.parse(await runAtDesk(scripts.openDesk, deskKeys(showId), args))[0]
    },
    enter: async (showId, entrant) => {
      const { before, barredFor, after } = entrantParts(entrant)
      const args = [entrant.accountId, before, barredFor, after, deskKeepMs]
      return EnterAnswer.parse(await runAtDesk(scripts.enterDesk, deskKeys(showId), args))[0]
    },
    bind: async (showId, takeover) => {
      const args = [takenField(takeover), takeover.accountId, takeover.amountMinor]
      return BindAnswer.parse(await runAtDesk(scripts.bindTakeover, deskKeys(showId), args))[0]
    },
    bar: async (showId, accountId, reason) => {
      const keys = deskKeys(showId).slice(0, 1)
      return BarAnswer.parse(await runAtDesk(scripts.barEntrant, keys, [accountId, reason ?? '']))[0]
    },

    open: async (at, basis, contents, generation) =>
      readOpen(
        await run(scripts.openGate, at, [
          basis.generation,
          basis.seq,
          basis.readAtMs,
          rebuildStaleMs,
          deskKeepMs,
          ...gateArguments(contents, generation),
        ]),
      ),
    placeBid: async (bid) =>
      readDecision(
        await run(scripts.placeBid, bid, [
          bid.accountId,
          bid.bidId,
          bid.kind,
          bid.amountMinor,
          bid.isSure ? 1 : 0,
          expectedMs(),
        ]),
      ),
    buy: async (purchase) =>
      readDecision(
        await run(scripts.buyLot, purchase, [purchase.accountId, purchase.bidId, purchase.priceMinor, expectedMs()]),
      ),
    tick: async (at) => readTick(await run(scripts.tick, at, [expectedMs()])),
    readLog: async (at, seq, afterSeq = seq) => {
      const keys = keysOf(at).slice(0, 4)
      return readLog(await runAtDesk(scripts.readLog, keys, [seq, afterSeq, logBatchMax, keepKeysMs]))
    },
    figures: async (at) => await standingFigures(redis, keysOf(at)[0] ?? '', at.showId),
    shut: async (at) => {
      const [auction = ''] = keysOf(at)
      await serverOf(redis, auction).hdel(auction, 'gate_run_id')
    },
    shutOld: async (at, sinceMs) =>
      ShutAnswer.parse(await runScript(redis, scripts.shutGate, keysOf(at).slice(0, 1), [sinceMs]))[0],
  }
}

async function standingFigures(redis: RedisServers, auction: string, showId: ShowId): Promise<StandingFigures | null> {
  const [entrants = ''] = deskKeys(showId)
  const server = serverOf(redis, auction)
  const [fields, deskRun] = await Promise.all([server.hmget(auction, ...standingFields), server.hget(entrants, 'run')])
  if (fields[0] === null || fields[0] !== serverRunId(redis, auction) || deskRun !== fields[0]) return null
  const [, figures, refusedLate, extensions] = StandingParts.parse(fields)
  return { figures, counters: { refusedLate, extensions } }
}
