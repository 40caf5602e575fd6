import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { type AuctionStage, type Bidder, setAuctionStage } from '../auction-stage.ts'
import { isOk, type LeanSocket, textIn } from '../lean-socket.ts'
import { startBenchPlatform } from '../platform.ts'
import { Progress } from '../progress.ts'
import { type LotRun, reportLastSecond } from './last-second-report.ts'

const BIDDERS = Number(process.env.BENCH_BIDDERS ?? 1_000)
const VIEWERS = Number(process.env.BENCH_VIEWERS ?? 3_000)
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 2)
const CHAT_PER_SECOND = 500
const CHATTERS = 50
const RUSH_MS = 2_000
const RESULT_WAIT_MS = 15_000
const lot = { durationSeconds: 10, startPriceMinor: 1_000, stepMinor: 1 }
const MAXIMUM_MINOR = 9_000
/** Every bid is on its way when it falls due; nothing is sent at the very edge, where late is right. */
const EDGE_MS = 20

interface Room {
  readonly stage: AuctionStage
  readonly bidders: readonly Bidder[]
  readonly people: readonly LeanSocket[]
}

/** A crowd bids in the last two seconds of a lot, a room looks on, with and without a storm of chat. */
export async function lastSecond(): Promise<boolean> {
  const progress = new Progress()
  const env = { SOCKETS_PER_ADDRESS_MAX: '50000', SOCKETS_PACE_FACTOR: '10000' }
  const bench = await startBenchPlatform({ seed: false, env, say: (text) => progress.say(text) })
  const database = new pg.Client({ connectionString: bench.platform.databaseUrl })
  try {
    await database.connect()
    const { platform } = bench
    const privateKey = platform.env.AUTH_PRIVATE_KEY ?? ''
    const stage = await setAuctionStage(database, platform.urls.http, privateKey, 2 * ROUNDS + 2)
    const bidders = await stage.bidders(BIDDERS, progress)
    for (const { socket } of bidders) await join(stage, socket)
    const guests = await stage.viewers(Math.max(0, VIEWERS - BIDDERS), progress)
    const room = { stage, bidders, people: [...bidders.map((one) => one.socket), ...guests] }
    progress.say('A lot as warm-up.')
    await runLot(room, database, false)
    const runs: LotRun[] = []
    for (let round = 1; round <= ROUNDS; round += 1) {
      progress.say(`Round ${round} of ${ROUNDS}: quiet, then with chat.`)
      runs.push(await runLot(room, database, false), await runLot(room, database, true))
    }
    for (const socket of room.people) socket.close()
    stage.creator.close()
    return reportLastSecond({ bidders: BIDDERS, viewers: room.people.length, chatPerSecond: CHAT_PER_SECOND, runs })
  } finally {
    await database.end()
    await bench.stop()
  }
}

async function join(stage: AuctionStage, socket: LeanSocket): Promise<void> {
  const answer = await socket.ask('show:join', { showId: stage.showId })
  if (!isOk(answer)) throw new Error(`A bidder could not join: ${answer.slice(0, 200)}`)
}

async function runLot(room: Room, database: pg.Client, withChat: boolean): Promise<LotRun> {
  const { stage, bidders, people } = room
  const auctionId = await stage.startLot(lot)
  const endsAtMs = await endOf(database, auctionId)
  const toldAfterMs: number[] = []
  const isTold = Promise.withResolvers<void>()
  for (const socket of people)
    socket.onTold = (text) => {
      if (!text.includes('"auction:closed"') || !text.includes(auctionId)) return
      toldAfterMs.push(Date.now() - endsAtMs)
      socket.onTold = () => undefined
      if (toldAfterMs.length === people.length) isTold.resolve()
    }
  await delay(Math.max(0, endsAtMs - RUSH_MS - Date.now()))
  const storm = withChat ? chatStorm(room, endsAtMs) : Promise.resolve(0)
  const bids = await Promise.all(bidders.map((bidder) => bidOnce(bidder, auctionId, endsAtMs)))
  await Promise.race([isTold.promise, delay(RESULT_WAIT_MS, undefined, { ref: false })])
  for (const socket of people) socket.onTold = () => undefined
  const accepted = bids.filter((one) => one.code === 'accepted')
  const best = accepted.toSorted((one, two) => two.amountMinor - one.amountMinor)[0]
  return {
    withChat,
    chatLines: await storm,
    bidMs: bids.map((one) => one.tookMs),
    codes: bids.map((one) => one.code),
    toldAfterMs,
    people: people.length,
    isWinnerRight: (await winnerOf(database, auctionId)) === best?.accountId,
    recordedBids: await recordedBids(database, auctionId),
  }
}

/** Amounts differ all over, so that exactly one is the highest. */
async function bidOnce({ accountId, socket }: Bidder, auctionId: string, endsAtMs: number) {
  const amountMinor = uniqueAmount()
  await delay(Math.random() * (endsAtMs - EDGE_MS - Date.now()))
  const startTick = performance.now()
  const operationId = crypto.randomUUID()
  const answer = await socket.ask('auction:place-bid', {
    auctionId,
    amountMinor,
    kind: 'max',
    isSure: true,
    operationId,
  })
  const code = isOk(answer) ? 'accepted' : (textIn(answer, 'code') ?? 'unknown')
  return { accountId, amountMinor, tookMs: performance.now() - startTick, code }
}

let lastAmount = 0
function uniqueAmount(): number {
  lastAmount += 1
  // A step that shares no factor with the range visits every amount once before it comes round.
  return lot.startPriceMinor + 10 * ((lastAmount * 7_919) % MAXIMUM_MINOR)
}

async function chatStorm({ stage, bidders }: Room, untilMs: number): Promise<number> {
  const chatters = bidders.slice(-CHATTERS)
  const everyMs = (1_000 * chatters.length) / CHAT_PER_SECOND
  let lines = 0
  const write = async ({ socket }: Bidder, index: number) => {
    await delay((everyMs * index) / chatters.length)
    while (Date.now() < untilMs) {
      const begun = performance.now()
      const request = { showId: stage.showId, text: `Going, going ${lines}`, operationId: crypto.randomUUID() }
      if (isOk(await socket.ask('chat:send', request))) lines += 1
      await delay(Math.max(0, everyMs - (performance.now() - begun)))
    }
  }
  await Promise.all(chatters.map(write))
  return lines
}

/** Postgres learns of a start within moments. */
async function endOf(database: pg.Client, auctionId: string): Promise<number> {
  for (;;) {
    const { rows } = await database.query<{ ends_at_ms: string }>(
      `SELECT ends_at_ms FROM auction_ledger WHERE auction_id = $1 AND what = 'started'`,
      [auctionId],
    )
    if (rows[0]) return Number(rows[0].ends_at_ms)
    await delay(20)
  }
}

async function winnerOf(database: pg.Client, auctionId: string): Promise<string | null> {
  const untilTick = performance.now() + RESULT_WAIT_MS
  while (performance.now() < untilTick) {
    const { rows } = await database.query<{ winner_account_id: string | null }>(
      'SELECT winner_account_id FROM auction_results WHERE auction_id = $1',
      [auctionId],
    )
    if (rows[0]) return rows[0].winner_account_id
    await delay(50)
  }
  return null
}

async function recordedBids(database: pg.Client, auctionId: string): Promise<number> {
  const { rows } = await database.query<{ count: string }>(
    `SELECT count(*) FROM auction_ledger WHERE auction_id = $1 AND what = 'max'`,
    [auctionId],
  )
  return Number(rows[0]?.count)
}
