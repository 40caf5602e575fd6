import { readFileSync } from 'node:fs'
import {
  type Checkout,
  createShow,
  getCheckout,
  getPaymentConfig,
  getQuote,
  type Operation,
  type Quote,
  register,
  type Session,
  type Show,
  saveCard,
  sendChat,
  setAddress,
  signIn,
  startCheckout,
  startShow,
} from '@livelot/client/contracts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newId } from '#kernel/ids'
import { Viewer } from '../../src/edge/sockets/testing/viewer.ts'
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.ts'
import { type TestPlatform, testPlatform } from '../support/platform.ts'
import { type People, peopleOf } from '../support/platform-people.ts'
import { type Fields, toHttp } from '../support/sampled-request.ts'

/** Words that belong to one person and are said nowhere else. */
const person = {
  email: 'kanarie.vogelsang@canary.test',
  password: 'ein-Kanarienvogel-singt-9134',
  displayName: 'Kanarie Vogelsang',
}
const address = {
  name: 'Kanarie V. Empfang',
  line1: 'Zeisigweg 4711',
  city: 'Kanarienstadt',
  region: 'OR',
  postalCode: '97299',
  country: 'US',
}
const card = { number: '4242424242424242', expMonth: 12, expYear: new Date().getUTCFullYear() + 3, cvc: '123' }
const chatText = 'der Zeisig pfeift um Mitternacht'
const trace = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' }

let platform: TestPlatform
let people: People
let receiver: OtlpReceiver
/** Figures of each process, when the story is over. */
const figures: Record<'api' | 'worker' | 'media', string> = { api: '', worker: '', media: '' }
const secrets: string[] = [...Object.values(person), ...Object.values(address).slice(0, 3), card.number, chatText]
let workerUrl = ''

