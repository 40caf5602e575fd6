import {
  type AccountId,
  type CreatorId,
  type Currency,
  type createFlashSale,
  type FlashSale,
  type FlashSaleId,
  flashSaleLimits,
  type Hold,
  type HoldId,
  type OperationId,
  type ProductId,
  type RequestOf,
  type ShowId,
  type VariantId,
} from '@livelot/client/contracts'
import { money } from '#kernel/money'
import { planAheadMs } from './limits.ts'

/** What a sale is; nothing of it changes after it was made, but its end may come earlier. */
export interface SaleRecord {
  readonly flashSaleId: FlashSaleId
  readonly showId: ShowId
  readonly creatorId: CreatorId
  readonly productId: ProductId
  readonly variantId: VariantId
  readonly productName: string
  readonly variantName: string
  readonly pictureUrl: string
  readonly priceMinor: number
  readonly priorPriceMinor: number | null
  readonly currency: Currency
  readonly totalUnits: number
  readonly perBuyerLimit: number
  readonly opensAtMs: number
  readonly closesAtMs: number
  readonly finishedAtMs: number | null
  /** Null where buyers reserve at once; else they are called in turn, and this is the hash of the draw's seed. */
  readonly waitingRoomCommitment: string | null
}

/** How a sale stands at this moment. `remainingUnits` below zero: more was promised than there is; nobody is shown that. */
export interface SaleFigures {
  readonly state: FlashSale['state']
  readonly remainingUnits: number
  readonly soldUnits: number
}

/** How a hold stands in Postgres. */
export type HoldState = 'live' | 'claimed' | 'settled' | 'released' | 'expired'

const holdSteps: Record<HoldState, readonly HoldState[]> = {
  live: ['claimed', 'released', 'expired'],
  claimed: ['settled', 'released'],
  settled: [],
  released: [],
  expired: [],
}

/** Whether a hold may go from one state to another; the statements of the stores keep to it. */
export const holdMayBecome = (from: HoldState, to: HoldState): boolean => holdSteps[from].includes(to)

export function stateAt(sale: Pick<SaleRecord, 'opensAtMs' | 'closesAtMs'>, nowMs: number): FlashSale['state'] {
  if (nowMs >= sale.closesAtMs) return 'closed'
  return nowMs >= sale.opensAtMs ? 'open' : 'scheduled'
}

export interface Times {
  readonly opensAtMs: number
  readonly closesAtMs: number
}

/** When the sale opens and closes; null where the wanted start is in the past, too near or too far ahead. */
export function timesOf(
  request: Pick<RequestOf<typeof createFlashSale>, 'countdownSeconds' | 'runSeconds' | 'opensAtMs'>,
  nowMs: number,
): Times | null {
  const opensAtMs = request.opensAtMs ?? nowMs + request.countdownSeconds * 1_000
  const earliest = nowMs + flashSaleLimits.countdownSecondsMin * 1_000
  if (opensAtMs < earliest || opensAtMs > nowMs + planAheadMs) return null
  return { opensAtMs, closesAtMs: opensAtMs + request.runSeconds * 1_000 }
}

/** The strike-through: shown only where the sale is truly below what was asked for lately. */
export function priorPriceOf(lowestMinor: number | null, salePriceMinor: number): number | null {
  return lowestMinor !== null && lowestMinor > salePriceMinor ? lowestMinor : null
}

export function toFlashSale(sale: SaleRecord, figures: SaleFigures): FlashSale {
  const { flashSaleId, showId, productId, variantId, productName, variantName, pictureUrl } = sale
  return {
    flashSaleId,
    showId,
    productId,
    variantId,
    productName,
    variantName,
    pictureUrl,
    state: figures.state,
    salePrice: money(sale.priceMinor, sale.currency),
    priorPrice: sale.priorPriceMinor === null ? null : money(sale.priorPriceMinor, sale.currency),
    totalUnits: sale.totalUnits,
    perBuyerLimit: sale.perBuyerLimit,
    remainingUnits: Math.max(0, figures.remainingUnits),
    soldUnits: figures.soldUnits,
    opensAtMs: sale.opensAtMs,
    closesAtMs: sale.closesAtMs,
    ...(sale.waitingRoomCommitment === null ? {} : { waitingRoom: { seedCommitment: sale.waitingRoomCommitment } }),
  }
}

export function toHold(
  sale: Pick<SaleRecord, 'flashSaleId' | 'priceMinor' | 'currency'>,
  hold: { readonly holdId: HoldId; readonly units: number; readonly expiresAtMs: number },
): Hold {
  return {
    holdId: hold.holdId,
    flashSaleId: sale.flashSaleId,
    units: hold.units,
    unitPrice: money(sale.priceMinor, sale.currency),
    expiresAtMs: hold.expiresAtMs,
  }
}

/** A hold made for somebody in line. */
export interface Offer {
  readonly accountId: AccountId
  readonly holdId: HoldId
  readonly expiresAtMs: number
}

/** One entry of the log of holds. */
export interface LoggedHold {
  readonly seq: number
  readonly what: 'held' | 'paying' | 'released' | 'expired'
  readonly holdId: HoldId
  readonly accountId: AccountId
  readonly units: number
  readonly expiresAtMs: number
  readonly operationId: OperationId | null
  readonly remainingThen: number
}
