import { getPaymentConfig, listCards, removeCard, saveCard } from '@livelot/client/contracts'
import type { RequestHandler } from 'express'
import { accountOf } from '#kernel/actor'
import { Refusal } from '#kernel/errors'
import type { Log } from '#kernel/log'
import { type Route, route } from '#kernel/route'
import type { PaymentEvent } from './provider.ts'
import type { PaymentsService } from './service.ts'

export function paymentsRoutes(service: PaymentsService): Route[] {
  return [
    route(getPaymentConfig, async () => {
      const { provider, cardFormUrl, tokenUrl } = service.cardForm()
      return { provider, cardFormUrl, tokenUrl }
    }),
    route(listCards, async (_request, caller) => ({
      items: await service.listCards(accountOf(caller.actor).accountId),
    })),
    route(saveCard, (request, caller) => service.saveCard(accountOf(caller.actor).accountId, request.cardToken)),
    route(removeCard, async (request, caller) => {
      await service.removeCard(accountOf(caller.actor).accountId, request.cardId)
      return {}
    }),
  ]
}

/**
 * Where the provider tells its events. No operation of ours: its form is the provider's, its body is taken as bytes.
 * Access: whoever holds the webhook secret, proved by the signature over the bytes; everybody else is refused.
 * The answer goes out once the event is stored; `told` then looks at the payment and its failure is not the provider's
 * business, because deadlines look again.
 */
export function paymentWebhook(options: {
  readonly service: Pick<PaymentsService, 'receive'>
  readonly told: (event: PaymentEvent) => Promise<void>
  readonly log: Log
}): RequestHandler {
  const { service, told, log } = options
  return async (request, response) => {
    const body: unknown = request.body
    if (!Buffer.isBuffer(body)) throw new Refusal('request.invalid')
    const received = await service.receive(body, request.headers)
    if (received.kind === 'refused') {
      log.warn({ reason: received.reason, bytes: body.length }, 'payment webhook refused')
      throw new Refusal(received.reason === 'signature' ? 'webhook.not_signed' : 'request.invalid')
    }
    response.status(200).json({ received: true })
    if (received.kind !== 'new') return
    await told(received.event).catch((error: unknown) => log.warn({ err: error }, 'payment webhook failed'))
  }
}
