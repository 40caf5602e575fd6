import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { routerRtpCapabilities } from '../src/codecs.ts'
import { goLive, openSocket, TestApi, watch } from './support/api.ts'
import {
  cameraTrack,
  dtlsParameters,
  foreignCapabilities,
  microphoneTrack,
  screenTrack,
  showIdOf,
  viewerCapabilities,
} from './support/fixtures.ts'
import { withMediaNode } from './support/node.ts'

const nobody = 'AAAAAAAAAAAAAAAAAAAAAA'
const connected = async () => {
  const node = await withMediaNode()
  return { node, api: await TestApi.connect(node), showId: showIdOf() }
}

describe('watch', () => {
  test('a live show answers transport and both consumers, unpaused, in one request', async () => {
    const { node, api, showId } = await connected()
    const creator = await goLive(api, showId)
    const session = await watch(api, showId)
    expect(session.live).toBe(true)
    expect(session.iceServers).toEqual([])
    expect(session.transport.iceCandidates.map(({ protocol, port }) => ({ protocol, port }))).toEqual([
      { protocol: 'udp', port: node.rtcBasePort },
      { protocol: 'tcp', port: node.rtcBasePort },
    ])
    expect(session.transport.iceParameters.iceLite).toBe(true)
    const described = session.consumers.map(({ source, kind, type, paused, producerPaused, producerId }) => ({
      source,
      kind,
      type,
      paused,
      producerPaused,
      producerId,
    }))
    const idOf = (source: string) => creator.producers.find((one) => one.source === source)?.producerId
    expect(described).toEqual([
      {
        source: 'camera',
        kind: 'video',
        type: 'simulcast',
        paused: false,
        producerPaused: false,
        producerId: idOf('camera'),
      },
      {
        source: 'microphone',
        kind: 'audio',
        type: 'simple',
        paused: false,
        producerPaused: false,
        producerId: idOf('microphone'),
      },
    ])
  })

  test('before the creator is there waits, and gets the tracks together when they come', async () => {
    const { api, showId } = await connected()
    const session = await watch(api, showId)
    expect({ live: session.live, consumers: session.consumers }).toEqual({ live: false, consumers: [] })
    await goLive(api, showId)
    const added = await api.next('consumers-added', session.peerId)
    expect(added.seq).toBe(1)
    expect(added.consumers.map(({ source, paused }) => ({ source, paused }))).toEqual([
      { source: 'camera', paused: false },
      { source: 'microphone', paused: false },
    ])
  })

  test('with a device that decodes no track is refused, and nothing of it stays', async () => {
    const { api, showId } = await connected()
    await goLive(api, showId)
    const before = await api.ask('node-stats', { dump: true })
    expect(await api.refusal('watch', { showId, rtpCapabilities: foreignCapabilities })).toBe('media.unsupported')
    const after = await api.ask('node-stats', { dump: true })
    expect(after.dumped).toEqual(before.dumped)
    expect(after.viewers).toBe(0)
  })

  test.each([
    ['a weak digest', { fingerprints: [{ algorithm: 'sha-1', value: Array(20).fill('AB').join(':') }] }],
    ['a fingerprint that is none', { fingerprints: [{ algorithm: 'sha-256', value: 'zz' }] }],
    ['no fingerprint', { fingerprints: [] }],
  ])('with DTLS parameters of %s is invalid', async (_name, wrong) => {
    const { api, showId } = await connected()
    const params = { showId, rtpCapabilities: viewerCapabilities, dtlsParameters: wrong }
    expect(await api.refusal('watch', params)).toBe('request.invalid')
  })
})

describe('the welcome', () => {
  test('tells the capabilities of the routers', async () => {
    const node = await withMediaNode()
    const api = new TestApi(openSocket(node))
    const welcome = await api.next('welcome')
    expect(welcome.routerRtpCapabilities).toEqual(JSON.parse(JSON.stringify(routerRtpCapabilities)))
    api.socket.terminate()
  })
})

