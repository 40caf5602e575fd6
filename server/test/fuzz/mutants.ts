import type { Operation } from '@livelot/client/contracts'
import fc from 'fast-check'
import { type Fields, sampleRequest } from '../support/sampled-request.ts'

/** Texts that broke a parser, a database or a page somewhere before. */
const nastyTexts: readonly string[] = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\ud800',
  'x\udfff',
  '\u202Eevil',
  '__proto__',
  'constructor',
  '../../../etc/passwd',
  '..%2f..%2fpackage.json',
  "' OR 1=1 --",
  '<img src=x onerror=alert(1)>',
  'javascript:alert(1)',
  'a\r\nSet-Cookie: x=y',
  '%',
  '%00',
  '\\',
  '{}',
  'NaN',
  '1e309',
  '00000000-0000-0000-0000-000000000000',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
  Buffer.from('[1e300,"00000000-0000-4000-8000-000000000000"]').toString('base64url'),
  Buffer.from('[0.5,"00000000-0000-4000-8000-000000000000"]').toString('base64url'),
  Buffer.from('[-9007199254740993,"00000000-0000-4000-8000-000000000000"]').toString('base64url'),
  '\u0958\u0301'.repeat(40),
  'x'.repeat(5_000),
]

const nastyNumbers: readonly number[] = [
  0,
  -0,
  -1,
  0.5,
  1e-7,
  2 ** 31,
  2 ** 53,
  2 ** 53 + 2,
  -(2 ** 63),
  8.64e15,
  1e300,
  Number.MAX_VALUE,
]

const nested = (depth: number): unknown => {
  let value: unknown = 'deep'
  for (let i = 0; i < depth; i += 1) value = i % 2 === 0 ? [value] : { a: value }
  return value
}

const nastyValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...nastyTexts) },
  { weight: 3, arbitrary: fc.constantFrom(...nastyNumbers) },
  { weight: 2, arbitrary: fc.constantFrom<unknown>(true, false, null, [], {}, [[]], nested(500)) },
  { weight: 3, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }) },
  { weight: 1, arbitrary: fc.integer() },
  { weight: 1, arbitrary: fc.double() },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  { weight: 1, arbitrary: fc.uuid() },
)

export interface Mutant {
  readonly operation: Operation
  /** Its fields, not all of them right; where `text` is given it is sent as it is in their place. */
  readonly fields: Fields
  readonly text: string | null
  readonly what: string
}

const rawTexts = [
  '',
  '{',
  '[]',
  'null',
  '5',
  '"text"',
  '{"a":1}}',
  '{"__proto__":{"roles":["operator"]},"constructor":{"prototype":{"x":1}}}',
  `${'['.repeat(3_000)}${']'.repeat(3_000)}`,
  `{"a":${'9'.repeat(400)}}`,
  '{"a":1,"a":2}',
  '\ufeff{}',
  '{"\\u0000":"\\ud800"}',
]

/** Requests that are wrong in one way or several, by operation. */
export function mutantsOf(operations: readonly Operation[], known: Fields): fc.Arbitrary<Mutant> {
  return fc
    .tuple(
      fc.constantFrom(...operations),
      fc.constantFrom('value', 'value', 'value', 'two values', 'missing', 'extra', 'text', 'none'),
      fc.tuple(nastyValue, nastyValue),
      fc.nat(),
      fc.constantFrom(...rawTexts),
    )
    .map(([operation, what, values, at, raw]) => {
      const fields: Record<string, unknown> = { ...sampleRequest(operation, known) }
      const names = namesOf(operation)
      const name = names[at % Math.max(1, names.length)] ?? 'nothing'
      if (what === 'value' || what === 'two values') fields[name] = values[0]
      if (what === 'two values') fields[names[(at + 1) % names.length] ?? 'other'] = values[1]
      if (what === 'missing') delete fields[name]
      if (what === 'extra')
        Object.defineProperty(fields, at % 2 ? '__proto__' : 'isAdmin', {
          value: values[0],
          enumerable: true,
          configurable: true,
        })
      return { operation, fields, text: what === 'text' ? raw : null, what }
    })
}

/** Also those that need not be given. */
function namesOf(operation: Operation): string[] {
  const shape = (operation.request as { shape?: object }).shape
  return shape ? Object.keys(shape) : []
}
