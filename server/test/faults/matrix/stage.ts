import { rm } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { FailpointTaken } from '#kernel/failpoints'
import type { PlatformEvent, WiredService } from '../../../embedded/supervisor.mjs'
import { brokenAuctionRules } from '../../support/auction-invariants.ts'
import { type AuctionNight, openAuctionNight, randomOf, softClose } from '../../support/auction-night.ts'
import { type ChaosProxy, startChaosProxy } from '../../support/chaos-proxy.ts'
import { type TestPlatform, testPlatform, testPlatformFolder } from '../../support/platform.ts'
import { openSaleCrowd, type SaleCrowd } from '../../support/sale-crowd.ts'
import { type FailpointDesk, openFailpointDesk } from './failpoint-desk.ts'
import { openSales } from './sales.ts'

export interface StageOptions {
  readonly apiProcesses?: number
  readonly workerProcesses?: number
  readonly buyers?: number
  readonly bidders?: number
  readonly env?: Readonly<Record<string, string>>
}

/** A sale that is open and a lot that runs, with everybody buying and bidding. */
export interface Trade {
  readonly flashSaleId: string
  readonly auctionId: string
  /** Resolves when the lot is closed for everybody. */
  readonly lotClosed: Promise<void>
  /** When the lot ends, as it is known now; infinite while it is not known. */
  endsAtMs(): number
  /** Buyers begin nothing more and the lot is bid on to its end; resolves when all of them are answered. */
  finish(): Promise<void>
}

/** All of Livelot in processes of its own, with a crowd that trades, and everything that a fault needs in hand. */
export interface Stage {
  readonly seed: number
  readonly folder: string
  readonly platform: TestPlatform
  /** Before the services: what our processes reach them by. */
  readonly wires: Readonly<Record<WiredService, ChaosProxy>>
  readonly failpoints: FailpointDesk
  readonly night: AuctionNight
  readonly crowd: SaleCrowd
  readonly journalFolder: string
  /** Straight to Postgres, past the wire. */
  readonly rows: AuctionNight['rows']
  openTrade(options?: { readonly cards?: readonly string[] }): Promise<Trade>
  /** The process that did what a failpoint tells. */
  nameOf(taken: FailpointTaken): string
  /** kill -9. It stays down until `heal` or `restart`. */
  kill(name: string): Promise<void>
  /** SIGSTOP. */
  freeze(name: string): void
  /** SIGCONT. */
  thaw(name: string): void
  restart(name: string): Promise<void>
  /** Seconds from this moment to the end of the first purchase, or answer to a bid, that was asked for after it. */
  served(what: 'purchase' | 'bid', sinceMs: number): Promise<number>
  /** Good weather, no orders, every process there and awake. */
  heal(): Promise<void>
  /** Resolves when nothing is on its way any more. */
  quiet(): Promise<void>
  /** All invariants, as sentences that are broken; empty when all is well. */
  check(): Promise<string[]>
  close(options?: { readonly keepFolder?: boolean }): Promise<void>
}

/** A lease runs for 20 s, and what waits for the provider is looked at again after 15 s at most. */
const quietMsMax = 90_000
const servedMsMax = 60_000
const pollMs = 100

