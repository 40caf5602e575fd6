import { execFileSync } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import type { page } from '../../../../../client-sdk/test/browser/page.ts'
import { demoPassword } from '../../../../demo/people.ts'
import { type FaultRow, must, type Outcome } from '../row.ts'
import type { Stage } from '../stage.ts'
import { bidTimes, eventually, liveStage, quantile } from './live.ts'

const entry = fileURLToPath(new URL('../../../../../client-sdk/test/browser/page.ts', import.meta.url))
/** Chosen before the platform starts, which must know whose scripts may call. */
const pagePort = 23_000 + (process.pid % 2_000)

const lossShare = '0.2'
const bytesPerSecond = '37kb/s'
const lossMs = 12_000
const calmMs = 6_000
const ratioMax = 1.5
/** Below this a ratio of two waits says nothing on a machine that has a browser to run. */
const waitMsFloor = 400
const lineEveryMs = 400

type Rule = readonly string[]
const filter = (action: '-I' | '-D', rule: Rule) =>
  execFileSync('iptables', ['-w', action, 'INPUT', '-i', 'lo', '-p', 'udp', ...rule, '-j', 'DROP'], { stdio: 'pipe' })

/** Loss both ways, and no more than 300 kbit a second to viewers, on the ports of this platform's video alone. */
function rulesOf(ports: string): Rule[] {
  const loss = ['-m', 'statistic', '--mode', 'random', '--probability', lossShare]
  const narrow = ['-m', 'hashlimit', '--hashlimit-name', `livelot-${process.pid}`, '--hashlimit-above', bytesPerSecond]
  return [
    ['--dport', ports, ...loss],
    ['--sport', ports, ...loss],
    ['--sport', ports, ...narrow],
  ]
}

async function probe(): Promise<string | null> {
  const done: Rule[] = []
  try {
    for (const rule of rulesOf('1:2')) {
      filter('-I', rule)
      done.push(rule)
    }
    return null
  } catch (error) {
    const said = String((error as { stderr?: unknown }).stderr ?? error).split('\n')[0]
    return `iptables cannot drop UDP by chance and rate: ${said}`
  } finally {
    for (const rule of done) filter('-D', rule)
  }
}

type InPage = typeof page
async function call<F extends keyof InPage>(where: Page, name: F, ...args: Parameters<InPage[F]>) {
  const run = ([what, values]: readonly [string, readonly unknown[]]) => {
    const { page: inPage } = globalThis as unknown as { page: Record<string, (...all: unknown[]) => unknown> }
    return inPage[what]?.(...values)
  }
  return (await where.evaluate(run, [name, args] as const)) as Awaited<ReturnType<InPage[F]>>
}

/** Lines that one person says and another hears while `work` goes on: milliseconds each. */
async function chatTimes(stage: Stage, work: () => Promise<void>): Promise<number[]> {
  const [buyer] = stage.crowd.buyers
  const listener = stage.night.bidders[1]
  must(buyer && listener, 'nobody talks')
  const room = buyer.client.joinRoom(stage.night.showId)
  await room.ready()
  const saidAt = new Map<string, number>()
  const times: number[] = []
  const stop = listener.room.on('chat:batch', ({ lines }) => {
    for (const { text } of lines) {
      const tick = saidAt.get(text)
      if (tick !== undefined) times.push(performance.now() - tick)
    }
  })
  const timer = setInterval(() => {
    const text = `line ${saidAt.size} ${process.pid}`
    saidAt.set(text, performance.now())
    room.chat(text).catch(() => undefined)
  }, lineEveryMs)
  try {
    await work()
    await delay(500)
  } finally {
    clearInterval(timer)
    stop()
    room.leave()
  }
  must(times.length >= saidAt.size - 2, `of ${saidAt.size} lines ${times.length} were heard`)
  return times
}

/** Bids and chat while a lot runs, under these conditions. */
async function besides(stage: Stage, work: () => Promise<void>) {
  const trade = await stage.openTrade()
  trade.buy()
  const fromMs = Date.now()
  const chat = await chatTimes(stage, work)
  await trade.finish()
  return { bidMs: bidTimes(stage, fromMs).p99Ms, chatMs: Math.round(quantile(chat, 0.95)) }
}

async function watchedUnderLoss(stage: Stage, viewer: Page): Promise<Outcome> {
  const frames = async () => (await call(viewer, 'picture')).frames
  const moves = async (within: number) => {
    const before = await frames()
    return await eventually(async () => (await frames()) > before + 20, within, 'the picture does not move')
  }
  await moves(20_000)
  const calm = await besides(stage, () => delay(calmMs))
  const base = Number(stage.platform.env.MEDIA_RTC_BASE_PORT)
  const rules = rulesOf(`${base}:${base + Number(stage.platform.env.MEDIA_WORKERS) - 1}`)
  for (const rule of rules) filter('-I', rule)
  let lossy: typeof calm
  try {
    lossy = await besides(stage, () => delay(lossMs))
  } finally {
    for (const rule of rules) filter('-D', rule)
  }
  const backMs = await moves(20_000)
  for (const [what, before, now] of [
    ['bids', calm.bidMs, lossy.bidMs],
    ['chat', calm.chatMs, lossy.chatMs],
  ] as const)
    must(now <= Math.max(waitMsFloor, before * ratioMax), `${what} went from ${before} to ${now} ms`)
  const detail = `bids p99 ${calm.bidMs} -> ${lossy.bidMs} ms, chat ${calm.chatMs} -> ${lossy.chatMs} ms`
  return { recoverySeconds: backMs / 1_000, detail }
}

export const mediaLoss: FaultRow = {
  number: 25,
  name: 'UDP loss 20 % and 300 kbit/s for video',
  moments: ['n'],
  short: [],
  stage: { ...liveStage, env: { ...liveStage.env, ALLOWED_ORIGINS: `http://localhost:${pagePort}` } },
  probe,
  run: async (stage) => {
    // Not before it is needed: a bundler and a browser's driver come with it.
    const { launchChromium, servePage } = await import('../../../../../load-tests/browser.ts')
    await using closing = new AsyncDisposableStack()
    const server = await servePage(entry, pagePort)
    closing.defer(() => server.close())
    const browser = await launchChromium()
    closing.defer(() => browser.close())
    const open = async () => {
      const opened = await (await browser.newContext()).newPage()
      await opened.goto(server.origin)
      return opened
    }
    const { showId } = stage.night
    const host = { email: 'mara@demo.livelot', password: demoPassword }
    const [studio, viewer] = [await open(), await open()]
    const state = await call(studio, 'goLive', stage.platform.urls.http, host, showId, '#c00')
    must(state === 'live', `the creator is ${state}`)
    await call(viewer, 'startWatching', stage.platform.urls.http, showId, 360)
    return await watchedUnderLoss(stage, viewer)
  },
}