async function call(operation: Operation, request: Fields, token?: string, headers: Record<string, string> = {}) {
  const { method, path, body } = toHttp(operation, request)
  const response = await fetch(platform.urls.http + path, {
    method: method.toUpperCase(),
    headers: {
      'content-type': 'application/json',
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...headers,
    },
    ...(body === undefined ? {} : { body }),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

async function done<T>(...call_: Parameters<typeof call>): Promise<T> {
  const answer = await call(...call_)
  if (answer.status >= 300) throw new Error(`${call_[0].name}: ${JSON.stringify(answer.body)}`)
  return answer.body as T
}

async function cardTokenFrom(token: string): Promise<string> {
  const { tokenUrl } = await done<{ tokenUrl: string }>(getPaymentConfig, {}, token)
  const body = JSON.stringify(card)
  const answer = await fetch(tokenUrl, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  return ((await answer.json()) as { id: string }).id
}

/** What goes wrong must be logged as quietly as what goes well. */
async function stumble(): Promise<void> {
  expect((await call(register, person)).body.code).toBe('auth.email_taken')
  expect((await call(signIn, { email: person.email, password: chatText })).body.code).toBe('auth.wrong_credentials')
  expect((await call(signIn, { ...person, extra: address })).body.code).toBe('request.invalid')
  const broken = { method: 'POST', headers: { 'content-type': 'application/json' }, body: `{"email":"${person.email}"` }
  expect((await fetch(`${platform.urls.http}/v1/sessions`, broken)).status).toBe(400)
}

async function tellStory(): Promise<void> {
  const session = await done<Session>(register, person)
  const { accessToken, refreshToken } = session
  const cardToken = await cardTokenFrom(accessToken)
  secrets.push(accessToken, String(refreshToken), cardToken)
  await done(setAddress, address, accessToken)
  const { cardId } = await done<{ cardId: string }>(saveCard, { cardToken }, accessToken)
  const host = await people.tokenFor('mara@demo.livelot')
  secrets.push(host)
  const show = { title: 'A show', startsAtMs: Date.now(), productIds: [], operationId: newId() }
  const { showId } = await done<Show>(createShow, show, host)
  await done(startShow, { showId }, host)
  const viewer = await new Viewer(platform.urls.http, showId as Show['showId'], accessToken).join()
  await viewer.ask(sendChat, { showId: showId as Show['showId'], text: chatText, operationId: newId() })
  await viewer.until(() => viewer.lines.some((line) => line.text === chatText))
  viewer.close()
  const [variant] = await people.rows<{ id: string }>(
    `SELECT v.id FROM variants v JOIN stock_levels l ON l.variant_id = v.id WHERE l.available > 0 ORDER BY v.id LIMIT 1`,
  )
  const item = { kind: 'variant', variantId: variant?.id, units: 1 }
  const { total } = await done<Quote>(getQuote, { item }, accessToken)
  const wish = { item, cardId, expectedTotal: total, operationId: newId() }
  const headers = { traceparent: `00-${trace.traceId}-${trace.spanId}-01` }
  const { checkoutId } = await done<Checkout>(startCheckout, wish, accessToken, headers)
  const paid = await done<Checkout>(getCheckout, { checkoutId, waitMs: 20_000 }, accessToken)
  expect(paid.state).toBe('paid')
  await stumble()
}

beforeAll(async () => {
  receiver = await startOtlpReceiver()
  platform = await testPlatform({
    env: { LOG_LEVEL: 'debug', OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint, SOCKETS_DRAIN_MS: '2000' },
  })
  people = await peopleOf(platform)
  const ready = /"statusPort":(\d+)/.exec(readFileSync(logOf('worker'), 'utf8'))?.[1]
  workerUrl = `http://127.0.0.1:${ready}`
  await tellStory()
  figures.api = await (await fetch(`${platform.urls.http}/metrics`)).text()
  figures.worker = await (await fetch(`${workerUrl}/metrics`)).text()
  const mediaUrl = `${platform.urls.mediaControl.replace('ws:', 'http:')}/metrics`
  const headers = { authorization: `Bearer ${platform.env.MEDIA_CONTROL_SECRET}` }
  figures.media = await (await fetch(new URL('/metrics', mediaUrl), { headers })).text()
}, 120_000)
afterAll(async () => {
  await people?.close()
  await platform?.stop()
  await receiver?.[Symbol.asyncDispose]()
})

function logOf(name: string): string {
  return platform.processes.get(name)?.recipe.logFile ?? ''
}

/** Value of one line of figures, with its labels in any order; the sum where several fit. */
function figure(text: string, name: string, labels: Record<string, string> = {}): number {
  const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
  const fitting = lines.filter((line) =>
    Object.entries(labels).every(([key, value]) => line.includes(`${key}="${value}"`)),
  )
  return fitting.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}

describe('figures', () => {
  it('count requests, jobs, calls and rooms by name and outcome', () => {
    const { api, worker, media } = figures
    const checkouts = { operation: 'checkout:start', status: '2xx', code: 'ok' }
    expect(figure(api, 'livelot_http_answers_total', checkouts)).toBe(1)
    const refused = { operation: 'account:sign-in', code: 'auth.wrong_credentials' }
    expect(figure(api, 'livelot_http_answers_total', refused)).toBe(1)
    expect(figure(api, 'livelot_http_request_seconds_count', { operation: 'checkout:start' })).toBe(1)
    expect(figure(api, 'livelot_socket_answers_total', { operation: 'chat:send', code: 'ok' })).toBe(1)
    expect(figure(api, 'livelot_socket_request_seconds_count', { operation: 'chat:send' })).toBe(1)
    expect(figure(api, 'livelot_socket_deliveries_total')).toBeGreaterThanOrEqual(1)
    expect(figure(api, 'livelot_redis_up', { connection: 'hot' })).toBe(1)
    expect(figure(api, 'livelot_postgres_statement_seconds_count')).toBeGreaterThan(10)
    expect(figure(worker, 'livelot_job_seconds_count', { job: 'checkout.advance', outcome: 'ok' })).toBeGreaterThan(0)
    const captures = { call: 'POST /v1/payment_intents/{id}/capture', outcome: 'ok' }
    expect(figure(worker, 'livelot_provider_call_seconds_count', captures)).toBeGreaterThan(0)
    expect([figure(worker, 'livelot_dead_jobs'), figure(worker, 'livelot_provider_breaker_open')]).toEqual([0, 0])
    expect(figure(worker, 'livelot_queue_jobs', { state: 'waiting' })).toBe(0)
    expect(figure(media, 'livelot_media_objects', { kind: 'rooms' })).toBe(0)
    expect(figure(media, 'process_resident_memory_bytes')).toBeGreaterThan(0)
  })

  it('have label values that are few and belong to nobody', () => {
    const labels = Object.values(figures).flatMap((text) =>
      [...text.matchAll(/\w+="([^"]*)"/g)].map((one) => one[1] ?? ''),
    )
    expect(labels.filter((value) => /[0-9a-f]{8}-[0-9a-f]{4}|@|^\d{6,}$/.test(value))).toEqual([])
    for (const secret of secrets) expect(Object.values(figures).some((text) => text.includes(secret))).toBe(false)
  })

  it('exist under every name that the dashboard and the alarms use', () => {
    const known = new Set(
      Object.values(figures).flatMap((text) => [...text.matchAll(/^# TYPE (\w+)/gm)].map((one) => one[1])),
    )
    const monitoring = new URL('../../docs/monitoring/', import.meta.url)
    const used = ['alarms.yml', 'grafana-dashboard.json'].flatMap((file) =>
      [...readFileSync(new URL(file, monitoring), 'utf8').matchAll(/\b(?:livelot|nodejs|process)_\w+/g)].map(
        (one) => one[0],
      ),
    )
    const base = (name: string) => (known.has(name) ? name : name.replace(/_(bucket|count|sum)$/, ''))
    expect(used.length).toBeGreaterThan(60)
    expect([...new Set(used)].filter((name) => !known.has(base(name)))).toEqual([])
  })
})

describe('a trace', () => {
  const ours = () => receiver.spans.filter((span) => span.traceId === trace.traceId)

  it('leads from the request through outbox, job and provider to Postgres', async () => {
    const named = (service: string, name: RegExp) =>
      ours().find((one) => one.service === service && name.test(one.name))
    await expect.poll(() => named('livelot-worker', /capture$/), { timeout: 15_000 }).toBeDefined()
    await expect.poll(() => named('livelot-api', /^POST \/v1\/checkouts$/)).toBeDefined()
    const request = named('livelot-api', /^POST \/v1\/checkouts$/)
    expect(request).toMatchObject({ parentSpanId: trace.spanId, isError: false })
    expect(request?.attributes).toEqual({
      'http.request.method': 'POST',
      'http.route': '/v1/checkouts',
      'livelot.operation': 'checkout:start',
      'http.response.status_code': 202,
      'livelot.code': 'ok',
    })
    const job = named('livelot-worker', /^job checkout\.advance$/)
    const parents = new Map(ours().map((span) => [span.spanId, span]))
    const wayUp = (span: (typeof receiver.spans)[number] | undefined): string[] =>
      span ? [span.name, ...wayUp(parents.get(span.parentSpanId ?? ''))] : []
    expect(wayUp(job).at(-1)).toBe('POST /v1/checkouts')
    const capture = named('livelot-worker', /^provider POST .*\/capture$/)
    expect(wayUp(capture)).toContain('job checkout.advance')
    const written = ours().find((one) => one.service === 'livelot-worker' && one.name.startsWith('postgres '))
    expect(wayUp(written)).toContain('job checkout.advance')
  })

  it('begins at a socket request too', async () => {
    await expect
      .poll(() => receiver.spans.find((span) => span.name === 'socket chat:send'))
      .toMatchObject({
        service: 'livelot-api',
        parentSpanId: null,
        attributes: { 'livelot.operation': 'chat:send', 'livelot.code': 'ok' },
      })
  })

  it('is named in the problem that a request is answered with', async () => {
    const headers = { traceparent: `00-${trace.traceId}-${trace.spanId}-01` }
    const { body } = await call(getCheckout, { checkoutId: newId() }, undefined, headers)
    expect(body).toMatchObject({ code: 'auth.required', traceId: trace.traceId })
  })

  it('holds nothing of a person', () => {
    for (const secret of secrets) expect([secret, receiver.text().includes(secret)]).toEqual([secret, false])
  })
})

describe('health', () => {
  it('is told by the worker too, and its figures to its own network only', async () => {
    expect(await (await fetch(`${workerUrl}/healthz`)).json()).toEqual({ ok: true })
    const ready = await fetch(`${workerUrl}/readyz`)
    expect([ready.status, await ready.json()]).toEqual([200, { postgres: true, redis: true, serving: true }])
    const forwarded = { headers: { 'x-forwarded-for': '203.0.113.9' } }
    expect((await fetch(`${workerUrl}/metrics`, forwarded)).status).toBe(404)
    expect((await fetch(`${platform.urls.http}/metrics`, forwarded)).status).toBe(404)
  })

  it('says that a process is being stopped while it still answers', async () => {
    const [show] = await people.rows<{ id: string }>('SELECT id FROM shows ORDER BY id LIMIT 1')
    const viewer = await new Viewer(platform.urls.http, show?.id as Show['showId']).join()
    const ended = platform.kill('api', 'SIGTERM')
    const readiness = async () => {
      const ready = await fetch(`${platform.urls.http}/readyz`)
      return [ready.status, ((await ready.json()) as { serving: boolean }).serving]
    }
    await expect.poll(readiness, { interval: 50 }).toEqual([503, false])
    await ended
    viewer.close()
    await platform.restart('api')
    expect(await readiness()).toEqual([200, true])
  })

  it('says within three seconds that Redis is gone, and that it is back', async () => {
    await platform.kill('redis')
    const beganAtMs = performance.now()
    for (const url of [platform.urls.http, workerUrl]) {
      const ready = await fetch(`${url}/readyz`)
      expect([ready.status, await ready.json()]).toEqual([
        503,
        expect.objectContaining({ postgres: true, redis: false }),
      ])
      expect((await fetch(`${url}/healthz`)).status).toBe(200)
    }
    expect(performance.now() - beganAtMs).toBeLessThan(6_000)
    expect(
      figure(await (await fetch(`${platform.urls.http}/metrics`)).text(), 'livelot_redis_up', { connection: 'hot' }),
    ).toBe(0)
    await platform.restart('redis')
    for (const url of [platform.urls.http, workerUrl])
      await expect.poll(async () => (await fetch(`${url}/readyz`)).status, { timeout: 20_000 }).toBe(200)
  })
})

// Last, so that the outage above is in the logs as well.
describe('the logs of every process', () => {
  const names = () => [...platform.processes.keys()]

  it('are lines of JSON where they are ours', () => {
    expect(names().sort()).toEqual(['api', 'media', 'payment-sandbox', 'postgres', 'redis', 'worker'])
    for (const name of ['api', 'worker', 'media', 'payment-sandbox'])
      for (const line of readFileSync(logOf(name), 'utf8').trim().split('\n'))
        expect(JSON.parse(line)).toMatchObject({
          level: expect.any(Number),
          time: expect.any(Number),
          name: expect.any(String),
        })
  })

  it('say nothing of a person: no address, name, word, token or card', () => {
    for (const name of names()) {
      const text = readFileSync(logOf(name), 'utf8')
      expect(text.length).toBeGreaterThan(0)
      for (const secret of secrets) expect([name, secret, text.includes(secret)]).toEqual([name, secret, false])
    }
  })
})
