import {
  type ErrorCode,
  edgeErrorCodes,
  errorCodes,
  type Operation,
  Problem,
  type ToldEvent,
} from '@livelot/client/contracts'
import { z } from 'zod'

type Json = Record<string, unknown>

const dialect = { target: 'draft-2020-12', unrepresentable: 'any', override: dropSchemaAddress } as const

function dropSchemaAddress(context: { jsonSchema: Json }): void {
  delete context.jsonSchema.$schema
}

function schemaOf(type: z.ZodType, io: 'input' | 'output'): Json {
  return z.toJSONSchema(type, { ...dialect, io }) as Json
}

/** OpenAPI 3.1 of all operations with an HTTP way in, from the very schemas that check the requests. */
export function buildOpenApi(operations: Iterable<Operation>, version: string): Json {
  const paths: Record<string, Json> = {}
  for (const one of operations) {
    if (!one.http) continue
    paths[one.http.path] = { ...paths[one.http.path], [one.http.method]: describe(one) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Livelot',
      version,
      description:
        'Live shopping: rooms, live video, flash sales and checkout. Errors are problem documents (RFC 9457). ' +
        'Commands marked repeatable take an Idempotency-Key header (a UUID); sent again, they answer as the first time.',
    },
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      schemas: { Problem: schemaOf(Problem, 'output') },
    },
  }
}

function describe(one: Operation): Json {
  const request = schemaOf(one.request, 'input')
  const properties = { ...((request.properties ?? {}) as Json) }
  const required = new Set((request.required ?? []) as string[])
  const inPath = [...(one.http?.path.matchAll(/\{(\w+)\}/g) ?? [])].map((match) => match[1] ?? '')
  const isRead = one.http?.method === 'get' || one.http?.method === 'delete'
  const parameters: Json[] = inPath.map((name) => parameter('path', name, properties[name], true))
  for (const name of inPath) delete properties[name]
  if (isRead)
    for (const [name, schema] of Object.entries(properties))
      parameters.push(parameter('query', name, schema, required.has(name)))
  if (one.repeatable) parameters.push(parameter('header', 'Idempotency-Key', { type: 'string', format: 'uuid' }, false))
  const hasBody = !isRead && Object.keys(properties).length > 0
  const body = {
    ...request,
    properties,
    required: [...required].filter((name) => name in properties && name !== 'operationId'),
  }
  return {
    operationId: one.name,
    summary: one.summary,
    tags: [one.name.split(':')[0]],
    'x-access': one.access,
    security: one.access === 'anyone' ? [] : [{ bearer: [] }],
    parameters,
    ...(hasBody ? { requestBody: { required: true, content: { 'application/json': { schema: body } } } } : {}),
    responses: {
      [String(one.http?.status ?? 200)]: {
        description: 'Done.',
        content: { 'application/json': { schema: schemaOf(one.response, 'output') } },
      },
      ...problems(one),
    },
  }
}

function parameter(where: string, name: string, schema: unknown, required: boolean): Json {
  return { in: where, name, required, schema: schema ?? {} }
}

function problems(one: Operation): Json {
  const byStatus = new Map<number, ErrorCode[]>()
  for (const code of [...one.errors, ...edgeErrorCodes]) {
    const { status } = errorCodes[code]
    byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      String(status),
      {
        description: codes.map((code) => `\`${code}\`: ${errorCodes[code].says}`).join(' '),
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]),
  )
}

/** Socket requests and told events with their schemas, for integrators in other languages. */
export function buildEventCatalogue(operations: Iterable<Operation>, events: Iterable<ToldEvent>): Json {
  return {
    requests: [...operations]
      .filter((one) => one.socket)
      .map((one) => ({
        name: one.name,
        summary: one.summary,
        access: one.access,
        rate: one.socket?.rate,
        request: schemaOf(one.request, 'input'),
        response: schemaOf(one.response, 'output'),
        errors: [...one.errors, ...edgeErrorCodes],
      })),
    told: [...events].map((event) => ({
      name: event.name,
      version: event.version,
      summary: event.summary,
      data: schemaOf(event.data, 'output'),
    })),
  }
}
