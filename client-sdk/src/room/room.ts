import {
  type ChatLine,
  chatBatchTold,
  type DataOf,
  type pulseTold,
  type ResponseOf,
  removeChatLine,
  reserve,
  type ShowLogEvent,
  type ShowSnapshot,
  sendChat,
  waitingRoomCalled,
} from '../../contracts/index.ts'
import type { AuctionHandle } from '../auction/handle.ts'
import { RoomAuctions } from '../auction/room-auctions.ts'
import type { ServerClock } from '../clock.ts'
import { Emitter, guarded } from '../emitter.ts'
import type { LivelotError } from '../errors.ts'
import { type PersonalEventMap, personalEvents } from '../personal.ts'
import type { SessionKeeper } from '../session/keeper.ts'
import type { WaitingPlace } from '../waiting/place.ts'
import { RoomWaiting } from '../waiting/room-waiting.ts'
import type { Caller } from '../wire/caller.ts'
import type { Connection } from '../wire/connection.ts'
import type { ConnectionState } from '../wire/connection-state.ts'
import type { CallOptions } from '../wire/operations.ts'
import { abortable } from '../wire/waiting.ts'
import { EventQueue } from './event-queue.ts'
import { Feed } from './feed.ts'
import { Hearts } from './hearts.ts'
import {
  emptyRoom,
  type RoomState,
  type RoomStatus,
  withChat,
  withChatHistory,
  withFigures,
  withLogEvent,
  withSnapshot,
} from './state.ts'

type LogEventMap = { [E in ShowLogEvent as E['type']]: E['data'] }

/** What a room tells: every event of the show's log by its name, chat, pulses, and the caller's own events. */
export type RoomEventMap = LogEventMap &
  PersonalEventMap & {
    /** Each event of the log with its place and time, in order, once. */
    log: ShowLogEvent
    /** The whole state came instead of single events: at first, or after too long an absence. */
    snapshot: ShowSnapshot
    'chat:batch': DataOf<typeof chatBatchTold>
    'show:pulse': DataOf<typeof pulseTold>
    status: RoomStatus
  }

export type RoomEvent = { [N in keyof RoomEventMap]: { name: N; data: RoomEventMap[N] } }[keyof RoomEventMap]

/** What a room is made on; all rooms of a client share it. */
export interface RoomWay {
  connection: Connection
  caller: Caller
  clock: ServerClock
  session: SessionKeeper
}

/** One show's room: state that keeps itself up to date, and what a viewer can do in it. */
export class Room {
  readonly showId: string
  readonly #onLeft: () => void
  readonly #caller: Caller
  readonly #clock: ServerClock
  readonly #feed: Feed
  readonly #hearts: Hearts
  readonly #auctions: RoomAuctions
  readonly #waiting: RoomWaiting
  readonly #emitter = new Emitter<RoomEventMap>()
  readonly #subscribers = new Set<() => void>()
  readonly #queues = new Set<EventQueue<RoomEvent>>()
  readonly #stop: (() => void)[]
  #state: RoomState = emptyRoom
  #hasJoined = false

