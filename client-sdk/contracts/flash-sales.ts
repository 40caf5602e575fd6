import { z } from 'zod'
import { Hex32 } from './giveaways.ts'
import { FlashSaleId, HoldId, OperationId, ProductId, ShowId, VariantId } from './ids.ts'
import { Money } from './money.ts'
import { operation, toldEvent } from './operation.ts'
import { EpochMs } from './time.ts'

/** Limits that studio, API and database share. Source: market-facts, flash sale defaults. */
export const flashSaleLimits = {
  countdownSecondsMin: 10,
  countdownSecondsMax: 300,
  runSecondsMin: 60,
  runSecondsMax: 1200,
  unitsMax: 10_000,
  perBuyerMax: 20,
} as const

/**
 * scheduled (countdown runs) → open → closed. "Sold out" and "all reserved" are figures, not states:
 * remainingUnits 0 means everything is held or sold; soldUnits = totalUnits means sold out for good.
 */
export const FlashSaleState = z.enum(['scheduled', 'open', 'closed'])

export const FlashSale = z.strictObject({
  flashSaleId: FlashSaleId,
  showId: ShowId,
  productId: ProductId,
  variantId: VariantId,
  productName: z.string(),
  variantName: z.string(),
  pictureUrl: z.string(),
  state: FlashSaleState,
  salePrice: Money,
  /** Lowest price of the last 30 days from recorded history; null where there is none to show honestly. */
  priorPrice: Money.nullable(),
  totalUnits: z.int().min(1),
  perBuyerLimit: z.int().min(1),
  /** Units that can be reserved now. */
  remainingUnits: z.int().min(0),
  /** Units that are paid for. */
  soldUnits: z.int().min(0),
  opensAtMs: EpochMs,
  closesAtMs: EpochMs,
  /** Where buyers wait for their turn; absent where they reserve at once. The hash of its draw's secret seed. */
  waitingRoom: z.strictObject({ seedCommitment: Hex32 }).optional(),
})
export type FlashSale = z.infer<typeof FlashSale>

export const Hold = z.strictObject({
  holdId: HoldId,
  flashSaleId: FlashSaleId,
  units: z.int().min(1),
  unitPrice: Money,
  /** Absolute server time; +180 s once when payment starts. */
  expiresAtMs: EpochMs,
})
export type Hold = z.infer<typeof Hold>

export const createFlashSale = operation({
  name: 'flash-sale:create',
  summary: 'Start a flash sale in a show of the caller: countdown, run time, units, price, limit per buyer.',
  access: ['creator'],
  http: { method: 'post', path: '/v1/flash-sales', status: 201 },
  request: z.strictObject({
    showId: ShowId,
    variantId: VariantId,
    salePriceMinor: z.int().min(1).max(1_000_000_000),
    totalUnits: z.int().min(1).max(flashSaleLimits.unitsMax),
    perBuyerLimit: z.int().min(1).max(flashSaleLimits.perBuyerMax).default(1),
    countdownSeconds: z.int().min(flashSaleLimits.countdownSecondsMin).max(flashSaleLimits.countdownSecondsMax),
    runSeconds: z.int().min(flashSaleLimits.runSecondsMin).max(flashSaleLimits.runSecondsMax),
    /** When the countdown ends; now + countdownSeconds where absent. At most seven days ahead. */
    opensAtMs: EpochMs.optional(),
    /** Buyers wait in line and are called in turn: for rushes of many more people than units. */
    waitingRoom: z.boolean().default(false),
    operationId: OperationId,
  }),
  response: FlashSale,
  repeatable: true,
  errors: [
    'show.not_found',
    'show.wrong_state',
    'show.product_not_on_shelf',
    'product.not_found',
    'flash_sale.not_enough_stock',
    'idempotency.key_reused',
  ],
})

export const closeFlashSale = operation({
  name: 'flash-sale:close',
  summary: 'End a flash sale early. Holds that run keep their time; unsold units go back to the stock.',
  access: ['creator'],
  http: { method: 'post', path: '/v1/flash-sales/{flashSaleId}/close' },
  request: z.strictObject({ flashSaleId: FlashSaleId }),
  response: FlashSale,
  errors: ['flash_sale.not_found'],
})

