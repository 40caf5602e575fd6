import { createHash } from 'node:crypto'
import type {
  AccountId,
  Address,
  Checkout,
  CheckoutItem,
  getQuote,
  Quote,
  RequestOf,
  ShowId,
  startCheckout,
} from '@livelot/client/contracts'
import { type AccountActor, type Actor, accountOf } from '#kernel/actor'
import { Refusal } from '#kernel/errors'
import { newId } from '#kernel/ids'
import type { CatalogService, VariantRecord } from '#modules/catalog'
import type { AppliedCoupon } from '#modules/coupons'
import type { HeldUnits } from '#modules/flash-sales'
import type { PaymentsService } from '#modules/payments'
import { openCheckoutsMax, openCheckoutsRetryMs } from './limits.ts'
import type { Coupons, FlashSaleHolds, SavedAddresses, ShowOwners, StockClaims } from './needs.ts'
import type { NewOrder } from './order.ts'
import {
  type Destination,
  defaultCountry,
  destinationOf,
  type Goods,
  itemsMinorOf,
  type Price,
  priceOf,
  quoteOf,
  type ShippingCalculator,
  type TaxCalculator,
  wishText,
} from './price.ts'
import type { NewCheckout, Started } from './start-store.pg.ts'
import { type CheckoutViews, viewOf } from './view-store.pg.ts'

export interface BuyingParts {
  /** Writes a checkout and claims its units. Refuses: hold.expired, checkout.out_of_stock. */
  readonly writeStart: (one: NewCheckout) => Promise<Started>
  readonly views: CheckoutViews
  readonly catalog: Pick<CatalogService, 'variant'>
  readonly payments: Pick<PaymentsService, 'cardOnFile' | 'newAttempt'>
  readonly flashSales: Pick<FlashSaleHolds, 'peekHold' | 'beginPayment'>
  readonly coupons: Pick<Coupons, 'applied'>
  readonly inventory: Pick<StockClaims, 'availableUnits'>
  readonly addresses: SavedAddresses
  readonly shows: ShowOwners
  readonly shipping: ShippingCalculator
  readonly tax: TaxCalculator
}

type Start = RequestOf<typeof startCheckout>

/** What is bought: the variant, how many at which price, and where from. */
interface Bought {
  readonly variant: VariantRecord
  readonly goods: Goods
  readonly showId: ShowId | null
  readonly expiresAtMs: number | null
}

