import type { Moment } from '../moments.ts'
import { everywhere, type FaultRow, must } from '../row.ts'
import type { Stage } from '../stage.ts'
import { meet, strikeBothSides } from '../strikes.ts'
import { refundOnce, slowest } from './asking.ts'

/** BullMQ's lock, after which a job counts as stalled, and the 5 s of the matrix. */
const nextAttemptSecondsMax = 35

async function strike(stage: Stage, moment: Moment, side: 'sale' | 'auction') {
  const taken =
    moment === 'h'
      ? await stage.failpoints.arm('relay.rows.handed-on', 'die', { process: 'worker' }).reached
      : await meet(stage, moment, side, 'die', { process: 'worker' })
  const seconds = side === 'sale' ? await stage.served('purchase', taken.atMs) : 0
  await stage.revive()
  return { seconds, killed: `${stage.nameOf(taken)} (${side})` }
}

export const killWorker: FaultRow = {
  number: 2,
  name: 'kill -9 worker',
  moments: ['h', 'i', 'm'],
  short: [],
  probe: everywhere,
  run: async (stage, moment) => {
    const struck =
      moment === 'm'
        ? [await refundOnce(stage, () => strike(stage, 'm', 'sale'))]
        : await strikeBothSides(stage, moment, (side) => strike(stage, moment, side))
    const recoverySeconds = slowest(struck)
    must(recoverySeconds <= nextAttemptSecondsMax, `served again after ${recoverySeconds} s`)
    return { recoverySeconds, detail: `killed ${struck.map((one) => one.killed).join(', ')}` }
  },
}
