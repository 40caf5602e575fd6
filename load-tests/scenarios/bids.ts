import pg from 'pg'
import { type AuctionStage, type Bidder, setAuctionStage } from '../auction-stage.ts'
import { cpuBetween, cpuByProcess } from '../cpu.ts'
import { isOk, numberIn, textIn } from '../lean-socket.ts'
import { type BenchPlatform, startBenchPlatform } from '../platform.ts'
import { Progress } from '../progress.ts'
import { measureRawBids } from '../raw-bids.ts'
import { checkLedgers, recordedAll, recordingDelays } from './bids-checks.ts'
import { type Phase, type Round, reportBids } from './bids-report.ts'

const SOCKETS = Number(process.env.BENCH_SOCKETS ?? 200)
const MANY_SOCKETS = Number(process.env.BENCH_MANY_SOCKETS ?? 2_000)
const MANY_AUCTIONS = Number(process.env.BENCH_MANY_AUCTIONS ?? 50)
const VIEWERS = Number(process.env.BENCH_VIEWERS ?? 200)
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)
const PHASE_MS = 6_000
const WARM_UP_MS = 4_000
const RAW_BIDS = 60_000
const lot = { durationSeconds: 3_600, startPriceMinor: 100, stepMinor: 1 }

/** One auction that counts its price up, whoever bids. */
interface Block {
  readonly auctionId: string
  amountMinor: number
}

/** How many bids a second one API process answers, beside what Redis alone does with the same script. */
export async function bids(): Promise<boolean> {
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
  const stage = await setAuctionStage(database, platform.urls.http, privateKey, MANY_AUCTIONS + 3 * ROUNDS + 2)
  const everybody = await stage.bidders(Math.max(SOCKETS, MANY_SOCKETS), progress)
  const few = everybody.slice(0, SOCKETS)
  const phase = async (label: string, bidders: readonly Bidder[], blocks: readonly Block[], ms = PHASE_MS) => {
    progress.say(label)
    const before = cpuByProcess(platform)
    const answered = await bidFor(ms, bidders, blocks)
    return { ...answered, cpu: cpuBetween(before, cpuByProcess(platform)) } satisfies Phase
  }
  await phase('Warm-up.', few, [await newBlock(stage)], WARM_UP_MS)
  const raw = async () => {
    const { auctionId } = await newBlock(stage)
    const limit = await measureRawBids({
      redisUrl: platform.redisUrl,
      showId: stage.showId,
      auctionId,
      accountIds: [few[0]?.accountId ?? '', few[1]?.accountId ?? ''],
      fromMinor: lot.startPriceMinor,
      bids: RAW_BIDS,
    })
    // Its bids are recorded too; what is measured next must not stand in their line.
    await recordedAll(database, auctionId, RAW_BIDS + 1)
    return limit
  }
  const rounds: Round[] = []
  const auctionIds: string[] = []
  const onBlock = async () => {
    const block = await newBlock(stage)
    auctionIds.push(block.auctionId)
    return block
  }
  for (let round = 1; round <= ROUNDS; round += 1) {
    progress.say(`Round ${round} of ${ROUNDS}: the raw limit.`)
    const { bidsPerSecond } = await raw()
    const quiet = await phase('The same by sockets, nobody looking on.', few, [await onBlock()])
    rounds.push({ rawPerSecond: bidsPerSecond, quiet })
  }
  const blocks: Block[] = []
  for (let index = 0; index < MANY_AUCTIONS; index += 1) blocks.push(await onBlock())
  progress.say('The raw limit again.')
  const manyRawPerSecond = (await raw()).bidsPerSecond
  const crowd = everybody.slice(0, MANY_SOCKETS)
  const many = await phase(`${MANY_SOCKETS} sockets, ${MANY_AUCTIONS} auctions.`, crowd, blocks)
  const viewers = await stage.viewers(VIEWERS, progress)
  const watched: Phase[] = []
  for (let round = 1; round <= ROUNDS; round += 1)
    watched.push(await phase(`Price feed to ${VIEWERS} viewers.`, few, [await onBlock()]))
  for (const socket of [...viewers, ...everybody.map((one) => one.socket)]) socket.close()
  const accepted = [...rounds.map((one) => one.quiet), many, ...watched].reduce((sum, one) => sum + one.accepted, 0)
  const checks = await checkLedgers(database, auctionIds, accepted)
  const delaysMs = await recordingDelays(database, auctionIds)
  stage.creator.close()
  const figures = { sockets: SOCKETS, manySockets: MANY_SOCKETS, manyAuctions: MANY_AUCTIONS, viewers: VIEWERS }
  return reportBids({ ...figures, rounds, many, manyRawPerSecond, watched, checks, delaysMs })
}

async function newBlock(stage: AuctionStage): Promise<Block> {
  return { auctionId: await stage.startLot(lot), amountMinor: lot.startPriceMinor }
}

/** Each bidder sends the next bid when the answer to the last one is there. */
async function bidFor(ms: number, bidders: readonly Bidder[], blocks: readonly Block[]) {
  const latenciesMs: number[] = []
  const refusals = new Map<string, number>()
  let accepted = 0
  const startTick = performance.now()
  const untilTick = startTick + ms
  let number = 0
  const work = async ({ socket }: Bidder, index: number) => {
    const block = blocks[index % blocks.length] as Block
    while (performance.now() < untilTick) {
      block.amountMinor += lot.stepMinor
      number += 1
      const sentTick = performance.now()
      const { auctionId, amountMinor } = block
      const operationId = bidId(number)
      const answer = await socket.ask('auction:place-bid', {
        auctionId,
        amountMinor,
        kind: 'bid',
        isSure: true,
        operationId,
      })
      latenciesMs.push(performance.now() - sentTick)
      if (isOk(answer)) accepted += 1
      else {
        const code = textIn(answer, 'code') ?? 'unknown'
        refusals.set(code, (refusals.get(code) ?? 0) + 1)
        block.amountMinor = Math.max(block.amountMinor, numberIn(answer, 'nextMinimumMinor') ?? 0)
      }
    }
  }
  await Promise.all(bidders.map(work))
  const elapsedMs = performance.now() - startTick
  return { accepted, answered: latenciesMs.length, refusals, elapsedMs, latenciesMs }
}

let series = 0
/** Unique over all phases; a client's library would spend more on one than the bid costs. */
function bidId(number: number): string {
  if (number === 1) series += 1
  const [head, tail] = [series.toString(16).padStart(8, '0'), number.toString(16).padStart(12, '0')]
  return `${head}-0000-7000-8000-${tail}`
}