describe('produce', () => {
  test('makes one track of each source and refuses a second', async () => {
    const { api, showId } = await connected()
    const { peerId, producers } = await goLive(api, showId)
    expect(producers.map(({ source }) => source)).toEqual(['camera', 'microphone'])
    const screen = await api.ask('produce', { peerId, tracks: [screenTrack()] })
    expect(screen.producers.map(({ source }) => source)).toEqual(['screen'])
    expect(await api.refusal('produce', { peerId, tracks: [screenTrack()] })).toBe('media.not_allowed')
  })

  test('takes the DTLS parameters along, once', async () => {
    const { api, showId } = await connected()
    const { peerId } = await api.ask('publish-start', { showId })
    await api.ask('produce', { peerId, tracks: [cameraTrack()], dtlsParameters: dtlsParameters() })
    const again = { peerId, tracks: [microphoneTrack()], dtlsParameters: dtlsParameters() }
    expect(await api.refusal('produce', again)).toBe('media.not_allowed')
  })

  test('makes all tracks or none', async () => {
    const { api, showId } = await connected()
    const { peerId } = await api.ask('publish-start', { showId, dtlsParameters: dtlsParameters() })
    const camera = cameraTrack()
    const broken = microphoneTrack()
    broken.rtpParameters.codecs = [{ mimeType: 'audio/PCMU', payloadType: 0, clockRate: 8_000 }]
    expect(await api.refusal('produce', { peerId, tracks: [camera, broken] })).toBe('media.unsupported')
    expect((await api.ask('node-stats', { dump: true })).dumped?.producers).toBe(0)
    const retry = await api.ask('produce', { peerId, tracks: [camera, microphoneTrack()] })
    expect(retry.producers).toHaveLength(2)
  })

  test('refuses a source of the wrong kind, a source named twice, and parameters that mediasoup cannot use', async () => {
    const { api, showId } = await connected()
    const { peerId } = await api.ask('publish-start', { showId, dtlsParameters: dtlsParameters() })
    const asMicrophone = { ...cameraTrack(), source: 'microphone' as const }
    expect(await api.refusal('produce', { peerId, tracks: [asMicrophone] })).toBe('media.not_allowed')
    expect(await api.refusal('produce', { peerId, tracks: [cameraTrack(), cameraTrack()] })).toBe('media.not_allowed')
    const noEncodingIds = cameraTrack()
    noEncodingIds.rtpParameters.encodings = [{}, {}]
    expect(await api.refusal('produce', { peerId, tracks: [noEncodingIds] })).toBe('request.invalid')
    const orphanRtx = cameraTrack()
    orphanRtx.rtpParameters.codecs.push({
      mimeType: 'video/rtx',
      payloadType: 109,
      clockRate: 90_000,
      parameters: { apt: 55 },
    })
    expect(await api.refusal('produce', { peerId, tracks: [orphanRtx] })).toBe('request.invalid')
    expect((await api.ask('node-stats', { dump: true })).dumped?.producers).toBe(0)
  })
})

describe('connect and restart-ice', () => {
  test('work for the round trip of browsers without fingerprints, once', async () => {
    const { api, showId } = await connected()
    await goLive(api, showId)
    const { peerId, transport } = await api.ask('watch', { showId, rtpCapabilities: viewerCapabilities })
    expect(await api.ask('connect', { peerId, dtlsParameters: dtlsParameters() })).toEqual({})
    expect(await api.refusal('connect', { peerId, dtlsParameters: dtlsParameters() })).toBe('media.not_allowed')
    const { iceParameters } = await api.ask('restart-ice', { peerId })
    expect(iceParameters.usernameFragment).not.toBe(transport.iceParameters.usernameFragment)
  })
})

describe('tracks of a viewer', () => {
  test('can be paused, resumed, given layers, asked for a key frame and closed', async () => {
    const { api, showId } = await connected()
    await goLive(api, showId)
    const { peerId, consumers } = await watch(api, showId)
    const ids = Object.fromEntries(consumers.map(({ source, consumerId }) => [source, consumerId]))
    const camera = ids.camera ?? ''
    const microphone = ids.microphone ?? ''
    await api.ask('pause', { peerId, trackIds: [camera, microphone] })
    await api.ask('resume', { peerId, trackIds: [camera, microphone] })
    await api.ask('set-layers', { peerId, consumerId: camera, spatialLayer: 1, temporalLayer: 2 })
    await api.ask('set-layers', { peerId, consumerId: microphone, spatialLayer: 1 })
    await api.ask('request-key-frame', { peerId, consumerId: camera })
    expect(await api.refusal('request-key-frame', { peerId, consumerId: microphone })).toBe('media.not_allowed')
    expect(await api.refusal('pause', { peerId, trackIds: [camera, randomUUID()] })).toBe('media.not_found')
    await api.ask('close-tracks', { peerId, trackIds: [microphone] })
    expect(await api.refusal('pause', { peerId, trackIds: [microphone] })).toBe('media.not_found')
    expect((await api.ask('node-stats', { dump: true })).dumped?.consumers).toBe(1)
  })
})

