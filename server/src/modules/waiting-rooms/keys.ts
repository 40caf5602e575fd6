import type { FlashSaleId, ShowId } from '@livelot/client/contracts'
import { gateReadKeys, turnsKey } from '#modules/flash-sales'
import { showFeedKey, showStateKey } from '#modules/live'

/**
 * Keys of one waiting room, in the order in which its scripts declare them; all share the show's slot. The first three are
 * ours and live until an hour after the end of the sale; turns live as long; the others belong to the sale and the show.
 */
export function roomKeys(showId: ShowId, flashSaleId: FlashSaleId): string[] {
  const ours = ['room', 'line', 'called'].map((thing) => `livelot:waiting-rooms:{${showId}}:${flashSaleId}:${thing}`)
  const { gate, buyers } = gateReadKeys(showId, flashSaleId)
  return [...ours, gate, turnsKey(showId, flashSaleId), buyers, showStateKey(showId), showFeedKey(showId)]
}
