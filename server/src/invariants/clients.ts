import { type AnswerLine, type ClientJournal, type IntentLine, type JournalKind, resultOf } from './client-journal.ts'
import { type Evidence, type Found, found, type Invariant } from './invariant.ts'

/** What is written of an operation; absent where nothing is. */
type Written = Readonly<Record<string, unknown>>

/** By kind: what the stores hold of these operations, by operation id and actor. */
const writtenText: Record<JournalKind, string> = {
  reserve: `SELECT operation_id AS "operationId", account_id AS actor, id AS "holdId", flash_sale_id AS "flashSaleId", units
    FROM holds WHERE operation_id = ANY ($1::uuid[])`,
  checkout: `SELECT c.operation_id AS "operationId", c.account_id AS actor, c.id AS "checkoutId", c.order_id AS "orderId", c.state
    FROM checkouts c WHERE c.operation_id = ANY ($1::uuid[])`,
  bid: `SELECT bid_id AS "operationId", account_id AS actor, auction_id AS "auctionId", what AS kind,
      amount_minor::float8 AS "amountMinor", answer FROM auction_ledger WHERE bid_id = ANY ($1::uuid[])`,
  max: '',
  buy: '',
  refund: `SELECT operation_id AS "operationId", requested_by AS actor, id AS "refundId", order_id AS "orderId",
      amount_minor::float8 AS "amountMinor" FROM payment_refunds WHERE operation_id = ANY ($1::uuid[])`,
}
writtenText.max = writtenText.bid
writtenText.buy = writtenText.bid

/** Fields of an intent and of an `ok` that must be written as they were asked and answered. */
const keptFields: Record<JournalKind, readonly string[]> = {
  reserve: ['flashSaleId', 'units', 'holdId'],
  checkout: ['checkoutId', 'orderId'],
  bid: ['auctionId', 'amountMinor', 'answer'],
  max: ['auctionId', 'amountMinor', 'answer'],
  buy: ['auctionId'],
  refund: ['orderId', 'refundId', 'amountMinor'],
}

const idsMax = 5_000

interface Operation {
  readonly intent: IntentLine
  readonly answers: readonly AnswerLine[]
}

function operationsOf({ intents, answers }: ClientJournal): Operation[] {
  const byOperation = Map.groupBy(answers, (one) => one.operationId)
  return intents.map((intent) => ({ intent, answers: byOperation.get(intent.operationId) ?? [] }))
}

async function readWritten(
  evidence: Evidence,
  kind: JournalKind,
  ids: readonly string[],
): Promise<Map<string, Written>> {
  const written = new Map<string, Written>()
  for (let from = 0; from < ids.length; from += idsMax) {
    const part = ids.slice(from, from + idsMax)
    // What a client was told before it wrote may be newer than the snapshot, never newer than now.
    const rows = await evidence.now.query<Written>({ name: '', text: writtenText[kind] }, [part])
    for (const row of rows) written.set(`${row.operationId} ${row.actor}`, row)
  }
  return written
}

/** What `ok` has promised and is not written so. */
function brokenPromise({ intent, answers }: Operation, written: Written | undefined): string | undefined {
  const ok = answers.find((one) => one.answer === 'ok')
  if (!ok) return undefined
  if (!written) return 'was answered ok, and nothing is written'
  const result = resultOf[intent.kind].safeParse(ok.result)
  if (!result.success) return `has an answer without its result: ${result.error.issues[0]?.path.join('.')}`
  const told: Written = { ...intent.intent, ...result.data }
  for (const field of keptFields[intent.kind])
    if (told[field] !== undefined && written[field] !== told[field])
      return `was told ${field} ${String(told[field])}, written is ${String(written[field])}`
  if (intent.kind !== 'reserve' && intent.kind !== 'checkout' && intent.kind !== 'refund') {
    if (written.kind !== intent.kind) return `was a ${intent.kind}, written is a ${String(written.kind)}`
  }
  if (intent.kind === 'checkout' && told.state !== undefined && written.state !== told.state)
    return `was told to be ${String(told.state)}, and is ${String(written.state)}`
  return undefined
}

