import type { AuctionLedger, Currency } from '../../contracts/index.ts'
import { receiptAgainstLedger, verifyReceipt } from '../auction/receipt.ts'
import type { ReceiptKeys } from '../auction/signature.ts'
import { type AuctionVerdict, type LedgerProblem, verifyAuction } from '../auction/verify.ts'

/** The texts of the files that were named. */
export interface VerifyAuctionInput {
  ledger: string
  keys: string | null
  receipt: string | null
}

export interface CommandEnd {
  /** 0: everything is valid. 1: something is wrong. 2: a file cannot be read as what it should be. */
  exitCode: 0 | 1 | 2
  lines: string[]
}

const unreadable = (line: string): CommandEnd => ({ exitCode: 2, lines: [line] })

/** What `livelot verify-auction` says of a ledger, and of receipts beside it. Never throws. */
export async function verifyAuctionCommand(input: VerifyAuctionInput): Promise<CommandEnd> {
  const ledger = parsed(input.ledger)
  if (ledger === undefined) return unreadable('The ledger is no JSON.')
  const keys = input.keys === null ? undefined : keysOf(input.keys)
  if (keys === null) return unreadable('The keys are no JWK set: {"keys": [...]} is expected.')
  const receipts = input.receipt === null ? [] : receiptsOf(input.receipt)
  if (input.receipt !== null && receipts.length === 0) return unreadable('There is no receipt in that file.')
  const verdict = await verifyAuction(ledger, { keys })
  const lines = verdict.ok ? validLines(verdict, ledger as AuctionLedger) : problemLines(verdict)
  let isRight = verdict.ok
  for (const receipt of receipts) {
    const said = await receiptLines(receipt, ledger, keys)
    lines.push('', ...said.lines)
    isRight &&= said.isRight
  }
  return { exitCode: isRight ? 0 : 1, lines }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function keysOf(text: string): ReceiptKeys | null {
  const given = parsed(text) as { keys?: unknown } | null | undefined
  if (Array.isArray(given)) return given
  return given !== null && Array.isArray(given?.keys) ? given.keys : null
}

/** One receipt a line, or as JSON: a receipt, an object that holds one as `receipt`, or a list of either. */
function receiptsOf(text: string): string[] {
  const given = parsed(text)
  if (given === undefined) {
    return text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '')
  }
  return (Array.isArray(given) ? given : [given]).flatMap((one: unknown) => {
    const receipt = typeof one === 'string' ? one : (one as { receipt?: unknown } | null)?.receipt
    return typeof receipt === 'string' ? [receipt] : []
  })
}

function validLines(verdict: AuctionVerdict, { head, entries }: AuctionLedger): string[] {
  const { outcome, winner, priceMinor, root, isSigned, signatureNote } = verdict
  const price = priceMinor === null ? '' : amountText(priceMinor, head.currency)
  const won = outcome === 'sold' ? `sold to paddle ${winner} for ${price}` : `bought by paddle ${winner} for ${price}`
  const [first, last] = [entries[0], entries.at(-1)]
  return [
    `Valid. Lot ${head.lotNumber}: ${outcome === 'unsold' ? 'not sold' : won}.`,
    `${entries.length} entries from ${timeText(first?.atMs)} to ${timeText(last?.atMs)}: nothing is missing, moved or changed,`,
    'and every price, leader and end follows from the bids by the rules.',
    `Root: ${root}`,
    isSigned ? 'The root is signed with one of the given keys.' : hint(signatureNote),
  ]
}

const hint = (note: string | null): string => `${note ?? ''} With --keys the platform’s own keys are held against it.`

function problemLines({ problems, signatureNote, signature }: AuctionVerdict): string[] {
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`
  const lines = [`Not valid: ${count}.`, ...problems.map(problemLine)]
  return signature === 'not checked' && signatureNote !== null ? [...lines, signatureNote] : lines
}

function problemLine({ seq, field, problem }: LedgerProblem): string {
  const place = seq === null ? 'Ledger' : seq === 0 ? 'Head' : `Entry ${seq}`
  return `${place}${field === '' ? '' : `, ${field}`}: ${problem}`
}

async function receiptLines(
  receipt: string,
  ledger: unknown,
  keys: ReceiptKeys | undefined,
): Promise<{ isRight: boolean; lines: string[] }> {
  const verdict = await verifyReceipt(receipt, keys)
  const { payload } = verdict
  if (payload === null) return { isRight: false, lines: ['The receipt is none.'] }
  const match = receiptAgainstLedger(receipt, ledger)
  const problems = [...verdict.problems, ...match.problems]
  const name = `Receipt of bid ${payload.bidId} (${payload.code}, ${timeText(payload.decidedAtMs)})`
  if (problems.length === 0) {
    const signed = verdict.isSigned ? 'signed with one of the given keys' : (verdict.signatureNote ?? '')
    return { isRight: true, lines: [`${name}: agrees with the ledger; ${signed}`.replace(/\.?$/, '.')] }
  }
  const said = problems.map(({ field, problem }) => `  ${field === '' ? '' : `${field}: `}${problem}`)
  return { isRight: false, lines: [`${name}: does not agree.`, ...said] }
}

/** Yen have no smaller unit; all other currencies have hundredths. */
function amountText(amountMinor: number, currency: Currency): string {
  if (currency === 'JPY') return `${currency} ${amountMinor}`
  return `${currency} ${Math.floor(amountMinor / 100)}.${String(amountMinor % 100).padStart(2, '0')}`
}

const timeText = (atMs: number | undefined): string => {
  const date = new Date(atMs ?? Number.NaN)
  return Number.isNaN(date.getTime()) ? 'an unknown time' : date.toISOString()
}
