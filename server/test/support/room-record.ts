import { createHash } from 'node:crypto'
import type { Room } from '@livelot/client'
import type { HeardLine } from '../../src/invariants/index.ts'

export interface RoomRecord {
  readonly name: string
  /** In the form of client journals. */
  readonly heard: readonly HeardLine[]
  readonly room: Room
}

/** Writes down what a client is told of a room. Begin before the room is entered. */
export function recordRoom(name: string, room: Room): RoomRecord {
  const heard: HeardLine[] = []
  const { showId } = room
  let epoch = ''
  room.on('snapshot', (snapshot) => {
    epoch = snapshot.epoch
    heard.push({ at: Date.now(), actor: name, heard: 'snapshot', showId, epoch, seq: snapshot.seq })
  })
  room.on('log', (event) => {
    const { seq, type } = event
    const hash = createHash('sha1').update(JSON.stringify(event)).digest('hex')
    heard.push({ at: Date.now(), actor: name, heard: 'event', showId, epoch, seq, type, hash })
  })
  return { name, heard, room }
}

/** What a client has heard, to where it has come by now. */
export function heardBy({ name, heard, room }: RoomRecord): HeardLine[] {
  const { cursor } = room.state
  const end = cursor && { epoch: cursor.epoch, seq: cursor.seq }
  return [
    ...heard,
    ...(end ? [{ at: Date.now(), actor: name, heard: 'end' as const, showId: room.showId, ...end }] : []),
  ]
}

/** Whether all clients have come to the same place and the same picture. */
export function areInStep(records: readonly RoomRecord[]): boolean {
  const pictures = records.map(({ room }) => pictureOf(room))
  return pictures.every((one) => one === pictures[0])
}

function pictureOf({ state }: Room): string {
  const auctions = state.auctions.toSorted((one, other) => one.auctionId.localeCompare(other.auctionId))
  return JSON.stringify([state.cursor, auctions])
}

/** Clients that see another room than the others after all is over. */
export const brokenPictures = (records: readonly RoomRecord[]): string[] =>
  areInStep(records) ? [] : ['I23 clients see different rooms after all is over']
