import { setTimeout as delay } from 'node:timers/promises'
import type { Moment } from '../moments.ts'
import { everywhere, type FaultRow, must } from '../row.ts'
import type { Stage } from '../stage.ts'
import { meet } from '../strikes.ts'

/** The ten minutes of the matrix: so long it is really down, and the deadlines of half of the checkouts are moved up. */
const downMs = 20_000
const drainedSecondsMax = 40

/** As if the time to pay had run out while the provider was away, for every second checkout. */
async function letTimeRunOut({ rows }: Stage): Promise<number> {
  const late = await rows<{ id: string }>(
    `UPDATE checkouts SET pay_before = now() WHERE id IN (
       SELECT id FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM checkouts WHERE is_open) c WHERE n % 2 = 0)
     RETURNING id`,
  )
  return late.length
}

export const providerDown: FaultRow = {
  number: 17,
  name: 'provider down',
  moments: ['c', 'f'],
  short: [],
  probe: everywhere,
  run: async (stage, moment: Moment) => {
    const trade = await stage.openTrade()
    const wire = stage.wires['payment-sandbox']
    trade.buy()
    await meet(stage, moment, 'sale', 'delay', { afterMs: 200 })
    wire.set({ isDown: true })
    const downAtMs = Date.now()
    await delay(downMs / 2)
    const [open] = await stage.rows<{ open: number }>('SELECT count(*) AS open FROM checkouts WHERE is_open')
    must(open && open.open > 0, 'no checkout waits for the provider')
    const lateCount = await letTimeRunOut(stage)
    await delay(downMs / 2)
    const paidMeanwhile = stage.crowd.purchases.filter((one) => one.ending === 'paid' && one.askedAtMs > downAtMs)
    must(paidMeanwhile.length === 0, 'somebody has paid while the provider was away')
    wire.heal()
    const upAtMs = Date.now()
    await trade.finish()
    const recoverySeconds = (Date.now() - upAtMs) / 1_000
    must(recoverySeconds <= drainedSecondsMax, `what waited was done after ${recoverySeconds} s`)
    const detail = `${downMs / 1_000} s down; ${open.open} checkouts waited, ${lateCount} past their time`
    return { recoverySeconds, detail }
  },
}
