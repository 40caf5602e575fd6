import { setTimeout as delay } from 'node:timers/promises'
import { newOperationId } from '@livelot/client'
import type { Checkout } from '@livelot/client/contracts'
import { testCardByName } from '../../sandbox/payments/cards.ts'
import { type AuctionNight, randomOf } from './auction-night.ts'
import { type ClientJournal, isDecided, openClientJournal } from './client-journal.ts'
import { type Person, saveCard } from './night-people.ts'

/** One purchase as its buyer knows it. */
export interface Purchase {
  readonly flashSaleId: string
  readonly accountId: string
  readonly askedAtMs: number
  readonly endedAtMs: number
  readonly ending: 'paid' | 'failed' | 'refused' | 'released'
  /** The code of a refusal, or why it failed. */
  readonly code: string | null
  readonly checkoutId: string | null
  readonly orderId: string | null
}

export interface CrowdOptions {
  readonly buyerCount: number
  readonly journalFolder: string
}

/** Whoever gets no answer asks again for so long, as a page does that its buyer does not close. */
const patienceMs = 200_000
const askAgainMs = 150
/** About as fast as a person taps through a purchase. */
const restMs = { least: 250, more: 500 }

/** Buyers who buy one unit after the other, each with a journal, at the API processes by turns. */
export async function openSaleCrowd(night: AuctionNight, seed: number, { buyerCount, journalFolder }: CrowdOptions) {
  const buyers = await Promise.all(
    Array.from({ length: buyerCount }, async (_, index) => {
      const name = `buyer-${index}`
      const person = await night.newPerson(name, index)
      const cards = new Map([['visa', person.cardId]])
      const file = openClientJournal(journalFolder, name)
      return { ...person, name, index, file, cards }
    }),
  )
  const purchases: Purchase[] = []
  const problems: string[] = []
  const listeners = new Set<() => void>()
  const ended = (one: Purchase) => {
    purchases.push(one)
    for (const listener of listeners) listener()
  }
  let lanes = 0
  return {
    buyers,
    purchases: purchases as readonly Purchase[],
    /** What a buyer was told that cannot be; empty when all is well. */
    problems: problems as readonly string[],
    /** Calls after each purchase, until it is called off. */
    onEnded: (listener: () => void): (() => void) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    /** One purchase of one buyer, apart from the crowd. */
    buyOne: async (index: number, flashSaleId: string, more: { cardName?: string; operationId?: string } = {}) => {
      const buyer = buyers[index]
      if (!buyer) throw new Error('there are not so many buyers')
      const cardId = await cardOf(buyer, more.cardName ?? 'visa')
      const wish = { flashSaleId, cardId, isReleased: false, operationId: more.operationId }
      const purchase = await buyOne(buyer, wish, problems)
      ended(purchase)
      return purchase
    },
    /** All buy in this sale until it is sold out for them or they are asked to stop, with cards of these kinds by turns. */
    buyIn: (flashSaleId: string, cardNames: readonly string[] = ['visa']) => {
      lanes += 1
      let isOver = false
      const shop = async (buyer: Buyer) => {
        const random = randomOf(seed + lanes * 7_919 + buyer.index * 104_729)
        const cardId = await cardOf(buyer, cardNames[buyer.index % cardNames.length] ?? 'visa')
        while (!isOver) {
          const purchase = await buyOne(buyer, { flashSaleId, cardId, isReleased: random.next() < 0.1 }, problems)
          ended(purchase)
          if (purchase.ending === 'refused') return
          await delay(restMs.least + random.upTo(restMs.more))
        }
      }
      const done = Promise.all(buyers.map(shop))
      // Whoever asks for the end hears of a failure; it must not end the process before.
      done.catch(() => undefined)
      return {
        done,
        /** Nobody begins another purchase; resolves when those under way are over. */
        stop: async () => {
          isOver = true
          await done
        },
      }
    },
  }
}

export type SaleCrowd = Awaited<ReturnType<typeof openSaleCrowd>>

interface Buyer extends Person {
  readonly index: number
  readonly file: ClientJournal
  readonly cards: Map<string, string>
}

interface Wish {
  readonly flashSaleId: string
  readonly cardId: string
  readonly isReleased: boolean
  /** Of the reservation. */
  readonly operationId?: string | undefined
}

