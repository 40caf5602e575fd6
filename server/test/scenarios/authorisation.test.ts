import {
  type Auction,
  allOperations,
  buyNow,
  type Checkout,
  createCoupon,
  createFlashSale,
  createLot,
  createShow,
  enterBidding,
  type FlashSale,
  type Giveaway,
  getCheckout,
  getFlashSale,
  getQuote,
  type Hold,
  type Lot,
  listMyWins,
  moderate,
  type Operation,
  type OwnCoupon,
  openGiveaway,
  type Quote,
  reserve,
  type Show,
  startAuction,
  startCheckout,
  startShow,
  type Win,
} from '@livelot/client/contracts'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { newId } from '#kernel/ids'
import { type TestPlatform, testPlatform } from '../support/platform.ts'
import { type People, peopleOf } from '../support/platform-people.ts'
import { type Fields, sampleRequest, toHttp } from '../support/sampled-request.ts'
import written from './authorisation-matrix.json' with { type: 'json' }

const callers = [
  'guest',
  'otherBuyer',
  'otherCreator',
  'otherSeller',
  'ownerBuyer',
  'ownerCreator',
  'brandSeller',
  'operator',
] as const
type CallerName = (typeof callers)[number]

const Outcome = z.string().regex(/^(allowed|auth\.required|auth\.forbidden|[a-z_]+\.not_found)$/)
const Row = z.strictObject(
  Object.fromEntries(callers.map((name) => [name, Outcome])) as Record<CallerName, z.ZodString>,
)
const matrix = z.record(z.string(), Row).parse(written)

/** What ends a thing that others need is called after everything else. */
const enders = ['lot:remove', 'flash-sale:release-hold', 'flash-sale:close', 'card:remove', 'coupon:end', 'show:end']
const operations = [...allOperations.values()]
  .filter((one) => one.http)
  .sort((a, b) => enders.indexOf(a.name) - enders.indexOf(b.name))

let platform: TestPlatform
let people: People
const tokens = new Map<CallerName, string>()
/** Things that exist; those of buyers are the owner's, those of shows are their creator's. */
let world: Record<string, unknown> = {}
/** Where an operation needs another thing than the others, because it ends it. */
let special: Record<string, Fields> = {}

interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
}

