import type { Operation } from '@livelot/client/contracts'
import fc from 'fast-check'
import { z } from 'zod'
import { type Fields, sampleRequest } from '../support/sampled-request.ts'
import { nastyValue, rawTexts } from './nasty-values.ts'

/** A request of one operation that is wrong in one way or several, as it can be kept in a file. */
export interface Mutant {
  readonly operation: string
  /** Values like `~showId~` stand for what only a running platform knows; see `Ground.fill`. */
  readonly fields: Fields
  /** Sent in place of the fields when it is there. */
  readonly text: string | null
  readonly what: readonly string[]
}

interface Schema {
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly enum?: readonly unknown[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly type?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
}

interface Spot {
  readonly path: readonly (string | number)[]
  readonly schema: Schema
}

interface Step {
  readonly what: 'value' | 'edge' | 'type' | 'missing' | 'extra' | 'others'
  readonly at: number
  readonly pick: number
  readonly value: unknown
}

const step: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom<Step['what']>('value', 'value', 'edge', 'edge', 'type', 'missing', 'extra', 'others'),
  at: fc.nat(),
  pick: fc.nat(),
  value: nastyValue,
})

/**
 * Requests made from the contracts' own schemas and spoilt in up to three places: also deep inside, also fields that
 * need not be given. `known` gives fields the value that the platform knows (a placeholder), `strangers` names
 * placeholders of things that belong to others.
 */
export function mutantsOf(
  operations: readonly Operation[],
  known: Fields,
  strangers: readonly string[] = [],
): fc.Arbitrary<Mutant> {
  const plans = operations.map((operation) => planOf(operation, known))
  return fc
    .tuple(
      fc.constantFrom(...plans),
      fc.array(step, { minLength: 1, maxLength: 3, size: 'small' }),
      fc.option(fc.constantFrom(...rawTexts), { freq: 12 }),
    )
    .map(([{ operation, sample, spots }, steps, text]) => {
      const fields = structuredClone(sample)
      for (const one of steps) spoil(fields, spots, one, strangers)
      return { operation: operation.name, fields, text, what: text === null ? steps.map(({ what }) => what) : ['text'] }
    })
}

function planOf(operation: Operation, known: Fields) {
  const schema = z.toJSONSchema(operation.request, { io: 'input', unrepresentable: 'any' }) as Schema
  const sample = stable(sampleRequest(operation, known)) as Record<string, unknown>
  return { operation, sample, spots: spotsOf(schema, [], 0) }
}

/** New ids are made when a case is sent, so that its file stays the same. */
function stable(value: unknown): unknown {
  if (typeof value === 'string')
    return value.replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi, '~new~')
  if (Array.isArray(value)) return value.map(stable)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, stable(one)]))
}

function spotsOf(schema: Schema, path: Spot['path'], depth: number): Spot[] {
  const choices = schema.anyOf ?? schema.oneOf
  if (choices) return choices.flatMap((one) => spotsOf(one, path, depth))
  const here = path.length === 0 ? [] : [{ path, schema }]
  if (depth > 6) return here
  const named = Object.entries(schema.properties ?? {}).flatMap(([name, one]) =>
    spotsOf(one, [...path, name], depth + 1),
  )
  const listed = schema.items ? spotsOf(schema.items, [...path, 0], depth + 1) : []
  return [...here, ...named, ...listed]
}

function spoil(fields: Record<string, unknown>, spots: readonly Spot[], one: Step, strangers: readonly string[]): void {
  const { path, schema } = spots[one.at % Math.max(1, spots.length)] ?? { path: ['nothing'], schema: {} }
  const extra = [...path.slice(0, -1), extraNames[one.pick % extraNames.length] as string]
  const values: Record<Step['what'], () => unknown> = {
    missing: () => undefined,
    extra: () => one.value,
    edge: () => edgeOf(schema, one.pick),
    type: () => otherType(schema, one.pick),
    others: () => strangers[one.pick % Math.max(1, strangers.length)] ?? '~new~',
    value: () => one.value,
  }
  const value = values[one.what]()
  // A copy: the same value may be put somewhere inside itself later.
  put(fields, one.what === 'extra' ? extra : path, value === undefined ? value : JSON.parse(JSON.stringify(value)))
}

const extraNames = ['isAdmin', '__proto__', 'constructor', 'toString', 'roles', 'accountId', 'priceMinor', '$where', '']

/** Just outside and just inside of what the schema allows. */
function edgeOf(schema: Schema, pick: number): unknown {
  const { minimum, maximum, minLength, maxLength, minItems, maxItems } = schema
  const edges: unknown[] = [
    ...(minimum === undefined ? [] : [minimum - 1, minimum, minimum + 0.5]),
    ...(maximum === undefined ? [] : [maximum + 1, maximum, '~raw:9007199254740993~']),
    ...(minLength === undefined ? [] : ['x'.repeat(Math.max(0, minLength - 1)), 'x'.repeat(minLength)]),
    ...(maxLength === undefined ? [] : ['x'.repeat(maxLength + 1), 'é'.repeat(maxLength)]),
    ...(minItems === undefined ? [] : [[]]),
    ...(maxItems === undefined ? [] : [Array.from({ length: maxItems + 1 }, () => 'x')]),
    ...(schema.enum ? [...schema.enum, 'another'] : []),
    null,
  ]
  return edges[pick % edges.length]
}

function otherType(schema: Schema, pick: number): unknown {
  const all = { string: 'text', number: 7, boolean: true, array: [1], object: { a: 1 }, null: null }
  const type = schema.type === 'integer' ? 'number' : (schema.type ?? 'null')
  const others = Object.entries(all).filter(([name]) => name !== type)
  return others[pick % others.length]?.[1]
}

function put(root: Record<string, unknown>, path: Spot['path'], value: unknown): void {
  let at: Record<string | number, unknown> = root
  for (const [i, name] of path.slice(0, -1).entries()) {
    const found = Object.hasOwn(at, name) ? at[name] : undefined
    const next = typeof found === 'object' && found !== null ? found : typeof path[i + 1] === 'number' ? [] : {}
    define(at, name, next)
    at = next as Record<string | number, unknown>
  }
  const last = path.at(-1) as string | number
  if (value === undefined) delete at[last]
  else define(at, last, value)
}

/** Also a field that is called `__proto__`. */
function define(on: object, name: string | number, value: unknown): void {
  Object.defineProperty(on, name, { value, enumerable: true, configurable: true, writable: true })
}
