export type {
  Account,
  Auction,
  AuctionFigures,
  AuctionLedger,
  BidAnswer,
  BidTerms,
  Card,
  ChatLine,
  Checkout,
  CheckoutItem,
  Coupon,
  Cursor,
  Entry,
  Fairness,
  FlashSale,
  Giveaway,
  GiveawayEntry,
  GiveawayExport,
  HandedPrize,
  Hold,
  Lot,
  Money,
  MyBid,
  Order,
  Product,
  ProductSummary,
  Quote,
  SalesBoard,
  Session,
  ShelfItem,
  Show,
  WaitingRoom,
  Win,
  WonPrize,
} from '../contracts/index.ts'
export type { AuctionEventMap, AuctionHandle, BidOptions } from './auction/handle.ts'
export {
  type ReceiptMatch,
  type ReceiptProblem,
  type ReceiptVerdict,
  receiptAgainstLedger,
  verifyReceipt,
} from './auction/receipt.ts'
export { createRehearsal, type Rehearsal, type RehearsalOptions } from './auction/rehearsal.ts'
export type { ReceiptKeys, SignatureState } from './auction/signature.ts'
export { type AuctionVerdict, type LedgerProblem, verifyAuction } from './auction/verify.ts'
export type { AuctionView, OwnBid, OwnStanding, ReceiptRecord } from './auction/view.ts'
export { type Client, type ClientOptions, createClient } from './client.ts'
export type { ServerClock } from './clock.ts'
export { type Countdown, countdownTo } from './countdown.ts'
export {
  type ClientErrorCode,
  isRefusal,
  LivelotError,
  type LivelotErrorCode,
  NetworkError,
  type RetryAdvice,
} from './errors.ts'
export type { WaitOptions } from './groups/checkout.ts'
export type { PersonalEventMap } from './personal.ts'
export {
  type GiveawayCheck,
  type GiveawayVerdict,
  type SeenGiveaway,
  verifyGiveaway,
} from './proof/verify-giveaway.ts'
export { verifyWaitingDraw, type WaitingDraw } from './proof/waiting-draw.ts'
export type { Room, RoomEvent, RoomEventMap } from './room/room.ts'
export type { RoomState, RoomStatus } from './room/state.ts'
export type { SessionStorage, StorageChoice, StoredSession } from './session/storage.ts'
export type { WaitingPlace } from './waiting/place.ts'
export type { WaitingStage, WaitingView } from './waiting/view.ts'
export type { ConnectionState, ConnectionStatus } from './wire/connection-state.ts'
export type { Fetch, FetchAnswer } from './wire/http.ts'
export { type CallOptions, type CallRequest, newOperationId } from './wire/operations.ts'
