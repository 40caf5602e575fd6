import type { Client } from '@livelot/client'
import { isRefusal } from '@livelot/client'
import type { Account, getQuote, Hold, RequestInputOf } from '@livelot/client/contracts'
import { couponSentence, isCouponRefusal } from '../coupons/coupon-refusals.ts'
import { sentenceOf } from '../data/sentences.ts'
import type { ReviewStep } from './purchase.ts'

/** What is bought, as it is asked for: held units, or a variant at its list price. */
export type WantedItem = RequestInputOf<typeof getQuote>['item']

type Means = Pick<ReviewStep, 'cards' | 'cardId' | 'cardFormUrl'>

/** With what a buyer can pay. A provider that cannot be reached leaves the saved cards usable. */
export async function loadMeans(client: Client): Promise<Means> {
  const [cards, config] = await Promise.all([
    client.cards.list({}).then(({ items }) => items),
    client.cards.config({}).catch(() => null),
  ])
  return { cards, cardId: cards[0]?.cardId ?? null, cardFormUrl: config?.cardFormUrl ?? null }
}

type Priced = Pick<ReviewStep, 'quote' | 'quoteProblem'> & Partial<Pick<ReviewStep, 'couponCode' | 'couponProblem'>>

/** The server does not know a code of the wrong form either. */
const isCouponProblem = (error: unknown): boolean => isCouponRefusal(error) || isRefusal(error, 'request.invalid')

/**
 * The full price for where the buyer lives. Without an address yet, the server quotes for its own country. A coupon that
 * is refused is left out of it, with the reason.
 */
export async function loadQuote(
  client: Client,
  item: WantedItem,
  account: Account,
  couponCode: string | null,
): Promise<Priced> {
  const country = account.address?.country
  try {
    const quote = await client.checkout.quote({ item, country, ...(couponCode !== null && { couponCode }) })
    return couponCode === null
      ? { quote, quoteProblem: null }
      : { quote, quoteProblem: null, couponCode, couponProblem: null }
  } catch (error) {
    if (couponCode !== null && isCouponProblem(error)) {
      const without = await loadQuote(client, item, account, null)
      return { ...without, couponCode: null, couponProblem: couponSentence(error) }
    }
    return { quote: null, quoteProblem: sentenceOf(error) }
  }
}

/** The hold that this buyer already has in a sale, as after a reload of the page. */
export async function findHold(client: Client, flashSaleId: string, nowMs: number): Promise<Hold | null> {
  const { items } = await client.flashSales.myHolds({})
  return items.find((hold) => hold.flashSaleId === flashSaleId && hold.expiresAtMs > nowMs) ?? null
}

type Reserve = (operationId: string) => Promise<{ hold: Hold }>

/**
 * One unit of a sale for this buyer. "Limit reached" may mean the hold that is already theirs: then it is that one.
 */
export async function holdOne(
  client: Client,
  flashSaleId: string,
  operationId: string,
  reserve: Reserve,
): Promise<Hold> {
  try {
    return (await reserve(operationId)).hold
  } catch (error) {
    if (!isRefusal(error, 'flash_sale.limit_reached')) throw error
    const hold = await findHold(client, flashSaleId, client.clock.now())
    if (!hold) throw error
    return hold
  }
}

export function holdItem(hold: Hold): WantedItem {
  return { kind: 'hold', flashSaleId: hold.flashSaleId, holdId: hold.holdId }
}
