import { type ErrorCode, errorCodes } from '@livelot/client/contracts'

/**
 * A business "no" that the contract promised. Everything else that is thrown is a fault: it is logged once with an
 * incident id, and the caller learns that id and nothing of the cause.
 */
export class Refusal<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'Refusal'
  readonly code: C
  readonly details: Readonly<Record<string, unknown>>

  constructor(code: C, details: Readonly<Record<string, unknown>> = {}) {
    super(errorCodes[code].says)
    this.code = code
    this.details = details
  }
}

/** A broken invariant of ours. */
export class AssertionFailed extends Error {
  override readonly name = 'AssertionFailed'
}

export function assertThat(condition: unknown, sentence: string): asserts condition {
  if (!condition) throw new AssertionFailed(sentence)
}
