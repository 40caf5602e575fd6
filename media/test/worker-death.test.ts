import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { goLive, TestApi, watch } from './support/api.ts'
import { showIdOf } from './support/fixtures.ts'
import { withMediaNode } from './support/node.ts'

const limits = { viewersPerWorkerSoft: 2, viewersPerWorkerHard: 10 }
const kill = (worker: { pid: number } | undefined): void => {
  if (worker === undefined) throw new Error('there is no worker to kill')
  process.kill(worker.pid, 'SIGKILL')
}
const workersOf = async (api: TestApi) => (await api.ask('node-stats', {})).workers

/** One show over two workers: the creator and two viewers on one, a third viewer on the other. */
const spreadShow = async () => {
  const node = await withMediaNode({ workers: 2, limits })
  const api = await TestApi.connect(node)
  const showId = showIdOf()
  const creator = await goLive(api, showId)
  const atOrigin = [await watch(api, showId), await watch(api, showId)]
  const atEdge = await watch(api, showId)
  const workers = await workersOf(api)
  const origin = workers.find(({ viewers }) => viewers === 2)
  const edge = workers.find(({ viewers }) => viewers === 1)
  if (origin === undefined || edge === undefined) throw new Error('the show is not spread as this test needs it')
  return { node, api, showId, creator, atOrigin, atEdge, origin, edge }
}

const refilled = async (api: TestApi, dead: number): Promise<void> => {
  await expect
    .poll(async () => (await workersOf(api)).filter(({ pid }) => pid !== dead).length, { timeout: 5_000 })
    .toBe(2)
}

describe('kill -9', () => {
  test('of the worker of the creator tells everybody on it to join again, and the others that the creator is lost', async () => {
    const { node, api, showId, creator, atOrigin, atEdge, origin } = await spreadShow()
    const killedAtMs = performance.now()
    kill(origin)
    for (const { peerId } of [creator, ...atOrigin]) {
      expect((await api.next('rejoin', peerId)).reason).toBe('worker-died')
    }
    const toldAfterMs = performance.now() - killedAtMs
    expect(await api.next('producer-lost', atEdge.peerId)).toMatchObject({ graceMs: 60_000 })
    expect(toldAfterMs).toBeLessThan(500)

    const back = await goLive(api, showId)
    const added = await api.next('consumers-added', atEdge.peerId)
    expect(added.consumers.map(({ producerId }) => producerId)).toEqual(
      back.producers.map(({ producerId }) => producerId),
    )
    const again = await Promise.all([watch(api, showId), watch(api, showId)])
    expect(again.map(({ live, consumers }) => [live, consumers.length])).toEqual([
      [true, 2],
      [true, 2],
    ])
    await refilled(api, origin.pid)
    const { registry, dumped, workerDeaths, viewers } = await api.ask('node-stats', { dump: true })
    expect(dumped).toEqual(registry)
    expect([workerDeaths, viewers]).toEqual([1, 3])
    await expect.poll(() => node.complaints.map(({ msg }) => msg)).toEqual(['media worker died'])
  })

  test('of the worker of an edge tells its viewers only, and they find another way', async () => {
    const { api, showId, creator, atOrigin, atEdge, edge } = await spreadShow()
    kill(edge)
    expect((await api.next('rejoin', atEdge.peerId)).reason).toBe('worker-died')
    const again = await watch(api, showId)
    expect(again.consumers).toHaveLength(2)
    await refilled(api, edge.pid)
    for (const { peerId } of [creator, ...atOrigin]) expect(api.eventsOf(peerId)).toEqual([])
    const { registry, dumped } = await api.ask('node-stats', { dump: true })
    expect(dumped).toEqual(registry)
  })

  test('of the only worker: joins wait for its successor instead of failing', async () => {
    const api = await TestApi.connect(await withMediaNode())
    const showId = showIdOf()
    const creator = await goLive(api, showId)
    const viewer = await watch(api, showId)
    const [worker] = await workersOf(api)
    kill(worker)
    await api.next('rejoin', creator.peerId)
    await api.next('rejoin', viewer.peerId)
    const [back, again] = await Promise.all([goLive(api, showId), watch(api, showId)])
    expect(back.producers).toHaveLength(2)
    const consumers = again.live ? again.consumers : (await api.next('consumers-added', again.peerId)).consumers
    expect(consumers).toHaveLength(2)
  })

  test('in the middle of a rush of joins refuses some for now and breaks nothing', async () => {
    const api = await TestApi.connect(await withMediaNode({ workers: 2, limits: { joinBurst: 100 } }))
    const showId = showIdOf()
    await goLive(api, showId)
    const [worker] = await workersOf(api)
    const joins = Array.from({ length: 40 }, () => api.raw('watch', { showId, rtpCapabilities: { codecs: codecs() } }))
    kill(worker)
    const replies = (await Promise.all(joins)) as { ok: boolean; error?: { code: string } }[]
    const codes = new Set(replies.flatMap(({ error }) => (error === undefined ? [] : [error.code])))
    expect([...codes].filter((code) => code !== 'media.unavailable')).toEqual([])
    await refilled(api, worker?.pid ?? 0)
    const { registry, dumped } = await api.ask('node-stats', { dump: true })
    expect(dumped).toEqual(registry)
  })
})

const codecs = () => [
  { kind: 'audio' as const, mimeType: 'audio/opus', clockRate: 48_000, channels: 2, preferredPayloadType: 111 },
]

describe('garbage at the media port', () => {
  test('over UDP and TCP costs nobody anything', async () => {
    const node = await withMediaNode()
    const api = await TestApi.connect(node)
    const showId = showIdOf()
    await goLive(api, showId)
    const viewer = await watch(api, showId)
    const [before] = await workersOf(api)
    const udp = createSocket('udp4')
    const packets = [...garbage(viewer.transport.iceParameters.usernameFragment)]
    for (const packet of packets) {
      await new Promise((resolve) => udp.send(packet, node.rtcBasePort, '127.0.0.1', resolve))
    }
    udp.close()
    const tcp = connect(node.rtcBasePort, '127.0.0.1')
    tcp.on('error', () => undefined)
    await once(tcp, 'connect')
    for (const packet of packets) tcp.write(packet)
    tcp.destroy()
    await watch(api, showId)
    const [after] = await workersOf(api)
    expect(after?.pid).toBe(before?.pid)
    expect((await api.ask('node-stats', {})).workerDeaths).toBe(0)
    expect(api.eventsOf(viewer.peerId)).toEqual([])
  })
})

/** Empty and huge datagrams, every first byte (STUN, DTLS, RTP, RTCP by RFC 7983), and STUN that lies about its length. */
function* garbage(usernameFragment: string): Generator<Buffer> {
  yield Buffer.alloc(0)
  yield Buffer.alloc(60_000, 0xff)
  for (let first = 0; first < 256; first += 1) yield Buffer.concat([Buffer.of(first), Buffer.alloc(99, first)])
  for (const length of [0, 4, 8, 1_000, 65_535]) {
    const stun = Buffer.alloc(20 + 8)
    stun.writeUInt16BE(0x0001, 0)
    stun.writeUInt16BE(length, 2)
    stun.writeUInt32BE(0x2112a442, 4)
    stun.writeUInt16BE(0x0006, 20)
    stun.writeUInt16BE(length, 22)
    yield Buffer.concat([stun, Buffer.from(`${usernameFragment}:x`)])
  }
  // A DTLS ClientHello from somebody without ICE consent, and one that ends in the middle.
  const hello = Buffer.from('16feff0000000000000000003601000002000000000000002afefd', 'hex')
  yield hello
  yield hello.subarray(0, 14)
}
