import { createHash, randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { createClient } from '@livelot/client'
import type { FlashSale, Session } from '@livelot/client/contracts'
import { each } from '../crowd.ts'
import { leanFetch } from '../lean-fetch.ts'
import { onRushStage, type RushStage } from '../rush-stage.ts'
import { checkStores } from '../store-checks.ts'
import { buyInTurn, drawn, enter, listen, type Tap, tap, type Waiter } from '../waiting-crowd.ts'
import { reportWaiting } from './waiting-room-report.ts'

const TAPS = Number(process.env.BENCH_TAPS ?? 20_000)
const UNITS = Number(process.env.BENCH_UNITS ?? 100)
/** Everybody but the bots taps twice: once to come, and once out of impatience. */
const TAPS_OF_A_PERSON = 2
const BOT_SHARE_OF_TAPS = 0.5
const BOT_SHARE_OF_ACCOUNTS = 0.05
/** The rest of the taps comes after the opening. */
const EARLY_SHARE = 0.9
/** Called people who do not come; their turns pass on. */
const NO_SHOW_SHARE = 0.1
const COUNTDOWN_SECONDS = 30
const AT_ONCE = 256
const ENTER_AT_ONCE = 32
/** Draws with fresh seeds over the order in which this crowd came: a hundred winners of one draw say little. */
const DRAWS = 100
const END_WAIT_MS = 100_000
const TELL_WAIT_MS = 5_000

/** Twenty thousand taps on a hundred units in a room of equal people and greedy bots, to the last payment. */
export const waitingRoom = (): Promise<boolean> =>
  onRushStage([UNITS], scene, { env: { SOCKETS_PER_ADDRESS_MAX: '50000', SOCKETS_PACE_FACTOR: '10000' } })

async function scene(stage: RushStage): Promise<boolean> {
  const { platform, database, progress, room } = stage
  const people = Math.round((TAPS * (1 - BOT_SHARE_OF_TAPS)) / TAPS_OF_A_PERSON)
  const bots = Math.round((people * BOT_SHARE_OF_ACCOUNTS) / (1 - BOT_SHARE_OF_ACCOUNTS))
  const waiters = await gather(stage, await stage.sessions(people + bots), bots)
  const sale = await announce(stage)
  const buying = buyers(stage, sale)
  for (const waiter of waiters) listen(waiter, sale.flashSaleId, buying.called)
  const ended = wholeEnd(stage, sale)

  const startTick = performance.now()
  const plan = tapPlan(waiters)
  const early = plan.slice(0, Math.round(plan.length * EARLY_SHARE))
  const taps = await tapAll(stage, early, sale, 'taps before the opening')
  const earlyMs = performance.now() - startTick
  const wereInTime = Date.now() < sale.opensAtMs
  await delay(Math.max(0, sale.opensAtMs - Date.now()))
  taps.push(...(await tapAll(stage, plan.slice(early.length), sale, 'taps after the opening')))
  await Promise.race([ended, delay(END_WAIT_MS, undefined, { ref: false })])
  const paidOrderIds = await buying.done()
  const toldUntilTick = performance.now() + TELL_WAIT_MS
  while (waiters.some((one) => one.endedTick === null) && performance.now() < toldUntilTick) await delay(20)
  for (const { socket } of waiters) socket.close()

  const final = await stage.creator.waitingRooms.get({ flashSaleId: sale.flashSaleId })
  const seed = Buffer.from(final.seed ?? '', 'hex')
  const arrived = waiters.filter((one) => one.arrival !== null).toSorted((a, b) => (a.arrival ?? 0) - (b.arrival ?? 0))
  progress.say(`${DRAWS} more draws over the order in which they came.`)
  return reportWaiting({
    ...{ units: UNITS, people, bots, taps, earlyMs, wereInTime, waiters, arrived, room: final },
    lateTaps: plan.length - early.length,
    isSeedPromised: createHash('sha256').update(seed).digest('hex') === sale.waitingRoom?.seedCommitment,
    order: drawn(seed, sale.flashSaleId, arrived.map(accountOf)),
    draws: Array.from({ length: DRAWS }, () =>
      drawn(randomBytes(32), sale.flashSaleId, arrived.map(accountOf)).slice(0, UNITS),
    ),
    ...{ paidOrderIds, lastReservedTick: buying.lastReservedTick(), lastPaidTick: buying.lastPaidTick() },
    refusedBuyers: buying.refused(),
    checks: await checkStores(database, platform, { paidOrderIds }),
    viewers: room.state.viewerCount,
  })
}

const accountOf = ({ session }: Waiter): string => session.account.accountId

async function gather({ platform, room, progress }: RushStage, sessions: readonly Session[], bots: number) {
  const waiters: Waiter[] = []
  progress.begin('people enter the room', sessions.length)
  await each(sessions, ENTER_AT_ONCE, async (session, index) => {
    waiters.push(await enter(platform.urls.http, room.showId, session, index < bots))
    progress.tick()
  })
  progress.end()
  return waiters
}

async function announce({ creator, room }: RushStage): Promise<FlashSale> {
  const productId = room.state.shelf[0]?.productId ?? ''
  const { variants } = await creator.products.get({ productId })
  return await creator.flashSales.create({
    showId: room.showId,
    variantId: variants[0]?.variantId ?? '',
    salePriceMinor: 1_900,
    totalUnits: UNITS,
    perBuyerLimit: 1,
    countdownSeconds: COUNTDOWN_SECONDS,
    runSeconds: 1_200,
    waitingRoom: true,
  })
}

/** Half of all taps are the bots'. The first of them fall at once: nobody is faster; people come in any order after. */
function tapPlan(waiters: readonly Waiter[]): Waiter[] {
  const people = waiters.filter((one) => !one.isBot)
  const bots = waiters.filter((one) => one.isBot)
  const ofPeople = shuffled(Array.from({ length: TAPS_OF_A_PERSON }, () => people).flat())
  const ofBots = Array.from({ length: ofPeople.length }, (_, index) => bots[index % bots.length] as Waiter)
  return [...bots, ...shuffled([...ofPeople, ...ofBots.slice(bots.length)])]
}

function shuffled<T>(items: readonly T[]): T[] {
  const all = [...items]
  for (let last = all.length - 1; last > 0; last -= 1) {
    const other = Math.floor(Math.random() * (last + 1))
    ;[all[last], all[other]] = [all[other] as T, all[last] as T]
  }
  return all
}

async function tapAll(stage: RushStage, plan: readonly Waiter[], sale: FlashSale, label: string): Promise<Tap[]> {
  const taps: Tap[] = []
  let arrivals = 0
  stage.progress.begin(label, plan.length)
  await each(plan, AT_ONCE, async (waiter) => {
    const one = await tap(waiter, sale.flashSaleId)
    if (one.how === 'early' && waiter.arrival === null) {
      waiter.arrival = arrivals
      arrivals += 1
    }
    taps.push(one)
    stage.progress.tick()
  })
  stage.progress.end()
  return taps
}

/** Whoever is called buys at once, but for those who do not come. */
function buyers({ platform, creator }: RushStage, sale: FlashSale) {
  const orders: Promise<string | null>[] = []
  const refusals: string[] = []
  let [lastReservedTick, lastPaidTick] = [0, 0]
  const buy = async ({ session }: Waiter): Promise<string | null> => {
    const client = createClient({ baseUrl: platform.urls.http, storage: 'memory', fetch: leanFetch })
    try {
      await client.account.adopt(session)
      const { tokenUrl } = await creator.cards.config()
      const orderId = await buyInTurn(client, sale.flashSaleId, tokenUrl, () => {
        lastReservedTick = Math.max(lastReservedTick, performance.now())
      })
      lastPaidTick = Math.max(lastPaidTick, performance.now())
      return orderId
    } catch (error) {
      refusals.push(String((error as { code?: unknown }).code ?? error))
      return null
    } finally {
      client.close()
    }
  }
  return {
    called: (waiter: Waiter) => {
      if (waiter.isBot || Math.random() >= NO_SHOW_SHARE) orders.push(buy(waiter))
    },
    done: async () => (await Promise.all(orders)).filter((one) => one !== null),
    refused: () => refusals,
    lastReservedTick: () => lastReservedTick,
    lastPaidTick: () => lastPaidTick,
  }
}

function wholeEnd({ room }: RushStage, { flashSaleId }: FlashSale): Promise<void> {
  return new Promise((resolve) => {
    const stop = room.on('waiting-room:changed', ({ room: told }) => {
      if (told.flashSaleId !== flashSaleId || told.state !== 'ended') return
      stop()
      resolve()
    })
  })
}
