import type { ShowId } from '@livelot/client/contracts'
import type { Actor } from './actor.ts'

/** Where a request comes from, the same over HTTP and sockets. */
export interface Caller {
  readonly actor: Actor
  /** Remote address, for limits only; never stored. */
  readonly ip: string
  readonly socketId?: string
  /** Whether the caller’s connection has joined the room of a show. Absent over HTTP, which has no rooms. */
  readonly isInRoom?: (showId: ShowId) => boolean
}
