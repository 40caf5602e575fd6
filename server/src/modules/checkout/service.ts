import type { Checkout, CheckoutId, getCheckout, RequestOf, startCheckout } from '@livelot/client/contracts'
import type { Database } from '#infra/postgres/pool'
import type { Bus } from '#infra/redis/bus'
import type { Redis } from '#infra/redis/client'
import type { AccountActor } from '#kernel/actor'
import { Refusal } from '#kernel/errors'
import type { Log } from '#kernel/log'
import type { Teller } from '#kernel/teller'
import type { CatalogService } from '#modules/catalog'
import { type PaymentEvent, type PaymentsService, refundIdOfKey } from '#modules/payments'
import { createAdvance } from './advance.ts'
import { createBuying } from './buying.ts'
import { isSettled } from './checkout.ts'
import { createClaims } from './claims.ts'
import { createInHand } from './in-hand.ts'
import { continueWaitMs, sweepBatchMax, sweepParallel, waitPollMs } from './limits.ts'
import {
  type Coupons,
  type FlashSaleHolds,
  rememberOwners,
  type SavedAddresses,
  type ShowOwners,
  type StockClaims,
} from './needs.ts'
import { createOrderStore } from './order-store.pg.ts'
import { createOrders } from './orders.ts'
import { createSalesBoard } from './sales-board.ts'
import { shippingByWeight } from './shipping.ts'
import { createStarting } from './starting.ts'
import { createCheckoutStore } from './store.pg.ts'
import { simpleTax } from './tax.ts'
import { createCheckoutViews } from './view-store.pg.ts'
import { createWaiting } from './waiting.ts'
import { createWins } from './wins.ts'

export interface CheckoutParts {
  readonly database: Database
  /** For the pace of sales boards; not for decisions. */
  readonly redis: Redis
  readonly bus: Bus
  readonly teller: Teller
  readonly log: Log
  readonly catalog: Pick<CatalogService, 'variant'>
  readonly inventory: StockClaims
  readonly flashSales: FlashSaleHolds
  readonly coupons: Coupons
  readonly payments: PaymentsService
  readonly addresses: SavedAddresses
  readonly shows: ShowOwners
}