/** Refused and never answered otherwise, so nothing of it may be written. */
function isRefused({ answers }: Operation): boolean {
  return answers.length > 0 && answers.every((one) => one.answer === 'refused')
}

function isExcused({ intent, answers }: Operation, { lost }: ClientJournal): boolean {
  if (!['reserve', 'bid', 'max', 'buy'].includes(intent.kind)) return false
  const answeredAt = answers.map((one) => one.at ?? intent.at)
  return lost.some(({ at, since }) => answeredAt.some((moment) => moment >= since && moment <= at))
}

async function brokenPromises(evidence: Evidence): Promise<Found> {
  const { journals } = evidence
  if (!journals) return found([])
  const broken: unknown[] = []
  const known = new Set(journals.intents.map((one) => one.operationId))
  for (const { operationId } of journals.answers)
    if (!known.has(operationId))
      broken.push({ operationId, problem: 'was answered, and nobody has written that it was asked' })
  for (const [kind, operations] of Map.groupBy(operationsOf(journals), (one) => one.intent.kind)) {
    const written = await readWritten(
      evidence,
      kind,
      operations.map((one) => one.intent.operationId),
    )
    for (const operation of operations) {
      const { operationId, actor } = operation.intent
      const row = written.get(`${operationId} ${actor}`)
      const problem = isRefused(operation) ? row && 'was refused, and is written' : brokenPromise(operation, row)
      if (problem && !(row === undefined && isExcused(operation, journals)))
        broken.push({ kind, operationId, actor, problem })
    }
  }
  return found(broken)
}

/** A repeated operation is answered as the first time. What moves on with time, such as a state, may have moved. */
function brokenRepeats({ journals }: Evidence): unknown[] {
  if (!journals) return []
  return operationsOf(journals).flatMap(({ intent, answers }) => {
    const told = answers
      .filter((one) => one.answer === 'ok')
      .map(({ result }) =>
        JSON.stringify(['holdId', 'checkoutId', 'orderId', 'refundId', 'answer'].map((field) => result[field] ?? null)),
      )
    const isSame = new Set(told).size <= 1
    return isSame ? [] : [{ operationId: intent.operationId, kind: intent.kind, told: told.slice(0, 3) }]
  })
}

/** Bids that nobody has asked for, in auctions all of whose bidders have kept a journal. */
async function unaskedBids(evidence: Evidence): Promise<Found> {
  const { journals, now } = evidence
  const asked = (journals?.intents ?? []).filter((one) => ['bid', 'max', 'buy'].includes(one.kind))
  if (asked.length === 0) return found([])
  const rows = await now.query<Written>(
    {
      name: '',
      text: `SELECT auction_id AS "auctionId", bid_id AS "bidId", account_id AS actor FROM auction_ledger
        WHERE what IN ('bid', 'max', 'buy') AND account_id = ANY ($1::uuid[]) AND NOT bid_id = ANY ($2::uuid[])
          AND at_ms >= $3`,
    },
    [
      [...new Set(asked.map((one) => one.actor))],
      asked.map((one) => one.operationId),
      Math.min(...asked.map((one) => one.at)),
    ],
  )
  return found(rows)
}

const rule = (id: string, sentence: string, find: Invariant['find'], reads: Invariant['reads']): Invariant => ({
  id,
  group: 'clients',
  rule: sentence,
  reads,
  isCheap: false,
  find,
})

export const clientInvariants: readonly Invariant[] = [
  rule('I10', 'what a client was answered is written, and what it was refused is not', brokenPromises, [
    'postgres',
    'journals',
  ]),
  rule('I19', 'a bidder with a journal has asked for every own bid', unaskedBids, ['postgres', 'journals']),
  rule(
    'I6',
    'an operation that comes again is answered as the first time',
    async (evidence) => found(brokenRepeats(evidence)),
    ['journals'],
  ),
]
