import { type Client, createClient, type Room } from '@livelot/client'
import type { Session } from '@livelot/client/contracts'
import pg from 'pg'
import type { Platform } from '../server/embedded/supervisor.mjs'
import { type Buyer, each, makeBuyer } from './crowd.ts'
import { type BenchPlatform, startBenchPlatform } from './platform.ts'
import { profilingEnvironment } from './profiling.ts'
import { Progress } from './progress.ts'
import { seedBuyers, seedStage } from './seeding.ts'

const SALE_PRICE_MINOR = 1_900
/** Short work, so that the set-up does not fill the machine's memory with half-done requests. */
const SETUP_CONCURRENCY = 16

export interface OpenSale {
  readonly flashSaleId: string
  readonly showId: string
  readonly variantId: string
  readonly units: number
}

/** A live show of one creator on a platform of its own, in which one flash sale after the other is opened. */
export interface RushStage {
  readonly platform: Platform
  readonly database: pg.Client
  readonly progress: Progress
  readonly creator: Client
  readonly room: Room
  /** Opens a sale of each of the next stocks and answers when the room has told that they are open. */
  openSales(count: number, perBuyerLimit?: number): Promise<OpenSale[]>
  /** Sessions of further accounts with an address each. */
  sessions(count: number): Promise<Session[]>
  /** The same with a saved card each; they ask the first API process where no other is named. */
  buyers(count: number, baseUrl?: string): Promise<Buyer[]>
}

/** Runs a scene on a stage with a stock for each sale that it will open. */
export async function onRushStage(
  stocks: readonly number[],
  scene: (stage: RushStage) => Promise<boolean>,
  options: { readonly apiProcesses?: number; readonly env?: Record<string, string> } = {},
): Promise<boolean> {
  const progress = new Progress()
  const bench = await startBenchPlatform({
    seed: false,
    apiProcesses: options.apiProcesses,
    env: { ...profilingEnvironment(), ...options.env },
    say: (text) => progress.say(text),
  })
  const database = new pg.Client({ connectionString: bench.platform.databaseUrl })
  try {
    await database.connect()
    const stage = await setStage(bench, database, stocks, progress)
    try {
      return await scene(stage)
    } finally {
      stage.creator.close()
    }
  } finally {
    await database.end()
    await bench.stop()
  }
}

async function setStage(
  { platform }: BenchPlatform,
  database: pg.Client,
  stocks: readonly number[],
  progress: Progress,
): Promise<RushStage> {
  const privateKey = platform.env.AUTH_PRIVATE_KEY
  if (!privateKey) throw new Error('The platform has no AUTH_PRIVATE_KEY.')
  const { creator: session, productId, variantIds } = await seedStage(database, stocks, privateKey)
  const creator = createClient({ baseUrl: platform.urls.http, storage: 'memory' })
  await creator.account.adopt(session)
  const room = await openShow(creator, productId)
  let opened = 0
  const sessions = (count: number) => seedBuyers(database, count, privateKey)
  return {
    platform,
    database,
    progress,
    creator,
    room,
    sessions,
    buyers: async (count, baseUrl = creator.baseUrl) =>
      makeBuyers(await sessions(count), { creator, baseUrl, progress }),
    openSales: async (count, perBuyerLimit = 1) => {
      const first = opened
      opened += count
      progress.say('The countdown of ten seconds runs.')
      const wishes = Array.from({ length: count }, (_, index) => ({
        variantId: variantIds[first + index] ?? '',
        units: stocks[first + index] ?? 0,
        perBuyerLimit,
      }))
      return await Promise.all(wishes.map((wish) => openSale(creator, room, wish)))
    },
  }
}

async function makeBuyers(
  sessions: readonly Session[],
  { creator, baseUrl, progress }: { creator: Client; baseUrl: string; progress: Progress },
): Promise<Buyer[]> {
  const { tokenUrl } = await creator.cards.config()
  const buyers: Buyer[] = []
  progress.begin('cards are saved', sessions.length)
  await each(sessions, SETUP_CONCURRENCY, async (session) => {
    buyers.push(await makeBuyer(baseUrl, session, tokenUrl))
    progress.tick()
  })
  progress.end()
  return buyers
}

async function openShow(creator: Client, productId: string): Promise<Room> {
  const show = await creator.shows.create({ title: 'Flash rush', startsAtMs: Date.now(), productIds: [productId] })
  await creator.shows.start({ showId: show.showId })
  const room = creator.joinRoom(show.showId)
  await room.ready()
  return room
}

async function openSale(
  creator: Client,
  room: Room,
  wish: { variantId: string; units: number; perBuyerLimit: number },
): Promise<OpenSale> {
  const { variantId, units, perBuyerLimit } = wish
  const opened = new Set<string>()
  let look = (): void => undefined
  const stop = room.on('flash-sale:opened', ({ flashSaleId }) => {
    opened.add(flashSaleId)
    look()
  })
  const { flashSaleId } = await creator.flashSales.create({
    showId: room.showId,
    variantId,
    salePriceMinor: SALE_PRICE_MINOR,
    totalUnits: units,
    perBuyerLimit,
    countdownSeconds: 10,
    runSeconds: 1_200,
  })
  await new Promise<void>((resolve) => {
    look = () => {
      if (opened.has(flashSaleId)) resolve()
    }
    look()
  })
  stop()
  return { flashSaleId, showId: room.showId, variantId, units }
}
