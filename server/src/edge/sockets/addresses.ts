import type { IncomingMessage } from 'node:http'
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

  mayOpen(address: string): boolean {
    return (this.#open.get(address) ?? 0) < this.#limits.openMax && this.#news.take(address) === 0
  }

  opened(address: string): void {
    this.#open.set(address, (this.#open.get(address) ?? 0) + 1)
  }

  closed(address: string): void {
    const left = (this.#open.get(address) ?? 1) - 1
    if (left > 0) this.#open.set(address, left)
    else this.#open.delete(address)
  }
}