export const getFlashSale = operation({
  name: 'flash-sale:get',
  summary: 'One flash sale as it stands.',
  access: 'anyone',
  http: { method: 'get', path: '/v1/flash-sales/{flashSaleId}' },
  request: z.strictObject({ flashSaleId: FlashSaleId }),
  response: FlashSale,
  errors: ['flash_sale.not_found'],
})

export const reserve = operation({
  name: 'flash-sale:reserve',
  summary: 'Hold units for 120 seconds. Sent again with the same operation id it gives the same hold.',
  access: ['buyer'],
  http: { method: 'post', path: '/v1/flash-sales/{flashSaleId}/holds', status: 201 },
  socket: { rate: { burst: 5, perSecond: 2 } },
  request: z.strictObject({
    flashSaleId: FlashSaleId,
    units: z.int().min(1).max(flashSaleLimits.perBuyerMax).default(1),
    operationId: OperationId,
  }),
  response: z.strictObject({ hold: Hold, remainingUnits: z.int().min(0) }),
  repeatable: true,
  errors: [
    'flash_sale.not_found',
    'flash_sale.gate_closed',
    'flash_sale.not_open',
    'flash_sale.closed',
    'flash_sale.sold_out',
    'flash_sale.limit_reached',
    'waiting_room.not_your_turn',
    'hold.expired',
    'idempotency.key_reused',
  ],
})

export const releaseHold = operation({
  name: 'flash-sale:release-hold',
  summary: 'Give held units back before their time is over.',
  access: ['buyer'],
  http: { method: 'delete', path: '/v1/flash-sales/{flashSaleId}/holds/{holdId}' },
  request: z.strictObject({ flashSaleId: FlashSaleId, holdId: HoldId }),
  response: z.strictObject({}),
  errors: ['hold.not_found', 'hold.expired', 'flash_sale.gate_closed'],
})

export const joinWaitlist = operation({
  name: 'flash-sale:join-waitlist',
  summary: 'Stand in line for units that come back. The offer is a hold, told by flash-sale:waitlist-offered.',
  access: ['buyer'],
  http: { method: 'post', path: '/v1/flash-sales/{flashSaleId}/waitlist' },
  request: z.strictObject({ flashSaleId: FlashSaleId, operationId: OperationId }),
  response: z.strictObject({ position: z.int().min(1) }),
  repeatable: true,
  errors: [
    'flash_sale.not_found',
    'flash_sale.gate_closed',
    'flash_sale.not_open',
    'flash_sale.closed',
    'flash_sale.limit_reached',
    'waiting_room.not_your_turn',
  ],
})

export const listMyHolds = operation({
  name: 'flash-sale:list-my-holds',
  summary: 'Live holds of the caller.',
  access: ['buyer'],
  http: { method: 'get', path: '/v1/me/holds' },
  request: z.strictObject({}),
  response: z.strictObject({ items: z.array(Hold) }),
  errors: [],
})

/** Told to one buyer: units came back and are held for them now. */
export const waitlistOffered = toldEvent({
  name: 'flash-sale:waitlist-offered',
  version: 1,
  summary: 'Units came back; they are held for you now.',
  data: z.strictObject({ hold: Hold }),
})

/** Events of the show's ordered log that belong to flash sales. */
export const flashSaleScheduled = toldEvent({
  name: 'flash-sale:scheduled',
  version: 1,
  summary: 'A flash sale was announced; the countdown runs to opensAtMs.',
  data: z.strictObject({ sale: FlashSale }),
})
export const flashSaleOpened = toldEvent({
  name: 'flash-sale:opened',
  version: 1,
  summary: 'The countdown is over and units can be reserved.',
  data: z.strictObject({ flashSaleId: FlashSaleId }),
})
export const flashSaleStockChanged = toldEvent({
  name: 'flash-sale:stock-changed',
  version: 1,
  summary: 'Units were reserved, given back or paid. Only the newest of a frame is sent.',
  data: z.strictObject({
    flashSaleId: FlashSaleId,
    remainingUnits: z.int().min(0),
    soldUnits: z.int().min(0),
  }),
})
export const flashSaleClosed = toldEvent({
  name: 'flash-sale:closed',
  version: 1,
  summary: 'The flash sale is over.',
  data: z.strictObject({ flashSaleId: FlashSaleId, remainingUnits: z.int().min(0), soldUnits: z.int().min(0) }),
})
