import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { type CreatorId, Problem, roles } from '@livelot/client/contracts'
import { newId } from '#kernel/ids'
import { type TestPlatform, testPlatform } from '../support/platform.ts'
import { type People, peopleOf } from '../support/platform-people.ts'

/** How much is tried: briefly among all tests, or at length by `npm run test:bad-input`. */
export const isLongRun = process.env.BAD_INPUT === 'long'
/** Leads back to the very cases of a failed run. */
export const seed = Number(process.env.FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 31))

const mightyCount = 64

export interface HttpCall {
  readonly method: string
  readonly path: string
  readonly headers?: Record<string, string | string[]>
  readonly body?: string | Buffer
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** A platform of its own with people who may do nearly everything, so that cases come past the first gate. */
export interface Ground {
  readonly platform: TestPlatform
  readonly people: People
  /** Access tokens; beyond the last one is the guest. */
  readonly callers: readonly string[]
  /** Puts in what only a running platform knows: `~showId~`, `~new~`, `~raw:1e400~`. */
  fill(text: string): string
  callerOf(number: number): string | undefined
  send(call: HttpCall): Promise<HttpAnswer>
  close(): Promise<void>
}

export async function startGround(): Promise<Ground> {
  const env = { SOCKETS_PER_ADDRESS_MAX: '20000', TRUST_PROXY_HOPS: '1', NODE_OPTIONS: '--inspect=127.0.0.1:0' }
  const platform = await testPlatform({ env })
  const people = await peopleOf(platform)
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const send = (call: HttpCall) => sendHttp(platform.urls.http, agent, call)
  const showOwner = await people.rows<{ creatorId: CreatorId }>(
    `SELECT creator_id AS "creatorId" FROM shows WHERE state = 'live' LIMIT 1`,
  )
  const { brandIds } = await people.byEmail('seller@demo.livelot')
  const mighty: Awaited<ReturnType<typeof people.add>>[] = []
  while (mighty.length < mightyCount) mighty.push(await people.add(roles))
  const ofShow = { ...showOwner[0], brandIds }
  const named = [await people.tokenFor('ada@demo.livelot'), await people.tokenFor('operator@demo.livelot')]
  const callers = [...(await Promise.all(mighty.map((one) => people.tokenOf({ ...one, ...ofShow })))), ...named]
  const known = await knownOf(people)
  return {
    platform,
    people,
    callers,
    fill: (text) => fillIn(text, known),
    callerOf: (number) => callers[number % (callers.length + 1)],
    send,
    close: async () => {
      agent.destroy()
      await people.close()
      await platform.stop()
    },
  }
}

async function knownOf(people: People): Promise<Record<string, string>> {
  const one = async (text: string) => (await people.rows<{ id: string }>(text))[0]?.id ?? newId()
  const others = `(SELECT id FROM accounts WHERE email = 'ben@demo.livelot')`
  return {
    showId: await one(`SELECT id FROM shows WHERE state = 'live' LIMIT 1`),
    otherShowId: await one(`SELECT id FROM shows WHERE state <> 'live' LIMIT 1`),
    productId: await one('SELECT id FROM products WHERE is_listed LIMIT 1'),
    variantId: await one(`SELECT id FROM variants WHERE sku LIKE 'MC-%' LIMIT 1`),
    lotId: await one(`SELECT id FROM lots WHERE title LIKE 'Kiln god%'`),
    otherAccountId: await one(`SELECT id FROM accounts WHERE email = 'ben@demo.livelot'`),
    otherCardId: await one(`SELECT id FROM payment_cards WHERE account_id = ${others} LIMIT 1`),
    otherOrderId: await one('SELECT id FROM orders LIMIT 1'),
    flashSaleId: await one('SELECT id FROM flash_sales LIMIT 1'),
  }
}

/** What schemas call by these names. */
export const knownFields = Object.fromEntries(
  ['showId', 'productId', 'variantId', 'lotId', 'flashSaleId'].map((name) => [name, `~${name}~`]),
)
export const strangersThings = ['otherShowId', 'otherAccountId', 'otherCardId', 'otherOrderId'].map((n) => `~${n}~`)

/** In addresses the tilde may have been encoded. */
export function fillIn(text: string, known: Readonly<Record<string, string>>): string {
  return text
    .replace(/"~raw:([^~"]*)~"/g, '$1')
    .replace(/(?:~|%7E)(\w+)(?:~|%7E)/g, (all, name: string) =>
      name === 'new' ? newId() : Object.hasOwn(known, name) ? (known[name] as string) : all,
    )
}

function sendHttp(base: string, agent: Agent, { method, path, body, ...given }: HttpCall): Promise<HttpAnswer> {
  const url = new URL(base)
  // Node frames the bodies of some methods only.
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
  const rest = { method, path, headers: { ...given.headers, ...length } }
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ host: url.hostname, port: url.port, ...rest, agent }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const { statusCode = 0, headers } = response
        resolve({ status: statusCode, headers, text: Buffer.concat(chunks).toString() })
      })
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

const internals =
  /node_modules|\.ts:\d+|\bat \w+ \(|SELECT |INSERT |UPDATE |ioredis|pg_catalog|ECONN|WRONGTYPE|livelot:(?!problem)|\/(tmp|home|root|usr)\//

/** What is wrong with an answer whatever was asked: faults, and refusals that are no problem documents or tell too much. */
export function wrongAnswer({ status, headers, text }: HttpAnswer): string | null {
  if (status >= 500) return `answered ${status}: ${text.slice(0, 300)}`
  if (status < 400) return null
  if (!headers['content-type']?.startsWith('application/problem+json'))
    return `${status} as ${headers['content-type']}: ${text.slice(0, 200)}`
  return wrongProblem(text, status)
}

export function wrongProblem(text: string, status?: number): string | null {
  const parsed = Problem.strict().safeParse(asJson(text))
  if (!parsed.success) return `no problem document: ${text.slice(0, 200)}`
  if (status !== undefined && parsed.data.status !== status) return `says ${parsed.data.status} in a ${status}`
  return tellsInternals(text)
}

export const tellsInternals = (text: string): string | null =>
  internals.test(text) ? `tells of the inside: ${text.slice(0, 300)}` : null

export function asJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
