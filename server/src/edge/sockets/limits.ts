/** Limits of the socket edge. Where no source is named, realtime measurements on a 2-core machine (2026-11-22) are. */
export const limits = {
  /** One request; also what Engine.IO reads at most before it closes. */
  messageBytesMax: 16_000,
  /** A connection that never enters the namespace. */
  connectTimeoutMs: 10_000,
  /**
   * New connections of one process, whoever they come from. A handshake with its join costs a third of a millisecond, so a
   * crowd of 10,000 that lost its connections at once takes a third of a core for ten seconds, and bids go on between.
   */
  handshakes: { burst: 500, perSecond: 1_000 },
  /** Everything that one connection sends, over all operations. */
  packets: { burst: 20, perSecond: 10 },
  /** A strike is one packet over the limit; the third closes. One is forgiven in this time. */
  strikesMax: 3,
  strikeForgivenMs: 10_000,
  roomsPerConnectionMax: 8,

  /** A connection that has this much waiting gets nothing that may be left out. */
  slowPackets: 8,
  slowBytes: 64 * 1024,
  /** After this long, or beyond this much, it is cut and may come back with its cursor. */
  slowMs: 5_000,
  cutPackets: 512,
  cutBytes: 2 * 1024 * 1024,
  /** How long a cut connection may take to close in order. */
  closeMs: 1_000,

  /** At most twenty frames a second and show. */
  frameEveryMs: 50,
  /** Events kept for people who come back; some seconds of the busiest sale. */
  windowEventsMax: 2_000,
  /** A longer hole is filled by a snapshot. */
  resumeEventsMax: 200,
  /** At most two reads of a show's state a second, however many people enter. */
  snapshotEveryMs: 500,
  /** Events behind which a cached snapshot is read anew when it may be. */
  snapshotStaleEvents: 100,
  /** How long an entering person waits for an event that another process has already told. */
  catchUpMs: 2_000,
  roomLingerMs: 30_000,
  checkEveryMs: 2_000,
  rulesEveryMs: 30_000,

  chatEveryMs: 100,
  chatLinesMax: 20,
  chatEveryMsUnderLoad: 200,
  chatLinesMaxUnderLoad: 5,
  chatKeptLines: 50,
  /** Of one room: a tenth of a core. A room of 3,000 hears chat every 300 ms. */
  chatDeliveriesPerSecond: 10_000,
  chatEveryMsInLargeRooms: 400,
  /** Chat rests for so many times what its last batch took, two seconds at most. */
  chatRoundsApart: 5,
  chatEveryMsMax: 2_000,
  /** Members that chat or a pulse is sent to in one turn of the event loop, 2 ms of it. */
  sideLaneSlice: 200,
  pulseEveryMs: 500,

  /** Everybody is asked to move within this share of a drain's time. */
  drainAskedShare: 0.6,
  /** Leftovers of a drain are closed in slices of 20 each tenth of a second: 200 handshakes a second elsewhere. */
  drainSlice: 20,
  drainSliceEveryMs: 100,
} as const

export interface AddressLimits {
  readonly openMax: number
  readonly burst: number
  readonly perSecond: number
}

/** Per address: 50 open, 20 new in ten seconds. Room for a family or an office, not for a herd. */
export const addressLimits: AddressLimits = { openMax: 50, burst: 20, perSecond: 2 }

export interface Heartbeat {
  readonly everyMs: number
  readonly answerMs: number
}

/**
 * A far end that is gone without a word is found out within 35 s, by the server and by the client alike. Guess: a phone that
 * changes its network answers within seconds or not at all. 10,000 connections cost 500 small packets a second.
 */
export const heartbeat: Heartbeat = { everyMs: 20_000, answerMs: 15_000 }
