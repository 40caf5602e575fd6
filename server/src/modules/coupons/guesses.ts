import type { AccountId } from '@livelot/client/contracts'

/** A person mistypes a code a few times; a machine that guesses is slowed to one try in ten seconds. */
const burst = 10
const perSecond = 0.1
const accountsMax = 100_000

export interface Guesses {
  /** How long this account must wait before another code is looked up for it; 0: not at all. */
  waitMs(accountId: AccountId): number
  /** A code was asked for that is none. */
  missed(accountId: AccountId): void
}

/**
 * Counts codes that were asked for in vain, by account, in this process. A code that is there costs nothing, so a buyer
 * may look at the price as often as wanted. Bounded: the accounts that missed longest ago are forgotten first.
 */
export function createGuesses(now: () => number = () => performance.now()): Guesses {
  const spent = new Map<AccountId, { missed: number; atMs: number }>()
  const missedNow = (accountId: AccountId): number => {
    const one = spent.get(accountId)
    return one ? Math.max(0, one.missed - ((now() - one.atMs) / 1_000) * perSecond) : 0
  }
  return {
    waitMs: (accountId) => Math.max(0, Math.ceil(((missedNow(accountId) + 1 - burst) / perSecond) * 1_000)),
    missed: (accountId) => {
      const missed = missedNow(accountId) + 1
      spent.delete(accountId)
      spent.set(accountId, { missed, atMs: now() })
      const [oldest] = spent.keys()
      if (spent.size > accountsMax && oldest !== undefined) spent.delete(oldest)
    },
  }
}
