import { describe, expect, test } from 'vitest'
import { goLive, TestApi, watch } from './support/api.ts'
import { showIdOf } from './support/fixtures.ts'
import { withMediaNode } from './support/node.ts'

const withShow = async (ownerGraceMs: number) => {
  const node = await withMediaNode({ limits: { ownerGraceMs } })
  const [one, other] = [await TestApi.connect(node), await TestApi.connect(node)]
  const showId = showIdOf()
  const creator = await goLive(one, showId)
  return { node, one, other, showId, creator }
}

describe('a peer whose API is gone', () => {
  test('lives on, is adopted by another, and is told what was missed', async () => {
    const { one, other, showId, creator } = await withShow(20_000)
    const viewer = await watch(other, showId)
    await other.disconnect()
    const trackIds = [creator.producers[0]?.producerId ?? '']
    await one.ask('pause', { peerId: creator.peerId, trackIds })
    await one.ask('resume', { peerId: creator.peerId, trackIds })
    const { peerId, peerSecret } = viewer
    // Both events happened while nobody listened; the first counts as seen.
    await expect.poll(() => one.ask('adopt', { peerId, peerSecret, showId, afterSeq: 1 })).toEqual({ seq: 2 })
    expect((await one.next('consumer-resumed', peerId)).seq).toBe(2)
    expect(one.eventsOf(peerId)).toEqual([])
    await one.ask('pause', { peerId: creator.peerId, trackIds })
    expect((await one.next('consumer-paused', peerId)).seq).toBe(3)
  })

  test('is closed after the grace time, a creator as well', async () => {
    const { one, other, showId, creator } = await withShow(500)
    const viewer = await watch(other, showId)
    await other.disconnect()
    await expect.poll(async () => (await one.ask('node-stats', {})).viewers, { timeout: 5_000 }).toBe(0)
    const { peerId, peerSecret } = viewer
    expect(await one.refusal('adopt', { peerId, peerSecret, showId, afterSeq: 0 })).toBe('media.no_peer')
    const third = await watch(one, showId)
    await one.ask('release', { peerId: creator.peerId })
    expect((await one.next('producer-lost', third.peerId)).seq).toBe(1)
  })
})

describe('a released peer', () => {
  test('goes on with whoever adopts it', async () => {
    const { one, other, showId, creator } = await withShow(20_000)
    const viewer = await watch(one, showId)
    await one.ask('release', { peerId: viewer.peerId })
    const { peerId, peerSecret } = viewer
    await other.ask('adopt', { peerId, peerSecret, showId, afterSeq: 0 })
    await one.ask('close', { peerId: creator.peerId })
    expect((await other.next('producer-lost', peerId)).peerId).toBe(peerId)
    await one.settled()
    expect(one.eventsOf(peerId)).toEqual([])
  })

  test('is not released by an API that does not own it', async () => {
    const { one, other, showId, creator } = await withShow(500)
    const viewer = await watch(one, showId)
    await other.ask('release', { peerId: viewer.peerId })
    await other.ask('release', { peerId: creator.peerId })
    expect(await one.ask('adopt', { ...keyOf(viewer), showId, afterSeq: 0 })).toEqual({ seq: 0 })
    const { viewers, publishers } = await one.ask('node-stats', {})
    expect([viewers, publishers]).toEqual([1, 1])
  })
})

describe('an adoption', () => {
  test('while the first owner is there moves the events and tells it so', async () => {
    const { one, other, showId } = await withShow(20_000)
    const viewer = await watch(one, showId)
    await other.ask('adopt', { ...keyOf(viewer), showId, afterSeq: 0 })
    expect(await one.next('peer-moved')).toEqual({ peerId: viewer.peerId })
    await one.ask('end-show', { showId })
    expect((await other.next('ended', viewer.peerId)).reason).toBe('show-ended')
  })

  test('after more events than are kept ends in a new join', async () => {
    const node = await withMediaNode({ limits: { eventsKeptPerPeer: 2 } })
    const api = await TestApi.connect(node)
    const showId = showIdOf()
    const creator = await goLive(api, showId)
    const viewer = await watch(api, showId)
    const trackIds = [creator.producers[0]?.producerId ?? '']
    for (const method of ['pause', 'resume', 'pause'] as const) {
      await api.ask(method, { peerId: creator.peerId, trackIds })
    }
    await api.settled()
    const adopt = (afterSeq: number) => api.refusal('adopt', { ...keyOf(viewer), showId, afterSeq })
    expect(await adopt(99)).toBe('media.no_peer')
    expect((await api.next('rejoin', viewer.peerId)).reason).toBe('events-lost')
    expect(await adopt(0)).toBe('media.no_peer')
  })
})

const keyOf = ({ peerId, peerSecret }: Awaited<ReturnType<typeof watch>>) => ({ peerId, peerSecret })
