import type { Client } from '../client.ts'
import { type Kit, kitOf } from './kit.ts'
import { type HeldToken, isGood, newStreamToken } from './stream-token.ts'

/** A token lives 60 s; a fresh one is fetched before that, while the viewer still hesitates. */
const RENEW_EVERY_MS = 50_000
/** About a quarter of an hour; whoever taps later waits for one more round trip. */
const RENEWALS_MAX = 18

/** Everything that can be done before the tap: socket, device, certificate, stream token. */
export class Prefetched {
  readonly showId: string
  readonly kit: Kit
  readonly #client: Client
  readonly #release: () => void
  #token: HeldToken
  #renewals = 0
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(client: Client, showId: string, kit: Kit, token: HeldToken, release: () => void) {
    this.showId = showId
    this.kit = kit
    this.#client = client
    this.#token = token
    this.#release = release
    this.#timer = setInterval(() => this.#renew(), RENEW_EVERY_MS)
  }

  /** The token, once, if it is still good. The renewing ends here. */
  takeToken(): HeldToken | null {
    clearInterval(this.#timer)
    const token = this.#token
    this.#token = { streamToken: '', endsAtTick: 0 }
    return isGood(token) ? token : null
  }

  /** Lets go of what was prepared; call it when the viewer leaves without watching. Repeats. */
  dispose(): void {
    clearInterval(this.#timer)
    this.#release()
  }

  #renew(): void {
    this.#renewals += 1
    if (this.#renewals >= RENEWALS_MAX) clearInterval(this.#timer)
    newStreamToken(this.#client, this.showId, 'watch').then(
      (token) => {
        this.#token = token
      },
      // The show may have ended; a watch that follows fetches its own token and tells the reason.
      () => undefined,
    )
  }
}

/** Refuses: media.unsupported, media.unavailable, show.not_found, show.not_live. */
export async function prefetch(client: Client, showId: string, signal?: AbortSignal): Promise<Prefetched> {
  const release = client.connection.hold()
  try {
    const [kit, token] = await Promise.all([
      kitOf(client),
      newStreamToken(client, showId, 'watch', signal),
      client.connection.whenOnline(signal),
    ])
    return new Prefetched(client, showId, kit, token, release)
  } catch (error) {
    release()
    throw error
  }
}
