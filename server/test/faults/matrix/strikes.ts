import { setTimeout as delay } from 'node:timers/promises'
import type { Failpoint, FailpointAction, FailpointTaken } from '#kernel/failpoints'
import type { OrderOptions } from './failpoint-desk.ts'
import type { Moment } from './moments.ts'
import type { Stage, Trade } from './stage.ts'

export type Side = 'sale' | 'auction'

/** Where a process is when the moment has come. */
interface Meeting {
  readonly at: Failpoint
  /** The call is under way: the wire to the provider is slow, and the fault strikes while it is. */
  readonly isInFlight?: boolean
  readonly process?: 'api' | 'worker'
}

const authorising: Meeting = { at: 'payments.authorise.sending', isInFlight: true }
const capturing: Meeting = { at: 'payments.capture.sending', isInFlight: true }
const refunding: Meeting = { at: 'payments.refund.sending', isInFlight: true }

/** By which failpoint a moment is met, on the way of a sale and on that of an auction. */
const meetings: Readonly<Partial<Record<Moment, Readonly<Partial<Record<Side, Meeting>>>>>> = {
  a: { sale: { at: 'flash-sales.hold.reserving' }, auction: { at: 'auctions.bid.placing' } },
  b: { sale: { at: 'flash-sales.hold.reserved' }, auction: { at: 'auctions.bid.placed' } },
  c: { sale: authorising, auction: authorising },
  d: { sale: { at: 'payments.authorise.answered' }, auction: { at: 'payments.authorise.answered' } },
  e: { sale: { at: 'checkout.capture.begun' }, auction: { at: 'checkout.capture.begun' } },
  f: { sale: capturing, auction: capturing },
  g: { sale: { at: 'payments.capture.answered' }, auction: { at: 'payments.capture.answered' } },
  h: { sale: { at: 'checkout.start.written' }, auction: { at: 'settlements.offer.begun' } },
  i: { sale: { at: 'jobs.job.starting' }, auction: { at: 'jobs.job.starting' } },
  k: { auction: { at: 'auctions.close.decided' } },
  l: { sale: { at: 'payments.webhook.kept' }, auction: { at: 'payments.webhook.kept' } },
  m: { sale: refunding },
}

/** A call in flight stands so long on the slow wire, and is struck half way. */
const flightMs = 400

/** Arms the moment for whoever comes there next. Resolves when somebody has come and the order is carried out. */
export async function meet(
  stage: Stage,
  moment: Moment,
  side: Side,
  action: FailpointAction,
  options: OrderOptions = {},
): Promise<FailpointTaken> {
  const meeting = meetings[moment]?.[side]
  if (!meeting) throw new Error(`moment ${moment} has no failpoint in ${side}`)
  const { at, isInFlight = false, process } = meeting
  const wire = stage.wires['payment-sandbox']
  if (isInFlight) wire.set({ both: { latencyMs: flightMs / 2 } })
  const inFlight = isInFlight && action === 'die' ? { afterMs: flightMs / 2 } : {}
  const taken = await stage.failpoints.arm(at, action, { ...(process && { process }), ...inFlight, ...options }).reached
  if (isInFlight) {
    await delay(flightMs / 2)
    wire.set({ both: { latencyMs: 0 } })
  }
  return taken
}

/** Whether a won lot comes to the moment only after its hammer has fallen. */
const isAfterTheHammer = (moment: Moment): boolean => !['a', 'b', 'j'].includes(moment)

/** Buyers are left so long to themselves before a fault, so that there is something to lose. */
const warmUpMs = 1_500

/**
 * Strikes a trade once on its way as a sale and once on its way as an auction, where the moment has both. What strikes
 * must leave the platform able to serve. Answers what `strike` did, in order.
 */
export async function strikeBothSides<Struck>(
  stage: Stage,
  moment: Moment,
  strike: (side: Side, trade: Trade) => Promise<Struck>,
): Promise<Struck[]> {
  const trade = await stage.openTrade()
  const sides = meetings[moment] ?? {}
  const struck: Struck[] = []
  if (sides.sale) {
    trade.buy()
    await delay(warmUpMs)
    struck.push(await strike('sale', trade))
    if (isAfterTheHammer(moment)) trade.stopBuying().catch(() => undefined)
  }
  if (sides.auction) struck.push(await strike('auction', trade))
  await trade.finish()
  return struck
}

/** The same with a trade of its own for each side: a fault that takes longer than a lot lasts. */
export async function strikeEachSide<Struck>(
  stage: Stage,
  moment: Moment,
  strike: (side: Side) => Promise<Struck>,
): Promise<Struck[]> {
  const struck: Struck[] = []
  for (const side of Object.keys(meetings[moment] ?? {}) as Side[]) {
    const trade = await stage.openTrade()
    if (side === 'sale') {
      trade.buy()
      await delay(warmUpMs)
    }
    struck.push(await strike(side))
    await trade.finish()
  }
  return struck
}

/** A late bid moves the end by 5 s, so the sale may go on for twice that. */
const buyBeforeMs = 3_000

/** Strikes in the last second of a lot, with bids of everybody under way. */
export async function strikeLastSecond<Struck>(
  stage: Stage,
  strike: (trade: Trade) => Promise<Struck>,
): Promise<Struck> {
  const trade = await stage.openTrade()
  // A sale that is not sold out before.
  await trade.hasLeft(buyBeforeMs)
  trade.buy()
  await trade.lastSecond()
  const struck = await strike(trade)
  await trade.finish()
  return struck
}
