import { createClient, isRefusal, type LivelotError, NetworkError, type StoredSession } from '@livelot/client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FakeServer, refusal } from './fake-server.ts'
import { account, flashSale, flashSaleId, session, showId } from './samples.ts'

let server: FakeServer
beforeEach(async () => {
  server = await new FakeServer().start()
})
afterEach(() => server.stop())

const client = () => createClient({ baseUrl: server.url, storage: 'memory' })
const failureOf = (work: Promise<unknown>): Promise<LivelotError> =>
  work.then(
    () => Promise.reject(new Error('It should have been refused.')),
    (error: LivelotError) => error,
  )

const hold = {
  holdId: 'b8f2f7f0-6f1c-4b8e-9a39-111111111111',
  flashSaleId,
  units: 1,
  unitPrice: { amountMinor: 1900, currency: 'EUR' },
  expiresAtMs: 99,
}
const holds = `POST /v1/flash-sales/${flashSaleId}/holds`
const salePath = `GET /v1/flash-sales/${flashSaleId}`

describe('requests', () => {
  it('fills the path, sends the rest as query or body, and reads the answer', async () => {
    server.http.set('GET /v1/shows', () => ({ body: { items: [], nextCursor: null } }))
    server.http.set(`PUT /v1/shows/${showId}/pin`, () => ({ body: { productId: null } }))
    await client().shows.list({ state: 'scheduled', limit: 5 })
    await client().shows.pin({ showId, productId: null })
    expect(server.seen.map(({ method, path, query, body }) => ({ method, path, query, body }))).toEqual([
      { method: 'GET', path: '/v1/shows', query: { state: 'scheduled', limit: '5' }, body: null },
      { method: 'PUT', path: `/v1/shows/${showId}/pin`, query: {}, body: { productId: null } },
    ])
  })

  it('drops fields that it does not know, at any depth, and keeps the rest', async () => {
    server.http.set('GET /v1/me/holds', () => ({ body: { items: [{ ...hold, giftWrap: true }], page: 1 } }))
    expect(await client().flashSales.myHolds()).toEqual({ items: [hold] })
  })

  it('refuses an answer that breaks the contract', async () => {
    server.http.set('GET /v1/me/holds', () => ({ body: { items: [{ ...hold, units: 'one' }] } }))
    expect(await failureOf(client().flashSales.myHolds())).toMatchObject({ code: 'client.protocol', retry: 'never' })
  })
})

describe('retries', () => {
  it('sends one operation id with every retry, as field and as header', async () => {
    server.http.set(holds, (_, count) => {
      if (count === 1) return 'cut'
      if (count === 2) return refusal('server.internal')
      return { status: 201, body: { hold, remainingUnits: 9 } }
    })
    const answer = await client().flashSales.reserve({ flashSaleId })
    const ids = server.seen.map(({ body }) => (body as { operationId: string }).operationId)
    expect(answer.hold).toEqual(hold)
    expect(ids).toHaveLength(3)
    expect(new Set([...ids, ...server.seen.map(({ headers }) => headers['idempotency-key'])]).size).toBe(1)
  })

  it('takes the operation id of the caller', async () => {
    const operationId = 'b8f2f7f0-6f1c-4b8e-9a39-222222222222'
    server.http.set(holds, () => ({ body: { hold, remainingUnits: 9 } }))
    await client().flashSales.reserve({ flashSaleId, operationId })
    expect(server.seen[0]?.headers['idempotency-key']).toBe(operationId)
  })

  it('does not send a command twice whose first fate is unknown and that has no operation id', async () => {
    server.http.set('POST /v1/me/cards', () => 'cut')
    const error = await failureOf(client().cards.save({ cardToken: 'tok_1' }))
    expect(error).toBeInstanceOf(NetworkError)
    expect(error.code).toBe('client.network')
    expect(server.seen).toHaveLength(1)
  })

  it('waits as long as an overloaded server asks, and gives up after four requests', async () => {
    server.http.set(salePath, () => refusal('server.busy', { retryAfterMs: 60 }))
    const startedTick = performance.now()
    const error = await failureOf(client().flashSales.get({ flashSaleId }))
    expect(error).toMatchObject({ code: 'server.busy', status: 503, retryAfterMs: 60 })
    expect(server.seen).toHaveLength(4)
    expect(performance.now() - startedTick).toBeGreaterThanOrEqual(180)
  })

  it('gives a refusal at once when waiting would pass the deadline', async () => {
    server.http.set(salePath, () => refusal('request.rate_limited', { retryAfterMs: 60_000 }))
    const error = await failureOf(client().flashSales.get({ flashSaleId }))
    expect([error.code, server.seen.length]).toEqual(['request.rate_limited', 1])
  })

  it('does not wait for a sale that has not opened: that answer is for the person', async () => {
    server.http.set(holds, () => refusal('flash_sale.not_open'))
    const error = await failureOf(client().flashSales.reserve({ flashSaleId }))
    expect(isRefusal(error, 'flash_sale.not_open')).toBe(true)
    expect(server.seen).toHaveLength(1)
  })
})

