import type {
  AccountId,
  Address,
  AuctionId,
  BrandId,
  BundleId,
  CheckoutId,
  CouponId,
  Currency,
  Order,
  OrderId,
  ProductId,
  ShowId,
  VariantId,
} from '@livelot/client/contracts'
import { money } from '#kernel/money'

export type OrderState = Order['state']

/** From → to. The same table stands in the database as order_events_step. */
export const orderSteps: Readonly<Record<OrderState, readonly OrderState[]>> = {
  payment_pending: ['paid', 'payment_failed'],
  paid: ['refunded'],
  payment_failed: [],
  refunded: [],
}

/** An order as it is written when the buyer taps. */
export interface NewOrder {
  readonly orderId: OrderId
  readonly checkoutId: CheckoutId
  readonly accountId: AccountId
  readonly buyerName: string
  readonly brandId: BrandId
  readonly productId: ProductId
  readonly variantId: VariantId
  readonly showId: ShowId | null
  readonly productName: string
  readonly variantName: string
  readonly brandName: string
  readonly pictureUrl: string
  readonly currency: Currency
  readonly units: number
  readonly unitPriceMinor: number
  readonly itemsMinor: number
  /** Taken off the items by a coupon; 0 exactly where there is none. */
  readonly discountMinor: number
  readonly couponId?: CouponId | null
  readonly shippingMinor: number
  readonly taxMinor: number
  readonly feesMinor: number
  readonly totalMinor: number
  readonly taxInItemsMinor: number
  readonly taxInShippingMinor: number
  readonly address: Address
  /** Of a lot that was won: the order is one of a parcel. */
  readonly auctionId?: AuctionId | null
  readonly bundleId?: BundleId | null
  readonly parcelGrams?: number | null
}

export interface OrderRow extends NewOrder {
  readonly orderNumber: string
  readonly state: OrderState
  readonly refundedMinor: number
  readonly createdAtMs: number
  readonly history: { readonly what: string; readonly atMs: number }[]
}

/** What an order shows to its buyer. */
export function toOrder(row: OrderRow): Order {
  const of = (amountMinor: number) => money(amountMinor, row.currency)
  return {
    orderId: row.orderId,
    orderNumber: row.orderNumber,
    state: row.state,
    productId: row.productId,
    variantId: row.variantId,
    productName: row.productName,
    variantName: row.variantName,
    brandName: row.brandName,
    pictureUrl: row.pictureUrl,
    units: row.units,
    unitPrice: of(row.unitPriceMinor),
    items: of(row.itemsMinor),
    discount: of(row.discountMinor),
    shipping: of(row.shippingMinor),
    tax: of(row.taxMinor),
    fees: of(row.feesMinor),
    total: of(row.totalMinor),
    refunded: of(row.refundedMinor),
    address: row.address,
    showId: row.showId,
    bundleId: row.bundleId ?? null,
    createdAtMs: row.createdAtMs,
    history: row.history,
  }
}

const minorDigits: Readonly<Record<Currency, number>> = { USD: 2, EUR: 2, GBP: 2, CNY: 2, JPY: 0 }

function inWords(amountMinor: number, currency: Currency): string {
  const digits = minorDigits[currency]
  const text = String(Math.abs(amountMinor)).padStart(digits + 1, '0')
  const amount = digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`
  return `${currency} ${amountMinor < 0 ? '-' : ''}${amount}`
}

/** What the letter that confirms a paid order tells. */
export type Confirmed = Pick<
  OrderRow,
  'orderNumber' | 'productName' | 'variantName' | 'brandName' | 'currency' | 'units' | 'address'
> &
  Pick<OrderRow, 'itemsMinor' | 'discountMinor' | 'shippingMinor' | 'taxMinor' | 'feesMinor' | 'totalMinor'>

export interface Letter {
  readonly subject: string
  readonly body: string
}

export function confirmationOf(row: Confirmed): Letter {
  const line = (what: string, amountMinor: number) => `${what}: ${inWords(amountMinor, row.currency)}`
  const { name, line1, line2, postalCode, city, region, country } = row.address
  const body = [
    `Thank you for your order ${row.orderNumber}.`,
    '',
    `${row.units} × ${row.productName} (${row.variantName}) by ${row.brandName}`,
    line('Items', row.itemsMinor),
    ...(row.discountMinor > 0 ? [line('Coupon', -row.discountMinor)] : []),
    line('Delivery', row.shippingMinor),
    line('Tax', row.taxMinor),
    ...(row.feesMinor > 0 ? [line('Fees', row.feesMinor)] : []),
    line('Total paid', row.totalMinor),
    '',
    'It will be sent to:',
    ...[name, line1, line2, `${postalCode} ${city}`, region, country].filter(
      (part) => part !== undefined && part !== '',
    ),
  ].join('\n')
  return { subject: `Your order ${row.orderNumber}`, body }
}
