import {
  adoptMedia,
  issueStreamToken,
  mediaCapabilities,
  pauseMedia,
  produceMedia,
  startPublishing,
  watchMedia,
} from '@livelot/client/contracts'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { connectMedia, type MediaClient } from '#infra/media/client'
import { createMediaGateway } from '#infra/media/gateway'
import {
  cameraTrack,
  dtlsParameters,
  microphoneTrack,
  viewerCapabilities,
} from '../../../../media/test/support/fixtures.ts'
import { secret, type TestNode, withMediaNode } from '../../../../media/test/support/node.ts'
import { type TestRedis, testRedis } from '../../../test/support/services.ts'
import { liveRoutes } from '../../modules/live/http.ts'
import { type Stage, startStage } from './testing/stage.ts'
import { Viewer } from './testing/viewer.ts'

let mediaNode: TestNode
let client: MediaClient
let redis: TestRedis
let stage: Stage

beforeEach(async () => {
  mediaNode = await withMediaNode()
  client = connectMedia({ url: mediaNode.url, secret, log: pino({ level: 'silent' }) })
  await client.whenConnected()
  redis = await testRedis()
  stage = await startStage({
    redisUrl: redis.url,
    routes: (live) => liveRoutes(live.service),
    media: (live) => ({ gateway: createMediaGateway(client), redeemStreamToken: live.service.redeemStreamToken }),
  })
})
afterEach(async () => {
  await stage.close()
  await redis.drop()
  client.close()
})

const connect = (token?: string) =>
  new Viewer((stage.nodes[0] as Stage['nodes'][0]).url, stage.showId, token).connected()

async function tokenFor(viewer: Viewer, purpose: 'watch' | 'publish'): Promise<string> {
  return (await viewer.ask(issueStreamToken, { showId: stage.showId, purpose })).streamToken
}

async function publish(host: Viewer) {
  const { showId } = stage
  const streamToken = await tokenFor(host, 'publish')
  const session = await host.ask(startPublishing, { showId, streamToken, dtlsParameters: dtlsParameters() })
  const tracks = [cameraTrack(), microphoneTrack()]
  return { session, ...(await host.ask(produceMedia, { peerId: session.peerId, tracks })) }
}

const watchRequest = async (viewer: Viewer) => ({
  showId: stage.showId,
  rtpCapabilities: viewerCapabilities,
  dtlsParameters: dtlsParameters(),
  streamToken: await tokenFor(viewer, 'watch'),
})

describe('the video side of a socket', () => {
  it('takes a creator on air and a guest in, each with a token that is good once', async () => {
    const host = await connect(stage.tokenOf(stage.host))
    const guest = await connect()
    expect((await guest.ask(mediaCapabilities, {})).routerRtpCapabilities.codecs?.length).toBeGreaterThan(0)
    const added = new Promise<{ consumers: unknown[] }>((resolve) =>
      guest.socket.once('media:consumers-added', resolve),
    )
    const request = await watchRequest(guest)
    const session = await guest.ask(watchMedia, request)
    expect(session).toMatchObject({ live: false, consumers: [] })
    expect(await guest.send(watchMedia.name, request)).toMatchObject({ problem: { code: 'media.token_used' } })
    const { producers } = await publish(host)
    expect(producers.map(({ source }) => source)).toEqual(['camera', 'microphone'])
    expect((await added).consumers.length).toBeGreaterThan(0)
    const foreign = { ...(await watchRequest(guest)), streamToken: 'x'.repeat(40) }
    expect(await guest.send(watchMedia.name, foreign)).toMatchObject({ problem: { code: 'media.token_invalid' } })
    host.close()
    guest.close()
  })

  it('lets nobody else go on air, nor touch what is not theirs', async () => {
    const host = await connect(stage.tokenOf(stage.host))
    const thief = await connect(stage.tokenOf(await stage.newAccount('Thief', ['buyer', 'creator'])))
    const { showId } = stage
    const streamToken = await tokenFor(host, 'publish')
    const stolen = { showId, streamToken, dtlsParameters: dtlsParameters() }
    expect(await thief.send(startPublishing.name, stolen)).toMatchObject({ problem: { code: 'media.token_invalid' } })
    const guest = await connect()
    expect(await guest.send(startPublishing.name, stolen)).toMatchObject({ problem: { code: 'auth.required' } })
    const { session, producers } = await publish(host)
    const trackIds = producers.map(({ producerId }) => producerId)
    const foreign = { peerId: session.peerId, trackIds }
    expect(await thief.send(pauseMedia.name, foreign)).toMatchObject({ problem: { code: 'media.no_peer' } })
    expect(await host.send(pauseMedia.name, foreign)).toMatchObject({ ok: true })
    for (const viewer of [host, thief, guest]) viewer.close()
  })

  it('goes on over a new socket of the same person', async () => {
    const before = await connect()
    const { peerId, peerSecret } = await before.ask(watchMedia, await watchRequest(before))
    before.close()
    const after = await connect()
    const request = { peerId, peerSecret, showId: stage.showId, afterSeq: 0 }
    expect(await after.ask(adoptMedia, request)).toEqual({ seq: expect.any(Number) })
    const stranger = await connect()
    const guess = { ...request, peerSecret: 'x'.repeat(43) }
    expect(await stranger.send(adoptMedia.name, guess)).toMatchObject({ problem: { code: 'media.no_peer' } })
    for (const viewer of [after, stranger]) viewer.close()
  })

  it('is told to join again when the media node stops, and refused while it is away', async () => {
    const viewer = await connect()
    const { peerId } = await viewer.ask(watchMedia, await watchRequest(viewer))
    const told = new Promise((resolve) => viewer.socket.once('media:rejoin', resolve))
    await mediaNode.close()
    expect(await told).toMatchObject({ peerId, reason: 'node-stopping' })
    const refused = await viewer.send(watchMedia.name, await watchRequest(viewer))
    expect(refused).toMatchObject({ ok: false, problem: { code: 'media.unavailable', retry: 'later' } })
    viewer.close()
  })
})
