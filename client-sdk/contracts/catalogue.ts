import * as auctionLedger from './auction-ledger.ts'
import * as auctions from './auctions.ts'
import * as catalog from './catalog.ts'
import * as chat from './chat.ts'
import * as checkout from './checkout.ts'
import * as coupons from './coupons.ts'
import * as flashSales from './flash-sales.ts'
import * as giveawayProof from './giveaway-proof.ts'
import * as giveaways from './giveaways.ts'
import * as live from './live.ts'
import * as lots from './lots.ts'
import * as media from './media.ts'
import type { Operation, ToldEvent } from './operation.ts'
import * as paddles from './paddles.ts'
import * as payments from './payments.ts'
import * as preBids from './pre-bids.ts'
import * as profiles from './profiles.ts'
import * as room from './room.ts'
import * as settlements from './settlements.ts'
import * as waitingRoom from './waiting-room.ts'

const everything: unknown[] = [
  profiles,
  catalog,
  live,
  room,
  chat,
  media,
  flashSales,
  waitingRoom,
  lots,
  paddles,
  auctions,
  auctionLedger,
  preBids,
  giveaways,
  giveawayProof,
  coupons,
  payments,
  checkout,
  settlements,
].flatMap((file) => Object.values(file as Record<string, unknown>))

const hasField = (value: unknown, field: string): boolean =>
  typeof value === 'object' && value !== null && 'name' in value && field in value

/** All operations of all modules, by name: for OpenAPI, the SDK’s reference and the tests that go over every one. */
export const allOperations: ReadonlyMap<string, Operation> = new Map(
  everything.filter((value): value is Operation => hasField(value, 'access')).map((one) => [one.name, one]),
)

/** All events that the server tells. */
export const allToldEvents: ReadonlyMap<string, ToldEvent> = new Map(
  everything.filter((value): value is ToldEvent => hasField(value, 'version')).map((one) => [one.name, one]),
)
