import { setTimeout as delay } from 'node:timers/promises'
import { everywhere, type FaultRow, must } from '../row.ts'
import type { Stage } from '../stage.ts'

/** The end of the time to pay comes while a turn stands before its capture, or after it has sent it. */
const points = { e: 'checkout.capture.beginning', f: 'payments.capture.sending' } as const

/** The time to pay is over for whatever is open now. */
const endTimeToPay = ({ rows }: Stage) => rows('UPDATE checkouts SET pay_before = now(), look_at = now() WHERE is_open')

export const holdExpiry: FaultRow = {
  number: 19,
  name: 'end of the hold against the capture',
  moments: ['e', 'f'],
  short: [],
  probe: everywhere,
  run: async (stage, moment) => {
    const trade = await stage.openTrade()
    const endings: string[] = []
    for (let index = 0; index < 4; index += 1) {
      const order = stage.failpoints.arm(points[moment as 'e' | 'f'], 'hang')
      const buying = stage.crowd.buyOne(index, trade.flashSaleId)
      await order.reached
      await endTimeToPay(stage)
      // Some times the capture comes first, at others somebody has looked at the clock before.
      await delay(index * 40)
      order.withdraw()
      const { ending, code } = await buying
      must(ending === 'paid' || (ending === 'failed' && code === 'time_over'), `the purchase is ${ending} (${code})`)
      endings.push(ending)
    }
    await trade.finish()
    if (moment === 'f') must(!endings.includes('failed'), 'a capture that was begun in time was not brought to its end')
    return { recoverySeconds: null, detail: `either order or void: ${endings.join(', ')}` }
  },
}