export function createBuying(parts: BuyingParts) {
  const ofHold = async (held: HeldUnits): Promise<Bought> => {
    const variant = await parts.catalog.variant(held.variantId)
    const { showId, units, unitPrice, expiresAtMs } = held
    return { variant, goods: goodsOf(variant, units, unitPrice), showId, expiresAtMs }
  }

  /** A show that does not exist earns no credit; the sale goes on. */
  const ofVariant = async (item: Extract<CheckoutItem, { kind: 'variant' }>): Promise<Bought> => {
    const [variant, owner] = await Promise.all([
      parts.catalog.variant(item.variantId),
      item.showId ? parts.shows.ownerOf(item.showId) : null,
    ])
    const unitPrice = { amountMinor: variant.priceMinor, currency: variant.currency }
    const showId = owner && item.showId ? item.showId : null
    return { variant, goods: goodsOf(variant, item.units, unitPrice), showId, expiresAtMs: null }
  }

  /** Says no to what is gone before anything is written; the claim decides. */
  const ofVariantInStock = async (
    accountId: AccountId,
    item: Extract<CheckoutItem, { kind: 'variant' }>,
  ): Promise<Bought> => {
    const [bought, open] = await Promise.all([ofVariant(item), parts.views.countOpen(accountId)])
    if (open >= openCheckoutsMax) throw new Refusal('request.rate_limited', { retryAfterMs: openCheckoutsRetryMs })
    const { variantId } = bought.variant
    const free = await parts.inventory.availableUnits([variantId])
    if ((free.get(variantId) ?? 0) < item.units) throw new Refusal('checkout.out_of_stock')
    return bought
  }

  const couponOn = async (
    code: string | undefined,
    bought: Bought,
    item: CheckoutItem,
    accountId: AccountId | null,
  ) => {
    if (code === undefined) return null
    const { goods, showId, variant } = bought
    const items = { amountMinor: itemsMinorOf(goods), currency: goods.unitPrice.currency }
    const purchase = { showId, productId: variant.productId, isFlashSale: item.kind === 'hold', items }
    return await parts.coupons.applied(code, purchase, accountId)
  }

  const priced = (goods: Goods, destination: Destination, coupon: AppliedCoupon | null): Price => {
    const price = priceOf(goods, destination, parts, coupon?.discountMinor)
    if (!price) throw new Refusal('checkout.cannot_ship', { country: destination.country })
    return price
  }

  const write = async (one: NewCheckout): Promise<Checkout> => {
    const { order } = one
    const { orderNumber, payBeforeMs } = await parts.writeStart(one)
    return viewOf({
      checkoutId: order.checkoutId,
      orderId: order.orderId,
      orderNumber,
      state: 'created',
      failure: null,
      actionUrl: null,
      totalMinor: order.totalMinor,
      currency: order.currency,
      payBeforeMs,
    })
  }

  const begin = async (account: AccountActor, request: Start, fingerprint: Buffer): Promise<Checkout> => {
    const { item } = request
    const { accountId } = account
    const [card, address, bought] = await Promise.all([
      parts.payments.cardOnFile(accountId, request.cardId),
      request.address ?? parts.addresses.addressOf(accountId),
      item.kind === 'hold'
        ? parts.flashSales.beginPayment({ accountId, ...item }).then(ofHold)
        : ofVariantInStock(accountId, item),
    ])
    if (!address) throw new Refusal('checkout.address_missing')
    const destination = destinationOf(address)
    const coupon = await couponOn(request.couponCode, bought, item, accountId)
    const price = priced(bought.goods, destination, coupon)
    const { currency } = bought.goods.unitPrice
    if (price.totalMinor !== request.expectedTotal.amountMinor || currency !== request.expectedTotal.currency)
      throw new Refusal('checkout.price_changed', { quote: quoteOf(bought.goods, price, destination) })
    const order = { ...orderOf(account, bought, price, address), couponId: coupon?.couponId ?? null }
    const amount = { amountMinor: price.totalMinor, currency }
    const one: NewCheckout = {
      order,
      operationId: request.operationId,
      fingerprint,
      hold: item.kind === 'hold' ? { flashSaleId: item.flashSaleId, holdId: item.holdId } : null,
      payBeforeMs: bought.expiresAtMs,
      attempt: parts.payments.newAttempt({ ...order, card, amount }),
    }
    return await write(one)
  }

  return {
    /**
     * The all-in price. Refuses: product.not_found, hold.not_found, checkout.cannot_ship, auth.required for holds, and
     * what a coupon is refused for.
     */
    quote: async (actor: Actor, { item, country, couponCode }: RequestOf<typeof getQuote>): Promise<Quote> => {
      const [address, bought] = await Promise.all([
        actor.kind === 'account' ? parts.addresses.addressOf(actor.accountId) : null,
        item.kind === 'hold'
          ? parts.flashSales.peekHold({ accountId: accountOf(actor).accountId, ...item }).then(ofHold)
          : ofVariant(item),
      ])
      const destination =
        address && (country === undefined || country === address.country)
          ? destinationOf(address)
          : { country: country ?? defaultCountry, region: null }
      const coupon = await couponOn(couponCode, bought, item, actor.kind === 'account' ? actor.accountId : null)
      return quoteOf(bought.goods, priced(bought.goods, destination, coupon), destination)
    },

    /**
     * Buys: claims the units and writes order, checkout, payment intent and job in one transaction, before any money
     * moves. Repeats: the same operation id gives the same checkout; the unique key on it stands in the way of a second
     * one, so a repeat is looked for only where something stood in the way.
     * Refuses: product.not_found, hold.not_found, hold.expired, card.not_found, checkout.price_changed,
     * checkout.address_missing, checkout.cannot_ship, checkout.out_of_stock, flash_sale.gate_closed,
     * idempotency.key_reused, and what a coupon is refused for.
     */
    start: async (account: AccountActor, request: Start): Promise<Checkout> => {
      const fingerprint = createHash('sha256')
        .update(wishText({ ...request, address: request.address }))
        .digest()
      try {
        return await begin(account, request, fingerprint)
      } catch (error) {
        const earlier = await parts.views.findByOperation(account.accountId, request.operationId)
        if (!earlier) throw error
        if (!earlier.fingerprint.equals(fingerprint)) throw new Refusal('idempotency.key_reused')
        return earlier.checkout
      }
    },
  }
}

function goodsOf(variant: VariantRecord, units: number, unitPrice: Goods['unitPrice']): Goods {
  const { productName, variantName, pictureUrl, weightGrams } = variant
  return { productName, variantName, pictureUrl, units, unitPrice, weightGrams }
}

function orderOf(account: AccountActor, { variant, goods, showId }: Bought, price: Price, address: Address): NewOrder {
  const { isTaxIncluded: _shown, ...amounts } = price
  return {
    orderId: newId(),
    checkoutId: newId(),
    accountId: account.accountId,
    buyerName: account.displayName,
    brandId: variant.brandId,
    productId: variant.productId,
    variantId: variant.variantId,
    showId,
    productName: variant.productName,
    variantName: variant.variantName,
    brandName: variant.brandName,
    pictureUrl: variant.pictureUrl,
    currency: goods.unitPrice.currency,
    units: goods.units,
    unitPriceMinor: goods.unitPrice.amountMinor,
    ...amounts,
    address,
  }
}
