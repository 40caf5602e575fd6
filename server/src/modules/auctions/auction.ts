import {
  type Auction,
  type AuctionFigures,
  type AuctionId,
  type AuctionOutcome,
  type AuctionTerms,
  type BrandId,
  type CreatorId,
  type Currency,
  type IncrementStep,
  incrementTables,
  type LotId,
  ledgerHead,
  type OperationId,
  type ProductId,
  type ShowId,
  type VariantId,
} from '@livelot/client/contracts'
import type { AuctionFacts } from './gate.ts'
import { withoutReserve } from './lot.ts'

/** One run of a lot as it was frozen at its start. */
export interface AuctionRecord {
  readonly auctionId: AuctionId
  readonly lotId: LotId
  readonly showId: ShowId
  readonly creatorId: CreatorId
  readonly lotNumber: number
  readonly brandId: BrandId
  readonly productId: ProductId
  readonly variantId: VariantId
  readonly title: string
  readonly pictureUrl: string
  readonly currency: Currency
  readonly startPriceMinor: number
  readonly terms: AuctionTerms
  readonly increments: readonly IncrementStep[]
  readonly operationId: OperationId
  /** When its result was written; null before. */
  readonly closedAtMs: number | null
}

/** How an auction ended. */
export interface AuctionResult {
  readonly auctionId: AuctionId
  readonly outcome: AuctionOutcome
  readonly winnerAccountId: string | null
  readonly paddle: number | null
  /** What the winner pays for the goods. */
  readonly priceMinor: number
  readonly closeSeq: number
  readonly root: string
  readonly rootSignature: string
  readonly closedAtMs: number
}

/** The reference under which the stock keeps an auction's unit. */
export const unitReferenceOf = (auctionId: AuctionId) => `auction:${auctionId}`

export const incrementsOf = (terms: AuctionTerms, currency: Currency): readonly IncrementStep[] =>
  (terms.type === 'english' ? terms.increments : null) ?? incrementTables[currency]

/** What the ledger's chains begin with. */
export function headOf(record: AuctionRecord): string {
  return ledgerHead(headParts(record))
}

export function headParts(record: AuctionRecord) {
  const { auctionId, showId, lotId, lotNumber, currency, startPriceMinor, terms, increments } = record
  return {
    version: 1 as const,
    auctionId,
    showId,
    lotId,
    lotNumber,
    currency,
    startPriceMinor,
    terms,
    increments: increments.map(({ fromMinor, stepMinor }) => ({ fromMinor, stepMinor })),
  }
}

/** What of an auction never moves, as everybody may see it. */
export function publicPart(record: AuctionRecord): AuctionFacts['auction'] {
  const { auctionId, showId, lotId, lotNumber, productId, title, pictureUrl, currency, startPriceMinor } = record
  const { increments } = headParts(record)
  const terms = withoutReserve(record.terms)
  return {
    auctionId,
    showId,
    lotId,
    lotNumber,
    productId,
    title,
    pictureUrl,
    currency,
    startPriceMinor,
    terms,
    increments,
  }
}

export function factsOf(record: AuctionRecord): AuctionFacts {
  const { brandId, terms } = record
  return { auction: publicPart(record), brandId, terms, head: headOf(record) }
}

/** An auction as it is told; `seesReserve`: to the host, and to everybody once the hammer has fallen. */
export function toAuction(
  record: AuctionRecord,
  startedAtMs: number,
  figures: AuctionFigures,
  seesReserve: boolean,
): Auction {
  const terms = seesReserve ? record.terms : withoutReserve(record.terms)
  return { ...publicPart(record), terms, startedAtMs, figures }
}
