import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type AuctionNight, openAuctionNight } from '../support/auction-night.ts'
import { type LiveCrowd, openLiveCrowd } from '../support/live-crowd.ts'
import { type TestPlatform, testPlatform } from '../support/platform.ts'
import { startTcpBalancer, type TcpBalancer } from '../support/tcp-balancer.ts'

const viewerCount = 18
const longMs = 60_000

let platform: TestPlatform
let balancer: TcpBalancer
let night: AuctionNight
let crowd: LiveCrowd
let productIds: string[]
let pinCount = 0

beforeAll(async () => {
  const env = { SOCKETS_PER_ADDRESS_MAX: '2000', SOCKETS_DRAIN_MS: '5000' }
  platform = await testPlatform({ apiProcesses: 3, env })
  balancer = await startTcpBalancer(platform.urls.apis.map((url) => Number(new URL(url).port)))
  productIds = await demoProducts()
  night = await openAuctionNight(platform, Date.now() % 2 ** 31, { bidderCount: 1, productIds })
  crowd = await openLiveCrowd({ urls: [balancer.url], showId: night.showId, count: viewerCount })
}, 120_000)
afterAll(async () => {
  crowd?.close()
  await night?.close()
  await balancer?.[Symbol.asyncDispose]()
  await platform?.stop()
})

async function demoProducts(): Promise<string[]> {
  const { default: pg } = await import('pg')
  const client = new pg.Client({ connectionString: platform.databaseUrl })
  await client.connect()
  const { rows } = await client.query<{ id: string }>('SELECT id FROM products ORDER BY id LIMIT 3')
  await client.end()
  return rows.map(({ id }) => id)
}

/** The host pins one product after the other. Each pin that is answered is one event of the log. */
function pinning() {
  let isOn = true
  let pinned = 0
  const done = (async () => {
    while (isOn) {
      pinCount += 1
      const productId = productIds[pinCount % productIds.length] ?? ''
      await night.host.shows.pin({ showId: night.showId, productId }, { timeoutMs: 20_000 })
      pinned += 1
      await delay(40)
    }
  })()
  done.catch(() => undefined)
  return {
    count: () => pinned,
    atLeast: (count: number) =>
      expect.poll(() => pinned, { timeout: 20_000, interval: 20 }).toBeGreaterThanOrEqual(count),
    stop: async () => {
      isOn = false
      await done
      return pinned
    },
  }
}

const placeOf = () => crowd.viewers[0]?.room.state.cursor?.seq ?? 0
const everybodyAt = (seq: number, withinMs: number) =>
  expect
    .poll(() => crowd.viewers.map(({ room }) => [room.state.status, room.state.cursor?.seq]), {
      timeout: withinMs,
      interval: 20,
    })
    .toEqual(Array.from({ length: viewerCount }, () => ['online', seq]))
const pidsOf = () =>
  [...platform.processes.values()].map(({ name, pid, isRunning }) => [name, name === 'redis' ? 0 : pid, isRunning])

it('spreads viewers over three processes, and all of them hear the same', { timeout: longMs }, async () => {
  // The host, the bidder and the guests go past the balancer.
  expect(balancer.upstreams.map(({ open }) => open)).toEqual([6, 6, 6])
  const startSeq = placeOf()
  const pins = pinning()
  await pins.atLeast(10)
  await everybodyAt(startSeq + (await pins.stop()), 10_000)
  expect(crowd.brokenOrder()).toEqual([])
  for (const { heard } of crowd.viewers)
    expect(heard.map(({ seq }) => seq)).toEqual(Array.from({ length: heard.length }, (_, i) => startSeq + 1 + i))
})

it('loses and reorders nothing when Redis is killed for four seconds, and no process ends', {
  timeout: longMs,
}, async () => {
  const before = pidsOf()
  crowd.forget()
  const startSeq = placeOf()
  const pins = pinning()
  await pins.atLeast(10)
  await platform.kill('redis')
  await delay(4_000)
  await platform.restart('redis')
  const atReturn = pins.count()
  expect(atReturn).toBeGreaterThan(30)
  await pins.atLeast(atReturn + 10)
  await everybodyAt(startSeq + (await pins.stop()), 15_000)
  expect(crowd.brokenOrder()).toEqual([])
  for (const { heard, snapshots, statuses, room } of crowd.viewers) {
    // A server that was down may have forgotten something: everybody is given the whole state once, and goes on from there.
    expect(snapshots).toHaveLength(1)
    expect(statuses).toEqual([])
    const toldFrom = snapshots[0]?.what.seq ?? 0
    const first = heard.filter(({ epoch }) => epoch !== room.state.cursor?.epoch).map(({ seq }) => seq)
    const then = heard.filter(({ epoch }) => epoch === room.state.cursor?.epoch).map(({ seq }) => seq)
    expect(first).toEqual(Array.from({ length: first.length }, (_, i) => startSeq + 1 + i))
    expect(then).toEqual(Array.from({ length: then.length }, (_, i) => toldFrom + 1 + i))
    expect(toldFrom).toBeGreaterThanOrEqual(startSeq + first.length)
  }
  expect(pidsOf()).toEqual(before)
})

