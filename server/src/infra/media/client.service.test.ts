import type { RunningMediaNode } from '@livelot/media'
import type { ControlEventData, PeerEvent } from '@livelot/media/control'
import { afterEach, describe, expect, test } from 'vitest'
import { connectMedia, type MediaClient } from './client.ts'
import { HeldLine, microphone, newShowId, opusCapabilities, quiet, startTestNode, testSecret } from './testing.ts'

const undo: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step()
})

interface Told {
  readonly event: PeerEvent
  readonly data: ControlEventData<PeerEvent>
}

const clientAt = (url: string, options: { secret?: string; deadlineMs?: number } = {}) => {
  const client = connectMedia({ url, secret: testSecret, log: quiet, ...options })
  undo.push(() => client.close())
  const told: Told[] = []
  client.onPeerEvent((event, data) => void told.push({ event, data }))
  const next = async (event: PeerEvent): Promise<Told['data']> => {
    await expect.poll(() => told.some((one) => one.event === event), { timeout: 5_000 }).toBe(true)
    const [found] = told.splice(
      told.findIndex((one) => one.event === event),
      1,
    )
    return (found as Told).data
  }
  return { client, told, next }
}

const withNode = async (controlPort = 0): Promise<RunningMediaNode> => {
  const node = await startTestNode(controlPort)
  undo.push(() => node.close())
  return node
}

const withLine = async (options: { deadlineMs?: number } = {}) => {
  const node = await withNode()
  const line = new HeldLine(node.controlPort)
  const url = await line.open()
  undo.push(() => line.close())
  const side = clientAt(url, options)
  await side.client.whenConnected()
  return { node, line, ...side }
}

const watch = (client: MediaClient, showId: ReturnType<typeof newShowId>) =>
  client.request('watch', { showId, rtpCapabilities: opusCapabilities })

const publish = async (client: MediaClient, showId: ReturnType<typeof newShowId>) => {
  const session = await client.request('publish-start', { showId })
  const { producers } = await client.request('produce', { peerId: session.peerId, tracks: microphone() })
  return { ...session, trackIds: producers.map(({ producerId }) => producerId) }
}

describe('the media client', () => {
  test('refuses at once while there is no node, and works as soon as there is one', async () => {
    const port = (await startTestNode().then(async (node) => [node.controlPort, await node.close()] as const))[0]
    const { client } = clientAt(`ws://127.0.0.1:${port}`)
    await expect(watch(client, newShowId())).rejects.toMatchObject({ name: 'Refusal', code: 'media.unavailable' })
    expect(() => client.capabilities()).toThrow(expect.objectContaining({ code: 'media.unavailable' }))
    await withNode(port)
    await client.whenConnected()
    expect(client.capabilities().codecs.map(({ mimeType }) => mimeType)).toEqual([
      'video/H264',
      'video/rtx',
      'video/VP8',
      'video/rtx',
      'audio/opus',
    ])
    expect((await watch(client, newShowId())).live).toBe(false)
  })

  test('gives the node’s refusals as they are, with the time to come back', async () => {
    const { client } = await withLine()
    const { peerId } = await watch(client, newShowId())
    await expect(client.request('produce', { peerId, tracks: microphone() })).rejects.toMatchObject({
      code: 'media.not_allowed',
    })
  })

  test('with a wrong secret stays unavailable and harms nothing', async () => {
    const node = await withNode()
    const { client } = clientAt(`ws://127.0.0.1:${node.controlPort}`, { secret: 'a-wrong-secret-here' })
    await expect.poll(() => client.connected).toBe(false)
    await expect(watch(client, newShowId())).rejects.toMatchObject({ code: 'media.unavailable' })
  })

  test('adopts its peers after the line was cut, and tells what was missed once and in order', async () => {
    const { node, line, client, told, next } = await withLine()
    const other = clientAt(`ws://127.0.0.1:${node.controlPort}`)
    await other.client.whenConnected()
    const showId = newShowId()
    const { peerId, trackIds } = await publish(other.client, showId)
    const viewer = await watch(client, showId)
    line.hold()
    await other.client.request('pause', { peerId, trackIds })
    line.cut()
    line.release()
    await other.client.request('resume', { peerId, trackIds })
    expect(await next('consumer-paused')).toMatchObject({ peerId: viewer.peerId, seq: 1 })
    expect(await next('consumer-resumed')).toMatchObject({ peerId: viewer.peerId, seq: 2 })
    await other.client.request('close', { peerId })
    expect(await next('producer-lost')).toMatchObject({ seq: 3 })
    expect(await next('consumer-closed')).toMatchObject({ seq: 4 })
    expect(told.map(({ event }) => event)).toEqual([])
  })

  test('tells its peers to join again when another node answers in the place of theirs', async () => {
    const { line, client, told, next } = await withLine()
    const viewers = [await watch(client, newShowId()), await watch(client, newShowId())]
    line.retarget((await withNode()).controlPort)
    line.cut()
    const lost = [await next('rejoin'), await next('rejoin')]
    expect(lost).toEqual(viewers.map(({ peerId }) => ({ peerId, seq: 1, reason: 'node-lost' })))
    await client.request('node-stats', {})
    expect(told).toEqual([])
  })

  test('passes on the word of a node that stops, and comes back with it', async () => {
    const first = await startTestNode()
    const { client, next } = clientAt(`ws://127.0.0.1:${first.controlPort}`)
    await client.whenConnected()
    const viewer = await watch(client, newShowId())
    await first.close()
    expect(await next('rejoin')).toMatchObject({ peerId: viewer.peerId, reason: 'node-stopping' })
    await withNode(first.controlPort)
    await client.whenConnected()
    expect((await watch(client, newShowId())).live).toBe(false)
  })

  test('gives up after the deadline, and closes what came too late', async () => {
    const { node, line, client } = await withLine({ deadlineMs: 200 })
    line.hold()
    await expect(watch(client, newShowId())).rejects.toMatchObject({ code: 'media.unavailable' })
    expect(node.node.stats().viewers).toBe(1)
    line.release()
    await expect.poll(() => node.node.stats().viewers).toBe(0)
  })

  test('does not adopt again what it let go of while the line was down', async () => {
    const { node, line, client } = await withLine()
    const viewer = await watch(client, newShowId())
    line.cut()
    await expect(client.request('release', { peerId: viewer.peerId })).rejects.toMatchObject({
      code: 'media.unavailable',
    })
    await client.whenConnected()
    // Adoptions would have been sent before this.
    await client.request('node-stats', {})
    expect(node.node.peer(viewer.peerId).outbox.owner).toBeUndefined()
  })
})
