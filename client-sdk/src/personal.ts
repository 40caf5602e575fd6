import {
  checkoutChanged,
  type DataOf,
  offerChanged,
  outbidTold,
  preBidVoided,
  prizeExpired,
  prizeExpiring,
  prizeWon,
  salesBoardChanged,
  type ToldEvent,
  waitingRoomCalled,
  waitlistOffered,
} from '../contracts/index.ts'

/** What the server tells to one account only. */
export const personalEvents = [
  checkoutChanged,
  waitlistOffered,
  waitingRoomCalled,
  salesBoardChanged,
  outbidTold,
  preBidVoided,
  offerChanged,
  prizeWon,
  prizeExpiring,
  prizeExpired,
] as const satisfies readonly ToldEvent[]

export type PersonalEventMap = {
  [E in (typeof personalEvents)[number] as E['name']]: DataOf<E>
}
