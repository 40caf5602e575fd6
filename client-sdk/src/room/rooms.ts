import { leaveShow } from '../../contracts/index.ts'
import type { ServerClock } from '../clock.ts'
import type { SessionKeeper } from '../session/keeper.ts'
import type { Caller } from '../wire/caller.ts'
import type { Connection } from '../wire/connection.ts'
import { Room } from './room.ts'

/** A page that leaves a room and enters it again at once has not left it. */
const LEAVE_AFTER_MS = 300
const LEAVE_TIMEOUT_MS = 2_000

/** The open rooms of a client. Several may show the same show: the server is told of leaving with the last one. */
export class Rooms {
  readonly #connection: Connection
  readonly #caller: Caller
  readonly #clock: ServerClock
  readonly #session: SessionKeeper
  readonly #open = new Set<Room>()

  constructor(connection: Connection, caller: Caller, clock: ServerClock, session: SessionKeeper) {
    this.#connection = connection
    this.#caller = caller
    this.#clock = clock
    this.#session = session
  }

  join(showId: string): Room {
    const way = { connection: this.#connection, caller: this.#caller, clock: this.#clock, session: this.#session }
    const room = new Room(showId, way, () => this.#left(showId))
    this.#open.add(room)
    room.on('status', (status) => {
      if (status === 'closed') this.#open.delete(room)
    })
    return room
  }

  close(): void {
    for (const room of [...this.#open]) room.leave()
  }

  #left(showId: string): void {
    if (!this.#connection.online) return
    const release = this.#connection.hold()
    setTimeout(() => {
      if (this.#connection.online && ![...this.#open].some((room) => room.showId === showId)) {
        this.#connection.send(leaveShow, { showId }, { timeoutMs: LEAVE_TIMEOUT_MS }).catch(() => undefined)
      }
      release()
    }, LEAVE_AFTER_MS)
  }
}
