import { type Evidence, type Found, found, type Invariant } from './invariant.ts'
import type { WitnessedIntent } from './provider-journal.ts'

interface KnownOrder {
  readonly checkoutId: string
  readonly orderId: string
  readonly state: string
  readonly totalMinor: number
  readonly refundedMinor: number
  readonly currency: string
  readonly isOpen: boolean
  readonly isWatched: boolean
  readonly isRefunding: boolean
}

interface Books {
  readonly intents: readonly WitnessedIntent[]
  readonly orders: ReadonlyMap<string, KnownOrder>
  /** Deposits that may be held. */
  readonly deposits: ReadonlySet<string>
  /** What happened before this moment is not on its way any more. */
  readonly beforeMs: number
}

const ordersText = `
  SELECT o.checkout_id AS "checkoutId", o.id AS "orderId", o.state, o.total_minor::float8 AS "totalMinor",
    coalesce(a.refunded_minor, 0)::float8 AS "refundedMinor", o.currency, coalesce(c.is_open, false) AS "isOpen",
    coalesce(c.watch_until > clock_timestamp(), false) AS "isWatched",
    EXISTS (SELECT FROM payment_refunds r WHERE r.order_id = o.id AND r.state = 'pending') AS "isRefunding"
  FROM orders o LEFT JOIN checkouts c ON c.id = o.checkout_id LEFT JOIN payment_attempts a ON a.checkout_id = o.checkout_id`
const depositsText = `SELECT id::text AS id FROM deposits WHERE state NOT IN ('released', 'refused')`
// The snapshot stands still since its transaction began.
const nowText = `SELECT (extract(epoch FROM transaction_timestamp()) * 1000)::float8 AS "atMs"`

/** By evidence: all rules read the books together, and the journal is read once, after the snapshot was taken. */
const read = new WeakMap<Evidence, Promise<Books>>()

function booksOf(evidence: Evidence): Promise<Books> {
  const known = read.get(evidence)
  if (known) return known
  const made = readBooks(evidence)
  read.set(evidence, made)
  return made
}

async function readBooks({ snapshot, provider, graceMs }: Evidence): Promise<Books> {
  const query = <Row>(text: string) => snapshot.query<Row>({ name: '', text })
  const [clock] = await query<{ atMs: number }>(nowText)
  const orders = new Map((await query<KnownOrder>(ordersText)).map((order) => [order.checkoutId, order]))
  const deposits = new Set((await query<{ id: string }>(depositsText)).map(({ id }) => id))
  const intents = (await provider?.intents()) ?? []
  return { intents, orders, deposits, beforeMs: (clock?.atMs ?? 0) - graceMs }
}

const isPaid = (order: KnownOrder | undefined): boolean => order?.state === 'paid' || order?.state === 'refunded'
const sum = (all: readonly { readonly amountMinor: number }[]): number =>
  all.reduce((total, { amountMinor }) => total + amountMinor, 0)

type Rule = readonly [id: string, rule: string, broken: (books: Books) => unknown[]]

const rules: readonly Rule[] = [
  [
    'I7',
    'every capture in the journal of the provider has a paid order, or one that is on its way',
    ({ intents, orders, beforeMs }) =>
      intents
        .filter(({ captures }) => captures.some(({ atMs }) => atMs < beforeMs))
        .filter(({ checkoutId }) => !isPaid(orders.get(checkoutId)) && !orders.get(checkoutId)?.isOpen)
        .map(({ checkoutId, intentRef }) => ({ checkoutId, intentRef, state: orders.get(checkoutId)?.state ?? null })),
  ],
  [
    'I7',
    'no money is left on hold for what has failed',
    ({ intents, orders, deposits, beforeMs }) =>
      intents
        .filter(({ status, atMs }) => status === 'requires_capture' && atMs < beforeMs)
        .filter(({ checkoutId }) => {
          const order = orders.get(checkoutId)
          return order ? !order.isOpen && !order.isWatched : !deposits.has(checkoutId)
        })
        .map(({ checkoutId, intentRef }) => ({ checkoutId, intentRef })),
  ],
  [
    'I8',
    'a checkout is captured once at most',
    ({ intents }) =>
      [...Map.groupBy(intents, (one) => one.checkoutId)]
        .map(([checkoutId, all]) => ({ checkoutId, times: all.flatMap((one) => one.captures).length }))
        .filter(({ times }) => times > 1),
  ],
  [
    'I8',
    'what is captured is the total of the order, in its currency',
    ({ intents, orders }) =>
      intents.flatMap(({ checkoutId, currency, captures }) => {
        const order = orders.get(checkoutId)
        if (captures.length === 0 || !order) return []
        const captured = sum(captures)
        const isRight = captured <= order.totalMinor && currency === order.currency
        return isRight ? [] : [{ checkoutId, captured, total: order.totalMinor, currency }]
      }),
  ],
  [
    'I9',
    'a paid order was captured in full, by the journal of the provider',
    ({ intents, orders }) => {
      const captured = new Map<string, number>()
      for (const { checkoutId, captures } of intents)
        captured.set(checkoutId, (captured.get(checkoutId) ?? 0) + sum(captures))
      return [...orders.values()]
        .filter((order) => isPaid(order) && (captured.get(order.checkoutId) ?? 0) < order.totalMinor)
        .map(({ checkoutId, orderId }) => ({ checkoutId, orderId, captured: captured.get(checkoutId) ?? 0 }))
    },
  ],
  [
    'I14',
    'what the provider gave back is what we have recorded as given back',
    ({ intents, orders, beforeMs }) =>
      intents.flatMap(({ checkoutId, intentRef, captures, refunds }) => {
        if (captures.length === 0 && refunds.length === 0) return []
        const order = orders.get(checkoutId)
        const given = sum(refunds)
        const isUnderWay = order?.isRefunding === true || refunds.some(({ atMs }) => atMs >= beforeMs)
        const isRight = given === (order?.refundedMinor ?? 0) || (isUnderWay && given >= (order?.refundedMinor ?? 0))
        return isRight && given <= sum(captures)
          ? []
          : [{ checkoutId, intentRef, given, recorded: order?.refundedMinor ?? 0 }]
      }),
  ],
]

export const providerInvariants: readonly Invariant[] = rules.map(([id, rule, broken]) => ({
  id,
  group: 'money',
  rule,
  reads: ['postgres', 'provider'],
  isCheap: false,
  find: async (evidence): Promise<Found> => found(broken(await booksOf(evidence))),
}))
