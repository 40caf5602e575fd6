import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import { type AuctionStage, type Bidder, setAuctionStage } from '../auction-stage.ts'
import { cpuOfProcess } from '../cpu.ts'
import { isOk, type LeanSocket, numberIn, openLeanSocket } from '../lean-socket.ts'
import { type CrowdLook, startCallable, startOnlookers } from '../onlookers.ts'
import { type BenchPlatform, startBenchPlatform } from '../platform.ts'
import { Progress } from '../progress.ts'
import type { RawCall } from '../raw-sockets.ts'
import { portOf } from '../room-stage.ts'
import { seedBuyers } from '../seeding.ts'
import { checkLedgers } from './bids-checks.ts'
import { type ChatRound, reportChatStorm } from './chat-storm-report.ts'

const VIEWERS = Number(process.env.BENCH_VIEWERS ?? 1_000)
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 4)
const PHASE_MS = Number(process.env.BENCH_WINDOW_MS ?? 5_000)
const LINES_PER_SECOND = 500
const BIDS_PER_SECOND = 100
const CHATTERS = 50
const BIDDERS = 50
const ENTER_PER_SECOND = 900
const SETTLE_MS = 600
const lot = { durationSeconds: 3_600, startPriceMinor: 100, stepMinor: 1 }

/** A storm of chat in one room, beside a library that emits each line to everybody, and what it does to bids. */
export async function chatStorm(): Promise<boolean> {
  const progress = new Progress()
  const env = { SOCKETS_PER_ADDRESS_MAX: '50000', SOCKETS_PACE_FACTOR: '10000' }
  const bench = await startBenchPlatform({ seed: false, env, say: (text) => progress.say(text) })
  const database = new pg.Client({ connectionString: bench.platform.databaseUrl })
  try {
    await database.connect()
    return await scene(bench, database, progress)
  } finally {
    await database.end()
    await bench.stop()
  }
}

async function scene({ platform }: BenchPlatform, database: pg.Client, progress: Progress): Promise<boolean> {
  const privateKey = platform.env.AUTH_PRIVATE_KEY ?? ''
  const stage = await setAuctionStage(database, platform.urls.http, privateKey, 1)
  const { showId } = stage
  const bidders = await stage.bidders(BIDDERS, progress)
  for (const { socket } of bidders) await join(stage, socket)
  const chatters: LeanSocket[] = []
  for (const { accessToken } of await seedBuyers(database, CHATTERS, privateKey)) {
    const chatter = await openLeanSocket(platform.urls.http, accessToken)
    await join(stage, chatter)
    chatters.push(chatter)
  }
  const raw = startCallable<RawCall>('raw-sockets.ts')
  const [ours, theirs] = [startOnlookers(), startOnlookers()]
  try {
    const rawPort = await raw.call<number>({ do: 'listen', kind: 'library' })
    progress.say(`${VIEWERS} viewers enter, here and at the library's room.`)
    const entering = { do: 'enter', count: VIEWERS, perSecond: ENTER_PER_SECOND, tokens: null } as const
    await ours.call({ ...entering, aim: { kind: 'room', port: portOf(platform.urls.http), showId } })
    await theirs.call({ ...entering, aim: { kind: 'library', port: rawPort, showId: null } })
    const rawChatters = await Promise.all(chatters.map(() => openLeanSocket(`http://127.0.0.1:${rawPort}`)))
    const apiPid = platform.processes.get('api')?.pid ?? 0
    const block = { auctionId: await stage.startLot(lot), amountMinor: lot.startPriceMinor, accepted: 0 }
    const quiet = () => bidFor(bidders, block)
    const talk = () => chatFor(chatters, showId)
    const loud = async () => (await Promise.all([bidFor(bidders, block), talk()]))[0]
    const rounds: ChatRound[] = []
    await loud()
    progress.begin('rounds', 5 * ROUNDS)
    const step = async <T>(pid: number, work: () => Promise<T>) => {
      await delay(SETTLE_MS)
      const cpuMs = cpuOfProcess(pid)
      const found = await work()
      await delay(SETTLE_MS)
      progress.tick()
      return { found, cpuMs: cpuOfProcess(pid) - cpuMs }
    }
    for (let round = 0; round < ROUNDS; round += 1) {
      const still = await step(apiPid, () => delay(PHASE_MS))
      const chat = await step(apiPid, talk)
      const library = await step(raw.pid, () => chatFor(rawChatters, showId))
      const bids = await step(apiPid, quiet)
      const both = await step(apiPid, loud)
      rounds.push({
        chat: { lines: chat.found, cpuMs: chat.cpuMs - still.cpuMs },
        library: { lines: library.found, cpuMs: library.cpuMs },
        quietMs: bids.found,
        besideMs: both.found,
      })
    }
    progress.end()
    const { ended } = await ours.call<CrowdLook>({ do: 'look' })
    for (const socket of [...chatters, ...rawChatters, ...bidders.map((one) => one.socket)]) socket.close()
    stage.creator.close()
    // The lot still runs, so the stores are not as they must be when all is over; its ledger is.
    const checks = await checkLedgers(database, [block.auctionId], block.accepted)
    return reportChatStorm({ viewers: VIEWERS, linesPerSecond: LINES_PER_SECOND, rounds, ended, checks })
  } finally {
    await Promise.all([ours.stop(), theirs.stop(), raw.stop()])
  }
}

