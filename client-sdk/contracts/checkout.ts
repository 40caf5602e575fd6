import { z } from 'zod'
import { CouponCode } from './coupons.ts'
import {
  BundleId,
  CardId,
  CheckoutId,
  FlashSaleId,
  HoldId,
  OperationId,
  OrderId,
  ProductId,
  RefundId,
  ShowId,
  VariantId,
} from './ids.ts'
import { Money } from './money.ts'
import { operation, toldEvent } from './operation.ts'
import { PageRequest, pageOf } from './page.ts'
import { Address, CountryCode } from './profiles.ts'
import { EpochMs } from './time.ts'

/** What is bought: units held in a flash sale, or a variant at its list price (one-tap buy). */
export const CheckoutItem = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('hold'), flashSaleId: FlashSaleId, holdId: HoldId }),
  z.strictObject({
    kind: z.literal('variant'),
    variantId: VariantId,
    units: z.int().min(1).max(20),
    showId: ShowId.optional().meta({ description: 'The show it was bought in; the sale is credited to it.' }),
  }),
])
export type CheckoutItem = z.infer<typeof CheckoutItem>

/**
 * The all-in price. total = items - discount + shipping + tax + fees, always; nothing is added later. The order of the
 * steps: flash price, then the coupon, then tax on the reduced sum.
 */
export const Quote = z.strictObject({
  productName: z.string(),
  variantName: z.string(),
  pictureUrl: z.string(),
  units: z.int().min(1),
  unitPrice: Money,
  items: Money,
  /** What the coupon takes off the items; 0 without one. */
  discount: Money,
  shipping: Money,
  tax: Money,
  fees: Money,
  total: Money,
  country: CountryCode,
  taxIncluded: z
    .boolean()
    .meta({ description: 'True where law wants prices with tax: then tax is 0 here and part of the items.' }),
})
export type Quote = z.infer<typeof Quote>

/**
 * created → authorising → (needs_action →) authorised → capturing → paid
 * and from each before capturing: failed (declined, expired, out of stock, canceled).
 */
export const CheckoutState = z.enum([
  'created',
  'authorising',
  'needs_action',
  'authorised',
  'capturing',
  'paid',
  'failed',
])
export type CheckoutState = z.infer<typeof CheckoutState>

export const CheckoutFailure = z.enum([
  'card_declined',
  'insufficient_funds',
  'card_expired',
  'authentication_failed',
  'time_over',
  'out_of_stock',
  'provider_error',
])

export const Checkout = z.strictObject({
  checkoutId: CheckoutId,
  orderId: OrderId,
  orderNumber: z.string(),
  state: CheckoutState,
  /** Where to send the buyer for the bank’s step; only in needs_action. */
  actionUrl: z.string().nullable(),
  failure: CheckoutFailure.nullable(),
  total: Money,
  /** Payment must be authorised before this. */
  payBeforeMs: EpochMs,
})
export type Checkout = z.infer<typeof Checkout>

/** Every way in which a coupon can be refused, in order of precedence: of several, the first is told. */
const couponRefusals = [
  'coupon.not_found',
  'coupon.not_for_this',
  'coupon.ended',
  'coupon.below_minimum',
  'coupon.used_by_you',
  'coupon.used_up',
] as const

export const getQuote = operation({
  name: 'checkout:get-quote',
  summary: 'The full price before the tap.',
  access: 'anyone',
  http: { method: 'post', path: '/v1/quotes' },
  request: z.strictObject({
    item: CheckoutItem,
    country: CountryCode.optional(),
    couponCode: CouponCode.optional(),
  }),
  response: Quote,
  errors: ['product.not_found', 'hold.not_found', 'checkout.cannot_ship', ...couponRefusals],
})

export const startCheckout = operation({
  name: 'checkout:start',
  summary: 'Buy: claims the units, writes the order, then charges the card by a job. Repeats give the same checkout.',
  access: ['buyer'],
  http: { method: 'post', path: '/v1/checkouts', status: 202 },
  request: z.strictObject({
    item: CheckoutItem,
    cardId: CardId,
    /** What the buyer saw. Another total is refused with checkout.price_changed and the new quote. */
    expectedTotal: Money,
    /** One coupon an order. */
    couponCode: CouponCode.optional(),
    address: Address.optional().meta({ description: 'Delivery address; the saved one where absent.' }),
    waitMs: z.int().min(0).max(25_000).optional().meta({
      description: 'Answers when the state is final or needs the buyer, or time is over; at once where absent.',
    }),
    operationId: OperationId,
  }),
  response: Checkout,
  repeatable: true,
  errors: [
    'product.not_found',
    'hold.not_found',
    'hold.expired',
    'card.not_found',
    'checkout.price_changed',
    'checkout.address_missing',
    'checkout.cannot_ship',
    'checkout.out_of_stock',
    'flash_sale.gate_closed',
    ...couponRefusals,
    'idempotency.key_reused',
  ],
})

