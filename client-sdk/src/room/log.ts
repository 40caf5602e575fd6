import { z } from 'zod'
import { type Cursor, FeedFrame, joinShow, ShowLogEvent, showLogEvents } from '../../contracts/index.ts'
import { readAnswer } from '../wire/answers.ts'

/**
 * A frame whose events are not judged yet: one that this client does not know is skipped and keeps its place in the
 * sequence, instead of making the whole frame unreadable.
 */
const LooseFrame = FeedFrame.extend({
  events: z.array(
    z.looseObject({ seq: z.int().min(1), atMs: z.number(), type: z.string(), version: z.int(), data: z.unknown() }),
  ),
})
export type LooseFrame = z.infer<typeof LooseFrame>

export const LooseJoin = joinShow.response.extend({ resumed: LooseFrame.nullable() })

export const readFrame = (data: unknown): LooseFrame => readAnswer(LooseFrame, data)

const versions = new Map<string, number>(showLogEvents.map((event) => [event.name, event.version]))

/** The events that this client knows, each checked. Refuses: client.protocol for a known event with wrong data. */
export function knownEvents(frame: LooseFrame): ShowLogEvent[] {
  return frame.events
    .filter((event) => versions.get(event.type) === event.version)
    .map((event) => readAnswer(ShowLogEvent, event))
}

export type Judgement = 'next' | 'known' | 'gap' | 'other-epoch'

/** Where a frame stands to what is already there. `next` may overlap: events up to the cursor are left out. */
export function judgeFrame(cursor: Cursor, frame: { epoch: string; fromSeq: number; toSeq: number }): Judgement {
  if (frame.epoch !== cursor.epoch) return 'other-epoch'
  if (frame.toSeq <= cursor.seq) return 'known'
  return frame.fromSeq <= cursor.seq + 1 ? 'next' : 'gap'
}

/** Whether a pulse proves that something is missing here. */
export function isBehind(cursor: Cursor, pulse: Cursor): boolean {
  return pulse.epoch !== cursor.epoch || pulse.seq > cursor.seq
}
