import type { Log } from '#kernel/log'
import type { Redis } from './client.ts'

/** Pub/sub among our processes: wake-ups and tellings that may be lost, because each has a slower, sure way beside it. */
export interface Bus {
  publish(channel: string, message: string): void
  /** Calls `listener` for each message until the returned function is called. */
  subscribe(channel: string, listener: (message: string) => void): () => void
}

export function createBus(publisher: Redis, subscriber: Redis, log: Log): Bus {
  const listeners = new Map<string, Set<(message: string) => void>>()
  subscriber.on('message', (channel: string, message: string) => {
    for (const listener of listeners.get(channel) ?? []) {
      try {
        listener(message)
      } catch (error) {
        log.error({ err: error, channel }, 'a listener of the bus failed')
      }
    }
  })
  return {
    publish: (channel, message) => {
      publisher.publish(channel, message).catch((error: unknown) => log.debug({ err: error, channel }, 'not published'))
    },
    subscribe: (channel, listener) => {
      const set = listeners.get(channel) ?? new Set()
      listeners.set(channel, set.add(listener))
      // ioredis subscribes again by itself after a reconnect.
      if (set.size === 1)
        subscriber.subscribe(channel).catch((error: unknown) => log.warn({ err: error, channel }, 'not subscribed'))
      return () => {
        set.delete(listener)
        if (set.size === 0) subscriber.unsubscribe(channel).catch(() => undefined)
      }
    },
  }
}
