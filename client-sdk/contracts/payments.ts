import { z } from 'zod'
import { CardId } from './ids.ts'
import { operation } from './operation.ts'

export const Card = z.strictObject({
  cardId: CardId,
  brand: z.string(),
  last4: z.string(),
  expMonth: z.int(),
  expYear: z.int(),
})
export type Card = z.infer<typeof Card>

export const getPaymentConfig = operation({
  name: 'payment:get-config',
  summary: 'Where the provider serves its card form. Card numbers go to the provider only, never to Livelot.',
  access: 'signed-in',
  http: { method: 'get', path: '/v1/payments/config' },
  request: z.strictObject({}),
  response: z.strictObject({ provider: z.string(), cardFormUrl: z.string(), tokenUrl: z.string() }),
  errors: [],
})

export const listCards = operation({
  name: 'card:list',
  summary: 'Saved cards of the caller.',
  access: ['buyer'],
  http: { method: 'get', path: '/v1/me/cards' },
  request: z.strictObject({}),
  response: z.strictObject({ items: z.array(Card) }),
  errors: [],
})

export const saveCard = operation({
  name: 'card:save',
  summary: 'Save a card by the one-time token that the provider’s form gave.',
  access: ['buyer'],
  http: { method: 'post', path: '/v1/me/cards', status: 201 },
  request: z.strictObject({ cardToken: z.string().min(1).max(200) }),
  response: Card,
  errors: ['card.refused', 'payment.unavailable'],
})

export const removeCard = operation({
  name: 'card:remove',
  summary: 'Remove a saved card.',
  access: ['buyer'],
  http: { method: 'delete', path: '/v1/me/cards/{cardId}' },
  request: z.strictObject({ cardId: CardId }),
  response: z.strictObject({}),
  errors: ['card.not_found', 'payment.unavailable'],
})
