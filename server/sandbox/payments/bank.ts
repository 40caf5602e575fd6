import { z } from 'zod'
import { Journal } from './journal.ts'
import {
  type CardToken,
  type Customer,
  type Dispute,
  type EventType,
  type Intent,
  newId,
  type PaymentMethod,
  type Refund,
  type SandboxEvent,
  type SandboxObject,
} from './objects.ts'

const answerTtlMs = 24 * 3_600_000
/** Older events are still in the journal; the list of recent ones must not grow without end. */
const recentEventsMax = 100_000
const liveTokensMax = 50_000

export type StoredAnswer = {
  readonly fingerprint: string
  readonly status: number
  readonly body: string
  readonly atMs: number
  /** Set where the first caller is kept waiting on purpose; the same key then waits as long. */
  readonly notBeforeMs: number
}

/** One step: what it makes or changes, what it tells, and the answer to whoever asked for it. All of it or nothing. */
export type Step = {
  readonly kind: string
  readonly at: string
  readonly object?: SandboxObject | undefined
  /** The step told to the shop, with the object as it stands after the step. */
  readonly event?: EventType | undefined
  /** `problem` is the whole body of an answer that is not the object. */
  readonly answer?: { readonly key: string; readonly fingerprint: string; readonly status: number; problem?: unknown }
  readonly consumedToken?: string
  readonly settledEvents?: readonly string[]
  /** Kept out of the journal: it ends with the process. */
  readonly answerNotBeforeMs?: number
}

const Envelope = z.looseObject({
  seq: z.int(),
  at: z.iso.datetime(),
  kind: z.string(),
  object: z.looseObject({ object: z.string(), id: z.string() }).optional(),
  event: z.strictObject({ id: z.string(), type: z.string() }).optional(),
  answer: z
    .strictObject({ key: z.string(), fingerprint: z.string(), status: z.int(), problem: z.unknown().optional() })
    .optional(),
  consumedToken: z.string().optional(),
  settledEvents: z.array(z.string()).optional(),
})
type Entry = Omit<Step, 'event' | 'answerNotBeforeMs'> & {
  readonly event?: { id: string; type: EventType } | undefined
}

/** Everything the provider knows, in memory, and the journal that it can be made again from. */
export class Bank {
  readonly customers = new Map<string, Customer>()
  readonly tokens = new Map<string, CardToken>()
  readonly paymentMethods = new Map<string, PaymentMethod>()
  readonly intents = new Map<string, Intent>()
  readonly refunds = new Map<string, Refund>()
  readonly disputes = new Map<string, Dispute>()
  readonly intentsOfCheckout = new Map<string, string[]>()
  readonly methodsOfCustomer = new Map<string, string[]>()
  readonly refundsOfIntent = new Map<string, string[]>()
  readonly answers = new Map<string, StoredAnswer>()
  readonly recentEvents = new Map<string, SandboxEvent>()
  readonly unsettledEvents = new Map<string, SandboxEvent>()
  #journal!: Journal
  /** Told of each new event once its step is on the disk, and of each intent that changed. */
  #listener: { event(event: SandboxEvent): void; intent(intent: Intent): void } | null = null

  private constructor() {}

  static async open(directory: string, onFailure: (cause: Error) => void): Promise<Bank> {
    const bank = new Bank()
    const replay = (line: string, seq: number): void => {
      bank.#apply(readEntry(line, seq), undefined, 0)
    }
    bank.#journal = await Journal.open(directory, replay, onFailure)
    return bank
  }

  /** False once the journal failed: work that nobody waits for must then be left undone. */
  get isWritable(): boolean {
    return this.#journal.isWritable
  }

  listen(listener: { event(event: SandboxEvent): void; intent(intent: Intent): void }): void {
    this.#listener = listener
  }

