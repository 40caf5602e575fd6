import { createSocket } from 'node:dgram'
import { connect } from 'node:net'
import { allOperations, type MediaWatchSession, watchMedia } from '@livelot/client/contracts'
import fc from 'fast-check'
import { cameraTrack, dtlsParameters, viewerCapabilities } from '../../../media/test/support/fixtures.ts'
import type { Area } from './campaign.ts'
import { asJson, fillIn, type Ground } from './ground.ts'
import { type Mutant, mutantsOf } from './mutants.ts'
import { openEntered, type RawSocket } from './raw-socket.ts'
import { packetOf, wrongAck } from './sockets.ts'

const signalsPerSocket = 12

const operations = [...allOperations.values()].filter((one) => one.name.startsWith('media:'))
const known = {
  showId: '~showId~',
  rtpCapabilities: viewerCapabilities,
  dtlsParameters: dtlsParameters(),
  streamToken: '~watchToken~',
  peerId: '~peerId~',
  peerSecret: '~peerSecret~',
  trackIds: ['~trackId~'],
  consumerId: '~trackId~',
  tracks: [cameraTrack()],
  afterSeq: 0,
}
const strangers = ['~otherPeerId~', '~otherShowId~', '~peerSecret~']
const publishing = operations.filter((one) => one.name === 'media:publish-start')

export interface MediaCase {
  readonly caller: number
  /** In any order, also before there is anything to speak of. */
  readonly signals: readonly Mutant[]
}

const mediaCases: fc.Arbitrary<MediaCase> = fc.record({
  caller: fc.nat({ max: 63 }),
  signals: fc.array(
    fc.oneof(
      { weight: 12, arbitrary: mutantsOf(operations, known, strangers) },
      { weight: 1, arbitrary: mutantsOf(publishing, { ...known, streamToken: '~publishToken~' }, strangers) },
    ),
    { minLength: 1, maxLength: signalsPerSocket, size: 'max' },
  ),
})

/** More people than the node lets in a second are told to come back; that is asked for here. */
const mayBeFull = /"media\.full"/

/** Media signalling by somebody who has a video session: spoilt, in the wrong order, for the sessions of others. */
export async function mediaArea(ground: Ground): Promise<Area<MediaCase> & { close(): void }> {
  const other = await openEntered(ground, undefined, '192.0.2.200')
  const { peerId: otherPeerId } = await join(ground, other, await streamToken(ground, 0, 'watch'))
  return {
    name: 'media',
    cases: mediaCases,
    inputsOf: ({ signals }) => signals.length,
    lanes: 4,
    close: () => other.close(),
    judge: async ({ caller, signals }) => {
      const socket = await openEntered(ground, ground.callerOf(caller), `192.0.2.${caller}`)
      try {
        const session = await join(ground, socket, await streamToken(ground, caller, 'watch'))
        const here = { ...session, otherPeerId, trackId: session.consumers[0]?.consumerId ?? '~new~' }
        const packets = await Promise.all(signals.map((one) => packetWith(ground, caller, one, here)))
        const answers = await Promise.all(packets.map((packet, i) => socket.ask(i + 100, packet)))
        for (const [i, answer] of answers.entries()) {
          const wrong = mayBeFull.test(answer ?? '') ? null : wrongAck(answer)
          if (wrong) return `${signals[i]?.operation}: ${wrong}`
        }
        return null
      } finally {
        socket.close()
      }
    },
  }
}

async function packetWith(ground: Ground, caller: number, mutant: Mutant, here: Record<string, unknown>) {
  const packet = packetOf(ground, mutant)
  const tokens: Record<string, string> = {}
  if (packet.includes('~watchToken~')) tokens.watchToken = await streamToken(ground, caller, 'watch')
  if (packet.includes('~publishToken~')) tokens.publishToken = await streamToken(ground, caller, 'publish')
  return fillIn(packet, { ...(here as Record<string, string>), ...tokens })
}

/** Somebody may not be let in at once, where many come in a second. */
export async function join(ground: Ground, socket: RawSocket, token: string): Promise<MediaWatchSession> {
  const request = { showId: ground.fill('~showId~'), rtpCapabilities: viewerCapabilities, streamToken: token }
  const answer = await socket.ask(99, `["${watchMedia.name}",${JSON.stringify(request)}]`)
  const ack = (asJson(answer ?? '') as [{ ok: boolean; value: MediaWatchSession }] | undefined)?.[0]
  if (ack?.ok) return ack.value
  if (!mayBeFull.test(answer ?? '')) throw new Error(`was not let in to the video: ${answer}`)
  await new Promise((resolve) => setTimeout(resolve, 1_000))
  return join(ground, socket, await streamToken(ground, 0, 'watch'))
}

export async function streamToken(ground: Ground, caller: number, purpose: 'watch' | 'publish'): Promise<string> {
  const answer = await ground.send({
    method: 'POST',
    path: ground.fill('/v1/shows/~showId~/stream-tokens'),
    headers: { 'content-type': 'application/json', authorization: `Bearer ${ground.callerOf(caller)}` },
    body: JSON.stringify({ purpose }),
  })
  const { streamToken: token } = asJson(answer.text) as { streamToken?: string }
  if (!token) throw new Error(`no stream token: ${answer.text}`)
  return token
}

const datagram: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 1_400 }),
  // STUN, DTLS, RTP and RTCP by their first bytes, with nonsense behind.
  fc
    .tuple(
      fc.constantFrom(
        '000100002112a442',
        '010100082112a442',
        '0001ffff2112a442',
        '16fefd0000',
        '16fefd00000000000000ffff',
      ),
      fc.uint8Array({ maxLength: 200 }),
    )
    .map(([start, rest]) => Buffer.concat([Buffer.from(start, 'hex'), rest])),
  fc
    .tuple(fc.constantFrom('80', '90', 'bf', '81c8', '80c9ffff', '8fce'), fc.uint8Array({ maxLength: 200 }))
    .map(([start, rest]) => Buffer.concat([Buffer.from(start, 'hex'), rest])),
  fc.constant(Buffer.alloc(65_000, 0x80)),
)

/** Garbage to every media port, by UDP and TCP; nothing answers, nothing may fall. */
export async function floodMediaPorts(ground: Ground, seed: number, count: number): Promise<void> {
  const { MEDIA_RTC_BASE_PORT, MEDIA_WORKERS } = ground.platform.env
  const ports = Array.from({ length: Number(MEDIA_WORKERS) }, (_, i) => Number(MEDIA_RTC_BASE_PORT) + i)
  const socket = createSocket('udp4')
  for (const [i, bytes] of fc.sample(datagram, { seed, numRuns: count }).entries()) {
    const port = ports[i % ports.length] as number
    await new Promise((resolve) => socket.send(bytes, port, '127.0.0.1', resolve))
    if (i % 50 === 0) await throughTcp(port, bytes)
  }
  socket.close()
}

function throughTcp(port: number, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.end(bytes))
    socket.on('error', () => resolve())
    socket.on('close', () => resolve())
    socket.resume()
    setTimeout(() => socket.destroy(), 200)
  })
}
