import type { AccountId, DataOf, ToldEvent } from '@livelot/client/contracts'

/** Tells one person's open pages something, on whichever API process they are. Best effort: pages re-read on reconnect. */
export interface Teller {
  toAccount<E extends ToldEvent>(accountId: AccountId, event: E, data: DataOf<E>): void
}
