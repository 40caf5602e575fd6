/** What the bank says when an amount is put on hold. */
export type BankDecision =
  | { readonly kind: 'approve' }
  | { readonly kind: 'decline'; readonly code: BankDeclineCode }
  | { readonly kind: 'challenge'; readonly approved: 'authorise' | 'decline' }
  | { readonly kind: 'process' }

export type BankDeclineCode =
  | 'generic_decline'
  | 'insufficient_funds'
  | 'expired_card'
  | 'incorrect_cvc'
  | 'authentication_failed'
  | 'authentication_timeout'

/** How the answer to a command goes wrong although the command was carried out. */
export type AnswerFault = 'server-error' | 'no-answer' | 'slow'

export type DeliveryMode = 'prompt' | 'late' | 'doubled' | 'reversed' | 'dropped'

export type TestCard = {
  readonly name: string
  readonly number: string
  readonly brand: 'visa' | 'mastercard' | 'amex'
  /** On the quick-fill button of the hosted form. */
  readonly label: string
  readonly decision: BankDecision
  readonly faults: Readonly<Partial<Record<'authorise' | 'capture' | 'refund', AnswerFault>>>
  readonly webhooks: DeliveryMode
  readonly shortHold: boolean
}

function card(name: string, number: string, label: string, special: Partial<TestCard> = {}): TestCard {
  return {
    name,
    number,
    brand: 'visa',
    label,
    decision: { kind: 'approve' },
    faults: {},
    webhooks: 'prompt',
    shortHold: false,
    ...special,
  }
}

const declining = (code: BankDeclineCode): Partial<TestCard> => ({ decision: { kind: 'decline', code } })

/** The only numbers that the sandbox takes. Those of the first part are the well-known ones; the rest are its own. */
export const testCards: readonly TestCard[] = [
  card('visa', '4242424242424242', 'Succeeds'),
  card('mastercard', '5555555555554444', 'Mastercard', { brand: 'mastercard' }),
  card('amex', '378282246310005', 'Amex', { brand: 'amex' }),
  card('declined', '4000000000000002', 'Declined', declining('generic_decline')),
  card('insufficient-funds', '4000000000009995', 'Insufficient funds', declining('insufficient_funds')),
  card('expired', '4000000000000069', 'Expired card', declining('expired_card')),
  card('incorrect-cvc', '4000000000000127', 'Wrong CVC', declining('incorrect_cvc')),
  card('challenge', '4000002500003155', '3-D Secure', { decision: { kind: 'challenge', approved: 'authorise' } }),
  card('challenge-declined', '4000008400001629', '3-D Secure, declined', {
    decision: { kind: 'challenge', approved: 'decline' },
  }),
  card('authorise-no-answer', '4000009900010003', 'Authorise: no answer', { faults: { authorise: 'no-answer' } }),
  card('authorise-error', '4000009900020002', 'Authorise: 500 after success', {
    faults: { authorise: 'server-error' },
  }),
  card('capture-error', '4000009900030001', 'Capture: 500 after success', { faults: { capture: 'server-error' } }),
  card('capture-no-answer', '4000009900040000', 'Capture: no answer', { faults: { capture: 'no-answer' } }),
  card('refund-error', '4000009900050009', 'Refund: 500 after success', { faults: { refund: 'server-error' } }),
  card('slow', '4000009900060008', 'Slow bank', { faults: { authorise: 'slow', capture: 'slow' } }),
  card('processing', '4000009900070007', 'Processing first', { decision: { kind: 'process' } }),
  card('short-hold', '4000009900080006', 'Hold runs out soon', { shortHold: true }),
  card('webhook-late', '4000009900090005', 'Webhooks late', { webhooks: 'late' }),
  card('webhook-doubled', '4000009900100002', 'Webhooks doubled', { webhooks: 'doubled' }),
  card('webhook-reversed', '4000009900110001', 'Webhooks reversed', { webhooks: 'reversed' }),
  card('webhook-dropped', '4000009900120000', 'Webhooks dropped', { webhooks: 'dropped' }),
]

const byNumber = new Map(testCards.map((one) => [one.number, one]))
const byName = new Map(testCards.map((one) => [one.name, one]))

export function testCardByNumber(number: string): TestCard | undefined {
  return byNumber.get(number)
}

/** Throws where the name is unknown: only names of this file are ever stored. */
export function testCardByName(name: string): TestCard {
  const found = byName.get(name)
  if (!found) throw new Error(`There is no test card named ${name}`)
  return found
}

/** Whether a text holds what could be a card number: 13 to 19 digits on their own that pass the Luhn check. */
export function holdsCardNumber(text: string): boolean {
  for (const [digits] of text.matchAll(/(?<![\w-])\d(?:[ -]?\d){12,18}(?![\w-])/g)) {
    if (passesLuhn(digits.replaceAll(/[ -]/g, ''))) return true
  }
  return false
}

function passesLuhn(digits: string): boolean {
  let sum = 0
  for (let fromRight = 0; fromRight < digits.length; fromRight++) {
    const digit = digits.charCodeAt(digits.length - 1 - fromRight) - 48
    const doubled = digit * 2
    sum += fromRight % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}
