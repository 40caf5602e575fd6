import { describe, expect, test } from 'vitest'
import { goLive, TestApi, watch } from './support/api.ts'
import { cameraTrack, dtlsParameters, showIdOf, viewerCapabilities } from './support/fixtures.ts'
import { withMediaNode } from './support/node.ts'

describe('a creator who drops', () => {
  test('is waited for, and the viewers get the new tracks by themselves', async () => {
    const api = await TestApi.connect(await withMediaNode({ limits: { resumeGraceMs: 20_000 } }))
    const showId = showIdOf()
    const creator = await goLive(api, showId)
    expect(await api.next('show-changed')).toEqual({ showId, state: 'live' })
    const viewer = await watch(api, showId)
    await api.ask('close', { peerId: creator.peerId })
    expect(await api.next('producer-lost', viewer.peerId)).toEqual({
      peerId: viewer.peerId,
      seq: 1,
      graceMs: 20_000,
    })
    expect(await api.next('show-changed')).toEqual({ showId, state: 'lost' })
    const back = await goLive(api, showId)
    expect(await api.next('show-changed')).toEqual({ showId, state: 'live' })
    const added = await api.next('consumers-added', viewer.peerId)
    expect(added.consumers.map(({ producerId }) => producerId)).toEqual(
      back.producers.map(({ producerId }) => producerId),
    )
  })

  test('and stays away ends the show for its viewers', async () => {
    const api = await TestApi.connect(await withMediaNode({ limits: { resumeGraceMs: 50 } }))
    const showId = showIdOf()
    const creator = await goLive(api, showId)
    const viewer = await watch(api, showId)
    await api.ask('close', { peerId: creator.peerId })
    expect((await api.next('ended', viewer.peerId)).reason).toBe('broadcaster-gone')
    const states = [await api.next('show-changed'), await api.next('show-changed'), await api.next('show-changed')]
    expect(states.map(({ state }) => state)).toEqual(['live', 'lost', 'ended'])
    const stats = await api.ask('node-stats', { dump: true })
    expect([stats.rooms, stats.viewers, stats.dumped?.routers]).toEqual([0, 0, 0])
  })
})

describe('the first picture', () => {
  const videoPaused = (node: Awaited<ReturnType<typeof withMediaNode>>, showId: string): boolean | undefined =>
    node.node.findRoom(showId)?.publisher?.tracks.find(({ source }) => source === 'camera')?.producer.paused

  test('goes out at once when nobody waits', async () => {
    const node = await withMediaNode()
    const api = await TestApi.connect(node)
    const showId = showIdOf()
    await goLive(api, showId)
    expect(videoPaused(node, showId)).toBe(false)
  })

  test('is kept back for those who wait, for a moment, and nobody is told of a pause', async () => {
    const node = await withMediaNode({ workers: 2, limits: { viewersPerWorkerSoft: 1, startHoldMs: 500 } })
    const api = await TestApi.connect(node)
    const showId = showIdOf()
    const viewers = [await watch(api, showId), await watch(api, showId)]
    await goLive(api, showId)
    expect(videoPaused(node, showId)).toBe(true)
    for (const { peerId } of viewers) {
      const { consumers } = await api.next('consumers-added', peerId)
      expect(consumers.map(({ producerPaused }) => producerPaused)).toEqual([false, false])
    }
    await expect.poll(() => videoPaused(node, showId), { timeout: 5_000 }).toBe(false)
    await api.settled()
    for (const { peerId } of viewers) expect(api.eventsOf(peerId)).toEqual([])
  })

  test('is not kept back over a pause of the creator, which is told', async () => {
    const node = await withMediaNode({ limits: { startHoldMs: 10_000 } })
    const api = await TestApi.connect(node)
    const showId = showIdOf()
    const viewer = await watch(api, showId)
    const { peerId, producers } = await goLive(api, showId)
    const { consumers } = await api.next('consumers-added', viewer.peerId)
    const camera = consumers.find(({ source }) => source === 'camera')
    await api.ask('pause', { peerId, trackIds: [producers[0]?.producerId ?? ''] })
    expect((await api.next('consumer-paused', viewer.peerId)).consumerId).toBe(camera?.consumerId)
    expect(videoPaused(node, showId)).toBe(true)
    await api.ask('resume', { peerId, trackIds: [producers[0]?.producerId ?? ''] })
    expect((await api.next('consumer-resumed', viewer.peerId)).consumerId).toBe(camera?.consumerId)
  })
})

