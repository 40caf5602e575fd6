import { issueStreamToken, type MediaSession, type MediaWatchSession, type Operation } from '@livelot/client/contracts'
import { newId } from '#kernel/ids'
import {
  cameraTrack,
  dtlsParameters,
  microphoneTrack,
  viewerCapabilities,
} from '../../../media/test/support/fixtures.ts'
import { openEntered, openRaw, type RawSocket } from '../fuzz/raw-socket.ts'
import { sampleRequest } from '../support/sampled-request.ts'
import { type CallerName, outcomeOf } from './authorisation-table.ts'
import type { World } from './authorisation-world.ts'

type Ack = { ok: true; value: unknown } | { ok: false; problem: { status: number; code: string } }

/** Socket operations, asked by everybody: the video session is the buyer's, the one on air the creator's. */
export async function openStalls(world: World) {
  const { showId } = world.things as { showId: string }
  const creator = await openEntered(world, world.tokenOf('creator'))
  const buyer = await openEntered(world, world.tokenOf('buyer'))
  const streamToken = async (purpose: 'watch' | 'publish', by: CallerName = 'creator') =>
    (await world.done<{ streamToken: string }>(issueStreamToken, { showId, purpose }, by)).streamToken
  const onAir = { showId, dtlsParameters: dtlsParameters(), streamToken: await streamToken('publish') }
  const { peerId: creatorPeer } = await asked<MediaSession>(creator, 'media:publish-start', onAir)
  await asked(creator, 'media:produce', { peerId: creatorPeer, tracks: [cameraTrack()] })
  const seat = { showId, rtpCapabilities: viewerCapabilities, streamToken: await streamToken('watch') }
  const session = await asked<MediaWatchSession>(buyer, 'media:watch', seat)
  const consumerId = session.consumers[0]?.consumerId ?? ''
  await asked(buyer, 'show:join', { showId })
  const said = { showId, text: 'A line', operationId: newId() }
  const { line } = await asked<{ line: { chatLineId: string } }>(buyer, 'chat:send', said)

  const known = async (name: string, caller: CallerName) => ({
    ...world.things,
    rtpCapabilities: viewerCapabilities,
    dtlsParameters: dtlsParameters(),
    peerId: name === 'media:produce' ? creatorPeer : session.peerId,
    // With the secret one is its owner, whoever one is.
    peerSecret: caller === 'buyer' ? session.peerSecret : 'x'.repeat(43),
    consumerId,
    trackIds: [consumerId],
    tracks: [microphoneTrack()],
    chatLineId: line.chatLineId,
    token: world.tokenOf('buyer'),
    purpose: 'watch',
    afterSeq: 0,
    ...(name === 'media:watch' ? { streamToken: await streamToken('watch') } : {}),
    // One that leaked is of no use to others.
    ...(name === 'media:publish-start' ? { streamToken: await streamToken('publish') } : {}),
  })
  const ownSocket = (name: string, caller: CallerName): RawSocket | undefined => {
    if (!name.startsWith('media:') || name === 'media:watch' || name === 'media:publish-start') return undefined
    if (name === 'media:produce') return caller === 'creator' ? creator : undefined
    return caller === 'buyer' && name !== 'media:adopt' ? buyer : undefined
  }
  let asks = 1_000
  return {
    outcome: async (operation: Operation, caller: CallerName): Promise<string> => {
      const own = ownSocket(operation.name, caller)
      const socket = own ?? (await openRaw(world))
      try {
        const entered = own ? 'entered' : await socket.enter(world.tokenOf(caller))
        if (entered !== 'entered') return outcomeOf(401, /"code":"([\w.]+)"/.exec(entered)?.[1] ?? entered)
        if (!own && operation.name !== 'show:join') await socket.ask(1, `["show:join",${JSON.stringify({ showId })}]`)
        asks += 1
        const request = sampleRequest(operation, await known(operation.name, caller))
        const ack = ackOf(await socket.ask(asks, `["${operation.name}",${JSON.stringify(request)}]`))
        return ack.ok ? 'yes' : outcomeOf(ack.problem.status, ack.problem.code)
      } finally {
        if (!own) socket.close()
      }
    },
    close: () => {
      creator.close()
      buyer.close()
    },
  }
}

let setUps = 0

async function asked<T>(socket: RawSocket, name: string, request: object): Promise<T> {
  setUps += 1
  const ack = ackOf(await socket.ask(setUps, `["${name}",${JSON.stringify(request)}]`))
  if (!ack.ok) throw new Error(`${name}: ${JSON.stringify(ack.problem)}`)
  return ack.value as T
}

function ackOf(answer: string | null): Ack {
  if (answer?.startsWith('[')) return (JSON.parse(answer) as [Ack])[0]
  return { ok: false, problem: { status: 500, code: `${answer}` } }
}
