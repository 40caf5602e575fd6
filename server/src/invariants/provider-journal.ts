import { open } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'

const fileName = 'payments.jsonl'
const pageEntries = 1_000
const answerMsMax = 20_000

/** What the provider itself wrote down before it answered: the witness about money that is not our database. */
const Entry = z.looseObject({ seq: z.int(), at: z.iso.datetime(), kind: z.string(), object: z.unknown().optional() })
const Intent = z.looseObject({
  object: z.literal('payment_intent'),
  id: z.string(),
  status: z.string(),
  amountMinor: z.int(),
  capturedMinor: z.int(),
  currency: z.string(),
  metadata: z.looseObject({ checkoutId: z.string(), orderId: z.string() }),
})
const Refund = z.looseObject({
  object: z.literal('refund'),
  id: z.string(),
  paymentIntent: z.string(),
  amountMinor: z.int(),
  currency: z.string(),
})
const Page = z.object({ entries: z.array(Entry) })

export interface WitnessedIntent {
  readonly intentRef: string
  readonly checkoutId: string
  readonly orderId: string
  readonly status: string
  readonly amountMinor: number
  readonly currency: string
  /** Captures, each as much as it took. */
  readonly captures: { readonly amountMinor: number; readonly atMs: number }[]
  readonly refunds: { readonly refundRef: string; readonly amountMinor: number; readonly atMs: number }[]
  /** Of the last entry. */
  readonly atMs: number
}

export interface ProviderJournal {
  /** Every payment that anything was written of, as it stands, with all that was ever taken and given back. */
  intents(): Promise<WitnessedIntent[]>
}

export type ProviderSource = { readonly directory: string } | { readonly url: string; readonly apiKey: string }

/** The journal of the sandbox provider: its file, or the same over its API. */
export function openProviderJournal(source: ProviderSource): ProviderJournal {
  const entries = 'directory' in source ? readFileOf(source.directory) : readApiOf(source)
  return { intents: () => fold(entries) }
}

type Entries = () => AsyncIterable<z.infer<typeof Entry>>

function readFileOf(directory: string): Entries {
  return async function* () {
    const file = await open(path.join(directory, fileName))
    let rest: string | undefined
    for await (const line of file.readLines()) {
      if (rest !== undefined) yield Entry.parse(JSON.parse(rest))
      rest = line
    }
    // The last line may be cut off: the provider was killed, and has never answered what it says.
    const last = rest === undefined ? undefined : tryJson(rest)
    if (last !== undefined) yield Entry.parse(last)
  }
}

function readApiOf({ url, apiKey }: { readonly url: string; readonly apiKey: string }): Entries {
  return async function* () {
    for (let after = 0; ; ) {
      const answer = await fetch(`${url}/v1/journal?after=${after}&limit=${pageEntries}`, {
        headers: { authorization: `Bearer ${apiKey}` },
        signal: AbortSignal.timeout(answerMsMax),
      })
      if (!answer.ok) throw new Error(`The provider answered ${answer.status} when its journal was read`)
      const { entries } = Page.parse(await answer.json())
      yield* entries
      after = entries.at(-1)?.seq ?? after
      if (entries.length < pageEntries) return
    }
  }
}

async function fold(entries: Entries): Promise<WitnessedIntent[]> {
  const intents = new Map<string, WitnessedIntent>()
  for await (const { at, kind, object } of entries()) {
    const atMs = Date.parse(at)
    const intent = Intent.safeParse(object).data
    if (intent) {
      const before = intents.get(intent.id)
      const captures = before?.captures ?? []
      if (kind === 'intent.captured') captures.push({ amountMinor: intent.capturedMinor, atMs })
      const { id, status, amountMinor, currency, metadata } = intent
      const { checkoutId, orderId } = metadata
      const refunds = before?.refunds ?? []
      intents.set(id, { intentRef: id, checkoutId, orderId, status, amountMinor, currency, captures, refunds, atMs })
    }
    const refund = kind === 'refund.created' ? Refund.safeParse(object).data : undefined
    if (refund)
      intents.get(refund.paymentIntent)?.refunds.push({ refundRef: refund.id, amountMinor: refund.amountMinor, atMs })
  }
  return [...intents.values()]
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