describe('a second publisher of a show', () => {
  test('replaces the first with its first track, not before', async () => {
    const api = await TestApi.connect(await withMediaNode())
    const showId = showIdOf()
    const first = await goLive(api, showId)
    const viewer = await watch(api, showId)
    const second = await api.ask('publish-start', { showId, dtlsParameters: dtlsParameters() })
    await api.settled()
    expect(api.eventsOf(first.peerId)).toEqual([])
    const { producers } = await api.ask('produce', { peerId: second.peerId, tracks: [cameraTrack()] })
    expect((await api.next('ended', first.peerId)).reason).toBe('replaced')
    const added = await api.next('consumers-added', viewer.peerId)
    expect(added.consumers.map(({ producerId }) => producerId)).toEqual([producers[0]?.producerId])
    await api.settled()
    expect(api.eventsOf(viewer.peerId)).toEqual(['consumer-closed', 'consumer-closed'])
    const { publishers, registry, dumped } = await api.ask('node-stats', { dump: true })
    expect(publishers).toBe(1)
    expect(dumped).toEqual(registry)
  })

  test('that never sends is replaced by a third that does', async () => {
    const api = await TestApi.connect(await withMediaNode())
    const showId = showIdOf()
    const second = await api.ask('publish-start', { showId })
    const third = await goLive(api, showId)
    expect((await api.next('ended', second.peerId)).reason).toBe('replaced')
    await api.settled()
    expect(api.eventsOf(third.peerId)).toEqual([])
  })
})

describe('a peer that never connects', () => {
  test('is closed, once it had all that it needed to connect', async () => {
    const api = await TestApi.connect(await withMediaNode({ limits: { connectTimeoutMs: 50 } }))
    const showId = showIdOf()
    const early = await watch(api, showId)
    const creator = await api.ask('publish-start', { showId })
    expect((await api.next('ended', creator.peerId)).reason).toBe('never-connected')
    // A viewer before the show has nothing to connect for, and waits.
    await api.settled()
    expect(api.eventsOf(early.peerId)).toEqual([])
    const again = await goLive(api, showId)
    expect((await api.next('ended', again.peerId)).reason).toBe('never-connected')
    expect((await api.next('ended', early.peerId)).reason).toBe('never-connected')
  })
})

describe('an empty room', () => {
  test('is taken down after a moment', async () => {
    const api = await TestApi.connect(await withMediaNode({ limits: { emptyRoomMs: 20 } }))
    const showId = showIdOf()
    const viewer = await watch(api, showId)
    await api.ask('close', { peerId: viewer.peerId })
    await expect.poll(async () => (await api.ask('node-stats', { dump: true })).dumped?.routers).toBe(0)
    expect((await api.ask('node-stats', {})).rooms).toBe(0)
    expect(api.told.map(({ event }) => event)).toEqual([])
  })
})