async function join({ showId }: AuctionStage, socket: LeanSocket): Promise<void> {
  const answer = await socket.ask('show:join', { showId })
  if (!isOk(answer)) throw new Error(`Somebody could not join: ${answer.slice(0, 200)}`)
}

/** Each chatter writes at a steady pace, and waits where the last line is not answered yet; answers the lines taken. */
async function chatFor(chatters: readonly LeanSocket[], showId: string): Promise<number> {
  const everyMs = (1_000 * chatters.length) / LINES_PER_SECOND
  const untilTick = performance.now() + PHASE_MS
  let lines = 0
  const write = async (socket: LeanSocket, index: number) => {
    await delay((everyMs * index) / chatters.length)
    while (performance.now() < untilTick) {
      const begun = performance.now()
      const request = { showId, text: `Is it still there? ${lines}`, operationId: crypto.randomUUID() }
      if (isOk(await socket.ask('chat:send', request))) lines += 1
      await delay(Math.max(0, everyMs - (performance.now() - begun)))
    }
  }
  await Promise.all(chatters.map(write))
  return lines
}

/** Bids at a steady pace, whatever becomes of those before; answers how long each took. */
async function bidFor(
  bidders: readonly Bidder[],
  block: { readonly auctionId: string; amountMinor: number; accepted: number },
): Promise<number[]> {
  const tookMs: number[] = []
  const under: Promise<void>[] = []
  const begin = performance.now()
  const bid = async ({ socket }: Bidder) => {
    block.amountMinor += lot.stepMinor
    const { auctionId, amountMinor } = block
    const operationId = crypto.randomUUID()
    const startTick = performance.now()
    const answer = await socket.ask('auction:place-bid', {
      auctionId,
      amountMinor,
      kind: 'bid',
      isSure: true,
      operationId,
    })
    tookMs.push(performance.now() - startTick)
    if (isOk(answer)) block.accepted += 1
    else block.amountMinor = Math.max(block.amountMinor, numberIn(answer, 'nextMinimumMinor') ?? 0)
  }
  for (let sent = 0; performance.now() - begin < PHASE_MS; sent += 1) {
    under.push(bid(bidders[sent % bidders.length] as Bidder))
    await delay(Math.max(0, begin + ((sent + 1) * 1_000) / BIDS_PER_SECOND - performance.now()))
  }
  await Promise.all(under)
  return tookMs
}
