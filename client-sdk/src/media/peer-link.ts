import type { types } from 'mediasoup-client'
import {
  adoptMedia,
  closeMedia,
  connectMediaTransport,
  type DataOf,
  type MediaSession,
  mediaEnded,
  mediaEvents,
  mediaRejoin,
  type Operation,
  type RequestInputOf,
  type ResponseOf,
  restartMediaIce,
} from '../../contracts/index.ts'
import type { Client } from '../client.ts'
import { isRefusal } from '../errors.ts'
import type { Over } from './keep-going.ts'
import type { Kit } from './kit.ts'

export type MediaEvent = {
  [E in (typeof mediaEvents)[number] as E['name']]: { name: E['name']; data: DataOf<E> }
}[(typeof mediaEvents)[number]['name']]

type WithoutPeer<O extends Operation> = Omit<RequestInputOf<O>, 'peerId'>

/** Browsers say `disconnected` after some seconds of silence; a moment more and the path is worth a new try. */
const RESTART_ICE_AFTER_MS = 2_000
const ADOPT_RETRY_MS = 1_500
const CLOSE_TIMEOUT_MS = 2_000
/** The creator may come back after a longer break; its viewers look for it, spread over this time. */
const CREATOR_GONE_MS = 10_000

/** One peer on the media node as seen from here: its events in order, its requests, its life over sockets that change. */
export class PeerLink {
  readonly #client: Client
  readonly #showId: string
  readonly #onEvent: (event: MediaEvent) => void
  readonly #onOver: (over: Over) => void
  readonly #stop: (() => void)[]
  /** Told before the answer that names the peer has been read. */
  #early: MediaEvent[] = []
  #session: MediaSession | null = null
  #seq = 0
  #iceTimer: ReturnType<typeof setTimeout> | undefined
  #adoptTimer: ReturnType<typeof setTimeout> | undefined
  #over = false

  constructor(client: Client, showId: string, on: { event(event: MediaEvent): void; over(over: Over): void }) {
    this.#client = client
    this.#showId = showId
    this.#onEvent = (event) => on.event(event)
    this.#onOver = (over) => on.over(over)
    this.#stop = [
      ...mediaEvents.map((event) =>
        client.connection.listen(event, (data) => this.#hear({ name: event.name, data } as MediaEvent)),
      ),
      client.connection.events.on('online', () => this.#adopt()),
    ]
  }

  /** From here on the peer is known. */
  begin(session: MediaSession): void {
    this.#session = session
    for (const event of this.#early.splice(0)) this.#hear(event)
  }

  ask<O extends Operation>(operation: O, request: WithoutPeer<O>): Promise<ResponseOf<O>> {
    return this.#client.call(operation, { ...request, peerId: this.#session?.peerId } as never)
  }

  /** Answers the transport's `connect`: at once where the server had the fingerprints with the join. */
  watchTransport(transport: types.Transport, kit: Kit): void {
    transport.on('connect', ({ dtlsParameters }, done, failed) => {
      if (kit.identity !== null) {
        done()
        return
      }
      this.ask(connectMediaTransport, { dtlsParameters: dtlsParameters as never }).then(done, failed)
    })
    transport.on('connectionstatechange', (state) => this.#connectionChanged(transport, state))
  }

  close(): void {
    if (this.#over) return
    this.#finish()
    if (this.#session === null || !this.#client.connection.online) return
    const { peerId } = this.#session
    // Where this is lost, the media node ends the peer itself when its grace time is over.
    this.#client.connection.send(closeMedia, { peerId }, { timeoutMs: CLOSE_TIMEOUT_MS }).catch(() => undefined)
  }

  #finish(): void {
    this.#over = true
    clearTimeout(this.#iceTimer)
    clearTimeout(this.#adoptTimer)
    for (const stop of this.#stop) stop()
  }

  #end(over: Over): void {
    if (this.#over) return
    this.#finish()
    this.#onOver(over)
  }

  #hear(event: MediaEvent): void {
    if (this.#over) return
    if (this.#session === null) {
      this.#early.push(event)
      return
    }
    if (event.data.peerId !== this.#session.peerId) return
    if ('seq' in event.data) {
      if (event.data.seq <= this.#seq) return
      this.#seq = event.data.seq
    }
    if (event.name === mediaRejoin.name) this.#end({ next: 'rejoin', reason: event.data.reason })
    else if (event.name === mediaEnded.name) this.#end(afterEnd(event.data.reason))
    else this.#onEvent(event)
  }

  /** A new socket does not know the peer until it is adopted; the video itself never stopped. */
  #adopt(): void {
    const session = this.#session
    if (session === null || this.#over) return
    clearTimeout(this.#adoptTimer)
    const { peerId, peerSecret } = session
    const request = { peerId, peerSecret, showId: this.#showId, afterSeq: this.#seq }
    this.#client.call(adoptMedia, request as never, { attemptsMax: 1 }).catch((error: unknown) => {
      if (isRefusal(error, 'media.no_peer')) this.#end({ next: 'rejoin', reason: 'peer-gone' })
      else if (!this.#over) this.#adoptTimer = setTimeout(() => this.#adopt(), ADOPT_RETRY_MS)
    })
  }

  #connectionChanged(transport: types.Transport, state: types.ConnectionState): void {
    clearTimeout(this.#iceTimer)
    if (state === 'failed') this.#end({ next: 'rejoin', reason: 'connection-failed' })
    if (state !== 'disconnected') return
    this.#iceTimer = setTimeout(() => this.#restartIce(transport), RESTART_ICE_AFTER_MS)
  }

  #restartIce(transport: types.Transport): void {
    const restart = async () => {
      const { iceParameters } = await this.ask(restartMediaIce, {})
      if (!transport.closed) await transport.restartIce({ iceParameters })
    }
    restart().catch((error: unknown) => {
      if (isRefusal(error, 'media.no_peer')) this.#end({ next: 'rejoin', reason: 'peer-gone' })
      // Otherwise the browser says `failed` when the path stays broken, and that is a new join.
    })
  }
}

/**
 * Whether an ended session is worth a new one: not when the show is over or somebody took the place; yes when only the
 * network was at fault, or the creator may yet come back.
 */
function afterEnd(reason: DataOf<typeof mediaEnded>['reason']): Over {
  if (reason === 'show-ended' || reason === 'replaced') return { next: 'end', reason }
  if (reason === 'broadcaster-gone') {
    return { next: 'rejoin', reason, afterMs: CREATOR_GONE_MS / 2 + (Math.random() * CREATOR_GONE_MS) / 2 }
  }
  return { next: 'rejoin', reason }
}
