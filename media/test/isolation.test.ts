import { describe, expect, test } from 'vitest'
import { goLive, TestApi, watch } from './support/api.ts'
import { cameraTrack, dtlsParameters, showIdOf } from './support/fixtures.ts'
import { withMediaNode } from './support/node.ts'

const twoShows = async () => {
  const api = await TestApi.connect(await withMediaNode())
  const [showA, showB] = [showIdOf(), showIdOf()]
  const creatorA = await goLive(api, showA)
  const creatorB = await goLive(api, showB)
  const viewerA = await watch(api, showA)
  const viewerB = await watch(api, showB)
  return { api, showA, showB, creatorA, creatorB, viewerA, viewerB }
}

describe('a viewer', () => {
  test('cannot produce', async () => {
    const { api, viewerA } = await twoShows()
    const params = { peerId: viewerA.peerId, tracks: [cameraTrack()] }
    expect(await api.refusal('produce', params)).toBe('media.not_allowed')
    expect(await api.refusal('produce', { ...params, dtlsParameters: dtlsParameters() })).toBe('media.not_allowed')
    expect((await api.ask('node-stats', { dump: true })).dumped?.producers).toBe(4)
  })

  test('gets the tracks of its own show only', async () => {
    const { creatorA, viewerA, creatorB, viewerB } = await twoShows()
    const sent = (creator: typeof creatorA) => creator.producers.map(({ producerId }) => producerId)
    expect(viewerA.consumers.map(({ producerId }) => producerId)).toEqual(sent(creatorA))
    expect(viewerB.consumers.map(({ producerId }) => producerId)).toEqual(sent(creatorB))
  })

  test('cannot touch a consumer of another, nor a producer', async () => {
    const { api, viewerA, viewerB, creatorB } = await twoShows()
    const { peerId } = viewerA
    const foreign = [viewerB.consumers[0]?.consumerId ?? '', creatorB.producers[0]?.producerId ?? '']
    for (const trackId of foreign) {
      expect(await api.refusal('pause', { peerId, trackIds: [trackId] })).toBe('media.not_found')
      expect(await api.refusal('resume', { peerId, trackIds: [trackId] })).toBe('media.not_found')
      expect(await api.refusal('close-tracks', { peerId, trackIds: [trackId] })).toBe('media.not_found')
      const layers = { peerId, consumerId: trackId, spatialLayer: 0 }
      expect(await api.refusal('set-layers', layers)).toBe('media.not_found')
      expect(await api.refusal('request-key-frame', { peerId, consumerId: trackId })).toBe('media.not_found')
    }
  })

  test('cannot be adopted with another’s secret, or into another show', async () => {
    const { api, viewerA, viewerB, showA, showB } = await twoShows()
    const { peerId, peerSecret } = viewerA
    const with_ = (change: object) => ({ peerId, peerSecret, showId: showA, afterSeq: 0, ...change })
    expect(await api.refusal('adopt', with_({ peerSecret: viewerB.peerSecret }))).toBe('media.no_peer')
    expect(await api.refusal('adopt', with_({ showId: showB }))).toBe('media.no_peer')
    expect(await api.refusal('adopt', with_({ peerSecret: peerSecret.slice(1) }))).toBe('request.invalid')
    expect(await api.ask('adopt', with_({}))).toEqual({ seq: 0 })
  })
})

describe('a creator', () => {
  test('has no consumers to set layers of, and sends on one peer only', async () => {
    const { api, creatorA, creatorB } = await twoShows()
    const { peerId } = creatorA
    const consumerId = creatorA.producers[0]?.producerId
    expect(await api.refusal('set-layers', { peerId, consumerId, spatialLayer: 0 })).toBe('media.not_allowed')
    const foreign = [creatorB.producers[0]?.producerId]
    expect(await api.refusal('pause', { peerId, trackIds: foreign })).toBe('media.not_found')
  })
})
