import http from 'node:http'
import https from 'node:https'
import { Webhook } from 'standardwebhooks'
import type { DeliveryMode } from './cards.ts'
import { DueQueue } from './due-queue.ts'
import type { SandboxEvent } from './objects.ts'

/** Standard Webhooks asks for retries over days; the wait doubles up to a minute so that a shop that is back hears soon. */
const giveUpMs = 3 * 24 * 3_600_000
const retryMsMax = 60_000
const attemptMsMax = 10_000
/** So many failures in a row mean that the shop is away: then one delivery at a time asks whether it is back. */
const failuresInRowMax = 10
const pauseMsMax = 2_000
const closeMsMax = 1_000
/** About 100 MB of events. Past it, events are given up at once: the shop finds them by looking. */
const queuedMax = 100_000
/** Deliveries are noted in the journal in batches; a crash between repeats some, which at-least-once allows. */
const settleBatchMs = 250
const settleBatchMax = 500

export type WebhookOptions = {
  readonly url: string
  readonly secret: string
  readonly concurrency: number
  readonly retryMs: number
  readonly lateMs: number
  readonly reorderMs: number
  readonly modeOf: (event: SandboxEvent) => DeliveryMode
  /** Takes the ids of events that need no further delivery. */
  readonly settle: (eventIds: string[]) => void
  readonly onGivenUp: (eventId: string, reason: 'queue full' | 'too old') => void
}

type Delivery = {
  readonly event: SandboxEvent
  /** How many successes are still owed: two where the card asks for doubled webhooks. */
  owed: number
  failures: number
  /** Sent only after this one has arrived, so that reversed order is really seen reversed. */
  readonly followers: Delivery[]
}

/**
 * Tells the shop of events: signed after Standard Webhooks, at least once, in no promised order, with a bounded number
 * at a time. A failed one is sent again with doubled waits and jitter.
 */
export class WebhookSender {
  readonly #options: WebhookOptions
  readonly #signer: Webhook
  readonly #url: URL
  readonly #agent: http.Agent
  readonly #ready: Delivery[] = []
  readonly #waiting = new DueQueue<() => void>((run) => run())
  readonly #held = new Map<string, Delivery[]>()
  readonly #settled: string[] = []
  #settleTimer: NodeJS.Timeout | null = null
  #inFlight = 0
  #failuresInRow = 0
  #isPaused = false
  #queued = 0
  #closed = false
  #onIdle: () => void = () => undefined

  constructor(options: WebhookOptions) {
    this.#options = options
    this.#signer = new Webhook(options.secret)
    this.#url = new URL(options.url)
    const { Agent } = this.#url.protocol === 'https:' ? https : http
    this.#agent = new Agent({ keepAlive: true, maxSockets: options.concurrency, timeout: 30_000 })
  }

  /** How many events wait for delivery. */
  get queued(): number {
    return this.#queued
  }

  /** Takes an event whose step is on the disk. */
  offer(event: SandboxEvent): void {
    if (this.#closed) return
    const mode = this.#options.modeOf(event)
    if (mode === 'dropped') {
      this.#settle(event.id)
      return
    }
    if (this.#queued >= queuedMax) {
      this.#giveUp(event.id, 'queue full')
      return
    }
    this.#queued++
    const delivery: Delivery = { event, owed: mode === 'doubled' ? 2 : 1, failures: 0, followers: [] }
    if (mode === 'late') this.#later(this.#options.lateMs, delivery)
    else if (mode === 'reversed') this.#hold(delivery)
    else this.#enqueue(delivery)
  }

  /** Starts nothing new and gives deliveries under way a moment to be answered; the rest is sent after the next start. */
  async close(): Promise<void> {
    this.#closed = true
    this.#waiting.close()
    if (this.#inFlight > 0) {
      const impatience = setTimeout(() => this.#agent.destroy(), closeMsMax)
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve
      })
      clearTimeout(impatience)
    }
    this.#agent.destroy()
    this.#writeSettled()
  }

