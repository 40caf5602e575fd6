import { setTimeout } from 'node:timers/promises'
import type pg from 'pg'
import { cpuBetween, cpuByProcess } from '../cpu.ts'
import { profiled } from '../profiling.ts'
import { type Load, startRawServer, type Tapper, tapBySocket, tapOverHttp } from '../reserve-load.ts'
import { type OpenSale, onRushStage, type RushStage } from '../rush-stage.ts'
import { checkStores } from '../store-checks.ts'
import { type Round, reportReserve } from './reserve-report.ts'

const BUYERS = 2_000
const SOCKETS = 200
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 2)
const SALES_A_LOAD = 3
const UNITS = 10_000
const WARM_UP_TAPS = 6_000
const TAPS = 30_000
const SOCKET_TAPS = 10_000
const PER_BUYER = 20

const idsOf = (sales: readonly OpenSale[]): string[] => sales.map((sale) => sale.flashSaleId)

/** How many reservations a second one API process answers, beside bare Express with the same script. */
export function reserve(): Promise<boolean> {
  // A raw load and ours in each round, the sockets', that of first requests, and the warm-up.
  const stocks = Array.from({ length: (2 * ROUNDS + 3) * SALES_A_LOAD }, () => UNITS)
  const env = { SOCKETS_PER_ADDRESS_MAX: '50000', SOCKETS_PACE_FACTOR: '10000' }
  return onRushStage(stocks, scene, { env })
}

async function scene(stage: RushStage): Promise<boolean> {
  const { platform, database, progress } = stage
  const url = platform.urls.http
  const tappersOf = async (count: number): Promise<Tapper[]> =>
    (await stage.sessions(count)).map(({ accessToken, account }) => ({
      token: accessToken,
      accountId: account.accountId,
    }))
  const tappers = await tappersOf(BUYERS)
  const sales = await stage.openSales((2 * ROUNDS + 3) * SALES_A_LOAD, PER_BUYER)
  const next = () => idsOf(sales.splice(0, SALES_A_LOAD))
  const raw = await startRawServer(platform.redisUrl, stage.room.showId)
  let held = 0
  const settled = async <T extends Load>(load: T): Promise<T> => {
    held += load.held
    await recorded(database, held)
    return load
  }
  const steps = 2 * ROUNDS + 4
  progress.begin('loads', steps)
  const step = async <T extends Load>(load: Promise<T>): Promise<T> => {
    const done = await settled(await load)
    progress.tick()
    return done
  }
  const ours = async (load: () => Promise<Load>): Promise<Load & { cpu: Map<string, number> }> => {
    const before = cpuByProcess(platform)
    const done = await load()
    return { ...done, cpu: cpuBetween(before, cpuByProcess(platform)) }
  }
  try {
    const warm = next()
    await step(tapOverHttp(raw.url, tappers, warm, WARM_UP_TAPS))
    await step(tapOverHttp(url, tappers, warm, WARM_UP_TAPS))
    const rounds: Round[] = []
    for (let round = 1; round <= ROUNDS; round += 1) {
      const cpuMs = raw.cpuMs()
      const bare = await step(tapOverHttp(raw.url, tappers, next(), TAPS))
      const rawCpuMs = raw.cpuMs() - cpuMs
      const http = await step(profiled(platform, () => ours(() => tapOverHttp(url, tappers, next(), TAPS))))
      rounds.push({ bare, rawCpuMs, http })
    }
    const strangers = await tappersOf(BUYERS)
    const first = await step(ours(() => tapOverHttp(url, strangers, next(), BUYERS)))
    const socket = await step(ours(() => tapBySocket(url, tappers.slice(0, SOCKETS), next(), SOCKET_TAPS)))
    progress.end()
    const checks = await checkStores(database, platform)
    return reportReserve({ rounds, first, socket, sockets: SOCKETS, buyers: BUYERS, checks })
  } finally {
    await raw.stop()
  }
}

/** Holds are copied to Postgres; what is measured next must not stand in their line. */
async function recorded(database: pg.Client, holds: number): Promise<void> {
  for (;;) {
    const { rows } = await database.query<{ count: string }>('SELECT count(*) FROM holds')
    if (Number(rows[0]?.count) >= holds) return
    await setTimeout(100)
  }
}
