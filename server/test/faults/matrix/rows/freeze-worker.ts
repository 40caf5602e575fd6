import { setTimeout as delay } from 'node:timers/promises'
import { everywhere, type FaultRow, must } from '../row.ts'
import type { Stage } from '../stage.ts'
import { refundOnce } from './asking.ts'

/** A turn's lease runs 20 s; the sweep that takes it up comes within 2 s, and asks within another. */
const pastTheLeaseMs = 24_000
/** A refund that has no answer is looked at again after this at most. */
const lookAgainMs = 40_000

type Point = 'payments.authorise.sending' | 'payments.capture.sending' | 'payments.refund.sending'

/** Stops the process that is about to send a command, until another one has done its work; then lets it send. */
async function sendTooLate(stage: Stage, at: Point, waitMs: number): Promise<string> {
  const order = stage.failpoints.arm(at, 'hang', { process: 'worker' })
  const taken = await order.reached
  const name = stage.nameOf(taken)
  stage.freeze(name)
  order.withdraw()
  await delay(waitMs)
  stage.thaw(name)
  return name
}

export const freezeWorker: FaultRow = {
  number: 3,
  name: 'SIGSTOP worker past its lock, SIGCONT',
  moments: ['i', 'm'],
  short: [],
  probe: everywhere,
  run: async (stage, moment) => {
    if (moment === 'm') {
      const name = await refundOnce(stage, () => sendTooLate(stage, 'payments.refund.sending', lookAgainMs))
      return { recoverySeconds: null, detail: `${name} sent its refund ${lookAgainMs / 1_000} s late` }
    }
    const trade = await stage.openTrade()
    const sentLate: string[] = []
    for (const at of ['payments.authorise.sending', 'payments.capture.sending'] as const) {
      const before = stage.crowd.purchases.length
      const buying = stage.crowd.buyOne(0, trade.flashSaleId)
      sentLate.push(await sendTooLate(stage, at, pastTheLeaseMs))
      const { ending } = await buying
      must(ending === 'paid', `the purchase whose worker slept is ${ending}`)
      must(stage.crowd.purchases.length === before + 1, 'one purchase was begun')
    }
    await trade.finish()
    return { recoverySeconds: null, detail: `${sentLate.join(' and ')} woke past the lease and sent what was done` }
  },
}
