import type { AccountId, Card, CardId } from '@livelot/client/contracts'
import { batched } from '#infra/postgres/batched'
import type { Database } from '#infra/postgres/pool'
import { Refusal } from '#kernel/errors'
import { newId } from '#kernel/ids'
import { cardSharers, cardSharersAmong } from './card-sharing.pg.ts'
import { batchLimits, cardsPerAccountMax } from './limits.ts'
import { OutcomeUnknown, type PaymentProvider, ProviderRefused, ProviderUnavailable } from './provider.ts'
import { type CardOnFile, findCards, findCustomer, forgetCard, keepCard, keepCustomer, listCards } from './store.pg.ts'

export interface CardsParts {
  readonly database: Database
  readonly provider: PaymentProvider
}

/** Saved cards: references into the provider. Card numbers go from the browser to the provider and never come here. */
export function createCards({ database, provider }: CardsParts) {
  const customerOf = async (accountId: AccountId): Promise<string> => {
    const known = await findCustomer(database, accountId, provider.name)
    if (known !== null) return known
    const { customerRef } = await asked(provider.createCustomer({ buyerId: accountId }))
    await keepCustomer(database, accountId, provider.name, customerRef)
    return customerRef
  }

  const cardById = batched(async (cardIds: readonly CardId[]) => {
    const found = new Map((await findCards(database, cardIds, provider.name)).map((card) => [card.cardId, card]))
    return cardIds.map((cardId) => found.get(cardId) ?? null)
  }, batchLimits)

  /** The references to charge a card with. Refuses: card.not_found, for another's card too. */
  const cardOnFile = async (accountId: AccountId, cardId: CardId): Promise<CardOnFile> => {
    // Ids may be written in capitals; the answer knows them in small letters.
    const card = await cardById(cardId.toLowerCase() as CardId)
    if (card?.accountId !== accountId) throw new Refusal('card.not_found')
    return card
  }

  return {
    cardOnFile,

    cardForm: () => provider.cardForm(),

    listCards: (accountId: AccountId): Promise<Card[]> => listCards(database, accountId, provider.name),

    /**
     * Saves a card by the form's one-time token. Repeats: the same token gives the same card.
     * Refuses: card.refused, payment.unavailable.
     */
    saveCard: async (accountId: AccountId, cardToken: string): Promise<Card> => {
      const cards = await listCards(database, accountId, provider.name)
      if (cards.length >= cardsPerAccountMax) throw new Refusal('card.refused', { reason: 'too_many' })
      const customerRef = await customerOf(accountId)
      const saved = await asked(provider.attachCard({ customerRef, cardToken }))
      const owner = { cardId: newId<CardId>(), accountId, provider: provider.name, customerRef }
      const card = await keepCard(database, owner, saved)
      if (!card) throw new Refusal('card.refused', { reason: 'in_use' })
      return card
    },

    /** Of `others`, those who save or saved a card that this account saves or saved too. */
    cardSharersAmong: (accountId: AccountId, others: readonly AccountId[]): Promise<AccountId[]> =>
      cardSharersAmong(database, accountId, others),
    /** Some hundreds of all who share a card with the account. */
    cardSharers: (accountId: AccountId): Promise<AccountId[]> => cardSharers(database, accountId),

    /** Refuses: card.not_found, payment.unavailable. */
    removeCard: async (accountId: AccountId, cardId: CardId): Promise<void> => {
      const card = await cardOnFile(accountId, cardId)
      await asked(provider.detachCard(card))
      await forgetCard(database, accountId, cardId)
    },
  }
}

/** All commands on cards repeat harmlessly, so a lost answer is only a "try again". */
async function asked<T>(call: Promise<T>): Promise<T> {
  try {
    return await call
  } catch (error) {
    if (error instanceof ProviderRefused) throw new Refusal('card.refused', { reason: error.code })
    if (error instanceof ProviderUnavailable || error instanceof OutcomeUnknown)
      throw new Refusal('payment.unavailable')
    throw error
  }
}
