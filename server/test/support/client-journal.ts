import { appendFileSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { LivelotError } from '@livelot/client'

/** What a client meant to do: written before it is sent. */
export interface JournalIntent {
  /** The operation id, the same for every try. */
  readonly id: string
  readonly accountId: string
  readonly what: 'reserve' | 'start' | 'bid' | 'max' | 'refund'
  readonly request: Readonly<Record<string, unknown>>
  readonly askedAtMs: number
}

/**
 * What the client knows of it afterwards. Unknown is followed by the same intent's next try; the last answer counts. An
 * intent without an answer is as unknown as one that says so.
 */
export interface JournalAnswer {
  readonly id: string
  readonly answer: 'ok' | 'refused' | 'unknown'
  /** Of a refusal, or of not knowing. */
  readonly code: string | null
  /** What was acknowledged: holdId, checkoutId and orderId, refundId, or the answer to a bid. */
  readonly result: Readonly<Record<string, unknown>> | null
  readonly answeredAtMs: number
}

/** A client's own memory of what it asked and was told, on disk: JSON lines, an intent before its answer. */
export interface ClientJournal {
  readonly file: string
  intend(intent: Omit<JournalIntent, 'askedAtMs'>): void
  answered(id: string, result: Readonly<Record<string, unknown>>): void
  /** A refusal of ours is an answer; anything else leaves it unknown. */
  failed(id: string, error: unknown): void
}

/** Codes of the server after which the client cannot know what became of its command, or may ask again. */
const undecided: readonly string[] = [
  'auction.gate_closed',
  'flash_sale.gate_closed',
  'flash_sale.not_open',
  'payment.unavailable',
  'request.rate_limited',
  'server.busy',
  'server.internal',
  'server.unavailable',
]

/** Whether the error is a decision of the server, so that the command has had no effect and will have none. */
export function isDecided(error: unknown): boolean {
  if (!(error instanceof LivelotError)) return false
  return !error.code.startsWith('client.') && !undecided.includes(error.code)
}

export function openClientJournal(folder: string, name: string): ClientJournal {
  mkdirSync(folder, { recursive: true })
  const file = path.join(folder, `${name}.jsonl`)
  const write = (line: JournalIntent | JournalAnswer) => appendFileSync(file, `${JSON.stringify(line)}\n`)
  return {
    file,
    intend: (intent) => write({ ...intent, askedAtMs: Date.now() }),
    answered: (id, result) => write({ id, answer: 'ok', code: null, result, answeredAtMs: Date.now() }),
    failed: (id, error) => {
      const code = error instanceof LivelotError ? error.code : String(error)
      const answer = isDecided(error) ? 'refused' : 'unknown'
      write({ id, answer, code, result: null, answeredAtMs: Date.now() })
    },
  }
}