it('moves the viewers of a process that stops to the others without a gap', { timeout: longMs }, async () => {
  crowd.forget()
  const startSeq = placeOf()
  const [, second] = balancer.upstreams
  expect(second?.open).toBeGreaterThan(0)
  const pins = pinning()
  await pins.atLeast(5)
  await platform.restart('api-2')
  await pins.atLeast(pins.count() + 5)
  await everybodyAt(startSeq + (await pins.stop()), 10_000)
  expect(crowd.brokenOrder()).toEqual([])
  for (const { heard, snapshots, statuses } of crowd.viewers) {
    // Nobody has noticed: the new socket stood before the old one was left.
    expect([snapshots, statuses]).toEqual([[], []])
    expect(heard.map(({ seq }) => seq)).toEqual(Array.from({ length: heard.length }, (_, i) => startSeq + 1 + i))
  }
  const [first, , third] = balancer.upstreams
  expect((first?.open ?? 0) + (third?.open ?? 0)).toBeGreaterThanOrEqual(viewerCount)
})

it('brings the viewers of a process that is killed to the others within five seconds, without a gap', {
  timeout: longMs,
}, async () => {
  crowd.forget()
  const startSeq = placeOf()
  const pins = pinning()
  await pins.atLeast(5)
  const killedTick = performance.now()
  await platform.kill('api-3')
  await everybodyAt(startSeq + (await pins.stop()), 5_000)
  expect(performance.now() - killedTick).toBeLessThan(5_000)
  expect(crowd.brokenOrder()).toEqual([])
  const moved = crowd.viewers.filter(({ statuses }) => statuses.length > 0)
  expect(moved.length).toBeGreaterThan(0)
  for (const { heard, snapshots } of crowd.viewers) {
    expect(snapshots).toEqual([])
    expect(heard.map(({ seq }) => seq)).toEqual(Array.from({ length: heard.length }, (_, i) => startSeq + 1 + i))
  }
  // Who was counted by the dead process and is counted by another one is not counted twice for long: no ghosts.
  const inRoom = viewerCount + 4
  await expect.poll(() => crowd.viewers[0]?.room.state.viewerCount, { timeout: 10_000 }).toBe(inRoom)
  await platform.restart('api-3')
})

it('tells everything once and in order when the only job worker and the media node are killed', {
  timeout: longMs,
}, async () => {
  await expect.poll(() => crowd.isTogether(), { timeout: 10_000 }).toBe(true)
  crowd.forget()
  const startSeq = placeOf()
  const pins = pinning()
  await pins.atLeast(5)
  await Promise.all([platform.kill('worker'), platform.kill('media')])
  // Answered and in the outbox: whoever relays next tells them.
  await pins.atLeast(pins.count() + 20)
  await Promise.all([platform.restart('worker'), platform.restart('media')])
  await everybodyAt(startSeq + (await pins.stop()), 15_000)
  expect(crowd.brokenOrder()).toEqual([])
  for (const { heard, snapshots, statuses } of crowd.viewers) {
    expect([snapshots, statuses]).toEqual([[], []])
    expect(heard.map(({ seq }) => seq)).toEqual(Array.from({ length: heard.length }, (_, i) => startSeq + 1 + i))
  }
})

it('brings everybody back without a gap, at moments of their own, when all connections drop at once', {
  timeout: longMs,
}, async () => {
  await expect.poll(() => crowd.isTogether(), { timeout: 10_000 }).toBe(true)
  crowd.forget()
  const startSeq = placeOf()
  const pins = pinning()
  await pins.atLeast(5)
  const dropTick = performance.now()
  balancer.cutAll()
  await expect.poll(() => crowd.viewers.every(({ statuses }) => statuses.length > 0), { interval: 5 }).toBe(true)
  await pins.atLeast(pins.count() + 10)
  await everybodyAt(startSeq + (await pins.stop()), 5_000)
  expect(crowd.brokenOrder()).toEqual([])
  const backMs = crowd.viewers.map(({ statuses }) => {
    expect(statuses.map(({ what }) => what)).toEqual(['reconnecting', 'online'])
    return (statuses[1]?.atTick ?? 0) - dropTick
  })
  expect(Math.max(...backMs)).toBeLessThan(5_000)
  expect(Math.max(...backMs) - Math.min(...backMs)).toBeGreaterThan(50)
  for (const { heard, snapshots } of crowd.viewers) {
    expect(snapshots).toEqual([])
    expect(heard.map(({ seq }) => seq)).toEqual(Array.from({ length: heard.length }, (_, i) => startSeq + 1 + i))
  }
})
