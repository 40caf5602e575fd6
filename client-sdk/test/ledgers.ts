import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import {
  type AuctionLedger,
  type IncrementStep,
  incrementTables,
  type LedgerEntry,
  ledgerHead,
  ledgerText,
  type ReceiptPayload,
} from '@livelot/client/contracts'

/** Ledgers whose prices and ends were worked out by hand, chained and signed as the platform does it. */
const as = <T>(value: unknown) => value as T
const idOf = (number: number) => `018f3a5e-0000-7000-8000-${String(number).padStart(12, '0')}`

export const startMs = 1_790_000_000_000
export const auctionId = idOf(900)
export const bidIdOf = (seq: number) => idOf(seq)

const { publicKey, privateKey } = generateKeyPairSync('ed25519')
export const otherKeys = generateKeyPairSync('ed25519')
const jwkOf = (key: KeyObject, kid: string) => ({ ...key.export({ format: 'jwk' }), kid, use: 'sig', alg: 'EdDSA' })
export const keySet = { keys: [jwkOf(publicKey, 'k1')] }
export const otherKeySet = { keys: [jwkOf(otherKeys.publicKey, 'k1')] }

const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

export function jwsOf(payload: unknown, typ: string, header: Record<string, unknown> = {}): string {
  const signed = `${base64url({ alg: 'EdDSA', kid: 'k1', typ, ...header })}.${base64url(payload)}`
  return `${signed}.${sign(null, Buffer.from(signed), privateKey).toString('base64url')}`
}

export const receiptOf = (payload: ReceiptPayload, header: Record<string, unknown> = {}) =>
  jwsOf(payload, 'livelot-receipt+jws', header)

/** What happened, milliseconds after the start, paddle, amount → price, leader, end (after the start), outcome. */
export type Row = readonly [
  what: LedgerEntry['what'],
  afterMs: number,
  paddle: number | null,
  amountMinor: number | null,
  priceMinor: number,
  leader: number | null,
  endsAfterMs: number,
  outcome?: LedgerEntry['outcome'],
]

export interface LedgerPlan {
  terms: Record<string, unknown>
  startPriceMinor?: number
  currency?: AuctionLedger['head']['currency']
  increments?: readonly IncrementStep[]
  rows: readonly Row[]
}

export function ledgerOf({ terms, startPriceMinor = 1_000, currency = 'USD', increments, rows }: LedgerPlan) {
  const entries = rows.map(([what, afterMs, paddle, amountMinor, priceMinor, leader, endsAfterMs, outcome], index) => ({
    seq: index + 1,
    what,
    atMs: startMs + afterMs,
    bidId: paddle === null ? null : bidIdOf(index + 1),
    paddle,
    amountMinor,
    priceMinor,
    leader,
    endsAtMs: startMs + endsAfterMs,
    outcome: outcome ?? null,
    link: '',
    hash: '',
  }))
  const head = {
    version: 1,
    auctionId,
    showId: idOf(901),
    lotId: idOf(902),
    lotNumber: 3,
    currency,
    startPriceMinor,
    terms,
    increments: increments ?? incrementTables[currency],
    root: '',
    rootSignature: '',
  }
  return chained(as<AuctionLedger>({ head, entries }))
}

/** Both chains, the root and its signature anew over whatever the ledger says: what a dishonest platform could do. */
export function chained(ledger: AuctionLedger): AuctionLedger {
  const { head, entries } = structuredClone(ledger)
  const digest = (algorithm: 'sha1' | 'sha256', text: string) => createHash(algorithm).update(text).digest('hex')
  let link = digest('sha1', ledgerHead(head))
  let hash = digest('sha256', ledgerHead(head))
  for (const entry of entries) {
    const text = ledgerText(head.auctionId, entry)
    link = digest('sha1', `${link}\n${text}`)
    hash = digest('sha256', `${hash}\n${text}`)
    Object.assign(entry, { link, hash })
  }
  const last = entries.at(-1)
  const paddle = last?.outcome === 'unsold' ? null : (last?.leader ?? null)
  const { outcome = null, priceMinor = 0, atMs: closedAtMs = 0 } = last ?? {}
  const root = {
    auctionId: head.auctionId,
    root: hash,
    entries: entries.length,
    outcome,
    paddle,
    priceMinor,
    closedAtMs,
  }
  return { head: { ...head, root: hash, rootSignature: jwsOf(root, 'livelot-root+jws') }, entries }
}

export const english = (over: Record<string, unknown> = {}) => ({
  type: 'english',
  durationSeconds: 30,
  closing: { kind: 'soft', extensionSeconds: 10, overtimeSecondsMax: null },
  reserveMinor: null,
  isReserveShown: true,
  buyNowMinor: null,
  preBidsAllowed: false,
  increments: null,
  ...over,
})

/** Everything in one auction: pre-bids, a tie, proxies, reserve, soft close up to its cap, an outage, the last word. */
export const richLedger = ledgerOf({
  terms: english({
    closing: { kind: 'soft', extensionSeconds: 10, overtimeSecondsMax: 15 },
    reserveMinor: 3_000,
    buyNowMinor: 9_000,
    preBidsAllowed: true,
  }),
  rows: [
    ['started', 0, null, null, 1_000, null, 30_000],
    ['pre-bid', 0, 1, 2_000, 1_000, 1, 30_000],
    // The earlier maximum wins the tie, and pays it.
    ['pre-bid', 0, 2, 2_000, 2_000, 1, 30_000],
    ['bid', 5_000, 3, 2_100, 2_100, 3, 30_000],
    ['max', 8_000, 2, 2_900, 2_200, 2, 30_000],
    ['max', 21_000, 1, 3_500, 3_000, 1, 31_000],
    // The leader raises the own maximum: neither price nor end moves.
    ['max', 22_000, 1, 5_000, 3_000, 1, 31_000],
    ['max', 29_000, 3, 3_300, 3_500, 1, 39_000],
    // Fifteen seconds of overtime are all there is.
    ['bid', 38_500, 2, 5_000, 5_000, 1, 45_000],
    ['resumed', 44_000, null, null, 5_000, 1, 54_000],
    ['bid', 53_000, 3, 5_300, 5_300, 3, 54_000],
    ['closed', 54_020, null, null, 5_300, 3, 54_000, 'sold'],
  ],
})
