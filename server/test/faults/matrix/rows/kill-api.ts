import type { Moment } from '../moments.ts'
import { everywhere, type FaultRow, must } from '../row.ts'
import type { Stage } from '../stage.ts'
import { meet, type Side, strikeBothSides, strikeLastSecond } from '../strikes.ts'
import { refundOnce, slowest } from './asking.ts'

/** From the matrix: the service is back within this time. */
const backSecondsMax = 5

const isOfApi = (moment: Moment) => moment === 'a' || moment === 'b' || moment === 'k' || moment === 'l'

/**
 * Kills an API process at the moment, and with it whoever else is on the way of money there: turns of checkouts belong
 * to workers and API processes alike.
 */
async function strike(stage: Stage, moment: Moment, side: Side) {
  const taken = await meet(stage, moment, side, 'die', isOfApi(moment) ? { process: 'api' } : {})
  const name = stage.nameOf(taken)
  const killed = name.startsWith('api') ? [name] : [name, 'api-2']
  if (killed.length > 1) await stage.kill('api-2')
  const seconds = await stage.served(side === 'sale' ? 'purchase' : 'bid', taken.atMs)
  await stage.revive()
  return { seconds, killed: `${killed.join(' and ')} (${side})` }
}

async function strikeAfterTheHammer(stage: Stage, moment: Moment) {
  const taken = await meet(stage, moment, 'auction', 'die', isOfApi(moment) ? { process: 'api' } : {})
  await stage.kill('api-2')
  await stage.revive()
  return { seconds: 0, killed: `${stage.nameOf(taken)} and api-2 (auction)` }
}

export const killApi: FaultRow = {
  number: 1,
  name: 'kill -9 API server',
  moments: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'j', 'k', 'l', 'm'],
  short: ['b'],
  probe: everywhere,
  run: async (stage, moment) => {
    const struck = await strikeAll(stage, moment)
    const recoverySeconds = slowest(struck)
    must(recoverySeconds <= backSecondsMax, `served again after ${recoverySeconds} s`)
    return { recoverySeconds, detail: `killed ${struck.map((one) => one.killed).join(', ')}` }
  },
}

async function strikeAll(stage: Stage, moment: Moment) {
  if (moment === 'j') {
    const atLast = await strikeLastSecond(stage, async () => {
      const sinceMs = Date.now()
      await stage.kill('api-2')
      return { seconds: await stage.served('bid', sinceMs), killed: 'api-2' }
    })
    return [atLast]
  }
  if (moment === 'm')
    return [
      await refundOnce(stage, async () => {
        const taken = await meet(stage, 'm', 'sale', 'die')
        await stage.kill('api-2')
        const seconds = await stage.served('purchase', taken.atMs)
        await stage.revive()
        return { seconds, killed: `${stage.nameOf(taken)} and api-2` }
      }),
    ]
  return await strikeBothSides(stage, moment, (side) =>
    side === 'auction' && moment !== 'a' && moment !== 'b'
      ? strikeAfterTheHammer(stage, moment)
      : strike(stage, moment, side),
  )
}
