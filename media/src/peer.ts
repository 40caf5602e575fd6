import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { DtlsParameters, IceParameters, MediaTransport } from '@livelot/client/contracts'
import type { types } from 'mediasoup'
import type { Logger } from 'pino'
import type { ControlEventData } from '../control.ts'
import { MediaRefusal, withClientInput } from './errors.ts'
import type { MediaLimits } from './limits.ts'
import { Outbox, type Owner } from './outbox.ts'
import type { WorkerSlot } from './worker-pool.ts'

/** The last thing that a peer is told; nothing when it left by itself. */
export type Farewell =
  | { readonly event: 'rejoin'; readonly reason: ControlEventData<'rejoin'>['reason'] }
  | { readonly event: 'ended'; readonly reason: ControlEventData<'ended'>['reason'] }
  | undefined

export interface PeerOptions {
  readonly showId: string
  readonly slot: WorkerSlot
  readonly transport: types.WebRtcTransport
  readonly limits: MediaLimits
  readonly log: Logger
  readonly onClosed: (peer: Peer) => void
}

/** One connection of one person to one show: one transport, its owner, and its timers. */
export abstract class Peer {
  readonly peerId = randomBytes(16).toString('base64url')
  readonly peerSecret = randomBytes(32).toString('base64url')
  readonly showId: string
  readonly slot: WorkerSlot
  readonly transport: types.WebRtcTransport
  readonly outbox: Outbox
  protected readonly limits: MediaLimits
  protected readonly log: Logger
  readonly #onClosed: (peer: Peer) => void
  #closed = false
  #connectAsked = false
  #connectTimer: NodeJS.Timeout | undefined
  #recoveryTimer: NodeJS.Timeout | undefined
  #graceTimer: NodeJS.Timeout | undefined

  constructor(options: PeerOptions) {
    this.showId = options.showId
    this.slot = options.slot
    this.transport = options.transport
    this.limits = options.limits
    this.log = options.log
    this.#onClosed = options.onClosed
    this.outbox = new Outbox(this.peerId, options.limits.eventsKeptPerPeer)
    this.#startGrace()
    this.#watchTransport()
  }

  abstract pauseTracks(trackIds: readonly string[]): Promise<void>
  abstract resumeTracks(trackIds: readonly string[]): Promise<void>
  abstract closeTracks(trackIds: readonly string[]): void
  /** Called once, before the transport is closed. */
  protected abstract onClosing(): void
  /** Called when media can flow, and again after each reconnection. */
  protected onConnected(): void {}

  get closed(): boolean {
    return this.#closed
  }

  get transportParams(): MediaTransport {
    const { id, iceParameters, iceCandidates, dtlsParameters } = this.transport
    return { id, iceParameters, iceCandidates, dtlsParameters } as MediaTransport
  }

  provesSecret(secret: string): boolean {
    const given = Buffer.from(secret)
    const own = Buffer.from(this.peerSecret)
    return given.length === own.length && timingSafeEqual(given, own)
  }

  /** Once per transport; the client is always the DTLS client, because the server's port is the one that is known. */
  async connect(dtlsParameters: DtlsParameters): Promise<void> {
    if (this.#connectAsked) throw new MediaRefusal('media.not_allowed', 'the transport has its DTLS parameters already')
    this.#connectAsked = true
    const { fingerprints } = dtlsParameters
    try {
      await withClientInput(() => this.transport.connect({ dtlsParameters: { role: 'client', fingerprints } }))
    } catch (error) {
      this.#connectAsked = false
      throw error
    }
  }

  async limitIncoming(): Promise<void> {
    await this.transport.setMaxIncomingBitrate(this.limits.publisherIncomingBitrateMax)
  }

  async limitOutgoing(): Promise<void> {
    await this.transport.setMaxOutgoingBitrate(this.limits.viewerOutgoingBitrateMax)
  }

  async restartIce(): Promise<IceParameters> {
    return (await this.transport.restartIce()) as IceParameters
  }

  /** The owner gets all events from now on, and those after `afterSeq` again. */
  attach(owner: Owner, afterSeq: number): void {
    clearTimeout(this.#graceTimer)
    this.#graceTimer = undefined
    this.outbox.attach(owner, afterSeq)
  }

  /** Nobody listens: wait for an adoption for the grace time. */
  detach(): void {
    if (this.#closed) return
    this.outbox.detach()
    this.#startGrace()
  }

  /** Tells the farewell, then closes everything that the peer has. Closing twice is closing once. */
  close(farewell: Farewell): void {
    if (this.#closed) return
    this.#closed = true
    if (farewell?.event === 'rejoin') this.outbox.tell('rejoin', { reason: farewell.reason })
    else if (farewell?.event === 'ended') this.outbox.tell('ended', { reason: farewell.reason })
    clearTimeout(this.#connectTimer)
    clearTimeout(this.#recoveryTimer)
    clearTimeout(this.#graceTimer)
    this.onClosing()
    closeQuietly(this.transport, this.log)
    this.#onClosed(this)
  }

  /** From here on the client has all that it needs to connect; if it does not, it is not coming. */
  protected expectConnection(): void {
    if (this.#connectTimer !== undefined || this.#closed || this.transport.dtlsState === 'connected') return
    this.#connectTimer = setTimeout(
      () => this.close({ event: 'ended', reason: 'never-connected' }),
      this.limits.connectTimeoutMs,
    )
  }

  #startGrace(): void {
    clearTimeout(this.#graceTimer)
    this.#graceTimer = setTimeout(() => this.close({ event: 'ended', reason: 'unowned' }), this.limits.ownerGraceMs)
  }

  #watchTransport(): void {
    this.transport.on('dtlsstatechange', (state) => {
      if (state === 'connected') {
        clearTimeout(this.#connectTimer)
        this.onConnected()
      }
      if (state === 'failed' || state === 'closed') this.close({ event: 'ended', reason: 'connection-lost' })
    })
    // A disconnected transport is kept: the client may restart ICE on another network.
    this.transport.on('icestatechange', (state) => {
      clearTimeout(this.#recoveryTimer)
      if (state !== 'disconnected') return
      this.#recoveryTimer = setTimeout(
        () => this.close({ event: 'ended', reason: 'connection-lost' }),
        this.limits.iceRecoveryMs,
      )
    })
  }
}

/** Closing an object whose worker has died in this very moment throws; there is nothing left to close then. */
export const closeQuietly = (thing: { close(): void }, log: Logger): void => {
  try {
    thing.close()
  } catch (error) {
    log.debug({ err: error }, 'closed together with its worker')
  }
}
