import type { Money } from '@livelot/client/contracts'
import { between } from '#kernel/failpoints'
import type { Log } from '#kernel/log'
import { nowMs } from '#kernel/now'
import type { Ledger, Sale } from '#modules/ledger'
import { type Attempt, isOpen, keys, outcomeOf, type PaymentOutcome } from './attempt.ts'
import { keyAgeMsMax } from './limits.ts'
import {
  OutcomeUnknown,
  type PaymentIntent,
  type PaymentProvider,
  ProviderRefused,
  ProviderUnavailable,
} from './provider.ts'
import { type Capture, type CardOnFile, type NewAttempt, recordCaptureValues } from './store.pg.ts'

interface WishedAttempt {
  readonly checkoutId: string
  readonly orderId: string
  readonly card: CardOnFile
  readonly amount: Money
}

export interface AttemptsParts {
  readonly provider: PaymentProvider
  readonly ledger: Ledger
  readonly log: Log
}

/**
 * One attempt to charge one card for one checkout, driven so that a lost answer never becomes a second charge: what is
 * asked is stored before, a command in doubt is looked up before it is asked again, and always with the same key.
 * Nothing here holds a lock or a transaction while the provider is asked.
 */
export function createAttempts({ provider, ledger, log }: AttemptsParts) {
  const look = (checkoutId: string): Promise<PaymentOutcome> =>
    question(async () => outcomeOf(await provider.findIntentByCheckout(checkoutId)))

  const sendAuthorise = (attempt: Attempt) =>
    command(
      async () => {
        const { checkoutId, orderId, amount, customerRef, paymentMethodRef } = attempt
        const idempotencyKey = keys.authorise(checkoutId)
        const request = { idempotencyKey, checkoutId, orderId, amount, customerRef, paymentMethodRef }
        return await between('payments.authorise.sending', 'payments.authorise.answered', () =>
          provider.authorise(request),
        )
      },
      () => look(attempt.checkoutId),
    )

  return {
    look,

    /** What the caller's statement stores by `keepAttemptPart`, together with the order. */
    newAttempt: ({ checkoutId, orderId, card, amount }: WishedAttempt): NewAttempt => {
      const { customerRef, paymentMethodRef } = card
      return { checkoutId, orderId, provider: provider.name, customerRef, paymentMethodRef, ...amount }
    },

    /**
     * Puts the amount on hold. `isFirst` says that it was never sent; otherwise it is looked up first, and sent only
     * where the provider has nothing of it. Repeats: the same attempt again never holds the money twice.
     */
    authorise: async (attempt: Attempt, isFirst: boolean): Promise<PaymentOutcome> => {
      if (!isFirst) {
        const found = await look(attempt.checkoutId)
        if (found.kind !== 'none') return found
        if (nowMs() - attempt.attemptedAtMs > keyAgeMsMax) return { kind: 'refused', code: 'key_too_old' }
      }
      return await sendAuthorise(attempt)
    },

    /**
     * Takes the money of an authorised intent. Without `intentRef`, or when it may have been sent before, it is looked
     * up first. Repeats: a captured intent answers captured.
     */
    capture: async (
      checkout: { checkoutId: string; orderId: string; total: Money },
      known: { intentRef: string | null; isFirst: boolean },
    ): Promise<PaymentOutcome> => {
      let intentRef = known.intentRef
      if (intentRef === null || !known.isFirst) {
        const found = await look(checkout.checkoutId)
        if (found.kind !== 'authorised') return found
        intentRef = found.intentRef
      }
      const request = { idempotencyKey: keys.capture(checkout.orderId), intentRef, amount: checkout.total }
      return await command(
        () =>
          between('payments.capture.sending', 'payments.capture.answered', async () =>
            outcomeOf(await provider.capture(request)),
          ),
        () => look(checkout.checkoutId),
      )
    },

    /**
     * Lets go whatever the checkout holds at the provider. Answers `canceled` when nothing is held any more, `captured`
     * when the money was taken before, or that it is not known. Repeats: harmless.
     */
    release: async (checkoutId: string): Promise<PaymentOutcome> => {
      const listed = await question(async () => ({
        kind: 'listed' as const,
        intents: await provider.listIntentsByCheckout(checkoutId),
      }))
      if (listed.kind !== 'listed') return listed
      const held = listed.intents.filter((intent) => isOpen(intent) || intent.status === 'captured')
      if (held.length > 1) log.error({ checkoutId, intents: held.length }, 'a checkout holds money more than once')
      let answer: PaymentOutcome = { kind: 'canceled' }
      for (const intent of held) {
        const outcome = isOpen(intent) ? await cancel(provider, intent) : outcomeOf(intent)
        if (outcome.kind !== 'canceled' && outcome.kind !== 'declined') answer = outcome
      }
      return answer
    },

    /** Values of `recordCapturePart`: the caller's statement records the captures and posts their sales, each once. */
    recordCaptureValues: (captures: readonly (Capture & { sale: Omit<Sale, 'provider'> })[]): unknown[] => {
      const sales = captures.map(({ sale }) => ({ ...sale, provider: provider.name }))
      return recordCaptureValues(captures, ledger.saleValues(sales))
    },
  }
}

async function cancel(provider: PaymentProvider, intent: PaymentIntent): Promise<PaymentOutcome> {
  const { intentRef } = intent
  return await command(
    () =>
      between('payments.cancel.sending', 'payments.cancel.answered', async () =>
        outcomeOf(await provider.cancel({ idempotencyKey: keys.cancel(intentRef), intentRef })),
      ),
    () => question(async () => outcomeOf(await provider.getIntent(intentRef))),
  )
}

/** A command whose answer was lost, or which was refused because of where the intent stands, is looked up. */
async function command(
  send: () => Promise<PaymentOutcome>,
  lookUp: () => Promise<PaymentOutcome>,
): Promise<PaymentOutcome> {
  try {
    return await send()
  } catch (error) {
    if (error instanceof ProviderUnavailable) return { kind: 'unavailable' }
    if (error instanceof ProviderRefused && error.intentStatus === null) return { kind: 'refused', code: error.code }
    if (!(error instanceof OutcomeUnknown) && !(error instanceof ProviderRefused)) throw error
    const found = await lookUp()
    // Nothing to be seen does not prove that a command still on its way will do nothing.
    return found.kind === 'none' || found.kind === 'unavailable' ? { kind: 'unknown' } : found
  }
}

async function question<T extends { kind: string }>(ask: () => Promise<T>): Promise<T | { kind: 'unknown' }> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof ProviderUnavailable || error instanceof ProviderRefused) return { kind: 'unknown' }
    throw error
  }
}

export type Attempts = ReturnType<typeof createAttempts>
