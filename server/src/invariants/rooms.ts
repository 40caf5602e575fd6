import { setTimeout as delay } from 'node:timers/promises'
import type { ShowId } from '@livelot/client/contracts'
import { showFeedKey, showStateKey } from '#modules/live'
import { reportTtlMs } from '../modules/live/audience.ts'
import { viewersKey } from '../modules/live/keys.ts'
import type { HeardLine } from './client-journal.ts'
import { type Evidence, type Found, found, type Invariant, nothing } from './invariant.ts'

const lookAgainMs = 200
/** Of these only the newest of a moment is told, so one client may hear of fewer of them than another. */
const coalescedTypes: readonly string[] = ['auction:price-changed', 'flash-sale:stock-changed']
/** Older rooms are gone from Redis. */
const showsText = `SELECT id AS "showId", state FROM shows
  WHERE state = 'live' OR (state = 'ended' AND ended_at > clock_timestamp() - interval '1 day')`

interface Show {
  readonly showId: ShowId
  readonly state: 'live' | 'ended'
}

const showsOf = ({ now }: Evidence) => now.query<Show>({ name: '', text: showsText })

/** State and log of a room are written in one step, so one reading of both must agree. */
async function brokenFeeds(evidence: Evidence): Promise<Found> {
  const { redis } = evidence
  if (!redis) return nothing
  const broken: unknown[] = []
  for (const { showId } of await showsOf(evidence)) {
    const replies = await redis
      .multi()
      .hmget(showStateKey(showId), 'seq', 'epoch')
      .xrange(showFeedKey(showId), '-', '+')
      .exec()
    const [seq, entries] = (replies ?? []).map(([error, value]) => {
      if (error) throw error
      return value
    }) as [[string | null, string | null], [string, string[]][]]
    if (seq[0] === null) continue
    const numbers = entries.map(([id]) => Number(id.split('-')[0]))
    const gap = numbers.findIndex((number, place) => place > 0 && number !== (numbers[place - 1] ?? 0) + 1)
    const last = numbers.at(-1)
    if (gap > 0) broken.push({ showId, after: numbers[gap - 1], next: numbers[gap] })
    else if (last !== undefined && last !== Number(seq[0])) broken.push({ showId, seq: Number(seq[0]), last })
  }
  return found(broken)
}

/** What clients heard, by their own journals: the same at the same place, nothing twice, nothing left out. */
export function brokenHearing(heard: readonly HeardLine[]): Record<string, unknown>[] {
  const broken: Record<string, unknown>[] = []
  const told = new Map<string, { type: string; hash: string | undefined }>()
  const stretches: { actor: string; room: string; from: number; to: number; seqs: Set<number> }[] = []
  const current = new Map<string, (typeof stretches)[number]>()
  for (const { actor, heard: what, showId, epoch, seq, type = '', hash } of heard) {
    const room = `${showId} ${epoch}`
    const key = `${actor} ${showId}`
    const stretch = current.get(key)
    if (what === 'snapshot') {
      const begun = { actor, room, from: seq, to: seq, seqs: new Set<number>() }
      stretches.push(begun)
      current.set(key, begun)
      continue
    }
    if (!stretch || stretch.room !== room) {
      // An end under another epoch says nothing of the stretch before it.
      if (what === 'event') broken.push({ actor, showId, epoch, seq, problem: 'was told without a snapshot' })
      continue
    }
    if (what === 'end') {
      stretch.to = Math.max(stretch.to, seq)
      continue
    }
    if (seq <= stretch.to) broken.push({ actor, showId, epoch, seq, problem: 'was told twice, or out of order' })
    stretch.to = Math.max(stretch.to, seq)
    stretch.seqs.add(seq)
    const before = told.get(`${room} ${seq}`)
    if (before && (before.type !== type || before.hash !== hash))
      broken.push({ actor, showId, epoch, seq, problem: 'heard something else than another client' })
    told.set(`${room} ${seq}`, { type, hash })
  }
  for (const [place, { type }] of told) {
    if (coalescedTypes.includes(type)) continue
    const at = place.lastIndexOf(' ')
    const [room, seq] = [place.slice(0, at), Number(place.slice(at + 1))]
    for (const { actor, from, to, seqs, room: own } of stretches)
      if (own === room && from < seq && seq <= to && !seqs.has(seq))
        broken.push({ actor, room, seq, problem: 'was not told' })
  }
  return broken
}

