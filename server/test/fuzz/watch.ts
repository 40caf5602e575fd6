import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { WebSocket } from 'ws'
import type { Ground } from './ground.ts'

/** Tables that time alone changes: work that waits, deliveries, sessions that their owner's clock ends. */
const restless = ['outbox', 'mail_outbox', 'flash_sale_log_cursors', 'auction_log_cursors', 'migrations']
/** What Redis holds of the state of shows, sales and auctions; audiences, rates and tokens come and go. */
const stateKeys =
  /^livelot:(flash-sales|auctions|live):.*:(state|gate|holds|buyers|answers|log|auction|feed|entrants|commitments)$/

/** Rows and hashes of every table, and of every Redis key that holds state. */
export async function fingerprint({ people, platform }: Ground): Promise<Record<string, string>> {
  const tables = await people.rows<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables
     WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1`,
  )
  const prints: Record<string, string> = {}
  for (const { name } of tables.filter((one) => !restless.includes(one.name))) {
    const [row] = await people.rows<{ rows: number; hash: string | null }>(
      `SELECT count(*)::int AS rows, md5(string_agg(h, '' ORDER BY h)) AS hash
       FROM (SELECT md5(t::text) AS h FROM "${name}" t) one`,
    )
    prints[name] = `${row?.rows} rows ${row?.hash}`
  }
  return { ...prints, ...(await redisPrints(platform.redisUrl)) }
}

async function redisPrints(url: string): Promise<Record<string, string>> {
  const redis = new Redis(url)
  try {
    const prints: Record<string, string> = {}
    for (const key of (await redis.keys('livelot:*')).filter((one) => stateKeys.test(one)))
      prints[key] = (await redis.dumpBuffer(key))?.toString('base64') ?? 'gone'
    return prints
  } finally {
    redis.disconnect()
  }
}

export interface Memory {
  readonly heapMb: number
  readonly residentMb: number
}

/** What our processes hold once everything that nobody holds any more is collected, asked by Node's inspector. */
export async function memoryOf({ platform }: Ground): Promise<Record<string, Memory>> {
  const found: Record<string, Memory> = {}
  for (const name of ['api', 'worker', 'media']) {
    const one = platform.processes.get(name)
    const log = readFileSync(one?.recipe.logFile ?? '', 'utf8')
    const inspector = await openInspector(/Debugger listening on (ws:\S+)/.exec(log)?.[1] ?? '')
    for (let i = 0; i < 3; i += 1) await inspector.call('HeapProfiler.collectGarbage')
    const { usedSize } = await inspector.call('Runtime.getHeapUsage')
    inspector.close()
    const resident = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${one?.pid}/status`, 'utf8'))?.[1]
    found[name] = { heapMb: Number(usedSize) / 2 ** 20, residentMb: Number(resident) / 2 ** 10 }
  }
  return found
}

async function openInspector(url: string) {
  const socket = new WebSocket(url)
  await once(socket, 'open')
  let last = 0
  return {
    call: async (method: string): Promise<Record<string, unknown>> => {
      last += 1
      const id = last
      socket.send(JSON.stringify({ id, method }))
      for (;;) {
        const [data] = await once(socket, 'message')
        const answer = JSON.parse(String(data)) as { id?: number; result?: Record<string, unknown> }
        if (answer.id === id) return answer.result ?? {}
      }
    },
    close: () => socket.close(),
  }
}

/** Process ids of everything that runs, media workers included. */
export function pidsOf({ platform }: Ground): Record<string, unknown> {
  const own = [...platform.processes].map(([name, one]) => [name, one.isRunning ? one.pid : undefined] as const)
  const media = platform.processes.get('media')?.pid
  const children = execFileSync('ps', ['-o', 'pid=', '--ppid', String(media)], { encoding: 'utf8' })
  return { ...Object.fromEntries(own), mediaWorkers: children.trim().split(/\s+/).sort() }
}

/** Lines of all logs at the level of errors and above: a fault, a rejection that nobody looked at. */
export function errorsLogged({ platform }: Ground): string[] {
  return [...platform.processes].flatMap(([name, one]) => {
    if (name === 'postgres' || name === 'redis') return []
    const lines = readFileSync(one.recipe.logFile, 'utf8').split('\n')
    return lines
      .filter((line) => /"level":[56]0|Unhandled|Uncaught|FATAL|Warning:/.test(line))
      .map((line) => `${name}: ${line.slice(0, 600)}`)
  })
}

/** Somebody who does nothing wrong and asks all the while. */
export function startProbe(ground: Ground) {
  const latenciesMs: number[] = []
  const wrong: string[] = []
  let isOver = false
  const loop = (async () => {
    while (!isOver) {
      const begin = performance.now()
      const headers = { 'x-forwarded-for': '198.51.100.7' }
      const answer = await ground.send({ method: 'GET', path: '/v1/brands', headers }).catch(String)
      latenciesMs.push(performance.now() - begin)
      if (typeof answer === 'string' || answer.status !== 200) wrong.push(JSON.stringify(answer))
      await delay(50)
    }
  })()
  return {
    stop: async () => {
      isOver = true
      await loop
      const sorted = latenciesMs.toSorted((a, b) => a - b)
      return { wrong, asked: sorted.length, p99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN }
    },
  }
}
