import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import autocannon from 'autocannon'
import { cpuOfProcess } from './cpu.ts'
import { openLeanSocket } from './lean-socket.ts'
import type { Percentiles } from './report.ts'

export interface Tapper {
  readonly accountId: string
  readonly token: string
}

export interface Load {
  readonly perSecond: number
  readonly held: number
  readonly otherAnswers: number
  readonly latencyMs: Pick<Percentiles, 'p50' | 'p99' | 'max'>
}

const connections = 64
let taps = 0

/** Taps go round over all buyers and sales, each with an operation id of its own. */
function nextTap(tappers: readonly Tapper[], flashSaleIds: readonly string[]) {
  const number = taps
  taps += 1
  const tapper = tappers[number % tappers.length] as Tapper
  const flashSaleId = flashSaleIds[Math.floor(number / tappers.length) % flashSaleIds.length] as string
  const operationId = `00000000-0000-7000-8000-${number.toString(16).padStart(12, '0')}`
  return { tapper, flashSaleId, operationId }
}

/** Reservations over HTTP, as fast as they are answered. */
export async function tapOverHttp(
  url: string,
  tappers: readonly Tapper[],
  flashSaleIds: readonly string[],
  amount: number,
): Promise<Load> {
  const result = await autocannon({
    url,
    connections,
    amount,
    requests: [
      {
        method: 'POST',
        path: '/',
        setupRequest: (request) => {
          const { tapper, flashSaleId, operationId } = nextTap(tappers, flashSaleIds)
          request.path = `/v1/flash-sales/${flashSaleId}/holds`
          request.headers = {
            authorization: `Bearer ${tapper.token}`,
            'content-type': 'application/json',
            'x-buyer': tapper.accountId,
          }
          request.body = JSON.stringify({ units: 1, operationId })
          return request
        },
      },
    ],
  })
  const { p50, p99, max } = result.latency
  const held = result['2xx']
  return {
    perSecond: (held / (result.finish.getTime() - result.start.getTime())) * 1_000,
    held,
    otherAnswers: result.non2xx + result.errors,
    latencyMs: { p50, p99, max },
  }
}

/** The same by sockets that stand open: each sends its next reservation when the last one is answered. */
export async function tapBySocket(
  url: string,
  tappers: readonly Tapper[],
  flashSaleIds: readonly string[],
  amount: number,
): Promise<Load> {
  const sockets = await Promise.all(tappers.map(({ token }) => openLeanSocket(url, token)))
  const latencies: number[] = []
  let [sent, held, otherAnswers] = [0, 0, 0]
  const startTick = performance.now()
  const work = async (socket: (typeof sockets)[number], index: number) => {
    while (sent < amount) {
      sent += 1
      const { operationId } = nextTap(tappers, flashSaleIds)
      const flashSaleId = flashSaleIds[(index + latencies.length) % flashSaleIds.length]
      const sentTick = performance.now()
      const answer = await socket.ask('flash-sale:reserve', { flashSaleId, units: 1, operationId })
      latencies.push(performance.now() - sentTick)
      if (answer.startsWith('[{"ok":true')) held += 1
      else otherAnswers += 1
    }
  }
  await Promise.all(sockets.map(work))
  const elapsedMs = performance.now() - startTick
  for (const socket of sockets) socket.close()
  const sorted = latencies.toSorted((one, two) => one - two)
  const at = (share: number) => Math.round((sorted[Math.ceil(share * sorted.length) - 1] ?? 0) * 10) / 10
  return {
    perSecond: (held / elapsedMs) * 1_000,
    held,
    otherAnswers,
    latencyMs: { p50: at(0.5), p99: at(0.99), max: at(1) },
  }
}

/** The bare server in a process of its own. */
export async function startRawServer(redisUrl: string, showId: string) {
  const file = fileURLToPath(new URL('raw-reserve.ts', import.meta.url))
  const child: ChildProcess = spawn(process.execPath, ['--conditions=source', file], {
    env: { ...process.env, REDIS_URL: redisUrl, SHOW_ID: showId },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [said] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer]
  return {
    url: `http://127.0.0.1:${Number(String(said))}`,
    cpuMs: () => cpuOfProcess(child.pid as number),
    stop: async () => {
      child.kill()
      await once(child, 'close')
    },
  }
}