async function call(operation: Operation, request: Fields, caller: CallerName): Promise<Answer> {
  const { method, path, body } = toHttp(operation, request)
  const token = tokens.get(caller)
  const response = await fetch(platform.urls.http + path, {
    method: method.toUpperCase(),
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    },
    ...(body === undefined ? {} : { body }),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

async function done<T>(operation: Operation, request: Fields, caller: CallerName): Promise<T> {
  const answer = await call(operation, request, caller)
  if (answer.status >= 300) throw new Error(`${operation.name}: ${JSON.stringify(answer.body)}`)
  return answer.body as T
}

async function buildWorld(): Promise<void> {
  const named = async (text: string) => (await people.rows<{ id: string }>(text))[0]?.id ?? ''
  const variantId = await named(
    `SELECT v.id FROM variants v JOIN products p ON p.id = v.product_id WHERE p.is_listed ORDER BY v.id LIMIT 1`,
  )
  const [variant] = await people.rows<{ productId: string }>(
    'SELECT product_id AS "productId" FROM variants WHERE id = $1',
    [variantId],
  )
  const productId = variant?.productId ?? ''
  const show = { title: 'A show', startsAtMs: Date.now(), productIds: [productId], operationId: newId() }
  const { showId } = await done<Show>(createShow, show, 'ownerCreator')
  await done(startShow, { showId }, 'ownerCreator')
  const terms = { salePriceMinor: 100, totalUnits: 2, countdownSeconds: 10, runSeconds: 600 }
  const sale = { showId, variantId, ...terms, operationId: newId() }
  const { flashSaleId } = await done<FlashSale>(createFlashSale, sale, 'ownerCreator')
  const gift = { showId, title: 'A gift', prize: { kind: 'text', text: 'A card' }, operationId: newId() }
  const { giveawayId } = await done<Giveaway>(openGiveaway, gift, 'ownerCreator')
  const off = { discount: { kind: 'percent', percent: 10, capMinor: null }, currency: 'USD' }
  const ticket = { showId, code: 'MARA10', ...off, operationId: newId() }
  const { coupon } = await done<OwnCoupon>(createCoupon, ticket, 'ownerCreator')
  const item = { kind: 'variant', variantId, units: 1, showId }
  const cardId = await named(
    `SELECT c.id FROM payment_cards c JOIN accounts a ON a.id = c.account_id WHERE a.email = 'ada@demo.livelot'`,
  )
  const dutch = { startPriceMinor: 9_000, terms: { type: 'dutch', floorMinor: 100, stepMinor: 10, stepSeconds: 60 } }
  const prepare = () => {
    const lot = { showId, goods: { kind: 'variant', variantId }, ...dutch, operationId: newId() }
    return done<Lot>(createLot, lot, 'ownerCreator')
  }
  const [{ lotId }, running, sold] = [await prepare(), await prepare(), await prepare()]
  await done(enterBidding, { showId, cardId, acceptedTermsVersion: 1 }, 'ownerBuyer')
  const run = { lotId: running.lotId, operationId: newId() }
  const { auctionId } = await done<Auction>(startAuction, run, 'ownerCreator')
  const lastRun = { lotId: sold.lotId, operationId: newId() }
  const over = await done<Auction>(startAuction, lastRun, 'ownerCreator')
  const taken = { auctionId: over.auctionId, priceMinor: 9_000, operationId: newId() }
  await done(buyNow, taken, 'ownerBuyer')
  const won = async () => (await done<{ items: Win[] }>(listMyWins, { showId }, 'ownerBuyer')).items[0]
  const offerId = await vi.waitFor(async () => (await won())?.offer.offerId ?? Promise.reject(new Error('no offer')), {
    timeout: 20_000,
    interval: 250,
  })
  const quote = await done<Quote>(getQuote, { item }, 'ownerBuyer')
  const bought = { item, cardId, expectedTotal: quote.total, operationId: newId() }
  const { checkoutId, orderId } = await done<Checkout>(startCheckout, bought, 'ownerBuyer')
  const paid = await done<Checkout>(getCheckout, { checkoutId, waitMs: 20_000 }, 'ownerBuyer')
  expect(paid.state).toBe('paid')
  const isOpen = async () => {
    const { state } = await done<FlashSale>(getFlashSale, { flashSaleId }, 'guest')
    expect(state).toBe('open')
  }
  await vi.waitFor(isOpen, { timeout: 30_000, interval: 250 })
  const wish = { flashSaleId, units: 1, operationId: newId() }
  const { hold } = await done<{ hold: Hold }>(reserve, wish, 'ownerBuyer')
  const [{ accountId }, { address }] = await Promise.all([
    people.byEmail('ben@demo.livelot'),
    people.byEmail('ada@demo.livelot'),
  ])
  const { holdId } = hold
  const bidding = { lotId, auctionId, offerId }
  world = {
    showId,
    flashSaleId,
    productId,
    variantId,
    cardId,
    checkoutId,
    orderId,
    accountId,
    holdId,
    giveawayId,
    couponId: coupon.couponId,
    ...bidding,
  }
  special = {
    'show:issue-stream-token': { purpose: 'publish' },
    'show:pin-product': { productId },
    'show:set-shelf': { productIds: [productId] },
    'flash-sale:create': { ...terms, salePriceMinor: 101 },
    'checkout:get-quote': { item: { kind: 'hold', flashSaleId, holdId } },
    'checkout:start': { item, expectedTotal: quote.total, address },
    'coupon:create': { ...off, code: 'MARA20' },
    'lot:create': dutch,
    'lot:change': dutch,
    'creator:get': { handle: await named('SELECT handle AS id FROM creators LIMIT 1') },
  }
}

beforeAll(async () => {
  platform = await testPlatform()
  people = await peopleOf(platform)
  const emails = {
    otherBuyer: 'ben@demo.livelot',
    otherCreator: 'teo@demo.livelot',
    ownerBuyer: 'ada@demo.livelot',
    ownerCreator: 'mara@demo.livelot',
    brandSeller: 'seller@demo.livelot',
    operator: 'operator@demo.livelot',
  }
  for (const [name, email] of Object.entries(emails)) tokens.set(name as CallerName, await people.tokenFor(email))
  tokens.set('otherSeller', await people.tokenOf(await people.add(['buyer', 'seller'])))
  await buildWorld()
}, 120_000)
afterAll(async () => {
  await people?.close()
  await platform?.stop()
})

/** What the gates made of the call. Whatever a rule of business refuses has passed them. */
function outcomeOf({ status, body }: Answer): string {
  if (status < 300) return 'allowed'
  const code = String(body.code)
  if (/^auth\.(required|forbidden|token_expired)$/.test(code) || code.endsWith('.not_found')) return code
  if (status >= 500 || code.startsWith('request.')) return `unfit: ${status} ${JSON.stringify(body)}`
  return 'allowed'
}

describe('an id in capital letters', () => {
  it('is the same id: it opens no second gate and gives no second unit', async () => {
    const { flashSaleId } = world
    const wish = { flashSaleId, units: 1, operationId: newId() }
    const first = await done<{ hold: Hold }>(reserve, wish, 'otherCreator')
    const loud = {
      ...wish,
      flashSaleId: String(flashSaleId).toUpperCase(),
      operationId: wish.operationId.toUpperCase(),
    }
    expect((await done<{ hold: Hold }>(reserve, loud, 'otherCreator')).hold).toEqual(first.hold)
  })

  it('does not let one moderator ban another', async () => {
    const [ben, teo] = await Promise.all([people.byEmail('ben@demo.livelot'), people.byEmail('teo@demo.livelot')])
    const { showId } = world
    for (const { accountId } of [ben, teo])
      await done(moderate, { showId, accountId, action: 'add-moderator' }, 'ownerCreator')
    const ban = { showId, accountId: teo.accountId.toUpperCase(), action: 'ban' }
    expect((await call(moderate, ban, 'otherBuyer')).body.code).toBe('auth.forbidden')
    for (const { accountId } of [ben, teo])
      await done(moderate, { showId, accountId, action: 'remove-moderator' }, 'ownerCreator')
  })
})

describe('who may call what', () => {
  it('is written down for every operation with an HTTP way in, and for no other', () => {
    expect(Object.keys(matrix).sort()).toEqual(operations.map((one) => one.name).sort())
  })

  it.each(operations.map((one) => [one.name, one] as const))('%s', async (name, operation) => {
    const outcomes: Record<string, string> = {}
    // Those who may do it come last: they may end the thing.
    const isAllowed = (caller: CallerName) => Number(matrix[name]?.[caller] === 'allowed')
    for (const caller of callers.toSorted((a, b) => isAllowed(a) - isAllowed(b))) {
      const request = { ...sampleRequest(operation, { ...world, ...special[name] }), ...special[name] }
      outcomes[caller] = outcomeOf(await call(operation, request, caller))
    }
    expect(outcomes).toEqual(matrix[name])
  })
})
