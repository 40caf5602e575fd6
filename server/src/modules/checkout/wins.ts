import type {
  AccountId,
  Address,
  AuctionId,
  BidTerms,
  CheckoutId,
  Money,
  OperationId,
  ShowId,
} from '@livelot/client/contracts'
import { type Database, type Transaction, violates } from '#infra/postgres/pool'
import { assertThat, Refusal } from '#kernel/errors'
import { newId } from '#kernel/ids'
import type { VariantRecord } from '#modules/catalog'
import type { CardOnFile, PaymentsService } from '#modules/payments'
import { jobGraceMs, payWithinMs } from './limits.ts'
import type { NewOrder } from './order.ts'
import { emptyParcel, shippingInParcel } from './parcel.ts'
import { buyerFeesMinor, type Destination, defaultCountry, destinationOf, type Goods, priceOf } from './price.ts'
import { shippingByWeight } from './shipping.ts'
import { insertAll } from './start-store.pg.ts'
import { simpleTax, taxRates } from './tax.ts'
import type { CheckoutViews } from './view-store.pg.ts'
import { createWinStore } from './win-store.pg.ts'

export interface WinParts {
  readonly database: Database
  readonly views: Pick<CheckoutViews, 'findByOperation'>
  readonly payments: Pick<PaymentsService, 'newAttempt'>
}

interface Buyer {
  readonly accountId: AccountId
  readonly address: Address
}

export interface StartWin {
  readonly auctionId: AuctionId
  readonly showId: ShowId
  readonly buyer: Buyer & { readonly displayName: string }
  readonly variant: VariantRecord
  readonly unitPrice: Money
  readonly card: CardOnFile
  readonly operationId: OperationId
  readonly fingerprint: Buffer
  readonly payBeforeMs: number | null
}

/**
 * Checkouts of won lots, for whoever settles auctions and for nobody else: there is no operation that starts one. The
 * unit stays claimed for the auction, whether the checkout is paid or fails, until the auction is settled.
 */
export function createWins({ database, views, payments }: WinParts) {
  const store = createWinStore(database)

  const insert = async (tx: Transaction, win: StartWin, order: NewOrder): Promise<void> => {
    const { operationId, fingerprint, payBeforeMs, card, unitPrice } = win
    const { checkoutId, orderId } = order
    const amount = { amountMinor: order.totalMinor, currency: unitPrice.currency }
    const attempt = payments.newAttempt({ checkoutId, orderId, card, amount })
    const one = { order, operationId, fingerprint, hold: null, payBeforeMs, attempt }
    try {
      await insertAll(tx, [one], { payWithinMs, lookInMs: jobGraceMs })
    } catch (error) {
      if (violates(error, 'checkouts_operation_unique')) throw new Refusal('idempotency.key_reused')
      throw error
    }
  }

  return {
    /** What a win costs besides the hammer, after what the buyer won in the show before. Refuses: checkout.cannot_ship. */
    terms: async (of: {
      variant: VariantRecord
      currency: Money['currency']
      showId: ShowId
      buyer: Buyer | null
      country: string | null
    }): Promise<BidTerms> => {
      const { variant, currency, showId, buyer } = of
      const parcel = buyer ? await store.parcelOf({ ...buyer, showId, currency }) : emptyParcel
      const destination = buyer ? destinationOf(buyer.address) : { country: of.country ?? defaultCountry, region: null }
      const goods = oneOf(variant, { amountMinor: 1, currency })
      const shipping = shippingInParcel(goods, destination, parcel, shippingByWeight)
      if (!shipping) throw cannotShip(destination)
      const rates = taxRates(destination)
      return {
        currency,
        country: destination.country,
        shippingMinor: shipping.shippingMinor,
        shippingNote: shipping.note,
        itemsTaxMillipercent: rates.items,
        shippingTaxMillipercent: rates.shipping,
        isTaxIncluded: rates.isIncluded,
        feesMinor: buyerFeesMinor,
      }
    },

    /**
     * Writes order, checkout, attempt and job in the caller's transaction. The price is made under the lock of the
     * buyer's parcel. Refuses: checkout.cannot_ship, idempotency.key_reused.
     */
    start: async (tx: Transaction, win: StartWin): Promise<{ checkoutId: CheckoutId }> => {
      const { auctionId, showId, buyer, variant, unitPrice } = win
      const { accountId, address } = buyer
      const { currency } = unitPrice
      const { bundleId, parcel } = await store.lockParcel(tx, { accountId, showId, currency, address })
      const goods = oneOf(variant, unitPrice)
      const destination = destinationOf(address)
      const shipping = shippingInParcel(goods, destination, parcel, shippingByWeight)
      if (!shipping) throw cannotShip(destination)
      const price = priceOf(goods, destination, { shipping: () => shipping.shippingMinor, tax: simpleTax })
      assertThat(price, 'what can be shipped has a price')
      const { isTaxIncluded: _shown, ...amounts } = price
      const { productName, variantName, pictureUrl, brandId, brandName, productId, variantId } = variant
      const order: NewOrder = {
        orderId: newId(),
        checkoutId: newId(),
        accountId,
        buyerName: buyer.displayName,
        ...{ brandId, productId, variantId, showId, productName, variantName, brandName, pictureUrl, currency },
        units: 1,
        unitPriceMinor: unitPrice.amountMinor,
        ...amounts,
        address,
        auctionId,
        bundleId,
        parcelGrams: variant.weightGrams,
      }
      await insert(tx, win, order)
      return { checkoutId: order.checkoutId }
    },

    standings: store.standings,
    /** Money is not taken after this moment any more; what is held is let go by the next turn. */
    endPayTime: store.endPayTime,

    findByOperation: async (accountId: AccountId, operationId: OperationId) => {
      const found = await views.findByOperation(accountId, operationId)
      return found ? { checkoutId: found.checkout.checkoutId, fingerprint: found.fingerprint } : null
    },
  }
}

const cannotShip = ({ country }: Destination) => new Refusal('checkout.cannot_ship', { country })

function oneOf({ productName, variantName, pictureUrl, weightGrams }: VariantRecord, unitPrice: Money): Goods {
  return { productName, variantName, pictureUrl, units: 1, unitPrice, weightGrams }
}

export type Wins = ReturnType<typeof createWins>
