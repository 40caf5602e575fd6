import { productPinned, syncClock, type ToldEvent } from '@livelot/client/contracts'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type TestRedis, testRedis } from '../../../test/support/services.ts'
import { limits } from './limits.ts'
import { type Stage, type StageNode, startStage } from './testing/stage.ts'
import { Viewer } from './testing/viewer.ts'

let redis: TestRedis
let stage: Stage

afterEach(async () => {
  await stage.close()
  await redis.drop()
})

const large = { name: 'test:large', version: 1, summary: '', data: z.unknown() } satisfies ToldEvent
const text = 'x'.repeat(100_000)

/** Stops reading below everything that could acknowledge, as a phone in a tunnel does. */
function stall(viewer: Viewer): void {
  const { transport } = viewer.socket.io.engine as unknown as { transport: { ws: { _socket: { pause(): void } } } }
  transport.ws._socket.pause()
}

describe.each([
  ['written straight to the connection', true],
  ['sent by Engine.IO', false],
])('a slow reader, %s', (_title, mayWriteDirectly) => {
  it('is spared what may be left out, then cut, and nobody else notices', async () => {
    redis = await testRedis()
    stage = await startStage({ redisUrl: redis.url, gateway: { mayWriteDirectly } })
    const [node] = stage.nodes as [StageNode]
    const quick = await new Viewer(node.url, stage.showId).join()
    const slow = await new Viewer(node.url, stage.showId).join()
    const startSeq = quick.cursor?.seq ?? 0
    let appended = 0
    let latestMs = 0
    stall(slow)
    // The kernel takes some megabytes before this process sees anything of it.
    while ((await node.counted('livelot_socket_shed_total')) === 0 && appended < 2_000) {
      await stage.append(node, large, { text })
      appended += 1
      await quick.until(() => quick.cursor?.seq === startSeq + appended)
    }
    expect(await node.counted('livelot_socket_shed_total')).toBeGreaterThan(0)
    const shedAtMs = performance.now()
    while (node.gateway.connectionCount === 2) {
      const sentAtMs = performance.now()
      await stage.append(node, productPinned, { productId: null })
      appended += 1
      await quick.until(() => quick.cursor?.seq === startSeq + appended)
      latestMs = Math.max(latestMs, performance.now() - sentAtMs)
    }
    expect(performance.now() - shedAtMs).toBeGreaterThan(limits.slowMs - 1_000)
    expect(performance.now() - shedAtMs).toBeLessThan(limits.slowMs + limits.closeMs + 3_000)
    expect(await node.counted('livelot_socket_cuts_total')).toBe(1)
    expect(latestMs).toBeLessThan(2_000)
    expect(quick.wrong).toEqual([])
    expect(await quick.ask(syncClock, {})).toEqual({ nowMs: expect.any(Number) })
    quick.close()
    slow.close()
  }, 60_000)
})

describe('a process that is about to stop', () => {
  it('tells everybody to come back elsewhere, refuses new ones, and closes who stays so that it comes back', async () => {
    redis = await testRedis()
    stage = await startStage({ redisUrl: redis.url, nodeCount: 2 })
    const [a, b] = stage.nodes as [StageNode, StageNode]
    const viewers = await Promise.all(Array.from({ length: 30 }, () => new Viewer(a.url, stage.showId).join()))
    const drained = a.gateway.drain(500)
    await Promise.all(viewers.map((viewer) => viewer.until(() => viewer.limited.includes('drain'))))
    const refused = new Viewer(a.url, stage.showId)
    await new Promise((resolve) => refused.socket.once('connect_error', resolve))
    const [mover] = viewers as [Viewer]
    const moved = await new Viewer(b.url, stage.showId).join(mover.cursor ?? undefined)
    expect(moved.answer?.resumed).not.toBeNull()
    const reasons = viewers.map(
      (viewer) => new Promise<string>((resolve) => viewer.socket.once('disconnect', (reason) => resolve(reason))),
    )
    await drained
    // The client library comes back after these by itself; it never does after "io server disconnect".
    expect(new Set(await Promise.all(reasons))).toEqual(new Set(['transport close']))
    expect(a.gateway.connectionCount).toBe(0)
    for (const viewer of [...viewers, refused, moved]) viewer.close()
  })
})

describe('one address', () => {
  it('may hold so many connections open and no more, and gets their places back', async () => {
    redis = await testRedis()
    stage = await startStage({
      redisUrl: redis.url,
      gateway: { addressLimits: { openMax: 2, burst: 5, perSecond: 0.001 } },
    })
    const [node] = stage.nodes as [StageNode]
    const first = await new Viewer(node.url, stage.showId).connected()
    const second = await new Viewer(node.url, stage.showId).connected()
    const third = new Viewer(node.url, stage.showId)
    await new Promise((resolve) => third.socket.once('connect_error', resolve))
    first.close()
    await expect.poll(() => node.gateway.connectionCount).toBe(1)
    const fourth = await new Viewer(node.url, stage.showId).connected()
    for (const viewer of [second, third, fourth]) viewer.close()
  })
})

describe('a crowd that comes all at once', () => {
  it('is let in as fast as the process takes it, and who is refused comes in a moment later', async () => {
    redis = await testRedis()
    stage = await startStage({ redisUrl: redis.url, gateway: { handshakes: { burst: 10, perSecond: 20 } } })
    const [node] = stage.nodes as [StageNode]
    const startTick = performance.now()
    const crowd = Array.from({ length: 30 }, () => new Viewer(node.url, stage.showId))
    for (const { socket } of crowd) socket.on('connect_error', () => void socket.connect())
    await Promise.all(crowd.map((viewer) => viewer.connected()))
    // Ten at once, and twenty more at twenty a second.
    expect(performance.now() - startTick).toBeGreaterThan(950)
    expect(await node.counted('livelot_socket_refusals_total')).toBeGreaterThanOrEqual(20)
    for (const viewer of crowd) viewer.close()
  })
})
