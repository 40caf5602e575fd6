import { type ErrorCode, errorCodes, type Problem } from '@livelot/client/contracts'
import { z } from 'zod'
import { traceId } from '#infra/telemetry/trace'
import { Refusal } from '#kernel/errors'
import { newId } from '#kernel/ids'
import type { Log } from '#kernel/log'
import { isUnavailable } from '#kernel/unavailable'

/** The one map from anything thrown to what the outside may know, for HTTP and sockets alike. */
export function toProblem(error: unknown, log: Log, context: Record<string, unknown> = {}): Problem {
  const trace = traceId()
  const problem = untracedProblem(error, log, context)
  return trace === undefined ? problem : { ...problem, traceId: trace }
}

function untracedProblem(error: unknown, log: Log, context: Record<string, unknown>): Problem {
  if (error instanceof Refusal) return problemOf(error.code, error.details)
  if (error instanceof z.ZodError) return problemOf('request.invalid', { issues: issuesOf(error) })
  const code = isUnavailable(error) ? 'server.unavailable' : 'server.internal'
  const incidentId = newId()
  log[code === 'server.internal' ? 'error' : 'warn']({ err: error, incidentId, ...context }, 'request failed')
  return { ...problemOf(code), incidentId }
}

export function problemOf(code: ErrorCode, details: Readonly<Record<string, unknown>> = {}): Problem {
  const entry = errorCodes[code]
  return {
    type: `urn:livelot:problem:${code}`,
    title: entry.says,
    status: entry.status,
    code,
    retry: entry.retry,
    ...(Object.keys(details).length > 0 ? { details: { ...details } } : {}),
  }
}

/** Where and what, without the values: they may be secrets, and they came from outside. */
function issuesOf(error: z.ZodError): { path: string; problem: string }[] {
  return error.issues.slice(0, 20).map((issue) => ({
    path: issue.path.join('.').slice(0, 200),
    problem: issue.code === 'unrecognized_keys' ? 'unknown field' : issue.message.slice(0, 200),
  }))
}
