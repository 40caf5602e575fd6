import type { AccountId } from '@livelot/client/contracts'
import type { Connection } from './connection.ts'

/** All connections of this process, found by account and by session. */
export class Directory {
  readonly #all = new Set<Connection>()
  readonly #byAccount = new Map<string, Set<Connection>>()

  get size(): number {
    return this.#all.size
  }

  add(connection: Connection): void {
    this.#all.add(connection)
    const { actor } = connection
    if (actor.kind !== 'account') return
    const set = this.#byAccount.get(actor.accountId) ?? new Set()
    this.#byAccount.set(actor.accountId, set.add(connection))
  }

  remove(connection: Connection): void {
    this.#all.delete(connection)
    const { actor } = connection
    if (actor.kind !== 'account') return
    const set = this.#byAccount.get(actor.accountId)
    set?.delete(connection)
    if (set?.size === 0) this.#byAccount.delete(actor.accountId)
  }

  all(): Connection[] {
    return [...this.#all]
  }

  ofAccount(accountId: AccountId): Connection[] {
    return [...(this.#byAccount.get(accountId) ?? [])]
  }

  ofSession(sessionId: string): Connection[] {
    return this.all().filter(({ actor }) => actor.kind === 'account' && actor.sessionId === sessionId)
  }
}
