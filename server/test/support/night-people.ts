import type { Client } from '@livelot/client'
import { demoPassword } from '../../demo/people.ts'
import type { ChaosProxy } from './chaos-proxy.ts'

/** Somebody with an account, an address and a card. */
export interface Person {
  readonly accountId: string
  readonly client: Client
  readonly door: ChaosProxy
  readonly cardId: string
}

/** Registers somebody who can be sent something. Answers the account. */
export async function signUp(client: Client, email: string): Promise<string> {
  const { accountId } = await client.account.register({ email, password: demoPassword, displayName: 'Bidder' })
  await client.account.setAddress({
    name: 'A Bidder',
    line1: '48 Orchard Street',
    city: 'Portland',
    region: 'OR',
    postalCode: '97205',
    country: 'US',
  })
  return accountId
}

/** Saves one of the sandbox's cards, as a page of ours and one of the provider's do together. */
export async function saveCard(client: Client, number = '4242424242424242'): Promise<string> {
  const { tokenUrl } = await client.cards.config()
  const card = { number, expMonth: 12, expYear: new Date().getUTCFullYear() + 3, cvc: '123' }
  const answer = await fetch(tokenUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(card),
  })
  return (await client.cards.save({ cardToken: ((await answer.json()) as { id: string }).id })).cardId
}