async function cardOf({ client, cards }: Buyer, name: string): Promise<string> {
  const known = cards.get(name)
  if (known) return known
  const cardId = await saveCard(client, testCardByName(name).number)
  cards.set(name, cardId)
  return cardId
}

async function buyOne(buyer: Buyer, wish: Wish, problems: string[]): Promise<Purchase> {
  const { accountId, client } = buyer
  const { flashSaleId, cardId } = wish
  const askedAtMs = Date.now()
  const end = (ending: Purchase['ending'], more: Partial<Purchase> = {}): Purchase => {
    const facts = { flashSaleId, accountId, askedAtMs, endedAtMs: Date.now(), ending }
    return { ...facts, code: null, checkoutId: null, orderId: null, ...more }
  }
  try {
    const reserving = { flashSaleId, units: 1, operationId: wish.operationId ?? newOperationId() }
    const { hold } = await asked(buyer, 'reserve', reserving, () => client.flashSales.reserve(reserving), problems)
    if (wish.isReleased) {
      await answered(() => client.flashSales.release({ flashSaleId, holdId: hold.holdId }))
      return end('released')
    }
    const item = { kind: 'hold' as const, flashSaleId, holdId: hold.holdId }
    const { total } = await answered(() => client.checkout.quote({ item }))
    const starting = { item, cardId, expectedTotal: total, operationId: newOperationId() }
    const started = await asked(buyer, 'start', starting, () => client.checkout.start(starting), problems)
    const { checkoutId, orderId } = started
    const final = await finalOf(buyer, checkoutId)
    return end(final.state === 'paid' ? 'paid' : 'failed', { code: final.failure ?? final.state, checkoutId, orderId })
  } catch (error) {
    if (!isDecided(error)) throw error
    return end('refused', { code: (error as { code: string }).code })
  }
}

/** Paid or failed; a bank's step is taken on the way, and the buyer is back while the provider's webhook arrives. */
async function finalOf({ client }: Buyer, checkoutId: string): Promise<Checkout> {
  for (;;) {
    const checkout = await answered(() => client.checkout.wait(checkoutId, { timeoutMs: patienceMs }))
    if (checkout.state !== 'needs_action' || checkout.actionUrl === null) return checkout
    const { actionUrl } = checkout
    await answered(() => approve(actionUrl))
    await answered(() => client.checkout.continue({ checkoutId }))
  }
}

/** What the provider's page does when the buyer approves; a step that was taken before is refused, which is as good. */
async function approve(actionUrl: string): Promise<void> {
  const { origin } = new URL(actionUrl)
  const headers = { 'content-type': 'application/json', origin }
  await fetch(actionUrl, { method: 'POST', headers, body: JSON.stringify({ outcome: 'approve' }) })
}

/** A command under its operation id, with its intent and answers written down; the same id must give the same answer. */
async function asked<Answer extends object>(
  { accountId, file }: Buyer,
  what: 'reserve' | 'start',
  request: { readonly operationId: string },
  send: () => Promise<Answer>,
  problems: string[],
): Promise<Answer> {
  const id = request.operationId
  file.intend({ id, accountId, what, request: { ...request } })
  const once = async () => {
    try {
      const answer = await send()
      file.answered(id, { ...(answer as Record<string, unknown>) })
      return answer
    } catch (error) {
      file.failed(id, error)
      throw error
    }
  }
  const answer = await answered(once)
  // Now and then the page asks again, as after a reload.
  if (Number.parseInt(id.slice(-2), 16) % 8 !== 0) return answer
  const again = await answered(send)
  if (identityOf(again) !== identityOf(answer))
    problems.push(`I6 ${what} ${id} was answered ${identityOf(answer)}, and again ${identityOf(again)}`)
  return answer
}

/** What must be the same whenever a command is repeated; figures and states move on. */
function identityOf(answer: object): string {
  const { hold, checkoutId, orderId, total } = answer as Record<string, unknown> & { hold?: { holdId: string } }
  return JSON.stringify([hold?.holdId, checkoutId, orderId, total])
}

async function answered<Answer>(send: () => Promise<Answer>): Promise<Answer> {
  const endsAtMs = Date.now() + patienceMs
  for (;;) {
    try {
      return await send()
    } catch (error) {
      if (isDecided(error) || Date.now() > endsAtMs) throw error
      await delay(askAgainMs)
    }
  }
}
