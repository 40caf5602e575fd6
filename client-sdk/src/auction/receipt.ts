import { type AuctionLedger, auctionLimits, type LedgerEntry, ReceiptPayload } from '../../contracts/index.ts'
import { replay } from './replay.ts'
import { buyPriceAt, leastRaise, type Standing } from './rules.ts'
import { checkSignature, type ReceiptKeys, readJws, type SignatureState } from './signature.ts'
import { readLedger } from './verify.ts'

/** What is wrong with one field of a receipt; '' where it is the receipt as a whole. */
export interface ReceiptProblem {
  readonly field: string
  readonly problem: string
}

export interface ReceiptVerdict {
  readonly ok: boolean
  readonly problems: readonly ReceiptProblem[]
  /** What the receipt says; null where it is none. */
  readonly payload: ReceiptPayload | null
  readonly isSigned: boolean
  readonly signature: SignatureState
  readonly signatureNote: string | null
}

const notAReceipt: ReceiptVerdict = {
  ok: false,
  problems: [{ field: '', problem: 'This is no receipt.' }],
  payload: null,
  isSigned: false,
  signature: 'not checked',
  signatureNote: 'Signature not checked: this is no receipt.',
}

/** Whether the platform has signed this answer to a bid. Never throws. */
export async function verifyReceipt(receipt: unknown, keys?: ReceiptKeys): Promise<ReceiptVerdict> {
  const jws = readJws(receipt)
  const payload = ReceiptPayload.safeParse(jws?.payload)
  if (jws === null || !payload.success) return notAReceipt
  const { state, note } = await checkSignature(jws, 'livelot-receipt+jws', keys)
  const isWrong = state === 'wrong'
  return {
    ok: !isWrong,
    problems: isWrong ? [{ field: '', problem: note ?? '' }] : [],
    payload: payload.data,
    isSigned: state === 'valid',
    signature: state,
    signatureNote: note,
  }
}

export interface ReceiptMatch {
  readonly ok: boolean
  readonly problems: readonly ReceiptProblem[]
}

/**
 * Whether what a bidder was answered stands in the ledger: an accepted bid in its own entry with the same time and link, a
 * refused one nowhere, and refused for a reason that was true at that moment. Check both with their own functions first.
 * Never throws.
 */
export function receiptAgainstLedger(receipt: unknown, ledger: unknown): ReceiptMatch {
  const payload = ReceiptPayload.safeParse(readJws(receipt)?.payload)
  const read = readLedger(ledger)
  const problems: ReceiptProblem[] = []
  const tell: Tell = (field, problem) => problems.push({ field, problem })
  if (!payload.success) tell('', 'This is no receipt.')
  if (read.ledger === null) tell('', 'The ledger cannot be read.')
  if (payload.success && read.ledger !== null) compare(payload.data, read.ledger, tell)
  return { ok: problems.length === 0, problems }
}

type Tell = (field: string, problem: string) => void

function compare(receipt: ReceiptPayload, ledger: AuctionLedger, tell: Tell): void {
  const { head, entries } = ledger
  if (receipt.auctionId !== head.auctionId) {
    tell('auctionId', 'The receipt is of another auction.')
    return
  }
  const { standings } = replay(head, entries)
  const entry = entries[receipt.ledgerSeq - 1]
  const standing = standings[receipt.ledgerSeq - 1] ?? null
  if (entry === undefined || standing === null) {
    tell('ledgerSeq', 'The ledger has no such entry.')
    return
  }
  if (entry.link !== receipt.link)
    tell('link', 'What was signed stands in another chain: the ledger was changed since.')
  if (receipt.code === 'leading' || receipt.code === 'outbid') {
    const before = standings[receipt.ledgerSeq - 2] ?? null
    compareAccepted(receipt, entry, { before, after: standing }, tell)
  } else {
    compareRefused(receipt, ledger, standing, tell)
  }
}

function compareAccepted(
  receipt: ReceiptPayload,
  entry: LedgerEntry,
  { before, after }: { before: Standing | null; after: Standing },
  tell: Tell,
): void {
  const differs = (field: string, isSo: boolean) => isSo && tell(field, 'The ledger says otherwise.')
  differs('bidId', entry.bidId !== receipt.bidId)
  differs('kind', entry.what !== receipt.kind)
  differs('paddle', entry.paddle !== receipt.paddle)
  differs('amountMinor', entry.amountMinor !== receipt.amountMinor)
  differs('decidedAtMs', entry.atMs !== receipt.decidedAtMs)
  differs('code', receipt.code !== (after.leader === entry.paddle ? 'leading' : 'outbid'))
  differs('timeLeftMs', before !== null && receipt.timeLeftMs !== Math.max(0, before.endsAtMs - entry.atMs))
  const { nextMinimumMinor } = receipt
  differs('nextMinimumMinor', nextMinimumMinor !== null && nextMinimumMinor !== after.nextMinimumMinor)
}

function compareRefused(
  receipt: ReceiptPayload,
  { head, entries }: AuctionLedger,
  standing: Standing,
  tell: Tell,
): void {
  const { decidedAtMs, ledgerSeq, timeLeftMs, code, bidId } = receipt
  const [entry, next] = [entries[ledgerSeq - 1], entries[ledgerSeq]]
  if (entry !== undefined && decidedAtMs < entry.atMs) tell('decidedAtMs', 'It was decided before its entry.')
  if (next !== undefined && decidedAtMs > next.atMs) tell('decidedAtMs', 'An entry is left out that came before.')
  const leftMs = standing.isClosed ? 0 : Math.max(0, standing.endsAtMs - decidedAtMs)
  if (timeLeftMs !== leftMs) tell('timeLeftMs', `By the ledger ${leftMs} ms were left.`)
  if (code !== 'idempotency.key_reused' && entries.some((one) => one.bidId === bidId && one.seq <= ledgerSeq)) {
    tell('bidId', 'The bid was refused, and stands in the ledger.')
  }
  const isTrue = isReasonTrue(receipt, head, standing)
  if (!isTrue) tell('code', 'By the rules the bid should not have been refused for this.')
}

/** Whether the ledger bears the refusal out; what it knows nothing of (who may bid, own limits) counts as true. */
function isReasonTrue(receipt: ReceiptPayload, head: AuctionLedger['head'], standing: Standing): boolean {
  const { code, kind, amountMinor, paddle, decidedAtMs } = receipt
  const buyPriceMinor = buyPriceAt(head, standing, decidedAtMs)
  const isMisplaced = kind !== 'buy' && head.terms.type === 'dutch'
  const leastMinor = kind === 'buy' ? (buyPriceMinor ?? 0) : standing.nextMinimumMinor
  switch (code) {
    case 'auction.not_started':
      return decidedAtMs < standing.startedAtMs
    case 'auction.closed':
      return standing.isClosed || decidedAtMs >= standing.endsAtMs
    case 'auction.no_buy_now':
      return isMisplaced || (head.terms.type !== 'dutch' && buyPriceMinor === null)
    case 'bid.own_is_higher':
      return standing.leader === paddle && amountMinor <= standing.leaderMaximumMinor
    case 'bid.raise_too_small': {
      const isRaise = standing.leader === paddle && amountMinor > standing.leaderMaximumMinor
      return isRaise && amountMinor < leastRaise(head, standing)
    }
    case 'bid.too_low':
      return isMisplaced || amountMinor < leastMinor
    case 'bid.far_above_price':
      return amountMinor > auctionLimits.farAboveFactor * leastMinor
    default:
      return true
  }
}