  /**
   * Takes the step in memory and appends it to the journal; returns the object as JSON text.
   * It stands only when `durable()` has resolved, so nothing may be answered before.
   */
  commit(step: Step): string {
    const objectJson = step.object === undefined ? '' : JSON.stringify(step.object)
    const event = step.event === undefined ? undefined : { id: newId('event'), type: step.event }
    const { object, answerNotBeforeMs = 0, ...rest } = step
    const head = JSON.stringify({ seq: this.#journal.nextSeq, ...rest, event })
    this.#journal.append(object === undefined ? head : `${head.slice(0, -1)},"object":${objectJson}}`)
    const told = this.#apply({ ...rest, event, object }, objectJson, answerNotBeforeMs)
    if (object?.object === 'payment_intent') this.#listener?.intent(object)
    if (told) {
      // The journal itself reports its failure, which ends the process.
      this.#journal.flushed().then(
        () => this.#listener?.event(told),
        () => undefined,
      )
    }
    return objectJson
  }

  /** Every answer, of a question too, waits for this: it must not show what a crash could take back. */
  durable(): Promise<void> {
    return this.#journal.flushed()
  }

  journalEntries(afterSeq: number, limit: number): Promise<string[]> {
    return this.#journal.read(afterSeq, limit)
  }

  /** Whether there are as many unspent card tokens as are kept; forgets those past their time first. */
  tokensFull(nowMs: number): boolean {
    for (const [id, token] of this.tokens) {
      if (Date.parse(token.expiresAt) > nowMs) break
      this.tokens.delete(id)
    }
    return this.tokens.size >= liveTokensMax
  }

  close(): Promise<void> {
    return this.#journal.close()
  }

  #apply(entry: Entry, objectJson: string | undefined, notBeforeMs: number): SandboxEvent | undefined {
    const { object, answer } = entry
    if (entry.consumedToken !== undefined) this.tokens.delete(entry.consumedToken)
    if (object) this.#put(object)
    for (const id of entry.settledEvents ?? []) this.unsettledEvents.delete(id)
    if (answer) {
      const body =
        answer.problem === undefined ? (objectJson ?? JSON.stringify(object)) : JSON.stringify(answer.problem)
      const { fingerprint, status } = answer
      const atMs = Date.parse(entry.at)
      this.answers.set(answer.key, { fingerprint, status, body, atMs, notBeforeMs })
      this.#forgetAnswersBefore(atMs - answerTtlMs)
    }
    return entry.event && object && this.#keepEvent(entry.event, entry.at, object)
  }

  #put(object: SandboxObject): void {
    switch (object.object) {
      case 'customer':
        this.customers.set(object.id, object)
        return
      case 'token':
        this.tokens.set(object.id, object)
        return
      case 'payment_method':
        if (!this.paymentMethods.has(object.id)) pushTo(this.methodsOfCustomer, object.customer, object.id)
        this.paymentMethods.set(object.id, object)
        return
      case 'payment_intent':
        if (!this.intents.has(object.id)) pushTo(this.intentsOfCheckout, object.metadata.checkoutId, object.id)
        this.intents.set(object.id, object)
        return
      case 'refund': {
        this.refunds.set(object.id, object)
        pushTo(this.refundsOfIntent, object.paymentIntent, object.id)
        const intent = this.intents.get(object.paymentIntent)
        if (!intent) throw new Error(`Refund ${object.id} has no intent`)
        this.intents.set(intent.id, { ...intent, refundedMinor: intent.refundedMinor + object.amountMinor })
        return
      }
      case 'dispute':
        this.disputes.set(object.id, object)
        return
    }
  }

  #keepEvent(about: { id: string; type: EventType }, createdAt: string, object: SandboxObject): SandboxEvent {
    const isTold = object.object === 'payment_intent' || object.object === 'refund' || object.object === 'dispute'
    if (!isTold) throw new Error(`No event can be about a ${object.object}`)
    const event: SandboxEvent = { ...about, createdAt, data: { object } }
    this.recentEvents.set(event.id, event)
    this.unsettledEvents.set(event.id, event)
    if (this.recentEvents.size > recentEventsMax) {
      const [oldest] = this.recentEvents.keys()
      if (oldest !== undefined) this.recentEvents.delete(oldest)
    }
    return event
  }

  #forgetAnswersBefore(timeMs: number): void {
    for (const [key, answer] of this.answers) {
      if (answer.atMs >= timeMs) return
      this.answers.delete(key)
    }
  }
}

function readEntry(line: string, seq: number): Entry {
  const parsed = Envelope.safeParse(parseJson(line))
  if (!parsed.success || parsed.data.seq !== seq) {
    throw new Error(
      `Line ${seq} of the payment journal is damaged. Restore the file, or start with an empty directory.`,
    )
  }
  // The envelope is checked; the objects inside are those that this process wrote itself.
  return parsed.data as unknown as Entry
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function pushTo(lists: Map<string, string[]>, key: string, value: string): void {
  const list = lists.get(key)
  if (list) list.push(value)
  else lists.set(key, [value])
}
