import { z } from 'zod'
import { ConsumerParams, MediaPeerId, MediaTrackId } from './media-rtp.ts'
import { toldEvent } from './operation.ts'

const peer = { peerId: MediaPeerId }
/** Numbered per peer without a gap, so that `media:adopt` can say what it has seen. */
const sequenced = { ...peer, seq: z.int().min(1) }

const told = <const N extends string, D extends z.ZodType>(name: N, summary: string, data: D) =>
  toldEvent({ name, version: 1, summary, data })

export const mediaConsumersAdded = told(
  'media:consumers-added',
  'Tracks to play now. Consume all of them in one go, then resume those that came paused.',
  z.strictObject({ ...sequenced, consumers: z.array(ConsumerParams).min(1).max(8) }),
)
export const mediaConsumerClosed = told(
  'media:consumer-closed',
  'The track is over; another may follow.',
  z.strictObject({ ...sequenced, consumerId: MediaTrackId }),
)
export const mediaConsumerPaused = told(
  'media:consumer-paused',
  'The creator paused the track.',
  z.strictObject({ ...sequenced, consumerId: MediaTrackId }),
)
export const mediaConsumerResumed = told(
  'media:consumer-resumed',
  'The creator let the track flow again.',
  z.strictObject({ ...sequenced, consumerId: MediaTrackId }),
)
export const mediaProducerLost = told(
  'media:producer-lost',
  'The creator’s connection is gone; the show is kept for `graceMs`. Stay: new tracks come by themselves.',
  z.strictObject({ ...sequenced, graceMs: z.int().min(0) }),
)
export const mediaRejoin = told(
  'media:rejoin',
  'This session is over on the server’s side. Join (or publish) again now, with a new token.',
  z.strictObject({
    ...sequenced,
    reason: z.enum(['worker-died', 'node-stopping', 'node-lost', 'events-lost', 'moved']),
  }),
)
export const mediaEnded = told(
  'media:ended',
  'This session is over. Do not join again by yourself.',
  z.strictObject({
    ...sequenced,
    reason: z.enum(['show-ended', 'broadcaster-gone', 'replaced', 'connection-lost', 'never-connected', 'unowned']),
  }),
)
/** Not sequenced: only the newest matters, and it may be left out under load. */
export const mediaConsumerQuality = told(
  'media:consumer-quality',
  'Score (0 worst, 10 best) and current layers of a consumer; at most one a second.',
  z.strictObject({
    ...peer,
    consumerId: MediaTrackId,
    score: z.int().min(0).max(10),
    layers: z.strictObject({ spatialLayer: z.int().min(0), temporalLayer: z.int().min(0).optional() }).nullable(),
  }),
)
export const mediaProducerQuality = told(
  'media:producer-quality',
  'Score (0 worst, 10 best) of what arrives from the creator; at most one a second.',
  z.strictObject({ ...peer, producerId: MediaTrackId, score: z.int().min(0).max(10) }),
)

/** Everything that the video side of a socket may tell, by name. */
export const mediaEvents = [
  mediaConsumersAdded,
  mediaConsumerClosed,
  mediaConsumerPaused,
  mediaConsumerResumed,
  mediaProducerLost,
  mediaRejoin,
  mediaEnded,
  mediaConsumerQuality,
  mediaProducerQuality,
] as const