describe('tracks of a creator', () => {
  test('paused, resumed and closed are told to the viewers', async () => {
    const { api, showId } = await connected()
    const creator = await goLive(api, showId)
    const viewer = await watch(api, showId)
    const camera = creator.producers[0]?.producerId ?? ''
    const consumerId = viewer.consumers.find(({ producerId }) => producerId === camera)?.consumerId
    await api.ask('pause', { peerId: creator.peerId, trackIds: [camera] })
    expect(await api.next('consumer-paused', viewer.peerId)).toEqual({ peerId: viewer.peerId, seq: 1, consumerId })
    await api.ask('resume', { peerId: creator.peerId, trackIds: [camera] })
    expect(await api.next('consumer-resumed', viewer.peerId)).toEqual({ peerId: viewer.peerId, seq: 2, consumerId })
    await api.ask('close-tracks', { peerId: creator.peerId, trackIds: [camera] })
    expect(await api.next('consumer-closed', viewer.peerId)).toEqual({ peerId: viewer.peerId, seq: 3, consumerId })
    const again = await api.ask('produce', { peerId: creator.peerId, tracks: [cameraTrack()] })
    const added = await api.next('consumers-added', viewer.peerId)
    // The viewer is connected by now, so the new track waits for its resume.
    expect(added.consumers.map(({ producerId, paused }) => ({ producerId, paused }))).toEqual([
      { producerId: again.producers[0]?.producerId, paused: true },
    ])
  })
})

describe('close', () => {
  test('leaves nothing, and closing again is closing once', async () => {
    const { api, showId } = await connected()
    const creator = await goLive(api, showId)
    const viewer = await watch(api, showId)
    for (const { peerId } of [viewer, viewer, creator]) expect(await api.ask('close', { peerId })).toEqual({})
    const stats = await api.ask('node-stats', { dump: true })
    const nothing = { routers: 1, transports: 0, producers: 0, consumers: 0 }
    expect([stats.registry, stats.dumped]).toEqual([nothing, nothing])
    expect(api.eventsOf(viewer.peerId)).toEqual([])
  })

  test('ends every other method of that peer', async () => {
    const { api, showId } = await connected()
    const creator = await goLive(api, showId)
    const viewer = await watch(api, showId)
    const consumerId = viewer.consumers[0]?.consumerId
    const producerId = creator.producers[0]?.producerId
    await api.ask('close', { peerId: viewer.peerId })
    await api.ask('close', { peerId: creator.peerId })
    for (const peerId of [viewer.peerId, nobody]) {
      const calls: [string, object][] = [
        ['connect', { peerId, dtlsParameters: dtlsParameters() }],
        ['restart-ice', { peerId }],
        ['set-layers', { peerId, consumerId, spatialLayer: 0 }],
        ['pause', { peerId, trackIds: [consumerId] }],
        ['resume', { peerId, trackIds: [consumerId] }],
        ['request-key-frame', { peerId, consumerId }],
        ['close-tracks', { peerId, trackIds: [consumerId] }],
        ['adopt', { peerId, peerSecret: viewer.peerSecret, showId, afterSeq: 0 }],
      ]
      for (const [method, params] of calls) {
        expect({ method, code: await api.refusal(method, params) }).toEqual({ method, code: 'media.no_peer' })
      }
    }
    const { peerId } = creator
    expect(await api.refusal('produce', { peerId, tracks: [cameraTrack()] })).toBe('media.no_peer')
    expect(await api.refusal('pause', { peerId, trackIds: [producerId] })).toBe('media.no_peer')
    expect(await api.ask('release', { peerId })).toEqual({})
  })
})

describe('end-show', () => {
  test('tells everybody, closes everything, and is repeatable', async () => {
    const { api, showId } = await connected()
    const creator = await goLive(api, showId)
    const viewer = await watch(api, showId)
    expect(await api.ask('end-show', { showId })).toEqual({ peers: 2 })
    expect((await api.next('ended', viewer.peerId)).reason).toBe('show-ended')
    expect((await api.next('ended', creator.peerId)).reason).toBe('show-ended')
    expect(await api.ask('end-show', { showId })).toEqual({ peers: 0 })
    const stats = await api.ask('node-stats', { dump: true })
    const nothing = { routers: 0, transports: 0, producers: 0, consumers: 0 }
    expect([stats.rooms, stats.registry, stats.dumped]).toEqual([0, nothing, nothing])
  })
})
