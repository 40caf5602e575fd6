import { issueStreamToken } from '../../contracts/index.ts'
import type { Client } from '../client.ts'

/** A token must still be good when the server reads it. */
const SAFE_MS = 5_000

export interface HeldToken {
  streamToken: string
  /** By the monotonic clock of this page. */
  endsAtTick: number
}

/** Refuses: show.not_found, show.not_live, auth.forbidden for publishing. */
export async function newStreamToken(
  client: Client,
  showId: string,
  purpose: 'watch' | 'publish',
  signal?: AbortSignal,
): Promise<HeldToken> {
  const askedTick = performance.now()
  const { streamToken, expiresAtMs } = await client.call(issueStreamToken, { showId, purpose }, { signal })
  const lifetimeMs = Math.max(0, expiresAtMs - client.clock.now())
  // Sixty seconds by contract; the page's idea of the server's time may still be a guess.
  return { streamToken, endsAtTick: askedTick + Math.min(lifetimeMs, 60_000) }
}

export const isGood = (token: HeldToken): boolean => token.endsAtTick - performance.now() > SAFE_MS
