import { ShowId } from '@livelot/client/contracts'
import { z } from 'zod'
import type { Bus } from '#infra/redis/bus'
import type { Redis } from '#infra/redis/client'
import type { Log } from '#kernel/log'
import type { LiveRooms } from '#modules/live'
import type { LoadLevel } from '../load.ts'
import { ChatLane } from './chat-lane.ts'
import { type FeedReader, startFeedReader } from './feed-reader.ts'
import { limits } from './limits.ts'
import { Room } from './room.ts'

const Control = z.strictObject({ kind: z.enum(['rules', 'epoch']), showId: ShowId })

export interface RoomsOptions {
  readonly source: LiveRooms
  readonly bus: Bus
  readonly hot: Redis
  /** For the feed alone; closed with the rooms. */
  readonly feedRedis: Redis
  readonly processId: string
  /** The time that deadlines of shows are meant in. */
  readonly nowMs: () => number
  readonly loadLevel: () => LoadLevel
  readonly log: Log
}

export interface OpenRoom {
  readonly room: Room
  readonly chat: ChatLane
  /** Hearts since the last report. */
  hearts: number
  emptySinceMs: number | null
  rulesAtMs: number
}

/** The rooms that this process serves: opened by the first who enters, closed a while after the last has left. */
export class Rooms {
  readonly #options: RoomsOptions
  readonly #opening = new Map<ShowId, Promise<OpenRoom>>()
  readonly #open = new Map<ShowId, OpenRoom>()
  readonly #reader: FeedReader
  readonly #stops: (() => void)[]
  #isChecking = false
  #told = 0
  readonly #countTold = (connections: number): void => {
    this.#told += connections
  }

  constructor(options: RoomsOptions) {
    this.#options = options
    this.#reader = startFeedReader({
      redis: options.feedRedis,
      hot: options.hot,
      targets: () => [...this.#open.values()].map(({ room }) => room).filter((room) => room.isFollowing),
      onReconnected: () => this.#caught(this.#check(), 'rooms were not looked at'),
      log: options.log,
    })
    const pulses = setInterval(() => this.#pulseAll(), limits.pulseEveryMs)
    const checks = setInterval(() => this.#caught(this.#check(), 'rooms were not looked at'), limits.checkEveryMs)
    const onReady = () => this.#caught(this.#check(), 'rooms were not looked at')
    options.hot.on('ready', onReady)
    this.#stops = [
      options.bus.subscribe(options.source.controlChannel, (message) => this.#hearControl(message)),
      () => clearInterval(pulses),
      () => clearInterval(checks),
      () => options.hot.off('ready', onReady),
      () => this.#reader.close(),
    ]
  }

  get count(): number {
    return this.#open.size
  }

  /** Packets that rooms have handed to connections since this process began. */
  get toldCount(): number {
    return this.#told
  }

  get memberCounts(): number[] {
    return [...this.#open.values()].map(({ room }) => room.members.size)
  }

  find(showId: ShowId): OpenRoom | undefined {
    return this.#open.get(showId)
  }

  /** The room, opened if it was not. Refuses: show.not_found. */
  async open(showId: ShowId): Promise<OpenRoom> {
    const open = this.#open.get(showId)
    if (open) {
      // Whoever asks is about to enter: the room must not be closed under them.
      open.emptySinceMs = null
      return open
    }
    let opening = this.#opening.get(showId)
    if (!opening) {
      opening = this.#openNow(showId).finally(() => this.#opening.delete(showId))
      this.#opening.set(showId, opening)
    }
    return await opening
  }

  close(): void {
    for (const stop of this.#stops) stop()
    for (const showId of [...this.#open.keys()]) this.#closeRoom(showId)
  }

  async #openNow(showId: ShowId): Promise<OpenRoom> {
    const { source, bus, nowMs: now, log, loadLevel } = this.#options
    const [opened, rules] = await Promise.all([source.read(showId), source.rules(showId)])
    const room = new Room({
      showId,
      source,
      opened,
      rules,
      nowMs: now,
      log,
      onMoved: () => this.#reader.wake(),
      onTold: this.#countTold,
    })
    const chat = new ChatLane({ room, source, bus, log, loadLevel })
    try {
      await chat.load()
      room.audience = await source.report(showId, '', 0, 0)
    } catch (error) {
      room.close()
      chat.close()
      throw error
    }
    const nowMs = performance.now()
    const open: OpenRoom = { room, chat, hearts: 0, emptySinceMs: nowMs, rulesAtMs: nowMs }
    this.#open.set(showId, open)
    this.#reader.wake()
    return open
  }

  #closeRoom(showId: ShowId): void {
    const open = this.#open.get(showId)
    this.#open.delete(showId)
    open?.room.close()
    open?.chat.close()
  }

  #pulseAll(): void {
    const nowMs = performance.now()
    for (const [showId, open] of this.#open) {
      if (open.room.members.size > 0) open.emptySinceMs = null
      else open.emptySinceMs ??= nowMs
      if (open.emptySinceMs !== null && nowMs - open.emptySinceMs > limits.roomLingerMs) this.#closeRoom(showId)
      else this.#caught(this.#report(open), 'an audience was not reported')
    }
  }

  async #report(open: OpenRoom): Promise<void> {
    const { room, hearts } = open
    open.hearts = 0
    try {
      room.audience = await this.#options.source.report(room.showId, this.#options.processId, room.members.size, hearts)
    } finally {
      room.pulse()
    }
  }

  /** Looks whether Redis still holds what was read; what it lost is rebuilt, what moved on unseen is read anew. */
  async #check(): Promise<void> {
    if (this.#isChecking || this.#open.size === 0 || this.#options.hot.status !== 'ready') return
    this.#isChecking = true
    try {
      const rooms = [...this.#open.values()].map(({ room }) => room)
      const before = rooms.map((room) => room.lastSeq)
      const places = await this.#options.source.positions(rooms.map((room) => room.showId))
      for (const [i, room] of rooms.entries()) {
        const place = places[i]
        const isThere = place && place.epoch === room.epoch && place.seq >= (before[i] ?? 0)
        if (!isThere) room.resync()
      }
      this.#renewOldRules()
    } finally {
      this.#isChecking = false
    }
  }

  /** A message of the control channel can be lost; rules are never older than half a minute. */
  #renewOldRules(): void {
    const nowMs = performance.now()
    for (const open of this.#open.values())
      if (nowMs - open.rulesAtMs > limits.rulesEveryMs) this.#caught(this.#renewRules(open), 'rules were not read')
  }

  async #renewRules(open: OpenRoom): Promise<void> {
    const { source } = this.#options
    const { room } = open
    open.rulesAtMs = performance.now()
    room.rules = await source.rules(room.showId)
    for (const member of [...room.members])
      if (source.standingOf(room.rules, member.actor).isBanned) member.limit('banned', 0)
  }

  #hearControl(message: string): void {
    const { kind, showId } = Control.parse(JSON.parse(message))
    const open = this.#open.get(showId)
    if (!open) return
    if (kind === 'epoch') this.#caught(this.#check(), 'rooms were not looked at')
    else this.#caught(this.#renewRules(open), 'rules were not read')
  }

  #caught(work: Promise<void>, problem: string): void {
    work.catch((error: unknown) => this.#options.log.warn({ err: error }, problem))
  }
}
