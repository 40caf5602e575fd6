import { ChatLine, ChatLineId, chatBatchTold } from '@livelot/client/contracts'
import { z } from 'zod'
import type { Bus } from '#infra/redis/bus'
import type { Log } from '#kernel/log'
import type { LiveRooms } from '#modules/live'
import type { LoadLevel } from '../load.ts'
import { Batcher, type ChatBatch } from './batcher.ts'
import { limits } from './limits.ts'
import type { Room } from './room.ts'

const Message = z.strictObject({
  lines: z.array(ChatLine).max(200),
  cut: z.int().min(0),
  removed: z.array(ChatLineId),
})

export interface ChatLaneOptions {
  readonly room: Room
  readonly source: LiveRooms
  readonly bus: Bus
  readonly log: Log
  readonly loadLevel: () => LoadLevel
}

/**
 * How long chat of a room is gathered: the longer, the more members there are, since nobody reads ten batches a second,
 * and the longer the last batch took to reach them all, since this process has more urgent work then, as in a lot's last
 * seconds.
 */
export const chatPaceMs = (members: number, roundMs: number): number =>
  Math.max(
    Math.min((1_000 * members) / limits.chatDeliveriesPerSecond, limits.chatEveryMsInLargeRooms),
    Math.min(limits.chatRoundsApart * roundMs, limits.chatEveryMsMax),
  )

/**
 * Chat of one room in this process, in a path of its own. Lines said here go out to all processes in batches, and
 * what all processes say comes in and is told in batches. Nothing is tried twice: while Redis is away, chat is away.
 */
export class ChatLane {
  readonly #options: ChatLaneOptions
  readonly #outgoing: Batcher
  readonly #incoming: Batcher
  readonly #channel: string
  readonly #unsubscribe: () => void
  #recent: ChatLine[] = []

  constructor(options: ChatLaneOptions) {
    this.#options = options
    this.#channel = options.source.chatChannel(options.room.showId)
    const linesMax = () => (options.loadLevel() > 0 ? limits.chatLinesMaxUnderLoad : limits.chatLinesMax)
    const everyMs = () => (options.loadLevel() > 0 ? limits.chatEveryMsUnderLoad : limits.chatEveryMs)
    const toldEveryMs = () => Math.max(everyMs(), chatPaceMs(options.room.members.size, options.room.sideLane.roundMs))
    this.#outgoing = new Batcher({ everyMs, linesMax, flush: (batch) => this.#publish(batch) })
    this.#incoming = new Batcher({ everyMs: toldEveryMs, linesMax, flush: (batch) => this.#tell(batch) })
    this.#unsubscribe = options.bus.subscribe(this.#channel, (message) => this.#hear(message))
  }

  /** The last lines, oldest first. */
  get recent(): readonly ChatLine[] {
    return this.#recent
  }

  /** Lines that were said before this process opened the room. */
  async load(): Promise<void> {
    const kept = await this.#options.source.recentLines(this.#options.room.showId)
    const heard = new Set(this.#recent.map((line) => line.chatLineId))
    this.#recent = [...kept.filter((line) => !heard.has(line.chatLineId)), ...this.#recent].slice(-limits.chatKeptLines)
  }

  say(line: ChatLine): void {
    this.#outgoing.add({ lines: [line], cut: 0, removed: [] })
  }

  close(): void {
    this.#unsubscribe()
    this.#outgoing.close()
    this.#incoming.close()
  }

  #publish(batch: ChatBatch): void {
    const { bus, source, room, log } = this.#options
    bus.publish(this.#channel, JSON.stringify(batch))
    source.keepLines(room.showId, batch.lines).catch((error: unknown) => log.debug({ err: error }, 'chat was not kept'))
  }

  #hear(message: string): void {
    const batch = Message.parse(JSON.parse(message))
    const removed = new Set(batch.removed)
    const kept = this.#recent.filter((line) => !removed.has(line.chatLineId))
    this.#recent = [...kept, ...batch.lines].slice(-limits.chatKeptLines)
    if (this.#options.room.members.size > 0) this.#incoming.add(batch)
  }

  #tell({ lines, cut, removed }: ChatBatch): void {
    const { room } = this.#options
    const data = { showId: room.showId, lines: [...lines], cut, removed: [...removed] }
    // What a moderator took back must reach everybody; a slow reader gets it in its turn.
    room.broadcastAside(chatBatchTold, data, removed.length === 0)
  }
}
