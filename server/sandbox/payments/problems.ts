/** Every "no" of the sandbox: status and sentence. The code is what clients decide by. */
export const problemCodes = {
  malformed_json: { status: 400, says: 'The body is not JSON.' },
  idempotency_key_missing: { status: 400, says: 'Send an Idempotency-Key header of 1 to 200 plain characters.' },
  unauthorised: { status: 401, says: 'Send the secret key as a Bearer token.' },
  origin_refused: { status: 403, says: 'Pages of this origin may not ask this.' },
  not_found: { status: 404, says: 'There is no such object or address.' },
  method_not_allowed: { status: 405, says: 'This address does not take that method.' },
  intent_state: { status: 409, says: 'The payment intent is not in a state that allows this.' },
  authorisation_expired: { status: 409, says: 'The bank has let the authorised amount go.' },
  body_too_large: { status: 413, says: 'The body is larger than 16 kB.' },
  unsupported_media_type: { status: 415, says: 'The body must be application/json.' },
  invalid_request: { status: 422, says: 'The request does not have the expected form.' },
  idempotency_key_reused: { status: 422, says: 'This Idempotency-Key was used for another request.' },
  card_not_a_test_card: { status: 422, says: 'Only test card numbers are taken here. Never type a real card.' },
  card_out_of_date: { status: 422, says: 'The card’s expiry date is in the past.' },
  token_unknown: { status: 422, says: 'The card token is unknown, used or too old.' },
  customer_unknown: { status: 422, says: 'There is no such customer.' },
  payment_method_unknown: { status: 422, says: 'The customer has no such payment method.' },
  intent_unknown: { status: 422, says: 'There is no such payment intent.' },
  amount_too_large: { status: 422, says: 'The amount is larger than what is left.' },
  too_many_tokens: { status: 429, says: 'Too many card tokens are waiting to be used.' },
  internal: { status: 500, says: 'Something went wrong.' },
  unavailable: { status: 503, says: 'The provider cannot write its journal.' },
} as const satisfies Record<string, { status: number; says: string }>
export type ProblemCode = keyof typeof problemCodes

export type ProblemDocument = {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: ProblemCode
  readonly [detail: string]: unknown
}

export function problemDocument(code: ProblemCode, details: Readonly<Record<string, unknown>> = {}): ProblemDocument {
  const { status, says } = problemCodes[code]
  return { type: `urn:livelot:payment-sandbox:${code}`, title: says, status, code, ...details }
}

/** Thrown where a request is refused; the server turns it into a problem document. Details never repeat the input. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly code: ProblemCode
  readonly document: ProblemDocument
  constructor(code: ProblemCode, details: Readonly<Record<string, unknown>> = {}) {
    super(problemCodes[code].says)
    this.code = code
    this.document = problemDocument(code, details)
  }
}
