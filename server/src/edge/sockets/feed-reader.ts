import { setTimeout as delay } from 'node:timers/promises'
import type { Redis } from '#infra/redis/client'
import type { Log } from '#kernel/log'

/** One show whose log this process follows. */
export interface FeedTarget {
  readonly key: string
  /** Number of the newest event that it has. */
  readonly lastSeq: number
  accept(entries: readonly (readonly [string, string[]])[]): void
}

export interface FeedReaderOptions {
  /** A connection of its own: it waits in XREAD nearly all the time. */
  readonly redis: Redis
  /** Wakes the waiting connection. */
  readonly hot: Redis
  readonly targets: () => readonly FeedTarget[]
  /** The connection was lost and is back: what stands in Redis may be older than what was read. */
  readonly onReconnected: () => void
  readonly log: Log
}

export interface FeedReader {
  /** The set of shows or a place in one has changed: read from there now. */
  wake(): void
  close(): void
}

const blockMs = 5_000
const entriesMax = 500
const wakeAgainMs = 5
const retryMs = 100

class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost'
}

/** Follows the logs of all shows that this process has viewers for, by one blocking read over all of them. */
export function startFeedReader({ redis, hot, targets, onReconnected, log }: FeedReaderOptions): FeedReader {
  let isClosed = false
  let wanted = 0
  let served = 0
  let clientId: number | null = null
  let rest = Promise.withResolvers<void>()
  let stopWaiting: () => void = () => undefined
  let isWaking = false

  // NOTE: a reply that is lost with its connection never settles the call, so the loss itself must end the wait.
  const unlessLost = async <T>(call: Promise<T>): Promise<T> => {
    const lost = Promise.withResolvers<never>()
    const onClose = () => lost.reject(new ConnectionLost())
    redis.once('close', onClose)
    call.catch(() => undefined)
    try {
      return await Promise.race([call, lost.promise])
    } finally {
      redis.off('close', onClose)
    }
  }

  const whenReady = async () => {
    if (redis.status === 'ready') return
    const ready = Promise.withResolvers<void>()
    redis.once('ready', ready.resolve)
    stopWaiting = ready.resolve
    await ready.promise
    redis.off('ready', ready.resolve)
  }

  const readOnce = async (): Promise<void> => {
    await whenReady()
    if (isClosed) return
    clientId ??= Number(await unlessLost(redis.client('ID')))
    served = wanted
    const following = targets()
    if (following.length === 0) {
      rest = Promise.withResolvers()
      await rest.promise
      return
    }
    const keys = following.map((target) => target.key)
    const after = following.map((target) => `${target.lastSeq}-0`)
    const reply = await unlessLost(
      redis.xread('COUNT', entriesMax, 'BLOCK', blockMs, 'STREAMS', ...keys, ...after) as Promise<
        [string, [string, string[]][]][] | null
      >,
    )
    const byKey = new Map(following.map((target) => [target.key, target]))
    for (const [key, entries] of reply ?? []) byKey.get(key)?.accept(entries)
  }

  const run = async () => {
    while (!isClosed) {
      try {
        await readOnce()
      } catch (error) {
        clientId = null
        if (isClosed) return
        if (!(error instanceof ConnectionLost)) log.warn({ err: error }, 'the feed could not be read')
        await delay(retryMs)
      }
    }
  }

  let hasBeenReady = redis.status === 'ready'
  const onReady = () => {
    if (hasBeenReady) onReconnected()
    hasBeenReady = true
  }
  redis.on('ready', onReady)
  // The loop catches everything itself.
  void run()

  // An UNBLOCK that comes before the read it is meant for does nothing, so it is sent until the loop has come round.
  const wakeUntilServed = async () => {
    if (isWaking) return
    isWaking = true
    while (!isClosed && served < wanted) {
      rest.resolve()
      if (clientId !== null && hot.status === 'ready') await hot.client('UNBLOCK', clientId).catch(() => undefined)
      await delay(clientId === null ? retryMs : wakeAgainMs)
    }
    isWaking = false
  }

  return {
    wake: () => {
      wanted += 1
      rest.resolve()
      wakeUntilServed().catch((error: unknown) => log.error({ err: error }, 'the feed reader was not woken'))
    },
    close: () => {
      isClosed = true
      redis.off('ready', onReady)
      rest.resolve()
      stopWaiting()
      redis.disconnect()
    },
  }
}