describe('deadlines and abort', () => {
  it('ends with client.timeout when the server stays silent', async () => {
    server.http.set(salePath, () => new Promise(() => undefined))
    const error = await failureOf(client().flashSales.get({ flashSaleId }, { timeoutMs: 80 }))
    expect(error).toBeInstanceOf(NetworkError)
    expect(error.code).toBe('client.timeout')
  })

  it('ends with the reason of the signal', async () => {
    const controller = new AbortController()
    server.http.set(salePath, () => {
      controller.abort(new Error('The page was left.'))
      return new Promise(() => undefined)
    })
    const call = client().flashSales.get({ flashSaleId }, { signal: controller.signal })
    await expect(call).rejects.toThrow('The page was left.')
  })
})

describe('session', () => {
  it('renews a token that ran out once for all calls that meet, and repeats them', async () => {
    const one = client()
    const me = account()
    await one.account.adopt(session({ account: me }))
    server.http.set('POST /v1/sessions/refresh', () => ({
      body: session({ accessToken: 'token-2', refreshToken: 'refresh-2', account: me }),
    }))
    server.http.set(salePath, ({ headers }) =>
      headers.authorization === 'Bearer token-2' ? { body: flashSale() } : refusal('auth.token_expired'),
    )
    await Promise.all(Array.from({ length: 8 }, () => one.flashSales.get({ flashSaleId })))
    const refreshes = server.seen.filter(({ path }) => path === '/v1/sessions/refresh')
    expect(refreshes.map(({ body }) => body)).toEqual([{ refreshToken: 'refresh-1', transport: 'body' }])
  })

  it('renews ahead of time a token that is about to run out', async () => {
    const one = client()
    const me = account()
    await one.account.adopt(session({ accessTokenExpiresAtMs: Date.now() + 5_000, account: me }))
    server.http.set('POST /v1/sessions/refresh', () => ({ body: session({ accessToken: 'token-2', account: me }) }))
    server.http.set(salePath, () => ({ body: flashSale() }))
    await one.flashSales.get({ flashSaleId })
    expect(server.seen.map(({ path, headers }) => [path, headers.authorization])).toEqual([
      ['/v1/sessions/refresh', undefined],
      [`/v1/flash-sales/${flashSaleId}`, 'Bearer token-2'],
    ])
  })

  it('tells that the session is over when the server has ended it', async () => {
    const told: (string | null)[] = []
    const one = createClient({
      baseUrl: server.url,
      storage: 'memory',
      onSessionChanged: (who) => told.push(who?.displayName ?? null),
    })
    await one.account.adopt(session())
    server.http.set('GET /v1/me', () => refusal('auth.token_expired'))
    server.http.set('POST /v1/sessions/refresh', () => refusal('auth.required'))
    expect((await failureOf(one.account.me())).code).toBe('auth.token_expired')
    expect(one.account.current).toBe(null)
    expect(told).toEqual(['Ana', null])
  })

  it('resumes from a storage of the application and keeps the newest refresh token there', async () => {
    const kept: (StoredSession | null)[] = [{ refreshToken: 'refresh-old' }]
    const storage = {
      load: () => kept.at(-1) ?? null,
      save: (stored: StoredSession | null) => {
        kept.push(stored)
      },
    }
    server.http.set('POST /v1/sessions/refresh', () => ({ body: session({ refreshToken: 'refresh-new' }) }))
    server.http.set('POST /v1/sessions/sign-out', () => ({}))
    const one = createClient({ baseUrl: server.url, storage })
    expect((await one.account.resume())?.displayName).toBe('Ana')
    await one.account.signOut()
    expect(kept).toEqual([{ refreshToken: 'refresh-old' }, { refreshToken: 'refresh-new' }, null])
    expect(server.seen.at(-1)?.body).toEqual({ refreshToken: 'refresh-new' })
    expect(one.account.current).toBe(null)
  })
})

describe('checkout.wait', () => {
  it('asks again until the checkout is settled', async () => {
    const checkoutId = 'b8f2f7f0-6f1c-4b8e-9a39-333333333333'
    const checkout = (state: string) => ({
      checkoutId,
      orderId: 'b8f2f7f0-6f1c-4b8e-9a39-444444444444',
      orderNumber: 'L-1',
      state,
      actionUrl: null,
      failure: null,
      total: { amountMinor: 1900, currency: 'EUR' },
      payBeforeMs: 9,
    })
    server.http.set(`GET /v1/checkouts/${checkoutId}`, (_, count) => ({
      body: checkout(count < 3 ? 'authorising' : 'paid'),
    }))
    expect((await client().checkout.wait(checkoutId)).state).toBe('paid')
    expect(server.seen.map(({ query }) => query)).toEqual(Array(3).fill({ waitMs: '25000' }))
  })
})
