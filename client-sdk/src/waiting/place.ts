import { type FlashSale, joinWaitingRoom, leaveWaitingRoom, type WaitingRoom } from '../../contracts/index.ts'
import type { ServerClock } from '../clock.ts'
import { guarded } from '../emitter.ts'
import { isRefusal, LivelotError } from '../errors.ts'
import type { SessionKeeper } from '../session/keeper.ts'
import type { Caller } from '../wire/caller.ts'
import type { CallOptions } from '../wire/operations.ts'
import { calledSince, type OwnPlace, viewOfPlace, type WaitingAnswer, type WaitingView } from './view.ts'

/** What a place needs of its room. */
export interface PlaceRoom {
  sale(flashSaleId: string): FlashSale | null
  room(flashSaleId: string): WaitingRoom | null
}

export interface PlaceWay {
  readonly caller: Caller
  readonly clock: ServerClock
  readonly session: SessionKeeper
  readonly room: PlaceRoom
}

/** After the opening everybody asks for the own count: a thousand a second, and nobody waits longer than this. */
const ASK_PER_SECOND = 1_000
const ASK_SPREAD_MS_MAX = 15_000
/** People who lost the same server must not all ask in the same moment; the line rests for three seconds then. */
const RETURN_JITTER_MS = 1_500
const SOON_JITTER_MS = 300
/** A turn whose units were taken is the own place again within a step of the server. */
const TAKEN_LOOK_MS = 700
const RETRY_MS = 1_500
const TURN_END_MS = 300

const nowhere: OwnPlace = { stage: 'none', answer: null, error: null }

/**
 * The own place in the waiting room of one sale. It keeps itself up to date by what the show is told, brings its ticket
 * where the server has lost its memory, and asks only when what it knows is not enough.
 */
export class WaitingPlace {
  readonly flashSaleId: string
  readonly #way: PlaceWay
  readonly #subscribers = new Set<() => void>()
  #own: OwnPlace = nowhere
  #ticket: string | undefined
  #view: WaitingView
  #timer: ReturnType<typeof setTimeout> | undefined
  #timerDue = Number.POSITIVE_INFINITY
  #turnEnd: ReturnType<typeof setTimeout> | undefined
  #asking: Promise<void> | null = null
  #era = 0
  #closed = false

  constructor(flashSaleId: string, way: PlaceWay) {
    this.flashSaleId = flashSaleId
    this.#way = way
    this.#view = this.#look()
  }

