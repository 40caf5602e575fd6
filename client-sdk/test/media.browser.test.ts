import { fileURLToPath } from 'node:url'
import type { Client, Show } from '@livelot/client'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchChromium, type PageServer, servePage } from '../../load-tests/browser.ts'
import type { PictureFacts, page } from './browser/page.ts'
import { type DemoPlatform, startDemoPlatform } from './demo-platform.ts'

type InPage = typeof page

let server: PageServer
let demo: DemoPlatform
let browser: Browser
let studio: Page
let viewer: Page
let show: Show
let creator: Client

beforeAll(async () => {
  server = await servePage(fileURLToPath(new URL('./browser/page.ts', import.meta.url)))
  demo = await startDemoPlatform({ env: { ALLOWED_ORIGINS: server.origin } })
  browser = await launchChromium()
  const live = await demo.liveShow()
  creator = live.creator
  show = await creator.shows.create({ title: 'A show of its own', startsAtMs: Date.now() })
  await creator.shows.start({ showId: show.showId })
  studio = await open()
  viewer = await open()
})
afterAll(async () => {
  await browser?.close()
  await demo?.[Symbol.asyncDispose]()
  await server?.close()
})

async function open(): Promise<Page> {
  const opened = await (await browser.newContext({ viewport: { width: 1400, height: 900 } })).newPage()
  await opened.goto(server.origin)
  return opened
}

async function call<F extends keyof InPage>(
  where: Page,
  name: F,
  ...args: Parameters<InPage[F]>
): Promise<Awaited<ReturnType<InPage[F]>>> {
  const run = ([what, values]: readonly [string, readonly unknown[]]) => {
    const { page: inPage } = globalThis as unknown as { page: Record<string, (...all: unknown[]) => unknown> }
    return inPage[what]?.(...values)
  }
  return (await where.evaluate(run, [name, args] as const)) as Awaited<ReturnType<InPage[F]>>
}

/** Looks at the picture with every animation frame until it is so. */
async function pictureIs(isSo: (facts: PictureFacts) => boolean, where = viewer): Promise<PictureFacts> {
  for (;;) {
    const facts = await call(where, 'picture')
    if (isSo(facts)) return facts
    await where.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)))
  }
}

const isRed = ({ colour: [red, green, blue] }: PictureFacts) => red > 140 && green < 90 && blue < 90
const isBlue = ({ colour: [red, green, blue] }: PictureFacts) => blue > 140 && red < 90 && green < 90

/** The picture moves: thirty further frames are shown. */
async function moves(): Promise<void> {
  const { frames } = await call(viewer, 'picture')
  await pictureIs((facts) => facts.state === 'playing' && facts.frames >= frames + 30)
}

describe('video from browser to browser', () => {
  it('refuses a broadcast by somebody else than the creator', async () => {
    const stranger = await open()
    const code = await call(stranger, 'goLive', demo.baseUrl, demo.credentialsOf('Ada'), show.showId, 'red')
    expect(code).toBe('auth.forbidden')
    await stranger.context().close()
  })

  it('plays what the creator sends, in three layers, at full height', async () => {
    const who = demo.credentialsOf(show.creator.handle)
    expect(await call(studio, 'goLive', demo.baseUrl, who, show.showId, '#c00')).toBe('live')
    await call(viewer, 'startWatching', demo.baseUrl, show.showId, 720)
    await pictureIs((facts) => facts.state === 'playing' && isRed(facts) && facts.heightPx === 720)
    await moves()
    const { joinMs } = await call(viewer, 'picture')
    expect(joinMs).toBeGreaterThan(0)
    const sent = (await call(studio, 'sendingStats')).filter(({ kind }) => kind === 'video')
    expect(sent.map(({ rid, codec }) => [rid, codec]).sort()).toEqual([
      ['r0', 'video/H264'],
      ['r1', 'video/H264'],
      ['r2', 'video/H264'],
    ])
  })

  it('joins in two round trips where the browser keeps its fingerprints to itself', async () => {
    const other = await open()
    await call(other, 'forgetFingerprints')
    await call(other, 'startWatching', demo.baseUrl, show.showId, 360)
    const { told } = await pictureIs((facts) => facts.state === 'playing' && isRed(facts), other)
    expect(told).toEqual(['playing'])
    await other.context().close()
  })

  it('asks for the layer that fits the picture on the page', async () => {
    await call(viewer, 'resize', 180)
    await pictureIs((facts) => facts.heightPx === 180)
    await call(viewer, 'resize', 720)
    await pictureIs((facts) => facts.heightPx === 720)
    const stats = await call(viewer, 'watchStats')
    expect(stats?.streams.map(({ kind, heightPx }) => [kind, heightPx])).toEqual([['video', 720]])
  })

  it('changes the camera without a new join', async () => {
    await call(studio, 'setColour', '#00c')
    const facts = await pictureIs(isBlue)
    expect(facts.told).toEqual(['playing'])
  })

  it('waits while the creator rests the picture, and plays on', async () => {
    await call(studio, 'mute', 'camera')
    await pictureIs((facts) => facts.state === 'waiting')
    await call(studio, 'unmute', 'camera')
    await moves()
  })

  it('goes on playing while the API restarts, on a new socket', async () => {
    const before = await call(viewer, 'picture')
    await demo.platform.restart('api')
    await moves()
    const room = creator.joinRoom(show.showId)
    await room.ready()
    room.leave()
    await moves()
    expect((await call(viewer, 'picture')).told.slice(before.told.length)).toEqual([])
  })

  it('joins again by itself after the media process has died', async () => {
    await demo.platform.kill('media')
    await demo.platform.restart('media')
    await pictureIs(({ told }) => told.includes('rejoined'))
    await moves()
    expect(isBlue(await call(viewer, 'picture'))).toBe(true)
    expect(await call(studio, 'broadcastStates')).toEqual(expect.arrayContaining(['reconnecting', 'live']))
  })

  it('is told when the show is over', async () => {
    await creator.shows.end({ showId: show.showId })
    const { told } = await pictureIs(({ state }) => state === 'ended')
    expect(told.at(-1)).toBe('ended: show-ended')
  })
})