/** Checkouts, orders and sales boards: the module put together. */
export function createCheckoutService(parts: CheckoutParts) {
  const { database, payments, coupons, log } = parts
  const shows = rememberOwners(parts.shows)
  const store = createCheckoutStore(database)
  const views = createCheckoutViews(database)
  const inHand = createInHand()
  const waiting = createWaiting({ ...parts, onTold: inHand.end })
  const claims = createClaims(parts)
  const writeStart = createStarting({ database, claims, coupons, log })
  const board = createSalesBoard({ ...parts, shows })
  const boardChanged = board.changed
  const buying = createBuying({ ...parts, writeStart, views, shipping: shippingByWeight, tax: simpleTax, shows })
  const orders = createOrders({ database, store: createOrderStore(database), payments, boardChanged })
  const winListeners = new Set<(checkoutId: CheckoutId) => void>()
  const { advance, paymentTold } = createAdvance({
    database,
    store,
    views,
    payments,
    claims,
    coupons,
    waiting,
    log,
    boardChanged,
    winMoved: (checkoutId) => {
      for (const listener of winListeners) listener(checkoutId)
    },
  })

  const seen = async (account: AccountActor, checkoutId: CheckoutId): Promise<Checkout> => {
    const found = await views.find(checkoutId, account.accountId)
    if (!found) throw new Refusal('checkout.not_found')
    // Whoever waits for it also drives it, should job and sweep be late.
    if (found.isNeglected) advanceAside(checkoutId)
    return found.checkout
  }
  const advanceAside = (checkoutId: string) => {
    advance(checkoutId, 'client').catch((error: unknown) => log.warn({ err: error, checkoutId }, 'advance failed'))
  }

  /** Waits up to `waitMs` for a final state or the bank's step; `known` is what is known of it now. */
  const settledWithin = async (
    account: AccountActor,
    checkoutId: CheckoutId,
    waitMs: number,
    known?: Checkout,
  ): Promise<Checkout> => {
    const untilMs = performance.now() + waitMs
    const told = waiting.listen(checkoutId)
    try {
      let checkout = known ?? (await seen(account, checkoutId))
      while (!isSettled(checkout)) {
        const leftMs = untilMs - performance.now()
        if (leftMs <= 0) break
        checkout = (await told.next(Math.min(leftMs, waitPollMs))) ?? (await seen(account, checkoutId))
      }
      return checkout
    } finally {
      told.close()
    }
  }

  return {
    quote: buying.quote,

    /** 0, or how long somebody who has not begun to buy should stay away, so that those who have come to their end. */
    newcomersWaitMs: inHand.waitMs,

    /** Buys, as `buying.start` says; then waits up to `waitMs` for what becomes of it, in the same request. */
    start: async (account: AccountActor, request: RequestOf<typeof startCheckout>): Promise<Checkout> => {
      const { waitMs = 0 } = request
      waiting.begin()
      // It counts from the request on: under pressure most of its time may pass before there is a checkout.
      inHand.begin(request.operationId)
      const started = await buying.start(account, request).finally(() => inHand.drop(request.operationId))
      if (!isSettled(started)) inHand.begin(started.checkoutId)
      return waitMs === 0 ? started : await settledWithin(account, started.checkoutId, waitMs, started)
    },
    orders,
    board,
    wins: {
      ...createWins({ database, views, payments }),
      advance: (checkoutId: CheckoutId) => advance(checkoutId, 'client'),
      onMoved: (listener: (checkoutId: CheckoutId) => void) => void winListeners.add(listener),
    },

    /** One checkout of the caller; waits up to `waitMs` for a final state or the bank's step. Refuses: checkout.not_found. */
    get: async (account: AccountActor, request: RequestOf<typeof getCheckout>): Promise<Checkout> => {
      const checkoutId = asStored(request.checkoutId)
      if (request.waitMs === 0) return await seen(account, checkoutId)
      return await settledWithin(account, checkoutId, request.waitMs)
    },

    /** The buyer is back from the bank's step: looks at the payment now. Refuses: checkout.not_found. */
    continue: async (account: AccountActor, askedFor: CheckoutId): Promise<Checkout> => {
      const checkoutId = asStored(askedFor)
      const told = waiting.listen(checkoutId)
      try {
        await seen(account, checkoutId)
        await advance(checkoutId, 'client')
        const found = await views.find(checkoutId, account.accountId)
        // The provider's event came first: what it leads to is the answer.
        const later = found?.isInHand ? await told.next(continueWaitMs) : null
        return later ?? (await seen(account, checkoutId))
      } finally {
        told.close()
      }
    },

    advance,

    /** An event of the payment provider is a hint to look. */
    paymentTold: async (event: PaymentEvent): Promise<void> => {
      if (event.type === 'disputed') {
        log.warn({ intentRef: event.intentRef, reason: event.reason }, 'a payment is disputed')
        return
      }
      if (event.type !== 'refunded') return await paymentTold(event)
      const refundId = refundIdOfKey(event.refund.idempotencyKey)
      if (refundId) await orders.settleRefund(refundId)
    },

    /** Takes up what nobody has looked at in time. Safe beside itself. */
    sweep: async (): Promise<void> => {
      await inParallel(await store.listDue(sweepBatchMax), (checkoutId) => advance(checkoutId, 'sweep'), log)
      await inParallel(await payments.dueRefunds(), (refundId) => orders.settleRefund(refundId), log)
    },

    close: async (): Promise<void> => {
      waiting.close()
      await board.close()
    },
  }
}

/** Ids may be written in capitals; stores and listeners know them in small letters. */
const asStored = (checkoutId: CheckoutId) => checkoutId.toLowerCase() as CheckoutId

export type CheckoutService = ReturnType<typeof createCheckoutService>

async function inParallel(ids: readonly string[], work: (id: string) => Promise<void>, log: Log): Promise<void> {
  const queue = ids.values()
  const run = async () => {
    for (const id of queue) {
      try {
        await work(id)
      } catch (error) {
        log.warn({ err: error, id }, 'a sweep could not mend this one; it comes again')
      }
    }
  }
  await Promise.all(Array.from({ length: sweepParallel }, run))
}
