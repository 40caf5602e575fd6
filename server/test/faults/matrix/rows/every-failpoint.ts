import { setTimeout as delay } from 'node:timers/promises'
import { type FailpointAction, failpointNames } from '#kernel/failpoints'
import { everywhere, type FaultRow } from '../row.ts'
import type { Stage, Trade } from '../stage.ts'

/** Kinds of cards that lead by all ways: paid, refused, by the bank's step, with events told twice. */
const cards = ['visa', 'declined', 'challenge', 'webhook-doubled', 'capture-error', 'visa']
const lateMs = 250
const lookMs = 200

/** Gives the money of one order back as soon as there is a paid one. */
async function refundFirst(stage: Stage, { flashSaleId }: Trade): Promise<void> {
  for (;;) {
    const paid = stage.crowd.purchases.find((one) => one.flashSaleId === flashSaleId && one.ending === 'paid')
    if (paid?.orderId) return await stage.refund(paid.orderId)
    await delay(lookMs)
  }
}

/** Orders one action for every failpoint at once, while everything that leads there is done: each strikes once. */
async function strikeAll(stage: Stage, action: FailpointAction): Promise<void> {
  const trade = await stage.openTrade()
  const options = action === 'delay' ? { afterMs: lateMs } : {}
  for (const at of failpointNames) stage.failpoints.arm(at, action, options)
  trade.buy(cards)
  await Promise.all([refundFirst(stage, trade), trade.lotClosed])
  await trade.finish()
}

const everyFailpoint = (name: string, strike: (stage: Stage) => Promise<void>): FaultRow => ({
  number: 0,
  name,
  moments: ['-'],
  short: [],
  probe: everywhere,
  run: async (stage) => {
    const before = stage.failpoints.taken().length
    await strike(stage)
    const struck = stage.failpoints.taken().length - before
    return { recoverySeconds: null, detail: `${struck} of ${failpointNames.length} failpoints struck` }
  },
})

export const everyFailpointThrows = everyFailpoint('every failpoint fails once', (stage) => strikeAll(stage, 'throw'))
export const everyFailpointLate = everyFailpoint('every failpoint is late once', (stage) => strikeAll(stage, 'delay'))
