import { createReadStream } from 'node:fs'
import { open, readdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'

/**
 * What a client wrote down by itself: each intent before it was sent, each answer when it came, and what a room told it.
 * JSON lines, one file a client or one for many. A file may end within a line: its client was killed while it wrote.
 *
 *   {"at":1,"actor":"<account>","operationId":"<uuid>","kind":"bid","intent":{"auctionId":"…","amountMinor":500}}
 *   {"at":2,"operationId":"<uuid>","answer":"ok","result":{"answer":"leading"}}
 *
 * `unknown` is written where no answer came, or one that leaves open what happened. A repeated operation is one intent
 * with several answers.
 */
const EpochMs = z.int().min(0)
const Id = z.uuid()
const AmountMinor = z.int().min(0)

const intentOf = <Kind extends string, Intent extends z.ZodType>(kind: Kind, intent: Intent) =>
  z.strictObject({ at: EpochMs, actor: Id, operationId: Id, kind: z.literal(kind), intent })

/** `actor` is the account that asked. Fields that a check does not need may be written too, for whoever reads the file. */
export const IntentLine = z.discriminatedUnion('kind', [
  intentOf('reserve', z.looseObject({ flashSaleId: Id, units: z.int().min(1) })),
  intentOf('checkout', z.looseObject({ totalMinor: AmountMinor.optional() })),
  intentOf('bid', z.looseObject({ auctionId: Id, amountMinor: AmountMinor })),
  intentOf('max', z.looseObject({ auctionId: Id, amountMinor: AmountMinor })),
  intentOf('buy', z.looseObject({ auctionId: Id, amountMinor: AmountMinor })),
  intentOf('refund', z.looseObject({ orderId: Id })),
])
export type IntentLine = z.infer<typeof IntentLine>
export type JournalKind = IntentLine['kind']

/** What an `ok` says, by the kind of its intent. */
export const resultOf = {
  reserve: z.looseObject({ holdId: Id }),
  /** `state` where the client has seen the end of it: paid or failed. */
  checkout: z.looseObject({ checkoutId: Id, orderId: Id, state: z.enum(['paid', 'failed']).optional() }),
  bid: z.looseObject({ answer: z.enum(['leading', 'outbid']) }),
  max: z.looseObject({ answer: z.enum(['leading', 'outbid']) }),
  buy: z.looseObject({}),
  refund: z.looseObject({ refundId: Id, amountMinor: AmountMinor.optional() }),
} as const satisfies Record<JournalKind, z.ZodType>

/** `result` of a refusal is its code, `{"code":"bid.too_low"}`; of an unknown answer whatever is known of it. */
export const AnswerLine = z.strictObject({
  at: EpochMs.optional(),
  operationId: Id,
  answer: z.enum(['ok', 'refused', 'unknown']),
  result: z.looseObject({ code: z.string().optional() }),
})
export type AnswerLine = z.infer<typeof AnswerLine>

/**
 * What a room told one client: `snapshot` begins an unbroken stretch after `seq`, `event` is one entry of the log, and
 * `end` says how far the stretch reached. `hash` is of the event's type and data; `seq` alone where it is absent.
 */
export const HeardLine = z.strictObject({
  at: EpochMs,
  actor: z.string().min(1),
  heard: z.enum(['snapshot', 'event', 'end']),
  showId: Id,
  epoch: z.string().min(1),
  seq: z.int().min(0),
  type: z.string().optional(),
  hash: z.string().optional(),
})
export type HeardLine = z.infer<typeof HeardLine>

/**
 * Whoever broke something on purpose writes when Redis came back with less than it had acknowledged (emptied, rolled
 * back): reservations and bids answered after `since` and before `at` may be gone. Nothing else is ever excused.
 */
export const LostLine = z.strictObject({ at: EpochMs, lost: z.literal('redis'), since: EpochMs })
export type LostLine = z.infer<typeof LostLine>

export interface ClientJournal {
  readonly intents: readonly IntentLine[]
  readonly answers: readonly AnswerLine[]
  readonly heard: readonly HeardLine[]
  readonly lost: readonly LostLine[]
}

/** A line of a client journal is not one; the message names file and line. */
export class JournalError extends Error {
  override readonly name = 'JournalError'
}

const lineBytesMax = 64 * 1024

/** Reads files, and all `.jsonl` files of folders. Throws JournalError at a line that is not one, unless it was cut off. */
export async function readClientJournals(paths: readonly string[]): Promise<ClientJournal> {
  const read = { intents: [], answers: [], heard: [], lost: [] } as {
    intents: IntentLine[]
    answers: AnswerLine[]
    heard: HeardLine[]
    lost: LostLine[]
  }
  for (const file of await filesOf(paths)) {
    let place = 0
    /** A line that cannot be read is forgiven when it is the last one. */
    let problem: JournalError | undefined
    for await (const text of (await open(file)).readLines()) {
      if (problem) throw problem
      place += 1
      if (text.trim() === '') continue
      const line = parseLine(text)
      if (line === undefined) problem = new JournalError(`${file}:${place} is no line of a client journal`)
      else if ('kind' in line) read.intents.push(line)
      else if ('answer' in line) read.answers.push(line)
      else if ('heard' in line) read.heard.push(line)
      else read.lost.push(line)
    }
    if (problem && !(await isCutOff(file))) throw problem
  }
  return read
}

const JournalLine = z.union([IntentLine, AnswerLine, HeardLine, LostLine])
export type JournalLine = z.infer<typeof JournalLine>

function parseLine(text: string): JournalLine | undefined {
  if (text.length > lineBytesMax) return undefined
  try {
    return JournalLine.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

async function isCutOff(file: string): Promise<boolean> {
  const { size } = await stat(file)
  for await (const chunk of createReadStream(file, { start: Math.max(0, size - 1) }))
    return (chunk as Buffer).toString() !== '\n'
  return false
}

async function filesOf(paths: readonly string[]): Promise<string[]> {
  const files: string[] = []
  for (const one of paths) {
    if (!(await stat(one)).isDirectory()) files.push(one)
    else
      files.push(...(await readdir(one)).filter((name) => name.endsWith('.jsonl')).map((name) => path.join(one, name)))
  }
  return files.sort()
}
