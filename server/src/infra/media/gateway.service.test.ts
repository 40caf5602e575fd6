import type { RunningMediaNode } from '@livelot/media'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectMedia, type MediaClient } from './client.ts'
import { createMediaGateway, type MediaGateway } from './gateway.ts'
import { microphone, newShowId, opusCapabilities, quiet, startTestNode, testSecret } from './testing.ts'

let node: RunningMediaNode
let client: MediaClient
let gateway: MediaGateway

beforeAll(async () => {
  node = await startTestNode()
  client = connectMedia({ url: `ws://127.0.0.1:${node.controlPort}`, secret: testSecret, log: quiet })
  await client.whenConnected()
  gateway = createMediaGateway(client)
})
afterAll(async () => {
  client.close()
  await node.close()
})

const openSocket = () => {
  const told: { event: string; data: { peerId: string } }[] = []
  const session = gateway.openSession((event, data) => void told.push({ event, data }))
  const eventsOf = (peerId: string) => told.filter(({ data }) => data.peerId === peerId).map(({ event }) => event)
  return { session, told, eventsOf }
}

const target = (showId = newShowId()) => ({ showId, rtpCapabilities: opusCapabilities })

describe('a socket', () => {
  test('can use the peers that it made, and no others', async () => {
    const [one, other] = [openSocket(), openSocket()]
    const { peerId } = await one.session.watch(target())
    await expect(other.session.restartIce({ peerId })).rejects.toMatchObject({ code: 'media.no_peer' })
    expect((await one.session.restartIce({ peerId })).iceParameters.iceLite).toBe(true)
    // Closing what belongs to another changes nothing.
    expect(await other.session.close({ peerId })).toEqual({})
    expect(await one.session.close({ peerId })).toEqual({})
    await expect(one.session.restartIce({ peerId })).rejects.toMatchObject({ code: 'media.no_peer' })
  })

  test('hears of its peers only after the answer that names them', async () => {
    const { session, told, eventsOf } = openSocket()
    const showId = newShowId()
    const creator = openSocket()
    const { peerId } = await creator.session.publishStart({ showId })
    const [viewer] = await Promise.all([
      session.watch(target(showId)).then((result) => ({ ...result, toldBefore: told.length })),
      creator.session.produce({ peerId, tracks: microphone() }),
    ])
    expect(viewer.toldBefore).toBe(0)
    if (!viewer.live) await expect.poll(() => eventsOf(viewer.peerId)).toEqual(['media:consumers-added'])
    await gateway.endShow(showId)
    await expect.poll(() => eventsOf(viewer.peerId).at(-1)).toBe('media:ended')
    await expect.poll(() => creator.eventsOf(peerId)).toEqual(['media:ended'])
    await expect(session.pause({ peerId: viewer.peerId, trackIds: [] })).rejects.toMatchObject({
      code: 'media.no_peer',
    })
  })

  test('that watches a show again has its earlier peer closed', async () => {
    const { session } = openSocket()
    const show = target()
    await session.watch(show)
    await session.watch(show)
    await expect.poll(() => node.node.findRoom(show.showId)?.peers.length).toBe(1)
  })

  test('holds four peers at most', async () => {
    const { session } = openSocket()
    for (let index = 0; index < 4; index += 1) await session.watch(target())
    await expect(session.watch(target())).rejects.toMatchObject({ code: 'media.not_allowed' })
  })

  test('that drops leaves its peers to the next socket that proves their secret', async () => {
    const [before, after] = [openSocket(), openSocket()]
    const show = target()
    const { peerId, peerSecret } = await before.session.watch(show)
    before.session.dropped()
    await expect.poll(() => node.node.peer(peerId).outbox.owner).toBeUndefined()
    const wrong = { peerId, peerSecret: 'A'.repeat(43), showId: show.showId, afterSeq: 0 }
    await expect(after.session.adopt(wrong)).rejects.toMatchObject({ code: 'media.no_peer' })
    expect(await after.session.adopt({ ...wrong, peerSecret })).toEqual({ seq: 0 })
    // The old socket's disconnect may be noticed only now.
    before.session.dropped()
    await gateway.endShow(show.showId)
    await expect.poll(() => after.eventsOf(peerId)).toEqual(['media:ended'])
    expect(before.told).toEqual([])
  })

  test('gets the capabilities of the routers without asking the node', () => {
    expect(gateway.capabilities().routerRtpCapabilities.codecs).toHaveLength(5)
  })
})
