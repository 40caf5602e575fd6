import {
  type AuctionId,
  AuctionTerms,
  auctionLimits,
  type BrandId,
  type CreatorId,
  type Currency,
  type Lot,
  type LotId,
  type LotState,
  type ProductId,
  type ShowId,
  type VariantId,
} from '@livelot/client/contracts'
import { Refusal } from '#kernel/errors'
import { money } from '#kernel/money'
import { positionStep } from './record-limits.ts'

/** A lot as it is kept. */
export interface LotRecord {
  readonly lotId: LotId
  readonly showId: ShowId
  readonly creatorId: CreatorId
  readonly number: number
  readonly position: number
  readonly productId: ProductId
  readonly variantId: VariantId
  readonly brandId: BrandId
  readonly title: string
  readonly pictureUrl: string
  readonly currency: Currency
  readonly startPriceMinor: number
  readonly terms: AuctionTerms
  readonly state: LotState
  readonly auctionId: AuctionId | null
  /** The claim that keeps made-up goods from ordinary sale between runs; null for goods of the catalogue. */
  readonly unitReference: string | null
  readonly preBidCount: number
}

const secondsMax = auctionLimits.durationSecondsMax

/**
 * What of the prices and times does not go together; empty where all does. Each value alone is in its limits: the
 * contract saw to that.
 */
export function termsProblems(startPriceMinor: number, terms: AuctionTerms): { path: string; problem: string }[] {
  const problems: { path: string; problem: string }[] = []
  const refuse = (isWrong: boolean, path: string, problem: string) => {
    if (isWrong) problems.push({ path, problem })
  }
  if (terms.type === 'dutch') {
    const { floorMinor, stepMinor, stepSeconds } = terms
    refuse(floorMinor >= startPriceMinor, 'terms.floorMinor', 'must be below the start price')
    refuse(stepMinor > startPriceMinor - floorMinor, 'terms.stepMinor', 'is more than the way down to the floor')
    const seconds = Math.ceil((startPriceMinor - floorMinor) / stepMinor) * stepSeconds
    refuse(seconds > secondsMax, 'terms.stepMinor', 'would take more than 24 hours to reach the floor')
    return problems
  }
  const { reserveMinor, buyNowMinor, closing, durationSeconds } = terms
  refuse(reserveMinor !== null && reserveMinor < startPriceMinor, 'terms.reserveMinor', 'is below the start price')
  if (buyNowMinor !== null) {
    refuse(buyNowMinor <= startPriceMinor, 'terms.buyNowMinor', 'must be above the start price')
    refuse(reserveMinor !== null && buyNowMinor < reserveMinor, 'terms.buyNowMinor', 'is below the reserve')
  }
  if (closing.kind === 'soft' && closing.overtimeSecondsMax !== null) {
    const { extensionSeconds, overtimeSecondsMax } = closing
    refuse(overtimeSecondsMax < extensionSeconds, 'terms.closing', 'allows less overtime than one extension')
    refuse(
      durationSeconds + overtimeSecondsMax > secondsMax,
      'terms.closing',
      'with its overtime lasts more than 24 hours',
    )
  }
  return problems
}

/** Refuses: lot.terms_refused. */
export function checkTerms(startPriceMinor: number, terms: AuctionTerms): void {
  const issues = termsProblems(startPriceMinor, terms)
  if (issues.length > 0) throw new Refusal('lot.terms_refused', { issues })
}

export const takesPreBids = (terms: AuctionTerms): boolean => terms.type === 'english' && terms.preBidsAllowed

/** Nobody but the host learns of a reserve before the hammer falls. */
export const withoutReserve = (terms: AuctionTerms): AuctionTerms =>
  terms.type === 'english' ? { ...terms, reserveMinor: null } : terms

/** A lot as people see it; `isHost`: with its reserve. */
export function toLot(record: LotRecord, isHost: boolean): Lot {
  const { lotId, showId, number, position, productId, variantId, brandId, title, pictureUrl, state, auctionId } = record
  return {
    lotId,
    showId,
    number,
    position,
    productId,
    variantId,
    brandId,
    title,
    pictureUrl,
    state,
    startPrice: money(record.startPriceMinor, record.currency),
    terms: isHost ? record.terms : withoutReserve(record.terms),
    auctionId,
    preBidCount: takesPreBids(record.terms) ? record.preBidCount : null,
  }
}

/** Terms as Postgres or a request hold them, with the keys in the order of the contract: the ledger's chain needs one. */
export const readTerms = (terms: unknown): AuctionTerms => AuctionTerms.parse(terms)

/**
 * Positions after a lot was put before another, or at the end: usually one new position between its neighbours, and
 * where there is no room left, new ones for all. `queue` is in order. Answers only what changes.
 */
export function movedPositions(
  queue: readonly Pick<LotRecord, 'lotId' | 'position'>[],
  lotId: LotId,
  beforeLotId: LotId | null,
): ReadonlyMap<LotId, number> {
  const others = queue.filter((one) => one.lotId !== lotId)
  const found = others.findIndex((one) => one.lotId === beforeLotId)
  const at = beforeLotId === null ? others.length : found
  const low = others[at - 1]?.position ?? 0
  const high = others[at]?.position ?? low + 2 * positionStep
  const between = Math.floor((low + high) / 2)
  if (between > low && between < high) return new Map([[lotId, between]])
  const order = [...others.slice(0, at).map((one) => one.lotId), lotId, ...others.slice(at).map((one) => one.lotId)]
  return new Map(order.map((id, index) => [id, (index + 1) * positionStep]))
}
