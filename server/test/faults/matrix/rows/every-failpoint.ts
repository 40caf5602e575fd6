import { setTimeout as delay } from 'node:timers/promises'
import { type FailpointAction, failpointNames } from '#kernel/failpoints'
import { everywhere, type FaultRow } from '../row.ts'
import type { Stage, Trade } from '../stage.ts'

/** Kinds of cards that lead by all ways: paid, refused, by the bank's step, with events told twice. */
const cards = ['visa', 'declined', 'challenge', 'webhook-doubled', 'capture-error', 'visa']
const lateMs = 250
const reviveEveryMs = 200

/** Starts again whatever died, until it is told to stop. A process may die at its start, and is started again. */
function keepAlive(stage: Stage) {
  let isOver = false
  const run = async () => {
    while (!isOver) {
      await stage.revive().catch(() => undefined)
      await delay(reviveEveryMs)
    }
  }
  const running = run()
  return async () => {
    isOver = true
    await running
  }
}

/** Gives the money of one order back as soon as there is a paid one. */
async function refundFirst(stage: Stage, { flashSaleId }: Trade): Promise<void> {
  for (;;) {
    const paid = stage.crowd.purchases.find((one) => one.flashSaleId === flashSaleId && one.ending === 'paid')
    if (paid?.orderId) return await stage.refund(paid.orderId)
    await delay(reviveEveryMs)
  }
}

/** Orders one action for every failpoint at once, while everything that leads there is done: each strikes once. */
const everyFailpoint = (action: FailpointAction, name: string): FaultRow => ({
  number: 0,
  name,
  moments: ['-'],
  short: [],
  probe: everywhere,
  run: async (stage) => {
    const trade = await stage.openTrade()
    const before = stage.failpoints.taken().length
    const options = action === 'delay' ? { afterMs: lateMs } : {}
    for (const at of failpointNames) stage.failpoints.arm(at, action, options)
    trade.buy(cards)
    const stop = keepAlive(stage)
    try {
      await Promise.all([refundFirst(stage, trade), trade.lotClosed])
      await trade.finish()
    } finally {
      await stop()
    }
    const struck = stage.failpoints.taken().length - before
    return { recoverySeconds: null, detail: `${struck} of ${failpointNames.length} failpoints struck` }
  },
})

export const everyFailpointThrows = everyFailpoint('throw', 'every failpoint fails once')
export const everyFailpointLate = everyFailpoint('delay', 'every failpoint is late once')
export const everyFailpointDies = everyFailpoint('die', 'a process dies at every failpoint once')
