import type { Operation } from '@livelot/client/contracts'
import { Refusal } from '#kernel/errors'

/**
 * A request as its operation wants it, for every way in. Refuses: request.invalid, also for text that no store can
 * keep: Postgres takes neither the character of code 0 nor half a character.
 */
export function parseRequest(operation: Operation, given: unknown): unknown {
  const parsed = operation.request.parse(given)
  if (!isStorable(parsed))
    throw new Refusal('request.invalid', { issues: [{ path: '', problem: 'text holds a character that is none' }] })
  return parsed
}

function isStorable(parsed: unknown): boolean {
  const left: unknown[] = [parsed]
  while (left.length > 0) {
    const value = left.pop()
    if (typeof value === 'string' && (value.includes('\0') || !value.isWellFormed())) return false
    if (typeof value === 'object' && value !== null) left.push(...Object.values(value))
  }
  return true
}