export const getCheckout = operation({
  name: 'checkout:get',
  summary:
    'One checkout of the caller; with waitMs it answers when the state is final or needs the buyer, or time is over.',
  access: ['buyer'],
  http: { method: 'get', path: '/v1/checkouts/{checkoutId}' },
  request: z.strictObject({ checkoutId: CheckoutId, waitMs: z.coerce.number().int().min(0).max(25_000).default(0) }),
  response: Checkout,
  errors: ['checkout.not_found'],
})

export const continueCheckout = operation({
  name: 'checkout:continue',
  summary: 'The buyer is back from the bank’s step: look at the payment again now.',
  access: ['buyer'],
  http: { method: 'post', path: '/v1/checkouts/{checkoutId}/continue' },
  request: z.strictObject({ checkoutId: CheckoutId }),
  response: Checkout,
  errors: ['checkout.not_found'],
})

/** Told to the buyer’s own sockets. */
export const checkoutChanged = toldEvent({
  name: 'checkout:changed',
  version: 1,
  summary: 'A checkout of yours moved on.',
  data: z.strictObject({ checkout: Checkout }),
})

export const OrderState = z.enum(['payment_pending', 'paid', 'payment_failed', 'refunded'])
export type OrderState = z.infer<typeof OrderState>

export const Order = z.strictObject({
  orderId: OrderId,
  orderNumber: z.string(),
  state: OrderState,
  productId: ProductId,
  variantId: VariantId,
  productName: z.string(),
  variantName: z.string(),
  brandName: z.string(),
  pictureUrl: z.string(),
  units: z.int().min(1),
  unitPrice: Money,
  items: Money,
  discount: Money,
  shipping: Money,
  tax: Money,
  fees: Money,
  total: Money,
  refunded: Money,
  address: Address,
  showId: ShowId.nullable(),
  /** Orders of one bundle ship together: all that one buyer wins in a show. */
  bundleId: BundleId.nullable(),
  createdAtMs: EpochMs,
  /** What happened, in order: state and time. */
  history: z.array(z.strictObject({ what: z.string(), atMs: EpochMs })),
})
export type Order = z.infer<typeof Order>

export const listOrders = operation({
  name: 'order:list',
  summary: 'Orders of the caller, newest first.',
  access: ['buyer'],
  http: { method: 'get', path: '/v1/orders' },
  request: z.strictObject({ ...PageRequest }),
  response: pageOf(Order),
  errors: [],
})

export const getOrder = operation({
  name: 'order:get',
  summary: 'One order: of the caller, or any for operators.',
  access: ['buyer', 'operator'],
  http: { method: 'get', path: '/v1/orders/{orderId}' },
  request: z.strictObject({ orderId: OrderId }),
  response: Order,
  errors: ['order.not_found'],
})

export const refundOrder = operation({
  name: 'order:refund',
  summary:
    'Give the whole amount back: operators, and sellers for orders of their own brands; creators for what they made up.',
  access: ['operator', 'seller', 'creator'],
  http: { method: 'post', path: '/v1/orders/{orderId}/refunds', status: 202 },
  request: z.strictObject({ orderId: OrderId, reason: z.string().trim().min(1).max(200), operationId: OperationId }),
  response: z.strictObject({ refundId: RefundId, amount: Money, state: z.enum(['pending', 'succeeded', 'failed']) }),
  repeatable: true,
  errors: ['order.not_found', 'order.not_refundable', 'idempotency.key_reused'],
})

export const SalesBoard = z.strictObject({
  showId: ShowId,
  paidOrders: z.int().min(0),
  paidUnits: z.int().min(0),
  /** Gross merchandise value: items of paid orders less coupons, without shipping and tax. */
  gmv: z.array(Money),
  lines: z.array(
    z.strictObject({
      orderNumber: z.string(),
      productName: z.string(),
      units: z.int(),
      items: Money,
      buyerName: z.string(),
      paidAtMs: EpochMs,
    }),
  ),
})
export type SalesBoard = z.infer<typeof SalesBoard>

export const getSalesBoard = operation({
  name: 'show:get-sales-board',
  summary: 'Orders, units and GMV of a show, for its creator.',
  access: ['creator', 'operator'],
  http: { method: 'get', path: '/v1/shows/{showId}/sales-board' },
  request: z.strictObject({ showId: ShowId }),
  response: SalesBoard,
  errors: ['show.not_found'],
})

/** Told to the creator’s own sockets, at most twice a second. */
export const salesBoardChanged = toldEvent({
  name: 'show:sales-board-changed',
  version: 1,
  summary: 'Orders of your show were paid.',
  data: SalesBoard,
})
