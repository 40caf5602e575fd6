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
