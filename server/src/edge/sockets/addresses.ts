import type { IncomingMessage } from 'node:http'
import { addressKey } from '../address-key.ts'
import { createBuckets } from '../token-bucket.ts'
import type { AddressLimits } from './limits.ts'

/**
 * Address of the far end. Behind proxies of ours it is what the outermost of them wrote: `trustedHops` from the right.
 * Whatever stands further left was written by the client.
 */
export function addressOf(request: IncomingMessage, trustedHops: number): string {
  const own = request.socket.remoteAddress ?? ''
  if (trustedHops === 0) return own
  const header = request.headers['x-forwarded-for']
  const chain = (Array.isArray(header) ? header.join(',') : (header ?? '')).split(',').map((part) => part.trim())
  return chain.at(-trustedHops) || own
}

/** How many connections each address has and may open; in this process only. */
export class Addresses {
  readonly #limits: AddressLimits
  readonly #open = new Map<string, number>()
  readonly #news: ReturnType<typeof createBuckets>

  constructor(limits: AddressLimits) {
    this.#limits = limits
    this.#news = createBuckets({ burst: limits.burst, perSecond: limits.perSecond })
  }

  mayOpen(ip: string): boolean {
    const key = addressKey(ip)
    return (this.#open.get(key) ?? 0) < this.#limits.openMax && this.#news.take(key) === 0
  }

  opened(ip: string): void {
    const key = addressKey(ip)
    this.#open.set(key, (this.#open.get(key) ?? 0) + 1)
  }

  closed(ip: string): void {
    const key = addressKey(ip)
    const left = (this.#open.get(key) ?? 1) - 1
    if (left > 0) this.#open.set(key, left)
    else this.#open.delete(key)
  }
}
