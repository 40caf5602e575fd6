import { AccountId, AuctionFigures, BidId, EpochMs, IneligibleReason, LedgerEntry } from '@livelot/client/contracts'
import { z } from 'zod'
import type { Decision, GateClosed, LogAnswer, LoggedEntry, OpenAnswer, RefusalCode, TickAnswer } from './gate.ts'

// What the gate's scripts may answer; the header of each says when.

const refusalCodes = [
  'key_reused',
  'not_eligible',
  'not_started',
  'closed',
  'wrong_type',
  'no_buy_now',
  'own_is_higher',
  'raise_too_small',
  'too_low',
  'far_above_price',
  'over_limit',
] as const satisfies readonly RefusalCode[]

const gateClosed = z.tuple([z.literal('gate_closed')])
const absent = z.literal('').transform(() => null)
const orAbsent = <T extends z.ZodType>(schema: T) => z.union([absent, schema])
/** A number as Lua writes it into a text. */
const Digits = z
  .string()
  .regex(/^\d{1,16}$/)
  .transform(Number)
const FiguresText = z.string().transform((text) => AuctionFigures.parse(JSON.parse(text)))
const OneOrNone = z.literal([0, 1]).transform((one) => one === 1)
const State = z.enum(['running', 'closed'])
const Link = LedgerEntry.shape.link

const DecisionParts = z.tuple([
  z.enum(['leading', 'outbid', ...refusalCodes]),
  OneOrNone,
  orAbsent(IneligibleReason),
  orAbsent(Digits),
  z.int(),
  Link,
  z.int(),
  z.int(),
  z.int(),
  orAbsent(z.int()),
  orAbsent(z.int()),
  FiguresText,
  orAbsent(AccountId),
])

export function readDecision(reply: unknown): Decision | GateClosed {
  const parts = z.union([gateClosed, DecisionParts]).parse(reply)
  if (parts[0] === 'gate_closed') return { code: parts[0] }
  const [code, isRepeated, reason, paddle, ledgerSeq, link, decidedAtMs, timeLeftMs, nextMinimumMinor] = parts
  const [, , , , , , , , , maximumMinor, limitLeftMinor, figures, outbidAccountId] = parts
  return {
    code,
    isRepeated,
    reason,
    paddle,
    ledgerSeq,
    link,
    decidedAtMs,
    timeLeftMs,
    nextMinimumMinor,
    maximumMinor,
    limitLeftMinor,
    figures,
    outbidAccountId,
  }
}

const TickParts = z.union([gateClosed, z.tuple([z.literal('ticked'), State, OneOrNone, z.int(), EpochMs, EpochMs])])

export function readTick(reply: unknown): TickAnswer {
  const parts = TickParts.parse(reply)
  if (parts[0] === 'gate_closed') return { code: parts[0] }
  const [code, state, hasClosed, seq, nowMs, endsAtMs] = parts
  return { code, state, hasClosed, seq, nowMs, endsAtMs }
}

const Voided = z.array(z.string()).transform((flat) => {
  const voided: { bidId: BidId; code: RefusalCode }[] = []
  for (let i = 0; i < flat.length; i += 2)
    voided.push({ bidId: BidId.parse(flat[i]), code: z.enum(refusalCodes).parse(flat[i + 1]) })
  return voided
})
const OpenParts = z.union([
  z.tuple([z.enum(['stands', 'desk_closed', 'not_copied', 'stale'])]),
  z.tuple([z.literal('opened'), EpochMs, EpochMs, Link, FiguresText, Voided]),
])

export function readOpen(reply: unknown): OpenAnswer {
  const parts = OpenParts.parse(reply)
  if (parts[0] !== 'opened') return { code: parts[0] }
  const [code, nowMs, startedAtMs, link, figures, voided] = parts
  return { code, nowMs, startedAtMs, link, figures, voided }
}

// One plain object: a tuple of transforms took two and a half times as long, and all bids pass through here.
const EntryParts = z.strictObject({
  ...LedgerEntry.pick({ seq: true, what: true, atMs: true, bidId: true, paddle: true, amountMinor: true }).shape,
  ...LedgerEntry.pick({ outcome: true, link: true }).shape,
  accountId: AccountId.nullable(),
  leaderAccountId: AccountId.nullable(),
  answer: z.enum(['leading', 'outbid']).nullable(),
  timeLeftMs: z.int().min(0),
  figures: AuctionFigures,
})
/** gate.lua says what the parts of an entry's text are; the last may hold any character. */
const partsBeforeFigures = 12

export function readEntry(text: string): LoggedEntry {
  const all = text.split('|')
  const figuresText = all.slice(partsBeforeFigures).join('|')
  const [seq, what, atMs, bidId, accountId, paddle, amountMinor, answer, timeLeftMs, leaderAccountId, outcome, link] =
    all.map((part) => (part === '' ? null : part))
  const entry = EntryParts.parse({
    seq: numberOrNull(seq),
    what,
    atMs: numberOrNull(atMs),
    bidId,
    paddle: numberOrNull(paddle),
    amountMinor: numberOrNull(amountMinor),
    outcome,
    link,
    accountId,
    leaderAccountId,
    answer,
    timeLeftMs: numberOrNull(timeLeftMs),
    figures: JSON.parse(figuresText),
  })
  const { priceMinor, leader, endsAtMs } = entry.figures
  return { ...entry, priceMinor, leader: leader?.number ?? null, endsAtMs }
}

const numberOrNull = (digits: string | null | undefined) => (digits ? Number(digits) : null)

/** An entry as the script would have written it. */
export function writeEntry(entry: LoggedEntry): string {
  return [
    entry.seq,
    entry.what,
    entry.atMs,
    entry.bidId ?? '',
    entry.accountId ?? '',
    entry.paddle ?? '',
    entry.amountMinor ?? '',
    entry.answer ?? '',
    entry.timeLeftMs,
    entry.leaderAccountId ?? '',
    entry.outcome ?? '',
    entry.link,
    JSON.stringify(entry.figures),
  ].join('|')
}

const LogParts = z.union([
  z.tuple([z.literal('no_gate'), EpochMs]),
  z.tuple([
    z.literal('read'),
    EpochMs,
    OneOrNone,
    z.string(),
    z.int(),
    State,
    z.int(),
    z.int(),
    z.array(z.string().transform(readEntry)),
  ]),
])

export function readLog(reply: unknown): LogAnswer {
  const parts = LogParts.parse(reply)
  if (parts[0] === 'no_gate') return { gate: 'none', nowMs: parts[1] }
  const [, nowMs, stands, generation, seq, state, refusedLate, extensions, entries] = parts
  const counters = { refusedLate, extensions }
  return { gate: stands ? 'stands' : 'shut', nowMs, generation, seq, state, counters, entries }
}

export const DeskOpenAnswer = z.tuple([z.enum(['opened', 'stands', 'stale'])])
export const EnterAnswer = z.tuple([z.enum(['entered', 'gate_closed'])])
export const BindAnswer = z.tuple([z.enum(['bound', 'gate_closed'])])
export const ShutAnswer = z.tuple([z.enum(['shut', 'stands', 'none'])])
export const BarAnswer = z.tuple([z.enum(['barred', 'not_entered', 'gate_closed'])])

/** Fields of the gate's hash that its figures are read from. */
export const standingFields = ['gate_run_id', 'figures', 'refused_late', 'extensions'] as const
export const StandingParts = z.tuple([z.string(), FiguresText, Digits, Digits])
