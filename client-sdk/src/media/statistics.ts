/** What one incoming or outgoing stream did, as far as the browser tells. */
export interface StreamStats {
  kind: string
  /** Layer name of a simulcast stream. */
  rid: string | null
  codec: string | null
  widthPx: number | null
  heightPx: number | null
  framesPerSecond: number | null
  /** Since the last look; null at the first. */
  bitrateKbps: number | null
  packetsLost: number | null
  roundTripMs: number | null
  /** Time that a frame waits before it is shown; incoming only. */
  jitterBufferMs: number | null
  framesDropped: number | null
  freezes: number | null
  /** Why the browser sends less than it could: `bandwidth`, `cpu` or `none`; outgoing only. */
  limitedBy: string | null
}

type Entry = Record<string, unknown> & { id: string; type: string; timestamp: number }

const number = (value: unknown): number | null => (typeof value === 'number' ? value : null)
const text = (value: unknown): string | null => (typeof value === 'string' ? value : null)
const round = (value: number | null): number | null => (value === null ? null : Math.round(value * 10) / 10)

/** Reads the browser's reports; rates need two looks, so one reader is kept for as long as the streams live. */
export class StatsReader {
  readonly #last = new Map<string, { bytes: number; timestamp: number }>()

  read(report: RTCStatsReport): StreamStats[] {
    const entries = [...(report as unknown as ReadonlyMap<string, Entry>).values()]
    const byId = new Map(entries.map((entry) => [entry.id, entry]))
    return (
      entries
        // The prober only measures the way; it never carries a picture.
        .filter(({ type, mid }) => (type === 'inbound-rtp' || type === 'outbound-rtp') && mid !== 'probator')
        .map((entry) => this.#streamOf(entry, byId, entries))
    )
  }

  #streamOf(entry: Entry, byId: ReadonlyMap<string, Entry>, entries: readonly Entry[]): StreamStats {
    const incoming = entry.type === 'inbound-rtp'
    const remote = byId.get(text(entry.remoteId) ?? '')
    const pair = entries.find(({ type, nominated }) => type === 'candidate-pair' && nominated === true)
    const roundTrip = number(remote?.roundTripTime) ?? number(pair?.currentRoundTripTime)
    const emitted = number(entry.jitterBufferEmittedCount)
    const buffered = number(entry.jitterBufferDelay)
    return {
      kind: text(entry.kind) ?? 'video',
      rid: text(entry.rid),
      codec: text(byId.get(text(entry.codecId) ?? '')?.mimeType),
      widthPx: number(entry.frameWidth),
      heightPx: number(entry.frameHeight),
      framesPerSecond: number(entry.framesPerSecond),
      bitrateKbps: this.#bitrate(entry, number(incoming ? entry.bytesReceived : entry.bytesSent)),
      packetsLost: number(incoming ? entry.packetsLost : remote?.packetsLost),
      roundTripMs: round(roundTrip === null ? null : roundTrip * 1000),
      jitterBufferMs: round(emitted && buffered !== null ? (buffered / emitted) * 1000 : null),
      framesDropped: number(entry.framesDropped),
      freezes: number(entry.freezeCount),
      limitedBy: text(entry.qualityLimitationReason),
    }
  }

  #bitrate(entry: Entry, bytes: number | null): number | null {
    if (bytes === null) return null
    const before = this.#last.get(entry.id)
    this.#last.set(entry.id, { bytes, timestamp: entry.timestamp })
    if (!before || entry.timestamp <= before.timestamp) return null
    return round(((bytes - before.bytes) * 8) / (entry.timestamp - before.timestamp))
  }
}
