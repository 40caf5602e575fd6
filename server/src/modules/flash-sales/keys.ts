import type { FlashSaleId, ShowId } from '@livelot/client/contracts'
import { showFeedKey, showStateKey } from '#modules/live'

/**
 * Keys of one sale's gate, in the order in which its scripts declare them; all share the show's slot.
 * Ours live until an hour after the end of the sale; the last two belong to the show and live with it.
 */
export function gateKeys(showId: ShowId, flashSaleId: FlashSaleId): string[] {
  const ours = ['gate', 'holds', 'due', 'buyers', 'answers', 'waitlist', 'log'].map(
    (thing) => `livelot:flash-sales:{${showId}}:${flashSaleId}:${thing}`,
  )
  return [...ours, showStateKey(showId), showFeedKey(showId)]
}

/**
 * Buyers whose turn it is in a sale that is sold by turns, by the time at which their turn ends; kept by whoever calls
 * them. Lives as long as the gate.
 */
export const turnsKey = (showId: ShowId, flashSaleId: FlashSaleId): string =>
  `livelot:flash-sales:{${showId}}:${flashSaleId}:turns`

/** What those who call buyers read of a gate: its figures, and how many units each buyer has. */
export function gateReadKeys(
  showId: ShowId,
  flashSaleId: FlashSaleId,
): { readonly gate: string; readonly buyers: string } {
  const [gate = '', , , buyers = ''] = gateKeys(showId, flashSaleId)
  return { gate, buyers }
}
