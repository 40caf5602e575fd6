import {
  type Auction,
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
import { expect, vi } from 'vitest'
import { newId } from '#kernel/ids'
import { type TestPlatform, testPlatform } from '../support/platform.ts'
import { type People, peopleOf } from '../support/platform-people.ts'
import { type Fields, toHttp } from '../support/sampled-request.ts'
import type { CallerName } from './authorisation-table.ts'

export interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
}

/** A platform with one of everything, and everybody who may ask for it. */
export interface World {
  readonly platform: TestPlatform
  readonly people: People
  tokenOf(caller: CallerName): string | undefined
  call(operation: Operation, request: Fields, caller: CallerName): Promise<Answer>
  /** Calls what must succeed. */
  done<T>(operation: Operation, request: Fields, caller: CallerName): Promise<T>
  /** Things that exist; those of buyers are the buyer's, those of shows the creator's. */
  readonly things: Fields
  /** Where an operation needs another thing than the others. */
  readonly special: Readonly<Record<string, Fields>>
  close(): Promise<void>
}

type Asking = Pick<World, 'people' | 'done' | 'call'>

export async function startWorld(): Promise<World> {
  const platform = await testPlatform({ env: { SOCKETS_PER_ADDRESS_MAX: '20000', SOCKETS_PACE_FACTOR: '100' } })
  const people = await peopleOf(platform)
  const tokens = new Map<CallerName, string>()
  const call = async (operation: Operation, request: Fields, caller: CallerName): Promise<Answer> => {
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
  const done = async <T>(operation: Operation, request: Fields, caller: CallerName): Promise<T> => {
    const answer = await call(operation, request, caller)
    if (answer.status >= 300) throw new Error(`${operation.name}: ${JSON.stringify(answer.body)}`)
    return answer.body as T
  }
  await inviteAll(platform, people, tokens)
  const asking = { people, call, done }
  const { things, special } = await makeThings(asking)
  const close = async () => {
    await people.close()
    await platform.stop()
  }
  await placeInShow(asking, tokens, String(things.showId))
  return { platform, ...asking, tokenOf: (caller) => tokens.get(caller), things, special, close }
}

async function inviteAll(platform: TestPlatform, people: People, tokens: Map<CallerName, string>): Promise<void> {
  const emails = {
    'other buyer': 'ben@demo.livelot',
    'other creator': 'teo@demo.livelot',
    buyer: 'ada@demo.livelot',
    creator: 'mara@demo.livelot',
    seller: 'seller@demo.livelot',
    operator: 'operator@demo.livelot',
  }
  for (const [name, email] of Object.entries(emails)) tokens.set(name as CallerName, await people.tokenFor(email))
  tokens.set('other seller', await people.tokenOf(await people.add(['buyer', 'seller'])))
  tokens.set('revoked', await revokedToken(platform))
}

/** A good token, until its session was ended. */
async function revokedToken(platform: TestPlatform): Promise<string> {
  const post = (path: string, body: object, token?: string) =>
    fetch(`${platform.urls.http}/v1/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
      body: JSON.stringify(body),
    })
  const account = { email: `${newId()}@shop.test`, password: 'a long one, known to nobody', displayName: 'Gone' }
  const { accessToken } = (await (await post('accounts', account)).json()) as { accessToken: string }
  expect((await post('sessions/sign-out', {}, accessToken)).status).toBe(200)
  return accessToken
}

async function placeInShow({ people, done }: Asking, tokens: Map<CallerName, string>, showId: string): Promise<void> {
  for (const [caller, action] of [
    ['moderator', 'add-moderator'],
    ['banned', 'ban'],
  ] as const) {
    const account = await people.add(['buyer'])
    await done(moderate, { showId, accountId: account.accountId, action }, 'creator')
    tokens.set(caller, await people.tokenOf(account))
  }
}

async function makeThings(asking: Asking) {
  const { people, done } = asking
  const named = async (text: string) => (await people.rows<{ id: string }>(text))[0]?.id ?? ''
  const variantId = await named(
    `SELECT v.id FROM variants v JOIN products p ON p.id = v.product_id WHERE p.is_listed ORDER BY v.id LIMIT 1`,
  )
  const productId = await named(`SELECT product_id AS id FROM variants WHERE id = '${variantId}'`)
  const cardId = await named(
    `SELECT c.id FROM payment_cards c JOIN accounts a ON a.id = c.account_id WHERE a.email = 'ada@demo.livelot'`,
  )
  const show = { title: 'A show', startsAtMs: Date.now(), productIds: [productId], operationId: newId() }
  const { showId } = await done<Show>(createShow, show, 'creator')
  await done(startShow, { showId }, 'creator')
  const terms = { salePriceMinor: 100, totalUnits: 2, countdownSeconds: 10, runSeconds: 600 }
  const sale = { showId, variantId, ...terms, operationId: newId() }
  const { flashSaleId } = await done<FlashSale>(createFlashSale, sale, 'creator')
  const gift = { showId, title: 'A gift', prize: { kind: 'text', text: 'A card' }, operationId: newId() }
  const { giveawayId } = await done<Giveaway>(openGiveaway, gift, 'creator')
  const off = { discount: { kind: 'percent', percent: 10, capMinor: null }, currency: 'USD' }
  const ticket = { showId, code: 'MARA10', ...off, operationId: newId() }
  const { coupon } = await done<OwnCoupon>(createCoupon, ticket, 'creator')
  const dutch = { startPriceMinor: 9_000, terms: { type: 'dutch', floorMinor: 100, stepMinor: 10, stepSeconds: 60 } }
  const bidding = await runAuctions(asking, { showId, variantId, cardId }, dutch)
  const item = { kind: 'variant', variantId, units: 1, showId }
  const { total } = await done<Quote>(getQuote, { item }, 'buyer')
  const paid = await buy(asking, { item, cardId, expectedTotal: total, operationId: newId() })
  const holdId = await holdOf(asking, flashSaleId)
  const { accountId } = await people.byEmail('ben@demo.livelot')
  const { address } = await people.byEmail('ada@demo.livelot')
  const mine = { cardId, ...paid, holdId, accountId }
  const things = {
    showId,
    flashSaleId,
    productId,
    variantId,
    giveawayId,
    couponId: coupon.couponId,
    ...mine,
    ...bidding,
  }
  const special = {
    'show:issue-stream-token': { purpose: 'publish' },
    'show:pin-product': { productId },
    'show:set-shelf': { productIds: [productId] },
    'flash-sale:create': { ...terms, salePriceMinor: 101 },
    'checkout:get-quote': { item: { kind: 'hold', flashSaleId, holdId } },
    'checkout:start': { item, expectedTotal: total, address },
    'coupon:create': { ...off, code: 'MARA20' },
    'lot:create': dutch,
    'lot:change': dutch,
    'creator:get': { handle: await named('SELECT handle AS id FROM creators LIMIT 1') },
  }
  return { things, special }
}

async function runAuctions({ done }: Asking, of: Record<'showId' | 'variantId' | 'cardId', string>, dutch: object) {
  const { showId, variantId, cardId } = of
  const prepare = () => {
    const lot = { showId, goods: { kind: 'variant', variantId }, ...dutch, operationId: newId() }
    return done<Lot>(createLot, lot, 'creator')
  }
  const [{ lotId }, running, sold] = [await prepare(), await prepare(), await prepare()]
  await done(enterBidding, { showId, cardId, acceptedTermsVersion: 1 }, 'buyer')
  const start = (one: Lot) => done<Auction>(startAuction, { lotId: one.lotId, operationId: newId() }, 'creator')
  const { auctionId } = await start(running)
  const over = await start(sold)
  await done(buyNow, { auctionId: over.auctionId, priceMinor: 9_000, operationId: newId() }, 'buyer')
  const won = async () => (await done<{ items: Win[] }>(listMyWins, { showId }, 'buyer')).items[0]
  const offerId = await vi.waitFor(async () => (await won())?.offer.offerId ?? Promise.reject(new Error('no offer')), {
    timeout: 20_000,
    interval: 250,
  })
  return { lotId, auctionId, offerId }
}

async function buy({ done }: Asking, wish: Fields) {
  const { checkoutId, orderId } = await done<Checkout>(startCheckout, wish, 'buyer')
  const paid = await done<Checkout>(getCheckout, { checkoutId, waitMs: 20_000 }, 'buyer')
  expect(paid.state).toBe('paid')
  return { checkoutId, orderId }
}

async function holdOf({ done }: Asking, flashSaleId: string): Promise<string> {
  const isOpen = async () => {
    const { state } = await done<FlashSale>(getFlashSale, { flashSaleId }, 'guest')
    expect(state).toBe('open')
  }
  await vi.waitFor(isOpen, { timeout: 30_000, interval: 250 })
  const wish = { flashSaleId, units: 1, operationId: newId() }
  return (await done<{ hold: Hold }>(reserve, wish, 'buyer')).hold.holdId
}
