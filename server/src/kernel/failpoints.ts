import { appendFileSync, closeSync, openSync, readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'

/**
 * Places where a test can end, hold or break a process: beside every call to another system and at every boundary of a
 * commit on the ways of money, stock and bids. `…ing` is before, the participle is after.
 */
export const failpointNames = [
  'flash-sales.hold.reserving',
  'flash-sales.hold.reserved',
  'flash-sales.payment.beginning',
  'flash-sales.payment.begun',
  'flash-sales.log.copying',
  'flash-sales.log.copied',
  'flash-sales.gate.syncing',
  'flash-sales.gate.synced',
  'auctions.bid.placing',
  'auctions.bid.placed',
  'auctions.gate.ticking',
  'auctions.gate.ticked',
  'auctions.close.decided',
  'auctions.log.recording',
  'auctions.log.recorded',
  'checkout.start.writing',
  'checkout.start.written',
  'checkout.capture.beginning',
  'checkout.capture.begun',
  'checkout.paid.recording',
  'checkout.paid.recorded',
  'checkout.failed.recording',
  'checkout.failed.recorded',
  'payments.authorise.sending',
  'payments.authorise.answered',
  'payments.capture.sending',
  'payments.capture.answered',
  'payments.cancel.sending',
  'payments.cancel.answered',
  'payments.refund.sending',
  'payments.refund.answered',
  'payments.refund.recording',
  'payments.refund.recorded',
  'payments.webhook.keeping',
  'payments.webhook.kept',
  'settlements.offer.beginning',
  'settlements.offer.begun',
  'settlements.offer.changing',
  'settlements.offer.changed',
  'relay.rows.taken',
  'relay.rows.handed-on',
  'jobs.job.starting',
  'jobs.job.done',
] as const

export type Failpoint = (typeof failpointNames)[number]

/**
 * `die`: kill -9 of the own process, after `afterMs` while the work goes on where that is given. `hang`: stands still
 * until the order is withdrawn. `throw`: fails. `delay`: goes on after `afterMs`.
 */
export type FailpointAction = 'die' | 'hang' | 'throw' | 'delay'

/** What a test wants done, once, by the first process that comes to `at` for the `hit`th time. */
export interface FailpointOrder {
  readonly id: string
  readonly at: Failpoint
  readonly action: FailpointAction
  /** Counted in each process from the order on; 1 is the next. */
  readonly hit: number
  readonly afterMs: number
  /** Only processes of this kind: api, worker. Any where null. */
  readonly process: string | null
}

/** Told to the test, one JSON line each, before the action. */
export interface FailpointTaken {
  readonly id: string
  readonly at: Failpoint
  readonly action: FailpointAction
  readonly process: string
  readonly pid: number
  readonly atMs: number
}

const withdrawnPollMs = 20
let control: { readonly file: string; readonly process: string } | null = null
const hits = new Map<string, number>()

/** Lets tests give orders by a file. Only the embedded mode's composition calls it; without it every failpoint is empty. */
export function listenToOrders(file: string, processName: string): void {
  control = { file, process: processName }
}

/** Nothing, unless a test has ordered something for this place. */
export async function failpoint(at: Failpoint): Promise<void> {
  if (control === null) return
  const { file, process: own } = control
  for (const order of ordersIn(file)) {
    if (order.at !== at || (order.process !== null && order.process !== own)) continue
    const count = (hits.get(order.id) ?? 0) + 1
    hits.set(order.id, count)
    if (count === order.hit && take(file, order, own)) await carryOut(file, order)
  }
}

/** A call to another system, or a commit, with a failpoint on either side. */
export async function between<Answer>(
  before: Failpoint,
  after: Failpoint,
  work: () => Promise<Answer>,
): Promise<Answer> {
  await failpoint(before)
  const answer = await work()
  await failpoint(after)
  return answer
}

function ordersIn(file: string): FailpointOrder[] {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as FailpointOrder[]
  } catch {
    // No file: nothing is ordered.
    return []
  }
}

/** One process alone carries an order out: the one that can make its mark. */
function take(file: string, { id, at, action }: FailpointOrder, own: string): boolean {
  try {
    closeSync(openSync(`${file}.${id}`, 'wx'))
  } catch {
    return false
  }
  const taken: FailpointTaken = { id, at, action, process: own, pid: process.pid, atMs: Date.now() }
  appendFileSync(`${file}.taken`, `${JSON.stringify(taken)}\n`)
  return true
}

async function carryOut(file: string, order: FailpointOrder): Promise<void> {
  switch (order.action) {
    case 'die':
      if (order.afterMs === 0) process.kill(process.pid, 'SIGKILL')
      void setTimeout(order.afterMs).then(() => process.kill(process.pid, 'SIGKILL'))
      return
    case 'delay':
      return await setTimeout(order.afterMs)
    case 'throw':
      throw new Error(`failpoint ${order.at}`)
    case 'hang':
      while (ordersIn(file).some((one) => one.id === order.id)) await setTimeout(withdrawnPollMs)
      return
    default:
      order.action satisfies never
  }
}
