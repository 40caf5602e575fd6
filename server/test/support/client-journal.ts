import { appendFileSync, mkdirSync } from 'node:fs'
import path from 'node:path'
import { LivelotError } from '@livelot/client'
import { IntentLine, type JournalLine } from '../../src/invariants/index.ts'

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
 * A client's own memory of what it asked and was told, on disk: JSON lines, an intent before its answers, in the form that
 * the checker of invariants reads. Unknown is followed by the same intent's next try.
 */
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
  // Who never wants anything has a journal too.
  appendFileSync(file, '')
  const write = (line: JournalLine) => appendFileSync(file, `${JSON.stringify(line)}\n`)
  return {
    file,
    intend: ({ id: operationId, accountId: actor, what, request: intent }) =>
      write(IntentLine.parse({ at: Date.now(), actor, operationId, kind: kindOf[what], intent })),
    answered: (operationId, result) =>
      write({ at: Date.now(), operationId, answer: 'ok', result: acknowledged(result) }),
    failed: (operationId, error) => {
      const code = error instanceof LivelotError ? error.code : String(error)
      write({ at: Date.now(), operationId, answer: isDecided(error) ? 'refused' : 'unknown', result: { code } })
    },
  }
}

const kindOf = { reserve: 'reserve', start: 'checkout', bid: 'bid', max: 'max', refund: 'refund' } as const

/** What must be there for ever: figures and states move on. */
function acknowledged({ hold, checkoutId, orderId, refundId, answer }: Readonly<Record<string, unknown>>) {
  const { holdId } = (hold ?? {}) as { holdId?: string }
  return { holdId, checkoutId, orderId, refundId, answer }
}