export async function openStage(options: StageOptions, seed: number): Promise<Stage> {
  const { apiProcesses = 2, workerProcesses = 2, buyers = 6, bidders = 4 } = options
  const folder = await testPlatformFolder()
  const failpointsFile = path.join(folder, 'failpoints.json')
  const journalFolder = path.join(folder, 'client-journals')
  const failpoints = openFailpointDesk(failpointsFile)
  const wires = new Map<WiredService, ChaosProxy>()
  const deaths: PlatformEvent[] = []
  const platform = await testPlatform({
    dataDir: folder,
    apiProcesses,
    workerProcesses,
    env: { ...options.env, FAILPOINTS_FILE: failpointsFile },
    wire: async (service, port) => {
      const wire = await startChaosProxy([port])
      wires.set(service, wire)
      return wire.port
    },
    log: (event) => void (event.kind === 'died' && deaths.push(event)),
  })
  const pids = new Map<number, string>()
  const notePids = () => {
    for (const { name, pid } of platform.processes.values()) if (pid) pids.set(pid, name)
  }
  notePids()
  const sales = await openSales(platform.databaseUrl)
  const night = await openAuctionNight(platform, seed, {
    bidderCount: bidders,
    productIds: [sales.productId],
    journalFolder,
  })
  const crowd = await openSaleCrowd(night, seed, { buyerCount: buyers, journalFolder })
  const frozen = new Set<string>()
  const trades: Trade[] = []
  let nextSale = sales.create(night)
  const pidOf = (name: string): number => {
    const pid = platform.processes.get(name)?.pid
    if (pid === undefined) throw new Error(`${name} does not run`)
    return pid
  }
  const restart = async (name: string) => {
    await platform.restart(name)
    notePids()
  }
  const heal = async () => {
    failpoints.withdrawAll()
    for (const wire of wires.values()) wire.heal()
    for (const name of frozen) process.kill(pidOf(name), 'SIGCONT')
    frozen.clear()
    // Stores first: whatever else is started needs them.
    for (const { name, isRunning } of platform.processes.values()) if (!isRunning) await restart(name)
  }
  return {
    seed,
    folder,
    platform,
    wires: Object.fromEntries(wires) as Record<WiredService, ChaosProxy>,
    failpoints,
    night,
    crowd,
    journalFolder,
    rows: night.rows,
    openTrade: async ({ cards } = {}) => {
      const flashSaleId = await nextSale
      nextSale = sales.create(night)
      nextSale.catch(() => undefined)
      await sales.isOpen(night, flashSaleId)
      const auctionId = await night.startLot(softClose)
      const trade = startTrade({ night, crowd, flashSaleId, auctionId, cards })
      trades.push(trade)
      return trade
    },
    nameOf: ({ pid, process }) => pids.get(pid) ?? process,
    kill: (name) => platform.kill(name),
    freeze: (name) => {
      process.kill(pidOf(name), 'SIGSTOP')
      frozen.add(name)
    },
    thaw: (name) => {
      process.kill(pidOf(name), 'SIGCONT')
      frozen.delete(name)
    },
    restart,
    served: (what, sinceMs) => firstServed({ night, crowd }, what, sinceMs),
    heal,
    quiet: async () => {
      const auctionIds = trades.map((one) => one.auctionId)
      await Promise.all(trades.map((one) => one.finish()))
      const endsAt = performance.now() + quietMsMax
      for (let open = ['nothing was looked at']; open.length > 0; await delay(pollMs)) {
        open = [...(await night.unfinished(auctionIds)), ...(await sales.unfinished(night))]
        if (open.length > 0 && performance.now() > endsAt) throw new Error(`does not come to rest: ${open.join(', ')}`)
      }
    },
    check: async () => {
      const auctionIds = trades.splice(0).map((one) => one.auctionId)
      return [...crowd.problems, ...(await brokenAuctionRules(night.evidence(auctionIds)))]
    },
    close: async ({ keepFolder = false } = {}) => {
      await nextSale.catch(() => undefined)
      for (const name of frozen) process.kill(pidOf(name), 'SIGCONT')
      await night.close()
      await platform.stop()
      for (const wire of wires.values()) await wire[Symbol.asyncDispose]()
      if (!keepFolder) await rm(folder, { recursive: true, force: true })
    },
  }
}

interface TradeParts {
  readonly night: AuctionNight
  readonly crowd: SaleCrowd
  readonly flashSaleId: string
  readonly auctionId: string
  readonly cards: readonly string[] | undefined
}

function startTrade({ night, crowd, flashSaleId, auctionId, cards }: TradeParts): Trade {
  const buying = crowd.buyIn(flashSaleId, cards)
  const lotClosed = night.bidToTheEnd([auctionId])
  lotClosed.catch(() => undefined)
  return {
    flashSaleId,
    auctionId,
    lotClosed,
    endsAtMs: () => {
      const known = night.bidders.map(({ room }) => room.auction(auctionId).state()?.figures.endsAtMs ?? 0)
      return Math.max(...known) || Number.POSITIVE_INFINITY
    },
    finish: async () => {
      await Promise.all([buying.stop(), lotClosed])
    },
  }
}

async function firstServed(
  { night, crowd }: Pick<Stage, 'night' | 'crowd'>,
  what: 'purchase' | 'bid',
  sinceMs: number,
): Promise<number> {
  const endsAt = performance.now() + servedMsMax
  for (;;) {
    const ends =
      what === 'purchase'
        ? crowd.purchases.filter((one) => one.askedAtMs > sinceMs && one.ending === 'paid').map((one) => one.endedAtMs)
        : night.bidders
            .flatMap(({ journal }) => journal)
            .filter((one) => one.askedAtMs > sinceMs && one.receipt !== null)
            .map((one) => one.answeredAtMs)
    if (ends.length > 0) return (Math.min(...ends) - sinceMs) / 1_000
    if (performance.now() > endsAt) throw new Error(`no ${what} was served within ${servedMsMax / 1_000} s`)
    await delay(pollMs / 5)
  }
}

/** Numbers of a row, from its seed. */
export const chanceOf = randomOf
