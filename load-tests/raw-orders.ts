import { randomUUID } from 'node:crypto'
import { onOutboxWritten } from '../server/src/infra/postgres/outbox.ts'
import { createDatabase } from '../server/src/infra/postgres/pool.ts'
import { startRelay } from '../server/src/infra/queue/relay.ts'
import { createClaims } from '../server/src/modules/checkout/claims.ts'
import type { NewOrder } from '../server/src/modules/checkout/order.ts'
import { createPaidRecorder } from '../server/src/modules/checkout/paid.ts'
import type { NewCheckout } from '../server/src/modules/checkout/start-store.pg.ts'
import { createStarting } from '../server/src/modules/checkout/starting.ts'
import { createCheckoutStore } from '../server/src/modules/checkout/store.pg.ts'
import { createCheckoutViews } from '../server/src/modules/checkout/view-store.pg.ts'
import { holdStore } from '../server/src/modules/flash-sales/claims.pg.ts'
import { logStore } from '../server/src/modules/flash-sales/hold-log.pg.ts'
import { createLedger } from '../server/src/modules/ledger/index.ts'
import { createAttempts } from '../server/src/modules/payments/attempts.ts'
import { createInbox } from '../server/src/modules/payments/inbox.ts'
import { findCards } from '../server/src/modules/payments/store.pg.ts'
import { createProfilesStore } from '../server/src/modules/profiles/store.pg.ts'

/**
 * The raw limit of a paid order: the platform's own statements of it, from the hold to the ledger, in their order and
 * with a pool of the same size; no HTTP, no jobs, no Redis, no provider. Nothing of this is a sale: it runs when the
 * platform has been stopped and its stores have been checked. Says its figures on standard output.
 */
const { DATABASE_URL = '', FLASH_SALE_ID = '', ORDERS = '1000', WARM_UP = '100', TOGETHER = '' } = process.env
const poolSize = Number(process.env.POOL_SIZE ?? 16)
/** One order a connection, or as many at once as the rush has buyers, whose statements are then sent together. */
const lanes = TOGETHER ? 64 : poolSize
const log = { debug: () => undefined, info: () => undefined, warn: console.error, error: console.error } as never
const database = createDatabase({ url: DATABASE_URL, poolSizeMax: poolSize, applicationName: 'bench-raw', log })
const relay = startRelay({
  database,
  queue: { addAll: async () => undefined } as never,
  handlers: [],
  log,
})
onOutboxWritten(relay.wake)

type Sale = NewOrder & { readonly priceMinor: number }
interface Buyer {
  readonly accountId: NewOrder['accountId']
  readonly cardId: string
}

const one = async <Row>(text: string, values: unknown[] = []): Promise<Row> =>
  (await database.pool.query(text, values)).rows[0] as Row

/** The modules of one lane; where lanes share them, what they do at the same time travels together. */
function modules() {
  const store = createCheckoutStore(database)
  const provider = { name: 'sandbox', parseWebhook: (event: unknown) => ({ kind: 'event', event }) } as never
  const ledger = createLedger({ platformFeeBasisPoints: 500 })
  const payments = createAttempts({ provider, ledger, log })
  const flashSales = {
    claimHold: holdStore.claim,
    claimSingles: holdStore.claimSingles,
    settleHolds: holdStore.settle,
    syncHold: async () => undefined,
  } as never
  const claims = createClaims({ flashSales, inventory: undefined as never, log })
  return {
    store,
    payments,
    profiles: createProfilesStore(database),
    views: createCheckoutViews(database),
    inbox: createInbox({ database, provider }),
    writeStart: createStarting({ database, claims, coupons: undefined as never, log }),
    recordPaid: createPaidRecorder({ database, store, payments, claims, log }),
  }
}
type Modules = ReturnType<typeof modules>

