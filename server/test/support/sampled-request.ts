import type { Operation } from '@livelot/client/contracts'
import { z } from 'zod'
import { newId } from '#kernel/ids'

interface Schema {
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly type?: string
  readonly format?: string
  readonly pattern?: string
  readonly minLength?: number
  readonly minItems?: number
  readonly minimum?: number
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
}

export type Fields = Readonly<Record<string, unknown>>

/**
 * A request that the operation's schema takes: every required field with the smallest value of its type. Fields that
 * `known` names get that value, also deep inside, so that ids are those of things that exist.
 */
export function sampleRequest(operation: Operation, known: Fields = {}): Record<string, unknown> {
  const schema = z.toJSONSchema(operation.request, { io: 'input', unrepresentable: 'any' }) as Schema
  return sample(schema, known) as Record<string, unknown>
}

function sample(schema: Schema, known: Fields): unknown {
  if (schema.const !== undefined) return schema.const
  if (schema.enum) return schema.enum[0]
  const choices = schema.anyOf ?? schema.oneOf
  if (choices) return sample(choices.at(-1) as Schema, known)
  switch (schema.type) {
    case 'object':
      return sampleObject(schema, known)
    case 'array':
      return Array.from({ length: schema.minItems ?? 0 }, () => sample(schema.items ?? {}, known))
    case 'string':
      return sampleText(schema)
    case 'number':
    case 'integer':
      return Math.max(1, schema.minimum ?? 1)
    case 'boolean':
      return true
    default:
      return null
  }
}

function sampleObject(schema: Schema, known: Fields): Record<string, unknown> {
  const wanted = Object.entries(schema.properties ?? {}).filter(([name]) => schema.required?.includes(name))
  return Object.fromEntries(wanted.map(([name, field]) => [name, name in known ? known[name] : sample(field, known)]))
}

function sampleText({ format, pattern, minLength }: Schema): string {
  if (format === 'uuid') return newId()
  if (format === 'email') return `${newId()}@shop.test`
  if (pattern === '^[A-Z]{2}$') return 'US'
  return 'sample text'.padEnd(minLength ?? 0, '.')
}

/** Splits a request as the HTTP binding does: path parameters, query (reads) or JSON body. */
export function toHttp(operation: Operation, request: Fields): { method: string; path: string; body?: string } {
  const { method, path } = operation.http as NonNullable<Operation['http']>
  const rest = { ...request }
  const filled = path.replace(/\{(\w+)\}/g, (_all, name: string) => {
    const value = rest[name]
    delete rest[name]
    return encodeURIComponent(textOf(value))
  })
  if (method !== 'get' && method !== 'delete') return { method, path: filled, body: JSON.stringify(rest) }
  const given = Object.entries(rest).map(([name, value]) => [name, textOf(value)])
  const query = new URLSearchParams(Object.fromEntries(given) as Record<string, string>).toString()
  return { method, path: query ? `${filled}?${query}` : filled }
}

/** An address cannot hold half a character. */
function textOf(value: unknown): string {
  return (typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined')).toWellFormed()
}
