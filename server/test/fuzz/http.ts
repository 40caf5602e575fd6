import { allOperations, type Operation } from '@livelot/client/contracts'
import fc from 'fast-check'
import { toHttp } from '../support/sampled-request.ts'
import type { Area } from './campaign.ts'
import { asJson, type Ground, type HttpCall, knownFields, strangersThings, wrongAnswer } from './ground.ts'
import { type Mutant, mutantsOf } from './mutants.ts'

const operations = [...allOperations.values()].filter((one) => one.http)

export interface HttpCase {
  readonly mutant: Mutant
  readonly caller: number
  /** Of the other headers, of the type, of the method, by number; 0 leaves them right. */
  readonly oddHeader: number
  readonly oddType: number
  readonly oddMethod: number
  readonly rawBytes: readonly number[] | null
}

const oddHeaders: Record<string, string>[] = [
  {},
  { authorization: 'Bearer x.y.z' },
  { authorization: `Bearer ${'a'.repeat(5_000)}` },
  { authorization: 'Basic eDp5' },
  { authorization: 'Bearer eyJhbGciOiJub25lIn0.e30.' },
  { 'idempotency-key': 'not a key' },
  { cookie: 'livelot_refresh=aaaaaaaaaaaaaaaaaaaaaaaaa' },
  { cookie: `livelot_refresh=${';'.repeat(3_000)}` },
  { cookie: '__proto__=1; livelot_refresh=%E0%A4%A' },
  { 'content-encoding': 'gzip' },
  { 'content-encoding': 'nonsense' },
  { origin: 'http://evil.test' },
  { origin: 'null' },
  { 'x-forwarded-for': '"><script>' },
  { 'x-forwarded-for': 'fe80::1%eth0, ::ffff:10.0.0.1' },
  { host: 'evil.test' },
  { 'x-http-method-override': 'DELETE' },
  { expect: '100-continue' },
  { range: 'bytes=0-18446744073709551615' },
]
const oddTypes = [
  'application/json',
  'text/plain',
  'application/x-www-form-urlencoded',
  'application/json; charset=utf-16',
  'application/json; charset=nonsense',
  'application/json;json',
  'multipart/form-data',
  '*/*',
  '',
]
/** None that any operation has, so that none of them may do anything. */
const oddMethods = ['', 'PATCH', 'OPTIONS', 'HEAD', 'PROPFIND', 'TRACE']

/** Mostly 0, now and then one of the odd ones. */
const seldom = (count: number) =>
  fc.oneof({ weight: 12, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat({ max: count - 1 }) })

export const httpCases: fc.Arbitrary<HttpCase> = fc.record({
  mutant: mutantsOf(operations, knownFields, strangersThings),
  caller: fc.nat({ max: 66 }),
  oddHeader: seldom(oddHeaders.length),
  oddType: seldom(oddTypes.length),
  oddMethod: seldom(oddMethods.length),
  rawBytes: fc.option(fc.array(fc.nat({ max: 255 }), { minLength: 1, maxLength: 40 }), { freq: 40 }),
})

/** The request that is sent, and whether the contract itself refuses it, whatever the platform holds. */
export function requestOf(ground: Ground, one: HttpCase) {
  const operation = allOperations.get(one.mutant.operation) as Operation
  const { method, path, body } = toHttp(operation, one.mutant.fields)
  const token = ground.callerOf(one.caller)
  const isRead = method === 'get' || method === 'delete'
  const text = isRead ? undefined : ground.fill(one.mutant.text ?? body ?? '')
  const filledPath = ground.fill(path)
  const headers: Record<string, string> = {
    // As from many addresses: limits on one address are not what is tried here.
    'x-forwarded-for': `192.0.2.${one.caller}`,
    ...(token ? { authorization: `Bearer ${token}` } : {}),
    ...(isRead ? {} : { 'content-type': oddTypes[one.oddType] as string }),
    ...oddHeaders[one.oddHeader],
  }
  const given = isRead ? undefined : one.rawBytes ? Buffer.from(one.rawBytes) : text
  const call: HttpCall = {
    method: oddMethods[one.oddMethod] || method.toUpperCase(),
    path: filledPath,
    headers,
    ...(given === undefined ? {} : { body: given }),
  }
  // Bytes that are read as UTF-16 may turn out to be nothing at all, which some operations take.
  const isReadable = isRead || (one.rawBytes === null && !oddTypes[one.oddType]?.includes('utf-16'))
  const isRefusable = one.oddMethod > 0 || (isReadable && isRefusedByContract(operation, method, filledPath, text))
  return { operation, call, isRefusable }
}

function isRefusedByContract(operation: Operation, method: string, path: string, text: string | undefined): boolean {
  if (method === 'get') return true
  if (text === undefined) return !operation.request.safeParse(inPath(operation, path)).success
  const body = text === '' ? {} : asJson(text.replace(/^\ufeff/, ''))
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return true
  return !operation.request.safeParse({ ...body, ...inPath(operation, path) }).success
}

function inPath(operation: Operation, path: string): Record<string, unknown> {
  const pattern = (operation.http?.path ?? '').replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')
  const [plain = '', query = ''] = path.split('?', 2)
  const found = new RegExp(`^${pattern}$`).exec(plain)?.groups ?? {}
  const decoded = Object.entries(found).map(([name, value]) => [name, decodeURIComponent(value)])
  return { ...Object.fromEntries(new URLSearchParams(query)), ...Object.fromEntries(decoded) }
}

export function httpArea(
  ground: Ground,
  which: 'refused' | 'well formed',
  made: Record<string, number>,
): Area<HttpCase> {
  return {
    name: 'http',
    cases: httpCases,
    lanes: 12,
    takes: (one) => requestOf(ground, one).isRefusable === (which === 'refused'),
    judge: async (one) => {
      const { operation, call, isRefusable } = requestOf(ground, one)
      const answer = await ground.send(call).catch((error: Error) => error.message)
      if (typeof answer === 'string') return `${operation.name}: the connection ended: ${answer}`
      const wrong = call.method === 'HEAD' ? null : wrongAnswer(answer)
      if (wrong) return `${operation.name}: ${wrong}`
      if (answer.status >= 300) return null
      if (isRefusable && !['get', 'head', 'options'].includes(call.method.toLowerCase()))
        return `${operation.name}: took what its contract refuses`
      made[operation.name] = (made[operation.name] ?? 0) + 1
      return null
    },
  }
}