  /** Keeps the first event of an object back until a second one is there, or for a while. */
  #hold(delivery: Delivery): void {
    const { object } = delivery.event.data
    const about = object.object === 'payment_intent' ? object.id : object.paymentIntent
    const first = this.#held.get(about)
    if (first) {
      first.push(delivery)
      this.#release(about)
      return
    }
    const group = [delivery]
    this.#held.set(about, group)
    this.#waiting.add(Date.now() + this.#options.reorderMs, () => {
      if (this.#held.get(about) === group) this.#release(about)
    })
  }

  #release(about: string): void {
    const [first, ...others] = this.#held.get(about) ?? []
    this.#held.delete(about)
    if (!first) return
    const newest = others.pop()
    newest?.followers.push(first)
    this.#enqueue(newest ?? first)
  }

  #later(waitMs: number, delivery: Delivery): void {
    this.#waiting.add(Date.now() + waitMs, () => this.#enqueue(delivery))
  }

  #enqueue(delivery: Delivery): void {
    this.#ready.push(delivery)
    this.#pump()
  }

  #pump(): void {
    const concurrency = this.#failuresInRow >= failuresInRowMax ? 1 : this.#options.concurrency
    while (!this.#closed && !this.#isPaused && this.#inFlight < concurrency) {
      const delivery = this.#ready.shift()
      if (!delivery) return
      this.#inFlight++
      this.#send(delivery.event).then((isTaken) => {
        this.#inFlight--
        this.#failuresInRow = isTaken ? 0 : this.#failuresInRow + 1
        if (this.#failuresInRow >= failuresInRowMax) this.#pause()
        if (isTaken || !this.#closed) this.#finish(delivery, isTaken)
        if (this.#inFlight === 0) this.#onIdle()
        this.#pump()
      })
    }
  }

  #pause(): void {
    if (this.#isPaused) return
    this.#isPaused = true
    this.#waiting.add(Date.now() + Math.min(pauseMsMax, this.#options.retryMs), () => {
      this.#isPaused = false
      this.#pump()
    })
  }

  #finish(delivery: Delivery, isTaken: boolean): void {
    const isTooOld = Date.now() - Date.parse(delivery.event.createdAt) > giveUpMs
    if (!isTaken && !isTooOld) {
      const fullMs = Math.min(retryMsMax, this.#options.retryMs * 2 ** Math.min(delivery.failures, 20))
      delivery.failures++
      this.#later(fullMs * (0.5 + Math.random() / 2), delivery)
      return
    }
    for (const next of delivery.followers.splice(0)) this.#enqueue(next)
    delivery.owed--
    if (isTaken && delivery.owed > 0) {
      this.#enqueue(delivery)
      return
    }
    this.#queued--
    if (isTaken) this.#settle(delivery.event.id)
    else this.#giveUp(delivery.event.id, 'too old')
  }

  #giveUp(eventId: string, reason: 'queue full' | 'too old'): void {
    this.#options.onGivenUp(eventId, reason)
    this.#settle(eventId)
  }

  #settle(eventId: string): void {
    this.#settled.push(eventId)
    if (this.#settled.length >= settleBatchMax) this.#writeSettled()
    else this.#settleTimer ??= setTimeout(() => this.#writeSettled(), settleBatchMs)
  }

  #writeSettled(): void {
    if (this.#settleTimer) clearTimeout(this.#settleTimer)
    this.#settleTimer = null
    if (this.#settled.length > 0) this.#options.settle(this.#settled.splice(0))
  }

  /** One attempt; true where the shop answered with success. Never throws: any failure is a reason to try again. */
  #send(event: SandboxEvent): Promise<boolean> {
    const body = JSON.stringify({ id: event.id, type: event.type, createdAt: event.createdAt, data: event.data })
    const now = new Date()
    const { request } = this.#url.protocol === 'https:' ? https : http
    return new Promise((resolve) => {
      const attempt = request(this.#url, {
        method: 'POST',
        agent: this.#agent,
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          'webhook-id': event.id,
          'webhook-timestamp': Math.floor(now.getTime() / 1000).toString(),
          'webhook-signature': this.#signer.sign(event.id, now, body),
        },
      })
      const timer = setTimeout(() => attempt.destroy(), attemptMsMax)
      attempt.on('close', () => {
        clearTimeout(timer)
        resolve(false)
      })
      attempt.on('response', (response) => {
        const isTaken = response.statusCode !== undefined && response.statusCode >= 200 && response.statusCode < 300
        response.on('error', () => resolve(false))
        response.on('end', () => resolve(isTaken))
        response.on('close', () => resolve(false))
        response.resume()
      })
      attempt.on('error', () => resolve(false))
      attempt.end(body)
    })
  }
}