  /** As it stands; made for React's `useSyncExternalStore`. */
  readonly getState = (): WaitingView => this.#view

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#subscribers.add(listener)
    return () => this.#subscribers.delete(listener)
  }

  /** Takes a place, or asks how the one that is there stands. Repeats: an account has one place. Never throws: see `error`. */
  async join(options: CallOptions = {}): Promise<WaitingView> {
    if (!this.#isIn()) this.#set({ stage: 'joining', answer: null, error: null })
    await this.#ask(options)
    return this.#view
  }

  /** Gives up place or turn. Repeats: leaving twice is leaving once. */
  async leave(options: CallOptions = {}): Promise<void> {
    this.forget()
    await this.#way.caller.call(leaveWaitingRoom, { flashSaleId: this.flashSaleId }, options)
  }

  /** The show told something of the sale or the room. */
  changed(): void {
    this.#show()
    const { stage, answer } = this.#own
    const room = this.#way.room.room(this.flashSaleId)
    if (room?.state === 'ended') this.#rest()
    else if (stage === 'early' && room?.state === 'admitting') this.#askOnceIn(room.waitingCount)
    else if (answer?.standing.how === 'waiting' && calledSince(answer, room) > answer.standing.before)
      this.#askIn(Math.random() * SOON_JITTER_MS)
    else if (stage === 'called' && this.#view.unitsLeft === 0 && this.#view.unitsHeld > 0) this.#askIn(TAKEN_LOOK_MS)
  }

  /** Units were reserved: one may have all that a buyer may have. */
  reserved(): void {
    if (this.#own.stage === 'called') this.#askIn(0)
  }

  /** Reserved units went back: one has no more than others and may stand in line again. */
  released(): void {
    if (this.#own.stage === 'done') this.forget()
  }

  /** The server told that it is the own turn. */
  called(): void {
    if (this.#isIn()) this.#askIn(0)
  }

  /** The room was entered again, or the platform lost its memory. */
  returned(): void {
    if (this.#isIn()) this.#askIn(Math.random() * RETURN_JITTER_MS)
  }

  /** Another account: its places are others. */
  forget(): void {
    this.#rest()
    this.#era += 1
    this.#asking = null
    this.#ticket = undefined
    this.#set(nowhere)
  }

  close(): void {
    this.#closed = true
    this.#rest()
    this.#subscribers.clear()
  }

  #isIn(): boolean {
    const { stage } = this.#own
    return stage === 'joining' || stage === 'early' || stage === 'waiting' || stage === 'called'
  }

  #rest(): void {
    clearTimeout(this.#timer)
    clearTimeout(this.#turnEnd)
    this.#timerDue = Number.POSITIVE_INFINITY
  }

  /** The crowd spreads out evenly: what is told meanwhile must not draw anybody's question nearer. */
  #askOnceIn(crowd: number): void {
    if (this.#asking !== null || this.#timerDue !== Number.POSITIVE_INFINITY) return
    this.#askIn(Math.random() * Math.min(ASK_SPREAD_MS_MAX, (crowd / ASK_PER_SECOND) * 1_000))
  }

  /** The earliest of all that was asked for counts. */
  #askIn(waitMs: number): void {
    const due = performance.now() + waitMs
    if (this.#closed || due >= this.#timerDue) return
    clearTimeout(this.#timer)
    this.#timerDue = due
    this.#timer = setTimeout(() => {
      this.#timerDue = Number.POSITIVE_INFINITY
      // A turn that is over would be asked for as a new place at the end of the line: that is the person's to decide.
      const isOver = (this.#view.untilMs ?? Number.POSITIVE_INFINITY) <= this.#way.clock.now()
      if (this.#isIn() && !isOver) void this.#ask({})
    }, waitMs)
  }

  #ask(options: CallOptions): Promise<void> {
    this.#asking ??= this.#askOnce(options, this.#era)
    return this.#asking
  }

  /** An answer to what was asked before one left is no answer any more. */
  async #askOnce(options: CallOptions, era: number): Promise<void> {
    const ticket = this.#ticket === undefined ? {} : { ticket: this.#ticket }
    const request = { flashSaleId: this.flashSaleId, ...ticket }
    const called = this.#way.caller.call(joinWaitingRoom, request, options, { prefer: 'socket-if-online' })
    const [answer, error] = await called.then(
      (value) => [value, null] as const,
      (reason: unknown) => [null, reason] as const,
    )
    if (era !== this.#era) return
    // Before anybody hears of the answer: whoever asks again because of it asks anew.
    this.#asking = null
    if (!this.#isIn()) return
    if (answer !== null) this.#take(answer)
    else this.#refused(error)
  }

  #take(answer: WaitingAnswer): void {
    const { standing, ticket } = answer
    this.#ticket = ticket
    clearTimeout(this.#turnEnd)
    this.#set({ stage: standing.how, answer, error: null })
    this.changed()
    if (standing.how !== 'called') return
    this.#turnEnd = setTimeout(
      () => this.#own.stage === 'called' && this.#set({ ...this.#own, stage: 'missed' }),
      Math.max(0, standing.untilMs - this.#way.clock.now()) + TURN_END_MS,
    )
  }

  #refused(error: unknown): void {
    const failure = error instanceof LivelotError ? error : new LivelotError({ code: 'client.protocol', cause: error })
    const keepsPlace = failure.retry !== 'never' && this.#own.answer !== null
    if (isRefusal(failure, 'waiting_room.ticket_invalid') && this.#ticket !== undefined) {
      this.#ticket = undefined
      this.#askIn(0)
    } else if (isRefusal(failure, 'flash_sale.limit_reached')) {
      this.#set({ ...this.#own, stage: 'done', error: null })
    } else if (isRefusal(failure, 'flash_sale.sold_out') || isRefusal(failure, 'flash_sale.closed')) {
      this.#set({ ...this.#own, stage: 'ended', error: null })
    } else if (keepsPlace) {
      // Who has a place keeps it while the server is away or busy, and asks again.
      this.#askIn(failure.retryAfterMs ?? RETRY_MS)
    } else {
      this.#set({ stage: 'none', answer: null, error: failure })
    }
  }

  #set(own: OwnPlace): void {
    this.#own = own
    this.#show()
  }

  #look(): WaitingView {
    const { room, session } = this.#way
    const [sale, waiting] = [room.sale(this.flashSaleId), room.room(this.flashSaleId)]
    return viewOfPlace(this.flashSaleId, this.#own, sale, waiting, session.account?.accountId ?? null)
  }

  #show(): void {
    const view = this.#look()
    if (JSON.stringify({ ...view, error: null }) === JSON.stringify({ ...this.#view, error: null }))
      if (view.error === this.#view.error) return
    this.#view = view
    for (const subscriber of [...this.#subscribers]) guarded(subscriber)
  }
}
