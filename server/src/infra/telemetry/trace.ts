import { type ErrorCode, errorCodes } from '@livelot/client/contracts'
import {
  type Attributes,
  context,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { Refusal } from '#kernel/errors'

export interface SpanOptions {
  readonly kind: 'server' | 'client' | 'producer' | 'consumer' | 'internal'
  /** Names, codes and counts only: never what a person wrote or is called, no amounts, no ids of people. */
  readonly attributes?: Attributes
  /** A W3C traceparent that came from outside this process. Absent: the span goes on from the one that is active here. */
  readonly parent?: string | null | undefined
}

/** Adds to the span what is known at its end only. */
export type Note = (attributes: Attributes) => void

const kinds = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
  internal: SpanKind.INTERNAL,
}
const noNote: Note = () => undefined

let tracer: Tracer | null = null

/** For the composition root: from now on spans are made, until it is called with null. */
export function useTracer(next: Tracer | null): void {
  tracer = next
}

export const isTracing = (): boolean => tracer !== null

/**
 * Runs work in a span of its own. Where no traces are collected it only runs the work, at the cost of one comparison.
 * What is sent before the first await is sent at once, as without a span.
 */
export function traced<T>(name: string, options: SpanOptions, work: (note: Note) => Promise<T>): Promise<T> {
  if (tracer === null) return work(noNote)
  const parent = options.parent === undefined ? context.active() : remoteContext(options.parent)
  const span = tracer.startSpan(name, { kind: kinds[options.kind], attributes: options.attributes ?? {} }, parent)
  const note: Note = (attributes) => void span.setAttributes(attributes)
  return finish(
    span,
    context.with(trace.setSpan(parent, span), () => work(note)),
  )
}

async function finish<T>(span: Span, work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    noteError(span, error)
    throw error
  } finally {
    span.end()
  }
}

/** Why, by its code: messages of errors may repeat what somebody sent. A refusal that the contract promises is no error. */
function noteError(span: Span, error: unknown): void {
  if (error instanceof Refusal) {
    span.setAttribute('livelot.code', error.code)
    if (errorCodes[error.code as ErrorCode].status < 500) return
  }
  const { code, name } = error as { code?: unknown; name?: unknown }
  span.setAttribute('error.type', typeof code === 'string' ? code : typeof name === 'string' ? name : 'unknown')
  span.setStatus({ code: SpanStatusCode.ERROR })
}

/** Source: W3C Trace Context, section 3.2, read 2026-11-22. Later versions begin with the same four fields. */
const traceparentForm = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:$|-)/

function remoteContext(traceparent: string | null) {
  const [, traceId = '', spanId = '', flags = '00'] = traceparentForm.exec(traceparent ?? '') ?? []
  const spanContext = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true }
  return isSpanContextValid(spanContext) ? trace.setSpanContext(ROOT_CONTEXT, spanContext) : ROOT_CONTEXT
}

function activeSpanContext() {
  return tracer === null ? undefined : trace.getSpanContext(context.active())
}

/** What another process needs to go on with this trace; null where there is none. */
export function traceparent(): string | null {
  const active = activeSpanContext()
  return active ? `00-${active.traceId}-${active.spanId}-${active.traceFlags === 1 ? '01' : '00'}` : null
}

/** For logs and problem documents; undefined where there is none. */
export const traceId = (): string | undefined => activeSpanContext()?.traceId
