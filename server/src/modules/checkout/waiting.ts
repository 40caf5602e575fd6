import { type AccountId, Checkout, checkoutChanged } from '@livelot/client/contracts'
import type { Bus } from '#infra/redis/bus'
import type { Teller } from '#kernel/teller'

/** On it every process hears which checkout moved, so that no page has to ask Postgres again and again. */
export const checkoutsChannel = 'livelot:checkouts:changed'

/** Tells of checkouts that moved, and lets requests wait for one. Both best effort: whoever waits also reads now and then. */
export function createWaiting(parts: {
  readonly bus: Bus
  readonly teller: Teller
  /** Any checkout moved, whichever process it was in. */
  readonly onTold?: (checkoutId: string) => void
}) {
  const waiting = new Map<string, Set<(checkout: Checkout) => void>>()
  const hear = (message: string) => {
    const checkoutId = message.slice(0, message.indexOf(' '))
    parts.onTold?.(checkoutId)
    const listeners = waiting.get(checkoutId)
    if (!listeners) return
    const checkout = Checkout.parse(JSON.parse(message.slice(checkoutId.length + 1)))
    for (const listener of listeners) listener(checkout)
  }
  let unsubscribe: (() => void) | undefined
  const begin = () => {
    unsubscribe ??= parts.bus.subscribe(checkoutsChannel, hear)
  }

  return {
    /** From now on this process hears what is told. */
    begin,

    tell: (accountId: AccountId, checkout: Checkout): void => {
      parts.teller.toAccount(accountId, checkoutChanged, { checkout })
      parts.bus.publish(checkoutsChannel, `${checkout.checkoutId} ${JSON.stringify(checkout)}`)
    },

    /** Listens from now until `close`; `next` answers the next state told, or null when `timeoutMs` is over. */
    listen: (checkoutId: string) => {
      begin()
      let latest: Checkout | null = null
      let wake: () => void = () => undefined
      const listener = (checkout: Checkout) => {
        latest = checkout
        wake()
      }
      const listeners = waiting.get(checkoutId) ?? new Set()
      waiting.set(checkoutId, listeners.add(listener))
      return {
        next: async (timeoutMs: number): Promise<Checkout | null> => {
          if (latest === null && timeoutMs > 0)
            await new Promise<void>((resolve) => {
              const timer = setTimeout(resolve, timeoutMs)
              wake = () => {
                clearTimeout(timer)
                resolve()
              }
            })
          const told = latest
          latest = null
          return told
        },
        close: () => {
          listeners.delete(listener)
          if (listeners.size === 0) waiting.delete(checkoutId)
        },
      }
    },

    close: () => unsubscribe?.(),
  }
}

export type Waiting = ReturnType<typeof createWaiting>
