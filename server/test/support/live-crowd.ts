import { type Client, createClient, type Room } from '@livelot/client'

/** One event as a viewer was told of it. */
export interface Heard {
  readonly epoch: string
  readonly seq: number
  readonly type: string
  readonly text: string
  /** From its decision to this viewer, by one machine's clock. */
  readonly lagMs: number
}

export interface Told<What> {
  readonly what: What
  readonly atTick: number
}

/** Somebody who watches by the SDK, with everything written down that the room said. */
export interface LiveViewer {
  readonly name: string
  readonly client: Client
  readonly room: Room
  readonly heard: readonly Heard[]
  /** Places at which the whole state came instead of single events: once at the entry. */
  readonly snapshots: readonly Told<{ readonly epoch: string; readonly seq: number }>[]
  /** Online after `ready`, until it is told otherwise. */
  readonly statuses: readonly Told<string>[]
  /** Events that came twice or out of their order. */
  readonly misplaced: readonly string[]
}

function startViewer(name: string, url: string, showId: string): LiveViewer {
  const client = createClient({ baseUrl: url, storage: 'memory' })
  const room = client.joinRoom(showId)
  const heard: Heard[] = []
  const snapshots: LiveViewer['snapshots'][number][] = []
  const statuses: Told<string>[] = []
  const misplaced: string[] = []
  let place = { epoch: '', seq: 0 }
  room.on('snapshot', ({ epoch, seq }) => {
    if (epoch === place.epoch && seq < place.seq) misplaced.push(`${name} went back from ${place.seq} to ${seq}`)
    place = { epoch, seq }
    snapshots.push({ what: place, atTick: performance.now() })
  })
  room.on('log', (event) => {
    if (event.seq <= place.seq) misplaced.push(`${name} was told ${event.seq} after ${place.seq}`)
    place = { epoch: place.epoch, seq: event.seq }
    const { seq, type } = event
    heard.push({ epoch: place.epoch, seq, type, text: JSON.stringify(event), lagMs: Date.now() - event.atMs })
  })
  room.on('status', (status) => statuses.push({ what: status, atTick: performance.now() }))
  return { name, client, room, heard, snapshots, statuses, misplaced }
}

/** So many enter at once; a whole crowd at once is what the limits of an address are there for. */
const enteringAtOnce = 25

export interface LiveCrowdOptions {
  /** Where viewers connect, each in turn. */
  readonly urls: readonly string[]
  readonly showId: string
  readonly count: number
}

/** Viewers of one show who do nothing but watch. */
export async function openLiveCrowd({ urls, showId, count }: LiveCrowdOptions) {
  const viewers: LiveViewer[] = []
  for (let from = 0; from < count; from += enteringAtOnce) {
    const some = Array.from({ length: Math.min(enteringAtOnce, count - from) }, (_, i) =>
      startViewer(`viewer ${from + i}`, urls[(from + i) % urls.length] ?? '', showId),
    )
    viewers.push(...some)
    await Promise.all(some.map(({ room }) => room.ready()))
  }
  // The entry itself is no news.
  for (const { statuses } of viewers) (statuses as Told<string>[]).length = 0
  return {
    viewers: viewers as readonly LiveViewer[],
    /** Whether everybody is in the room, at the same place. */
    isTogether: (): boolean => {
      const places = viewers.map(({ room }) => JSON.stringify([room.state.status, room.state.cursor]))
      return viewers.every(({ room }) => room.state.status === 'online') && new Set(places).size === 1
    },
    /** Writes down from now on only what is said from now on, as if all had just entered. */
    forget: (): void => {
      for (const one of viewers)
        for (const list of [one.heard, one.snapshots, one.statuses]) (list as unknown[]).length = 0
    },
    brokenOrder: () => brokenOrder(viewers),
    close: (): void => {
      for (const { client } of viewers) client.close()
    },
  }
}

export type LiveCrowd = Awaited<ReturnType<typeof openLiveCrowd>>

/** Of prices and stock only the newest of a frame is told, so one viewer may hear of fewer of them than another. */
const isReplaced = (type: string) => /:(price|stock|entries)-changed$/.test(type)

/** What no viewer may have seen, in words: an event twice, out of order, otherwise than others, or not at all. */
function brokenOrder(viewers: readonly LiveViewer[]): string[] {
  const broken = viewers.flatMap(({ misplaced }) => misplaced)
  const known = new Map<string, Heard>()
  for (const { name, heard } of viewers) {
    for (const one of heard) {
      const before = known.get(`${one.epoch} ${one.seq}`)
      if (before && before.text !== one.text) broken.push(`${name} heard ${one.text}, another ${before.text}`)
      known.set(`${one.epoch} ${one.seq}`, one)
    }
  }
  for (const { name, heard, snapshots } of viewers) {
    const own = new Set(heard.map(({ epoch, seq }) => `${epoch} ${seq}`))
    const reached = new Map<string, number>()
    for (const { epoch, seq } of heard) reached.set(epoch, Math.max(reached.get(epoch) ?? 0, seq))
    for (const [key, { epoch, seq, type }] of known) {
      const isCovered = snapshots.some(({ what }) => what.epoch === epoch && seq <= what.seq)
      const isBehind = seq <= (reached.get(epoch) ?? 0)
      if (!own.has(key) && isBehind && !isCovered && !isReplaced(type))
        broken.push(`${name} was not told ${type} ${seq}`)
    }
  }
  return broken
}
