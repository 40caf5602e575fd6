import { pino } from 'pino'
import { afterEach, expect, it } from 'vitest'
import { toProblem } from '#edge/errors'
import { Refusal } from '#kernel/errors'
import { type OtlpReceiver, startOtlpReceiver } from '../../../test/support/otlp-receiver.ts'
import { createLog } from './log.ts'
import { isTracing, type Note, traced, traceId, traceparent } from './trace.ts'
import { startTracing, type Tracing } from './tracing.ts'

const silent = pino({ level: 'silent' })
const outside = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }
let receiver: OtlpReceiver | undefined
let tracing: Tracing | undefined
afterEach(async () => {
  await tracing?.close()
  await receiver?.[Symbol.asyncDispose]()
})

const begin = async (share = 1) => {
  receiver = await startOtlpReceiver()
  tracing = await startTracing({ endpoint: receiver.endpoint, share, service: 'test', version: '1', log: silent })
  return receiver
}
const from = (flags: string) => `00-${outside.traceId}-${outside.spanId}-${flags}`

it('does nothing but the work where no collector is named', async () => {
  tracing = await startTracing({ endpoint: null, share: 1, service: 'test', version: '1', log: silent })
  const work = async (note: Note) => {
    note({ any: 'thing' })
    return [traceparent(), traceId() ?? null]
  }
  expect(isTracing()).toBe(false)
  expect(await traced('work', { kind: 'server', parent: from('01') }, work)).toEqual([null, null])
  expect(toProblem(new Refusal('order.not_found'), silent)).not.toHaveProperty('traceId')
})

it('goes on from the trace that came, through what is called meanwhile', async () => {
  const { spans } = await begin()
  const seen = await traced('outer', { kind: 'server', parent: from('01') }, async () => {
    await traced('inner', { kind: 'client', attributes: { step: 2 } }, async (note) => note({ outcome: 'ok' }))
    return [traceId(), traceparent(), toProblem(new Refusal('order.not_found'), silent).traceId]
  })
  await tracing?.close()
  const [inner, outer] = spans
  expect(seen).toEqual([outside.traceId, `00-${outside.traceId}-${outer?.spanId}-01`, outside.traceId])
  expect(outer).toMatchObject({ name: 'outer', parentSpanId: outside.spanId, service: 'test', isError: false })
  expect(inner).toMatchObject({ name: 'inner', traceId: outside.traceId, parentSpanId: outer?.spanId })
  expect(inner?.attributes).toEqual({ step: 2, outcome: 'ok' })
})

it('tells failures by their code, never by their words', async () => {
  const { spans, text } = await begin()
  const failures = [
    new Refusal('order.not_found'),
    new Refusal('server.busy'),
    Object.assign(new Error('of somebody@secret.test'), { code: '23505' }),
  ]
  for (const error of failures)
    await traced(error.name, { kind: 'internal' }, async () => {
      throw error
    }).catch(() => undefined)
  await tracing?.close()
  expect(spans.map(({ attributes, isError }) => [attributes, isError])).toEqual([
    [{ 'livelot.code': 'order.not_found' }, false],
    [{ 'livelot.code': 'server.busy', 'error.type': 'server.busy' }, true],
    [{ 'error.type': '23505' }, true],
  ])
  expect(text()).not.toContain('secret')
})

it('begins a trace of its own where what came is none', async () => {
  const { spans } = await begin()
  const malformed = ['', 'x', `00-${'0'.repeat(32)}-${outside.spanId}-01`, `ff-${outside.traceId}-${outside.spanId}-01`]
  for (const parent of malformed) await traced('work', { kind: 'server', parent }, async () => undefined)
  await tracing?.close()
  expect(spans.map((span) => span.parentSpanId)).toEqual([null, null, null, null])
  expect(new Set(spans.map((span) => span.traceId)).size).toBe(4)
})

it('lets nobody outside decide how much is kept', async () => {
  const { spans } = await begin(0)
  for (const flags of ['00', '01']) await traced('work', { kind: 'server', parent: from(flags) }, async () => undefined)
  await tracing?.close()
  expect(spans).toEqual([])
})

it('writes the trace into the lines that are logged meanwhile', async () => {
  await begin()
  const lines: string[] = []
  const log = createLog('test', 'info', { write: (line: string) => void lines.push(line) })
  await traced('work', { kind: 'server', parent: from('01') }, async () => log.info('inside'))
  log.info('outside')
  expect(lines.map((line) => JSON.parse(line).traceId ?? null)).toEqual([outside.traceId, null])
})