describe('a show larger than one worker', () => {
  const limits = { viewersPerWorkerSoft: 2, viewersPerWorkerHard: 3, emptyRoomMs: 20 }

  test('gets an edge on another worker, fed by one pipe, and follows the creator there', async () => {
    const api = await TestApi.connect(await withMediaNode({ workers: 2, limits }))
    const showId = showIdOf()
    const creator = await goLive(api, showId)
    const viewers = [await watch(api, showId), await watch(api, showId)]
    expect((await api.ask('node-stats', {})).pipes).toBe(0)
    viewers.push(await watch(api, showId))
    const { pipes, registry, dumped, workers } = await api.ask('node-stats', { dump: true })
    expect(pipes).toBe(1)
    // Two routers; creator, three viewers and the pipe's two ends; two tracks, twice; two for each viewer and the pipe.
    expect(registry).toEqual({ routers: 2, transports: 6, producers: 4, consumers: 8 })
    expect(dumped).toEqual(registry)
    expect(workers.map((worker) => worker.viewers).sort()).toEqual([1, 2])
    const [edge] = viewers.slice(2)
    expect(edge?.consumers.map(({ type }) => type)).toEqual(['simulcast', 'simple'])

    const [camera] = creator.producers
    await api.ask('pause', { peerId: creator.peerId, trackIds: [camera?.producerId ?? ''] })
    for (const { peerId } of viewers) await api.next('consumer-paused', peerId)
    await api.ask('resume', { peerId: creator.peerId, trackIds: [camera?.producerId ?? ''] })
    for (const { peerId } of viewers) await api.next('consumer-resumed', peerId)
    await api.ask('close-tracks', { peerId: creator.peerId, trackIds: [camera?.producerId ?? ''] })
    for (const { peerId } of viewers) await api.next('consumer-closed', peerId)
    await api.ask('produce', { peerId: creator.peerId, tracks: [cameraTrack()] })
    for (const { peerId } of viewers) expect((await api.next('consumers-added', peerId)).consumers).toHaveLength(1)
    const later = await api.ask('node-stats', { dump: true })
    expect(later.dumped).toEqual(registry)
    await api.ask('end-show', { showId })
    const over = await api.ask('node-stats', { dump: true })
    const nothing = { routers: 0, transports: 0, producers: 0, consumers: 0 }
    expect([over.registry, over.dumped, over.pipes]).toEqual([nothing, nothing, 0])
  })

  test('keeps one router and one pipe a worker when twenty join at once', async () => {
    const api = await TestApi.connect(await withMediaNode({ workers: 2, limits: { viewersPerWorkerSoft: 3 } }))
    const showId = showIdOf()
    await goLive(api, showId)
    const viewers = []
    for (let index = 0; index < 3; index += 1) viewers.push(await watch(api, showId))
    viewers.push(...(await Promise.all(Array.from({ length: 20 }, () => watch(api, showId)))))
    expect(viewers.map(({ consumers }) => consumers.length)).toEqual(Array(23).fill(2))
    const { pipes, registry, dumped } = await api.ask('node-stats', { dump: true })
    expect(pipes).toBe(1)
    expect(dumped).toEqual(registry)
    expect(registry.routers).toBe(2)
  })

  test('brings tracks to viewers who were spread over workers before it began', async () => {
    const api = await TestApi.connect(await withMediaNode({ workers: 2, limits }))
    const showId = showIdOf()
    const viewers = []
    for (let index = 0; index < 4; index += 1) viewers.push(await watch(api, showId))
    await goLive(api, showId)
    for (const { peerId } of viewers) expect((await api.next('consumers-added', peerId)).consumers).toHaveLength(2)
    const { registry, dumped } = await api.ask('node-stats', { dump: true })
    expect(dumped).toEqual(registry)
  })
})

describe('admission', () => {
  test('refuses the viewer that no worker has room for, and takes one when another has left', async () => {
    const limits = { viewersPerWorkerSoft: 1, viewersPerWorkerHard: 2 }
    const api = await TestApi.connect(await withMediaNode({ limits }))
    const showId = showIdOf()
    const first = await watch(api, showId)
    await watch(api, showId)
    const refused = await api.raw('watch', { showId, rtpCapabilities: viewerCapabilities })
    expect(refused).toMatchObject({ ok: false, error: { code: 'media.full', retryAfterMs: 2_000 } })
    expect((await api.ask('node-stats', { dump: true })).dumped?.transports).toBe(2)
    await api.ask('close', { peerId: first.peerId })
    await watch(api, showId)
  })

  test('spreads a rush of joins over time', async () => {
    const limits = { joinsPerSecond: 10, joinBurst: 3 }
    const api = await TestApi.connect(await withMediaNode({ limits }))
    const showId = showIdOf()
    const replies = await Promise.all(
      Array.from({ length: 8 }, () => api.raw('watch', { showId, rtpCapabilities: viewerCapabilities })),
    )
    const refused = (replies as { ok: boolean; error?: { code: string; retryAfterMs: number } }[]).filter(
      ({ ok }) => !ok,
    )
    expect(refused.map(({ error }) => error?.code)).toEqual(Array(5).fill('media.full'))
    const waits = refused.map(({ error }) => error?.retryAfterMs ?? 0)
    // Each is asked to come one place later in the queue, a tenth of a second apart.
    expect(waits).toEqual([...waits].sort((a, b) => a - b))
    expect(new Set(waits).size).toBe(5)
    expect(Math.max(...waits)).toBeLessThanOrEqual(700)
  })
})
