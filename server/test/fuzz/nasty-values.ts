import fc from 'fast-check'

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
  '-0',
  '00000000-0000-0000-0000-000000000000',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
  Buffer.from('[1e300,"00000000-0000-4000-8000-000000000000"]').toString('base64url'),
  Buffer.from('[0.5,"00000000-0000-4000-8000-000000000000"]').toString('base64url'),
  Buffer.from('[-9007199254740993,"00000000-0000-4000-8000-000000000000"]').toString('base64url'),
  '\u0958\u0301'.repeat(40),
  'Z\u0351\u036b\u0343a\u0328l\u0349g\u034fo'.repeat(20),
  'раураl',
  'x'.repeat(5_000),
]

const nastyNumbers: readonly number[] = [
  0,
  -1,
  0.5,
  1e-7,
  99.99,
  2 ** 31,
  2 ** 53,
  2 ** 53 + 2,
  -(2 ** 63),
  8.64e15,
  1e300,
  Number.MAX_VALUE,
]

/** Numbers that JSON can write and JavaScript cannot hold, or that are no JSON at all; written as they are. */
const rawLiterals = ['-0', '1e400', '-1e400', '9007199254740993', 'NaN', 'Infinity', '1E2', '0.1e1', '007', '-', '.5']

const nested = (depth: number): unknown => {
  let value: unknown = 'deep'
  for (let i = 0; i < depth; i += 1) value = i % 2 === 0 ? [value] : { a: value }
  return value
}

const polluted = JSON.parse('{"__proto__":{"roles":["operator"]},"constructor":{"prototype":{"isAdmin":true}}}')

export const nastyValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...nastyTexts) },
  { weight: 3, arbitrary: fc.constantFrom(...nastyNumbers) },
  { weight: 2, arbitrary: fc.constantFrom(...rawLiterals).map((literal) => `~raw:${literal}~`) },
  { weight: 2, arbitrary: fc.constantFrom<unknown>(true, false, null, [], {}, [[]], nested(500), polluted) },
  { weight: 3, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }) },
  { weight: 1, arbitrary: fc.integer() },
  { weight: 1, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  { weight: 1, arbitrary: fc.uuid() },
)

/** Bodies that are no request at all. */
export const rawTexts = [
  '',
  '{',
  '[]',
  'null',
  '5',
  '"text"',
  '{"a":1}}',
  '{"__proto__":{"roles":["operator"]},"constructor":{"prototype":{"x":1}}}',
  `${'['.repeat(3_000)}${']'.repeat(3_000)}`,
  `${'{"a":'.repeat(2_000)}1${'}'.repeat(2_000)}`,
  `{"a":${'9'.repeat(400)}}`,
  '{"a":1,"a":2}',
  '\ufeff{}',
  '{"\\u0000":"\\ud800"}',
  `{"a":"${'x'.repeat(20_000)}"}`,
]
