import { rm } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { FailpointTaken } from '#kernel/failpoints'
import type { PlatformEvent, WiredService } from '../../../embedded/supervisor.mjs'
import { readClientJournals } from '../../../src/invariants/index.ts'
import { brokenAuctionRules } from '../../support/auction-invariants.ts'
import { type AuctionNight, openAuctionNight, softClose } from '../../support/auction-night.ts'
import { type ChaosProxy, startChaosProxy } from '../../support/chaos-proxy.ts'
import { type TestPlatform, testPlatform, testPlatformFolder } from '../../support/platform.ts'
import { emptyRedis, withoutForgotten } from '../../support/redis-emptied.ts'
import { openSaleCrowd, type SaleCrowd } from '../../support/sale-crowd.ts'
import { type FailpointDesk, openFailpointDesk } from './failpoint-desk.ts'
import { openOperator } from './operator.ts'
import { openSales } from './sales.ts'
import { startTrade, type Trade } from './trade.ts'

export type { Trade } from './trade.ts'

export interface StageOptions {
  readonly apiProcesses?: number
  readonly workerProcesses?: number
  readonly buyers?: number
  readonly bidders?: number
  readonly env?: Readonly<Record<string, string>>
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
  openTrade(): Promise<Trade>
  /** An operator gives the money of this order back, asking until there is an answer. */
  refund(orderId: string): Promise<void>
  /** The process that did what a failpoint tells. */
  nameOf(taken: FailpointTaken): string
  /** kill -9. It stays down until `heal` or `restart`. */
  kill(name: string): Promise<void>
  /** SIGSTOP. */
  freeze(name: string): void
  /** SIGCONT. */
  thaw(name: string): void
  restart(name: string): Promise<void>
  /** Starts what does not run, and answers when it is ready. */
  revive(): Promise<void>
  /** Everybody goes back to the API process that is theirs in good weather. */
  goHome(): Promise<void>
  /** Empties Redis. What Redis alone knew is nobody's knowledge any more, and is not asked for in `check`. */
  emptyRedis(): Promise<void>
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

/** Several processes may die on the way of one checkout, and a lease runs for 20 s after each. */
const quietMsMax = 200_000
const servedMsMax = 60_000
/** What Redis alone knows is younger than the copy to Postgres is old. */
const forgottenMsMax = 1_000
const pollMs = 100

export async function openStage(options: StageOptions, seed: number): Promise<Stage> {
  const { apiProcesses = 2, workerProcesses = 2, buyers = 6, bidders = 4 } = options
  const folder = await testPlatformFolder()
  const failpointsFile = path.join(folder, 'failpoints.json')
  const journalFolder = path.join(folder, 'client-journals')
  const failpoints = openFailpointDesk(failpointsFile)
  // What was begun is ended again where the rest cannot be begun; the folder with its logs stays.
  await using begun = new AsyncDisposableStack()
  const wires = new Map<WiredService, ChaosProxy>()
  const crashes: string[] = []
  const platform = await testPlatform({
    dataDir: folder,
    apiProcesses,
    workerProcesses,
    env: { ...options.env, FAILPOINTS_FILE: failpointsFile },
    wire: async (service, port) => {
      const wire = begun.use(await startChaosProxy([port]))
      wires.set(service, wire)
      return wire.port
    },
    log: (event) => {
      if (isCrash(event)) crashes.push(`${event.text} ${event.tail ?? ''}`)
    },
  })
  begun.defer(() => platform.stop())
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
  begun.defer(() => night.close())
  const crowd = await openSaleCrowd(night, seed, { buyerCount: buyers, journalFolder })
  const frozen = new Set<string>()
  const trades: Trade[] = []
  const flushes: number[] = []
  const operatorFiles = new Set<string>()
  let operator: ReturnType<typeof openOperator> | undefined
  let nextSale = sales.create(night)
  nextSale.catch(() => undefined)
  const pidOf = (name: string): number => {
    const pid = platform.processes.get(name)?.pid
    if (pid === undefined) throw new Error(`${name} does not run`)
    return pid
  }
  const restart = async (name: string) => {
    await platform.restart(name)
    notePids()
  }
  const revive = async () => {
    // Stores first: whatever else is started needs them.
    for (const { name, isRunning } of platform.processes.values()) if (!isRunning) await restart(name)
  }
  /** Whoever was killed while it was frozen needs no more waking. */
  const thaw = (name: string) => {
    const pid = platform.processes.get(name)?.pid
    if (pid !== undefined) process.kill(pid, 'SIGCONT')
    frozen.delete(name)
  }
  const heal = async () => {
    failpoints.withdrawAll()
    for (const wire of wires.values()) wire.heal()
    for (const name of frozen) thaw(name)
    await revive()
  }
  begun.move()
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
    openTrade: async () => {
      // The announcement of the last run may have met a fault that nobody could wait out.
      const flashSaleId = await nextSale.catch(() => sales.create(night))
      nextSale = sales.create(night)
      nextSale.catch(() => undefined)
      await sales.isOpen(night, flashSaleId)
      const auctionId = await night.startLot(softClose)
      const trade = startTrade({ night, crowd, flashSaleId, auctionId })
      trades.push(trade)
      return trade
    },
    refund: async (orderId) => {
      operator ??= openOperator(night, journalFolder)
      const { file, refund } = await operator
      operatorFiles.add(file)
      await refund(orderId)
    },
    nameOf: ({ pid, process }) => pids.get(pid) ?? process,
    kill: (name) => platform.kill(name),
    freeze: (name) => {
      process.kill(pidOf(name), 'SIGSTOP')
      frozen.add(name)
    },
    thaw,
    restart,
    revive,
    goHome: async () => {
      for (const [index, { door }] of crowd.buyers.entries()) door.goTo(night.portsFrom(index))
      await night.goHome()
    },
    emptyRedis: async () => {
      flushes.push(await emptyRedis(platform.redisUrl))
    },
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
      const evidence = await withoutForgotten(night.evidence(auctionIds), flushes)
      const beside = await readClientJournals([...crowd.buyers.map(({ file }) => file.file), ...operatorFiles])
      const lost = flushes.map((at) => ({ at, lost: 'redis' as const, since: at - forgottenMsMax }))
      return [
        ...crashes.splice(0),
        ...crowd.problems,
        ...(await brokenAuctionRules({ ...evidence, beside: { ...beside, lost } })),
      ]
    },
    close: async ({ keepFolder = false } = {}) => {
      await nextSale.catch(() => undefined)
      for (const name of frozen) thaw(name)
      await night.close()
      await platform.stop()
      for (const wire of wires.values()) await wire[Symbol.asyncDispose]()
      if (!keepFolder) await rm(folder, { recursive: true, force: true })
    },
  }
}

/** A failpoint kills by SIGKILL and so does a row; a server of ours that ends in any other way has met what it cannot bear. */
const isCrash = ({ kind, name = '', text }: PlatformEvent): boolean =>
  kind === 'died' && /^(api|worker|media)/.test(name) && !text.includes('SIGKILL')

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
