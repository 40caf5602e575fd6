import { type Client, createClient, isRefusal, LivelotError } from '@livelot/client'
import type { Session } from '@livelot/client/contracts'
import { leanFetch } from './lean-fetch.ts'

/** A buyer with a session and a saved card, who does everything by the SDK over HTTP. */
export interface Buyer {
  client: Client
  cardId: string
}

/** `busy`: asked to come back later, before anything was taken. */
export type Ending = 'paid' | 'sold-out' | 'busy' | 'failed'

export interface Purchase {
  ending: Ending
  /** When the buyer tapped, by this process's monotonic clock. */
  startedTick: number
  reserveMs: number
  /** From the tap on reserve to the paid order. */
  totalMs: number
  orderId: string | null
  /** What the buyer was told where it went wrong. */
  said: string | null
  retryAfterMs: number | null
}

/** Runs `work` for each item, `concurrency` at once. */
export async function each<T>(
  items: readonly T[],
  concurrency: number,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  let next = 0
  const lane = async () => {
    while (next < items.length) {
      const index = next
      next += 1
      await work(items[index] as T, index)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, lane))
}

/** Takes a seeded session and saves a card the way a browser does: number to the provider, token to the API. */
export async function makeBuyer(baseUrl: string, session: Session, tokenUrl: string): Promise<Buyer> {
  const client = createClient({ baseUrl, storage: 'memory', fetch: leanFetch })
  await client.account.adopt(session)
  const response = await fetch(tokenUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ number: '4242424242424242', expMonth: 12, expYear: 2090, cvc: '123' }),
  })
  const token = (await response.json()) as { id?: string }
  if (!response.ok || !token.id) throw new Error(`The provider made no card token: HTTP ${response.status}`)
  const { cardId } = await client.cards.save({ cardToken: token.id })
  return { client, cardId }
}

/** Reserve, look at the full price, pay, wait for the paid order. An impatient buyer takes the first "busy" for an answer. */
export async function buyOne({ client, cardId }: Buyer, flashSaleId: string, isImpatient = false): Promise<Purchase> {
  const startTick = performance.now()
  let reserveMs = 0
  const end = (ending: Ending, orderId: string | null = null, said: string | null = null): Purchase => ({
    ending,
    startedTick: startTick,
    reserveMs,
    totalMs: performance.now() - startTick,
    orderId,
    said,
    retryAfterMs: null,
  })
  const patience = isImpatient ? { attemptsMax: 1 } : {}
  try {
    const { hold } = await client.flashSales.reserve({ flashSaleId, units: 1 }, patience).finally(() => {
      reserveMs = performance.now() - startTick
    })
    const item = { kind: 'hold' as const, flashSaleId, holdId: hold.holdId }
    const quote = await client.checkout.quote({ item })
    const started = await client.checkout.start({ item, cardId, expectedTotal: quote.total, waitMs: 20_000 })
    const checkout = started.state === 'paid' ? started : await client.checkout.wait(started.checkoutId)
    if (checkout.state === 'paid') return end('paid', checkout.orderId)
    return end('failed', checkout.orderId, `${checkout.state}: ${checkout.failure ?? ''}`)
  } catch (error) {
    if (isRefusal(error, 'flash_sale.sold_out')) return end('sold-out')
    if (isImpatient && isRefusal(error, 'server.busy') && error instanceof LivelotError)
      return { ...end('busy'), retryAfterMs: error.retryAfterMs }
    return end('failed', null, error instanceof LivelotError ? error.code : String(error))
  }
}
