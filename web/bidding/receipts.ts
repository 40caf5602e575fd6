import type { ReceiptRecord } from '@livelot/client'

/**
 * Receipts belong to the bidder: they are kept on this device, so that they can be shown even against the platform.
 * The newest stay.
 */
const RECEIPTS_MAX = 300

const keyOf = (accountId: string) => `livelot.receipts.${accountId}`

/** Those that were kept here; whatever else stands in the store is left out. */
export function keptReceipts(accountId: string): readonly ReceiptRecord[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(keyOf(accountId)) ?? '[]')
    return Array.isArray(kept) ? kept.filter(isRecord) : []
  } catch {
    return []
  }
}

/** Adds what is new, newest last. Without storage they last as long as the page. */
export function keepReceipts(accountId: string, fresh: readonly ReceiptRecord[]): void {
  if (fresh.length === 0) return
  const ids = new Set(fresh.map(({ bidId }) => bidId))
  const others = keptReceipts(accountId).filter(({ bidId }) => !ids.has(bidId))
  try {
    localStorage.setItem(keyOf(accountId), JSON.stringify([...others, ...fresh].slice(-RECEIPTS_MAX)))
  } catch {
    // Full or blocked: the page still has them.
  }
}

function isRecord(value: unknown): value is ReceiptRecord {
  return (
    typeof value === 'object' &&
    value !== null &&
    'receipt' in value &&
    typeof value.receipt === 'string' &&
    'bidId' in value &&
    'auctionId' in value &&
    'amountMinor' in value &&
    'code' in value
  )
}
