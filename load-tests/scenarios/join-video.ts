import { fileURLToPath } from 'node:url'
import { createClient } from '@livelot/client'
import pg from 'pg'
import type { Page } from 'playwright-core'
import { startChaosProxy } from '../../server/test/support/chaos-proxy.ts'
import { launchChromium, servePage } from '../browser.ts'
import { coresOfOthers, machineTimes } from '../cpu.ts'
import type { bench, JoinFigures } from '../join-video/page.ts'
import { startBenchPlatform } from '../platform.ts'
import { Progress } from '../progress.ts'
import { type Check, holds, percentiles, print } from '../report.ts'
import { seedStage } from '../seeding.ts'

/** Each message of the viewer's signalling is held back this long, there and back. The picture is not. */
const SIGNALLING_DELAY_MS = 50
const JOINS = Number(process.env.BENCH_JOINS ?? 20)
/** The first joins only look at the first frame; the last one watches on for the delay of the picture. */
const SHORT_WATCH_MS = 200
const LONG_WATCH_MS = 8_000
/** The sender's encoder climbs to its full layers in this time. */
const WARM_UP_MS = 4_000
const CLICK_TO_FRAME_MS_MAX = 300
const GLASS_TO_GLASS_MS_MAX = 150

type Bench = typeof bench

/** Click to first frame and glass to glass, in Chromium, by a time code in the pixels. */
export async function joinVideo(): Promise<boolean> {
  const progress = new Progress()
  await using closing = new AsyncDisposableStack()
  const page = await servePage(fileURLToPath(new URL('../join-video/page.ts', import.meta.url)))
  closing.defer(() => page.close())
  const { platform, stop } = await startBenchPlatform({
    seed: false,
    env: { ALLOWED_ORIGINS: page.origin },
    say: (text) => progress.say(text),
  })
  closing.defer(stop)
  const api = new URL(platform.urls.http)
  const proxy = await startChaosProxy([Number(api.port)])
  closing.defer(() => proxy[Symbol.asyncDispose]())
  proxy.set({ both: { latencyMs: SIGNALLING_DELAY_MS } })
  const browser = await launchChromium()
  closing.defer(() => browser.close())
  const { showId, creator } = await liveShow(
    platform.databaseUrl,
    platform.urls.http,
    platform.env.AUTH_PRIVATE_KEY ?? '',
  )

  const open = async (): Promise<Page> => {
    const opened = await (await browser.newContext({ viewport: { width: 1400, height: 900 } })).newPage()
    await opened.goto(page.origin)
    return opened
  }
  const studio = await open()
  await call(studio, 'goLive', api.origin, creator, showId)
  progress.say('The creator is live.')
  const viewer = await open()
  await new Promise((resolve) => setTimeout(resolve, WARM_UP_MS))
  const delayed = `http://localhost:${proxy.port}`
  const joins: JoinFigures[] = []
  const machineBefore = machineTimes()
  const startTick = performance.now()
  progress.begin('joins', JOINS)
  for (let nth = 1; nth <= JOINS; nth += 1) {
    joins.push(await call(viewer, 'joinOnce', delayed, showId, nth === JOINS ? LONG_WATCH_MS : SHORT_WATCH_MS))
    progress.tick()
  }
  progress.end()
  const othersCores = coresOfOthers(machineBefore, performance.now() - startTick)
  return conclude(joins, await call(studio, 'sendingStats'), othersCores)
}

async function call<F extends keyof Bench>(
  page: Page,
  name: F,
  ...args: Parameters<Bench[F]>
): Promise<Awaited<ReturnType<Bench[F]>>> {
  const run = ([what, values]: readonly [string, readonly unknown[]]) => {
    const { bench: inPage } = globalThis as unknown as { bench: Record<string, (...all: unknown[]) => unknown> }
    return inPage[what]?.(...values)
  }
  return (await page.evaluate(run, [name, args] as const)) as Awaited<ReturnType<Bench[F]>>
}

async function liveShow(databaseUrl: string, baseUrl: string, privateKey: string) {
  const database = new pg.Client({ connectionString: databaseUrl })
  await database.connect()
  const stage = await seedStage(database, [1], privateKey).finally(() => database.end())
  const client = createClient({ baseUrl, storage: 'memory' })
  await client.account.adopt(stage.creator)
  const show = await client.shows.create({ title: 'Join video', startsAtMs: Date.now() })
  await client.shows.start({ showId: show.showId })
  client.close()
  return { showId: show.showId as string, creator: stage.creator }
}

function conclude(
  joins: readonly JoinFigures[],
  sending: Awaited<ReturnType<Bench['sendingStats']>>,
  othersCores: number,
): boolean {
  const clicks = percentiles(joins.map(({ clickToFrameMs }) => clickToFrameMs))
  const delays = percentiles(joins.at(-1)?.delaysMs ?? [])
  const picture = joins.at(-1)?.stats.streams.find(({ kind }) => kind === 'video')
  const checks: Check[] = [
    verdict('click to first frame, p50 in ms', clicks.p50, CLICK_TO_FRAME_MS_MAX),
    verdict('glass to glass, p50 in ms', delays.p50, GLASS_TO_GLASS_MS_MAX),
  ]
  const pass = checks.every(holds) && delays.count > 0
  const row = (what: string, { count, p50, p95, p99, max }: ReturnType<typeof percentiles>) => [
    what,
    count,
    p50,
    p95,
    p99,
    max,
  ]
  print({
    title: 'Join video',
    scene: `A Chromium sends 720p30 with a running time code; another joins ${joins.length} times, its signalling delayed by ${SIGNALLING_DELAY_MS} ms each way, while others used ${othersCores} cores of the machine.`,
    tables: [
      {
        title: 'Times in ms',
        head: ['what', 'count', 'p50', 'p95', 'p99', 'max'],
        rows: [row('click to first frame', clicks), row('glass to glass', delays)],
      },
      {
        title: 'Layers sent',
        head: ['layer', 'codec', 'height', 'frames/s'],
        rows: sending
          .filter(({ kind }) => kind === 'video')
          .map(({ rid, codec, heightPx, framesPerSecond }) => [
            rid ?? '-',
            codec ?? '-',
            heightPx ?? 0,
            framesPerSecond ?? 0,
          ]),
      },
    ],
    checks,
    result: {
      bench: 'join-video',
      pass,
      figures: {
        joins: joins.length,
        signallingDelayMs: SIGNALLING_DELAY_MS,
        clickToFrameMs: clicks,
        glassToGlassMs: delays,
        heightPx: picture?.heightPx ?? null,
        framesPerSecond: picture?.framesPerSecond ?? null,
        codec: picture?.codec ?? null,
        othersCores,
      },
    },
  })
  return pass
}

/** A figure that must not pass its bound, in the form of a check. */
function verdict(what: string, found: number, max: number): Check {
  const bound = `at most ${max}`
  return { what, expected: bound, found: found > 0 && found <= max ? bound : found }
}
