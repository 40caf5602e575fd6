import { z } from 'zod'
import { AuctionLedger, AuctionOutcome, type LedgerEntry } from '../../contracts/index.ts'
import { canDigest, checkChains } from './chain.ts'
import { type LedgerProblem, replay } from './replay.ts'
import type { Standing } from './rules.ts'
import { checkSignature, type ReceiptKeys, readJws, type SignatureCheck, type SignatureState } from './signature.ts'

export type { LedgerProblem } from './replay.ts'

export interface AuctionVerdict {
  /** Nothing is wrong with what was checked; whether that includes the signature is `isSigned`. */
  readonly ok: boolean
  /** At most 200; a last one tells how many more there are. */
  readonly problems: readonly LedgerProblem[]
  /** As the rules have it, worked out here from the accepted bids; null where the ledger cannot be read. */
  readonly outcome: AuctionOutcome | null
  /** Paddle number; null where nobody has won. */
  readonly winner: number | null
  /** What the winner pays for the goods; null where nobody has won. */
  readonly priceMinor: number | null
  readonly root: string | null
  /** True only where the root's signature was checked and is right. */
  readonly isSigned: boolean
  readonly signature: SignatureState
  /** Why the signature is wrong or was not checked. */
  readonly signatureNote: string | null
}

const PROBLEMS_MAX = 200

const RootPayload = z.strictObject({
  auctionId: z.string(),
  root: z.string(),
  entries: z.int(),
  outcome: AuctionOutcome,
  paddle: z.int().nullable(),
  priceMinor: z.int(),
  closedAtMs: z.int(),
})

/**
 * Checks an exported ledger, offline and without trust in the platform: both chains from the head to the root, numbers
 * without a gap, times that never go back, and every price, leader, end and outcome by the rules, run again from the bids.
 * `keys` also lets the root's signature be checked. Never throws: what cannot be read is a problem too.
 */
export async function verifyAuction(
  ledger: unknown,
  { keys }: { readonly keys?: ReceiptKeys } = {},
): Promise<AuctionVerdict> {
  const read = readLedger(ledger)
  if (read.ledger === null) return verdict(read.problems, null, null, null)
  if (!canDigest()) {
    const problem = 'No digests can be made here: open the page over https, or use the command line.'
    return verdict([{ seq: null, field: '', problem }], null, null, null)
  }
  const { head, entries } = read.ledger
  const { problems, standing } = replay(head, entries)
  const found = [...read.problems, ...problems, ...(await checkChains(head, entries))]
  const signed = await checkRoot(head.rootSignature, keys)
  const about = signed.payload === null ? [] : rootProblems(signed.payload, read.ledger, standing)
  const unsigned: LedgerProblem[] =
    signed.check.state === 'wrong' ? [{ seq: 0, field: 'rootSignature', problem: signed.check.note ?? '' }] : []
  return verdict([...found, ...about, ...unsigned], standing, head.root, signed.check)
}

export interface LedgerReading {
  readonly ledger: AuctionLedger | null
  readonly problems: readonly LedgerProblem[]
}

/** The ledger in its exact form, or what keeps it from being one. */
export function readLedger(given: unknown): LedgerReading {
  try {
    return readGiven(given)
  } catch {
    return { ledger: null, problems: [{ seq: null, field: '', problem: 'This cannot be read.' }] }
  }
}

function readGiven(given: unknown): LedgerReading {
  const read = AuctionLedger.safeParse(given)
  if (!read.success) {
    return { ledger: null, problems: read.error.issues.map(({ path, message }) => problemAt(path, message)) }
  }
  const problems = differences(given, read.data, []).map((path) =>
    problemAt(path, 'This is not written as the platform writes it.'),
  )
  if (read.data.entries.length === 0) problems.push({ seq: null, field: 'entries', problem: 'There are no entries.' })
  return { ledger: read.data, problems }
}

function problemAt(path: readonly PropertyKey[], problem: string): LedgerProblem {
  const [part, index, ...rest] = path
  if (part === 'entries' && typeof index === 'number') {
    return { seq: index + 1, field: rest.map(String).join('.'), problem }
  }
  const field = path.slice(part === 'head' ? 1 : 0)
  return { seq: part === 'head' ? 0 : null, field: field.map(String).join('.'), problem }
}

/** Where reading has filled in or respelled something: what nobody wrote is not part of a proof. */
function differences(given: unknown, read: unknown, path: PropertyKey[]): PropertyKey[][] {
  if (typeof read !== 'object' || read === null) return Object.is(given, read) ? [] : [path]
  return Object.entries(read).flatMap(([key, value]) =>
    differences((given as Record<string, unknown>)[key], value, [...path, Array.isArray(read) ? Number(key) : key]),
  )
}

async function checkRoot(
  signature: string,
  keys: ReceiptKeys | undefined,
): Promise<{ check: SignatureCheck; payload: z.infer<typeof RootPayload> | null }> {
  const jws = readJws(signature)
  const payload = RootPayload.safeParse(jws?.payload)
  if (jws === null || !payload.success) {
    return { check: { state: 'wrong', note: 'This is no signature of a root.' }, payload: null }
  }
  return { check: await checkSignature(jws, 'livelot-root+jws', keys), payload: payload.data }
}

function rootProblems(
  payload: z.infer<typeof RootPayload>,
  { head, entries }: AuctionLedger,
  standing: Standing | null,
): LedgerProblem[] {
  const isSold = standing !== null && standing.outcome !== 'unsold'
  const last: LedgerEntry | undefined = entries.at(-1)
  const due: z.infer<typeof RootPayload> = {
    auctionId: head.auctionId,
    root: head.root,
    entries: entries.length,
    outcome: standing?.outcome ?? 'unsold',
    paddle: isSold ? standing.leader : null,
    priceMinor: standing?.priceMinor ?? 0,
    closedAtMs: last?.atMs ?? 0,
  }
  return (Object.keys(due) as (keyof typeof due)[])
    .filter((field) => payload[field] !== due[field])
    .map((field) => ({
      seq: 0,
      field: 'rootSignature',
      problem: `What is signed says another ${field}: ${payload[field]}, not ${due[field]}.`,
    }))
}

function verdict(
  found: readonly LedgerProblem[],
  standing: Standing | null,
  root: string | null,
  signature: SignatureCheck | null,
): AuctionVerdict {
  const isWon = standing !== null && (standing.outcome === 'sold' || standing.outcome === 'bought')
  const more = found.length - PROBLEMS_MAX
  const rest = more > 0 ? [{ seq: null, field: '', problem: `And ${more} more problems.` }] : []
  return {
    ok: found.length === 0,
    problems: [...found.slice(0, PROBLEMS_MAX), ...rest],
    outcome: standing?.outcome ?? null,
    winner: isWon ? standing.leader : null,
    priceMinor: isWon ? standing.priceMinor : null,
    root,
    isSigned: signature?.state === 'valid',
    signature: signature?.state ?? 'not checked',
    signatureNote: signature === null ? 'Signature not checked: nothing could be checked.' : signature.note,
  }
}
