import type { Room } from '@livelot/client'

/** What one client heard without a break: from one snapshot to the next. */
interface Stretch {
  readonly epoch: string
  readonly fromSeq: number
  toSeq: number
  readonly events: Map<number, { readonly type: string; readonly text: string }>
}

export interface RoomRecord {
  readonly name: string
  readonly stretches: readonly Stretch[]
  /** Events that came twice or out of their order. */
  readonly misplaced: readonly string[]
  readonly room: Room
}

/** Writes down what a client is told of a room. Begin before the room is entered. */
export function recordRoom(name: string, room: Room): RoomRecord {
  const stretches: Stretch[] = []
  const misplaced: string[] = []
  room.on('snapshot', ({ epoch, seq }) => {
    stretches.push({ epoch, fromSeq: seq, toSeq: seq, events: new Map() })
  })
  room.on('log', (event) => {
    const stretch = stretches.at(-1)
    if (!stretch || event.seq <= stretch.toSeq) return void misplaced.push(`${name} was told ${event.seq} again`)
    stretch.toSeq = event.seq
    if (event.type === 'auction:closed')
      stretch.events.set(event.seq, { type: event.type, text: JSON.stringify(event) })
  })
  return { name, stretches, misplaced, room }
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

/** Of a price only the newest of a frame is told, so one client may hear of fewer of them than another. */
const isToldToAll = (type: string) => type !== 'auction:price-changed'

/** I23 as sentences that are broken: same events at the same places for everybody, none twice, none left out. */
export function brokenLogs(records: readonly RoomRecord[]): string[] {
  const broken = records.flatMap(({ misplaced }) => misplaced.map((one) => `I23 ${one}`))
  const known = new Map<string, { epoch: string; seq: number; type: string; text: string }>()
  for (const { name, stretches, room } of records) {
    const [last, cursor] = [stretches.at(-1), room.state.cursor]
    if (last && last.epoch === cursor?.epoch) last.toSeq = cursor.seq
    for (const { epoch, events } of stretches) {
      for (const [seq, { type, text }] of events) {
        const before = known.get(`${epoch} ${seq}`)
        if (before && before.text !== text) broken.push(`I23 ${name} heard ${text}, another ${before.text}`)
        known.set(`${epoch} ${seq}`, { epoch, seq, type, text })
      }
    }
  }
  for (const { epoch, seq, type } of known.values()) {
    if (!isToldToAll(type)) continue
    for (const { name, stretches } of records) {
      const missed = stretches.some(
        (one) => one.epoch === epoch && one.fromSeq < seq && seq <= one.toSeq && !one.events.has(seq),
      )
      if (missed) broken.push(`I23 ${name} was not told ${type} at ${seq}`)
    }
  }
  if (!areInStep(records)) broken.push('I23 clients see different rooms after all is over')
  return broken
}