/** Reports of viewers that would stand although nobody renews them. */
async function endlessViewers(evidence: Evidence): Promise<Found> {
  const { redis } = evidence
  if (!redis) return nothing
  const broken: unknown[] = []
  for (const { showId } of await showsOf(evidence)) {
    const key = viewersKey(showId)
    const [[seconds, micros], ttlMs, reports] = await Promise.all([redis.time(), redis.pttl(key), redis.hgetall(key)])
    // Redis' own clock, read a moment before the reports were.
    const latestMs = Number(seconds) * 1_000 + Number(micros) / 1_000 + reportTtlMs + lookAgainMs
    for (const [processId, report] of Object.entries(reports)) {
      const [viewers = 0, untilMs = 0] = report.split(':').map(Number)
      if (ttlMs < 0 || untilMs > latestMs) broken.push({ showId, processId, viewers, untilMs, ttlMs })
    }
  }
  return found(broken)
}

/** More viewers in a room than all API processes have sockets: some are ghosts. */
async function ghostViewers(evidence: Evidence): Promise<Found> {
  const { redis, openSockets, settleMs } = evidence
  if (!redis || !openSockets) return nothing
  const until = performance.now() + settleMs
  for (;;) {
    const sockets = await openSockets()
    const rooms = await Promise.all(
      (await showsOf(evidence)).map(async ({ showId }) => {
        const reports = Object.values(await redis.hgetall(viewersKey(showId)))
        return { showId, viewers: reports.reduce((sum, report) => sum + Number(report.split(':')[0]), 0), sockets }
      }),
    )
    const broken = rooms.filter(({ viewers }) => viewers > sockets)
    // A report may be half a second older than the sockets that were counted, and a dead process's stands for five.
    if (broken.length === 0 || performance.now() >= until) return found(broken)
    await delay(lookAgainMs)
  }
}

/** Routers, transports, producers and consumers of the media workers against the registry of the node. */
async function ghostMedia(evidence: Evidence): Promise<Found> {
  const { media, settleMs, graceMs } = evidence
  if (!media) return nothing
  const until = performance.now() + settleMs
  for (;;) {
    const { rooms, registry, dumped } = await media()
    const differing = Object.keys(registry).filter((what) => registry[what] !== dumped[what])
    const live = (await showsOf(evidence)).filter((show) => show.state === 'live').length
    const isEmpty = graceMs > 0 || live > 0 || (rooms === 0 && (registry.transports ?? 0) === 0)
    if (differing.length === 0 && isEmpty) return nothing
    if (performance.now() >= until) return found([{ rooms, liveShows: live, registry, dumped }])
    await delay(lookAgainMs)
  }
}

export const roomInvariants: readonly Invariant[] = [
  {
    id: 'I23',
    group: 'rooms',
    rule: 'the log of a room has no gap and ends where its state says',
    reads: ['postgres', 'redis'],
    isCheap: true,
    find: brokenFeeds,
  },
  {
    id: 'I23',
    group: 'rooms',
    rule: 'all clients heard the same at the same place, once each, in order',
    reads: ['journals'],
    isCheap: false,
    find: async ({ journals }) => found(brokenHearing(journals?.heard ?? [])),
  },
  {
    id: 'I24',
    group: 'rooms',
    rule: 'viewers are counted only while their process says so, again and again',
    reads: ['postgres', 'redis'],
    isCheap: true,
    find: endlessViewers,
  },
  {
    id: 'I24',
    group: 'rooms',
    rule: 'no room counts more viewers than there are sockets',
    reads: ['postgres', 'redis', 'apis'],
    isCheap: false,
    find: ghostViewers,
  },
  {
    id: 'I24',
    group: 'rooms',
    rule: 'the media workers hold what the media node believes to hold, and nothing for shows that are over',
    reads: ['postgres', 'media'],
    isCheap: false,
    find: ghostMedia,
  },
]