async function order(on: Modules, sale: Sale, buyer: Buyer, holdId: never): Promise<void> {
  const { store, payments, profiles, views, inbox } = on
  const { accountId } = buyer
  await profiles.addressOf(accountId)
  const [[card], address] = await Promise.all([
    findCards(database, [buyer.cardId as never], 'sandbox'),
    profiles.addressOf(accountId),
  ])
  if (!card || !address) throw new Error('The buyer has no card or no address.')
  const ids = { orderId: randomUUID() as never, checkoutId: randomUUID() as never }
  const written: NewOrder = { ...sale, ...ids, accountId, buyerName: 'Raw', address }
  const amount = { amountMinor: sale.totalMinor, currency: sale.currency }
  const started: NewCheckout = {
    order: written,
    operationId: randomUUID() as never,
    fingerprint: Buffer.alloc(32),
    hold: { flashSaleId: FLASH_SALE_ID as never, holdId },
    payBeforeMs: Date.now() + 120_000,
    attempt: payments.newAttempt({ ...ids, card, amount }),
  }
  await on.writeStart(started)
  await views.find(ids.checkoutId, accountId)
  const turn = await store.takeTurn(ids.checkoutId)
  if (!turn || !(await store.beginCapture(turn))) throw new Error('The turn is not ours.')
  if (!(await on.recordPaid({ turn, intentRef: `raw_${turn.checkoutId}` }))) throw new Error('It was not recorded.')
  for (const type of ['authorised', 'captured']) {
    const event = { eventRef: randomUUID(), createdAt: new Date(), type }
    await inbox.receive(event as never, {})
    await views.standing(ids.checkoutId)
  }
}

/** Holds reach Postgres in batches, as the platform copies them. */
async function copyHolds(sale: Sale, buyers: readonly Buyer[], from: number, seq: number): Promise<string[]> {
  const holds = buyers.map((buyer, index) => ({
    seq: seq + index + 1,
    what: 'paying' as const,
    holdId: randomUUID() as never,
    accountId: buyer.accountId,
    units: 1,
    expiresAtMs: Date.now() + 300_000,
    operationId: randomUUID() as never,
    remainingThen: sale.units * 10_000 - from - index,
  }))
  await database.transaction(async (tx) => {
    const cursor = await logStore.lockCursor(tx, FLASH_SALE_ID as never)
    await logStore.copy(tx, FLASH_SALE_ID as never, holds, {
      generation: cursor?.generation ?? '',
      seq: seq + holds.length,
    })
  })
  return holds.map((hold) => hold.holdId)
}

const sale = await one<Sale>(
  `SELECT s.show_id AS "showId", s.variant_id AS "variantId", s.product_id AS "productId", p.brand_id AS "brandId",
     s.product_name AS "productName", s.variant_name AS "variantName", 'Bench Brand' AS "brandName",
     s.picture_url AS "pictureUrl", s.currency, 1 AS units, s.price_minor AS "unitPriceMinor",
     s.price_minor AS "itemsMinor", 0 AS "discountMinor", 0 AS "shippingMinor", 0 AS "taxMinor", 0 AS "feesMinor",
     s.price_minor AS "totalMinor", 0 AS "taxInItemsMinor", 0 AS "taxInShippingMinor"
   FROM flash_sales s JOIN products p ON p.id = s.product_id WHERE s.id = $1`,
  [FLASH_SALE_ID],
)
const { rows: people } = await database.pool.query<Buyer>(
  'SELECT account_id AS "accountId", id AS "cardId" FROM payment_cards LIMIT $1',
  [Number(ORDERS) + Number(WARM_UP)],
)

async function sell(buyers: readonly Buyer[], seq: number): Promise<{ perSecond: number; cpuMs: number }> {
  const startTick = performance.now()
  const before = process.cpuUsage()
  const shared = modules()
  const batches = new Map<number, Promise<string[]>>()
  const holdOf = async (index: number): Promise<string> => {
    const batch = Math.floor(index / 64)
    const first = batch * 64
    if (!batches.has(batch)) batches.set(batch, copyHolds(sale, buyers.slice(first, first + 64), first, seq + first))
    return ((await batches.get(batch)) as string[])[index - first] as string
  }
  let next = 0
  const lane = async () => {
    const own = TOGETHER ? shared : modules()
    while (next < buyers.length) {
      const index = next
      next += 1
      await order(own, sale, buyers[index] as Buyer, (await holdOf(index)) as never)
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  const { user, system } = process.cpuUsage(before)
  return { perSecond: (buyers.length / (performance.now() - startTick)) * 1_000, cpuMs: (user + system) / 1_000 }
}

await sell(people.slice(0, Number(WARM_UP)), 0)
const measured = await sell(people.slice(Number(WARM_UP)), Number(WARM_UP))
await relay.close()
await database.close()
process.stdout.write(`${JSON.stringify({ ...measured, orders: people.length - Number(WARM_UP) })}\n`)
