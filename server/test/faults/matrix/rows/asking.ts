import { setTimeout as delay } from 'node:timers/promises'
import type { Stage } from '../stage.ts'

export const slowest = (struck: readonly { readonly seconds: number }[]): number =>
  Math.max(0, ...struck.map((one) => one.seconds))

const paidPollMs = 20
const paidMsMax = 30_000

/** Strikes while the money of an order that was paid in this trade is given back. */
export async function refundOnce<Struck>(stage: Stage, strike: () => Promise<Struck>): Promise<Struck> {
  const trade = await stage.openTrade()
  trade.buy()
  const orderId = await paidOrder(stage, trade.flashSaleId)
  const [struck] = await Promise.all([strike(), stage.refund(orderId)])
  await trade.finish()
  return struck
}

async function paidOrder({ crowd }: Stage, flashSaleId: string): Promise<string> {
  const endsAt = performance.now() + paidMsMax
  while (performance.now() < endsAt) {
    const paid = crowd.purchases.find((one) => one.flashSaleId === flashSaleId && one.ending === 'paid')
    if (paid?.orderId) return paid.orderId
    await delay(paidPollMs)
  }
  throw new Error('nobody has paid')
}