  constructor(showId: string, { connection, caller, clock, session }: RoomWay, onLeft: () => void) {
    this.showId = showId
    this.#onLeft = onLeft
    this.#caller = caller
    this.#clock = clock
    this.#hearts = new Hearts(connection, showId)
    this.#auctions = new RoomAuctions(
      {
        showId,
        auctions: () => this.#state.auctions,
        foldFigures: (auctionId, figures) => this.#set(withFigures(this.#state, auctionId, figures)),
      },
      caller,
      session,
    )
    const room = {
      sale: (id: string) => this.#state.sales.find((one) => one.flashSaleId === id) ?? null,
      room: (id: string) => this.#state.waitingRooms.find((one) => one.flashSaleId === id) ?? null,
    }
    this.#waiting = new RoomWaiting({ caller, clock, session, room })
    this.#stop = [
      connection.hold(),
      connection.events.on('state', (state) => this.#connectionChanged(state)),
      connection.listen(chatBatchTold, (batch) => this.#hearChat(batch)),
      connection.listen(waitingRoomCalled, ({ flashSaleId }) => this.#waiting.called(flashSaleId)),
      ...personalEvents.map((event) =>
        connection.listen(event, (data) => this.#emitter.emit(event.name, data as never)),
      ),
    ]
    this.#feed = new Feed(connection, showId, {
      snapshot: (snapshot) => {
        this.#clock.hint(snapshot.nowMs)
        this.#set(withSnapshot(this.#state, snapshot))
        this.#auctions.changed()
        this.#waiting.changed()
        this.#waiting.returned()
        this.#emitter.emit('snapshot', snapshot)
      },
      joined: ({ chat, rights, viewerCount, heartCount }) => {
        this.#set({ ...withChatHistory(this.#state, chat), rights, viewerCount, heartCount })
        this.#auctions.joined(this.#hasJoined)
        if (this.#hasJoined) this.#waiting.returned()
        this.#hasJoined = true
        this.#setStatus('online', null)
      },
      events: (events, cursor) => this.#apply(events, cursor),
      pulse: (pulse) => {
        const { viewerCount, heartCount } = pulse
        if (viewerCount !== this.#state.viewerCount || heartCount !== this.#state.heartCount) {
          this.#set({ ...this.#state, viewerCount, heartCount })
        }
        this.#emitter.emit('show:pulse', pulse)
      },
      refused: (error) => this.#close(error),
    })
  }

  /** The room as it stands: the same object until something changes. */
  get state(): RoomState {
    return this.#state
  }

  /** Calls back after each change of `state`; made for React's `useSyncExternalStore`. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#subscribers.add(listener)
    return () => this.#subscribers.delete(listener)
  }

  readonly getState = (): RoomState => this.#state

  on<N extends keyof RoomEventMap>(name: N, listener: (data: RoomEventMap[N]) => void): () => void {
    return this.#emitter.on(name, listener)
  }

  /** All events in order, until the room is left. A reader more than 1,000 events behind fails with `client.closed`. */
  events(): AsyncIterableIterator<RoomEvent> {
    const stop = this.#emitter.onAny((name, data) => queue.push({ name, data } as RoomEvent))
    const queue = new EventQueue<RoomEvent>(() => {
      stop()
      this.#queues.delete(queue)
    })
    this.#queues.add(queue)
    if (this.#state.status === 'closed') queue.finish(this.#state.error)
    return queue
  }

  /** Resolves when the room has been entered; refuses with the server's reason where it never will be. */
  ready(signal?: AbortSignal): Promise<RoomState> {
    if (this.#state.status === 'online') return Promise.resolve(this.#state)
    if (this.#state.status === 'closed') return Promise.reject(this.#state.error)
    let stop = () => {}
    const entered = new Promise<RoomState>((resolve, reject) => {
      stop = this.#emitter.on('status', (status) => {
        if (status === 'online') resolve(this.#state)
        if (status === 'closed') reject(this.#state.error)
      })
    })
    return abortable(entered, signal).finally(() => stop())
  }

  /** Repeats: a line whose answer was lost is sent again under its operation id and stands once. */
  async chat(text: string, options: CallOptions & { operationId?: string } = {}): Promise<ChatLine> {
    const { operationId, ...callOptions } = options
    await this.ready(options.signal)
    const { line } = await this.#caller.call(sendChat, { showId: this.showId, text, operationId }, callOptions)
    this.#set(withChat(this.#state, { lines: [line], cut: 0, removed: [] }))
    return line
  }

  /** Takes a line back for everyone; for the host and moderators. */
  async removeLine(chatLineId: string, options: CallOptions = {}): Promise<void> {
    await this.#caller.call(removeChatLine, { showId: this.showId, chatLineId }, options)
  }

  /** Taps are collected and sent once a second; they may be lost. */
  heart(hearts = 1): void {
    if (this.#state.status !== 'closed') this.#hearts.add(hearts)
  }

  /** Holds units of a flash sale, over the open socket where there is one. Repeats: same operation id, same hold. */
  async reserve(
    flashSaleId: string,
    units = 1,
    options: CallOptions & { operationId?: string } = {},
  ): Promise<ResponseOf<typeof reserve>> {
    const { operationId, ...callOptions } = options
    const request = { flashSaleId, units, operationId }
    const answer = await this.#caller.call(reserve, request, callOptions, { prefer: 'socket-if-online' })
    this.#waiting.reserved(flashSaleId)
    return answer
  }

  /** One auction of this show: state, events, bidding. The same handle for the same id. */
  auction(auctionId: string): AuctionHandle {
    return this.#auctions.handle(auctionId)
  }

  /** The running auction that was started last, else the last one that ran. */
  currentAuction(): AuctionHandle | null {
    return this.#auctions.current()
  }

  /** The own place in line for a sale that is sold by turns. The same object for the same sale. */
  waiting(flashSaleId: string): WaitingPlace {
    return this.#waiting.place(flashSaleId)
  }

  /** Repeats: leaving twice is leaving once. */
  leave(): void {
    if (this.#state.status === 'closed') return
    this.#close(null)
    this.#onLeft()
  }

  #apply(events: readonly ShowLogEvent[], cursor: { epoch: string; seq: number }): void {
    for (const event of events) {
      this.#state = withLogEvent(this.#state, event)
      this.#tellAuctions(event)
      this.#waiting.told(event)
      this.#emitter.emit(event.type, event.data as never)
      this.#emitter.emit('log', event)
    }
    this.#set({ ...this.#state, cursor })
  }

  #tellAuctions(event: ShowLogEvent): void {
    if (!event.type.startsWith('auction:')) return
    this.#auctions.changed()
    if (event.type === 'auction:started') this.#auctions.started(event.data.auction)
    if (event.type === 'auction:result-proved') this.#auctions.prove(event.data.auctionId, event.data.root)
  }

  #hearChat(batch: DataOf<typeof chatBatchTold>): void {
    if (batch.showId !== this.showId) return
    this.#set(withChat(this.#state, batch))
    this.#emitter.emit('chat:batch', batch)
  }

  #connectionChanged({ status, nextRetryAtMs }: ConnectionState): void {
    if (status === 'closed') this.#close(null)
    if (status === 'online' || status === 'idle' || status === 'closed') return
    // A drained server is left without a break; only a real loss is shown.
    const shown = status === 'connecting' || this.#state.show !== null ? status : 'connecting'
    this.#setStatus(status === 'offline' ? 'offline' : shown, nextRetryAtMs)
  }

  #close(error: LivelotError | null): void {
    if (this.#state.status === 'closed') return
    this.#feed.close()
    this.#hearts.close()
    this.#auctions.close()
    this.#waiting.close()
    for (const stop of this.#stop) stop()
    this.#set({ ...this.#state, error })
    this.#setStatus('closed', null)
    for (const queue of [...this.#queues]) queue.finish(error)
    this.#emitter.clear()
    this.#subscribers.clear()
  }

  #setStatus(status: RoomStatus, nextRetryAtMs: number | null): void {
    if (this.#state.status === status && this.#state.nextRetryAtMs === nextRetryAtMs) return
    const changed = this.#state.status !== status
    this.#set({ ...this.#state, status, nextRetryAtMs })
    if (changed) this.#emitter.emit('status', status)
  }

  #set(state: RoomState): void {
    if (state === this.#state) return
    this.#state = state
    for (const subscriber of [...this.#subscribers]) guarded(subscriber)
  }
}
