import type { Moment } from '../moments.ts'
import { everywhere, type FaultRow, must } from '../row.ts'
import type { Stage } from '../stage.ts'
import { meet, type Side, strikeBothSides, strikeLastSecond } from '../strikes.ts'
import { slowest } from './asking.ts'

/** From the matrix: the gate is rebuilt within this time. */
const rebuiltSecondsMax = 10

/** kill -9 and a start with what the file holds. Answers the moment at which Redis serves again. */
async function killAndStart(stage: Stage): Promise<number> {
  await stage.kill('redis')
  await stage.restart('redis')
  return Date.now()
}

/** While a process stands at the moment for as long as it takes to kill. */
async function strike(stage: Stage, moment: Moment, side: Side) {
  const meeting = meet(stage, moment, side, 'delay', { afterMs: 400 })
  await meeting
  const backAtMs = await killAndStart(stage)
  return { seconds: moment === 'h' && side === 'auction' ? 0 : await stage.served(servedBy(side), backAtMs) }
}

const servedBy = (side: Side) => (side === 'sale' ? 'purchase' : 'bid')

export const killRedis: FaultRow = {
  number: 5,
  name: 'kill -9 Redis, its file on disk',
  moments: ['a', 'b', 'h', 'j'],
  short: [],
  probe: everywhere,
  run: async (stage, moment) => {
    const struck =
      moment === 'j'
        ? [
            await strikeLastSecond(stage, async () => {
              const backAtMs = await killAndStart(stage)
              const bid = await stage.served('bid', backAtMs)
              return { seconds: Math.max(bid, await stage.served('purchase', backAtMs)) }
            }),
          ]
        : await strikeBothSides(stage, moment, (side) => strike(stage, moment, side))
    const recoverySeconds = slowest(struck)
    must(recoverySeconds <= rebuiltSecondsMax, `served again ${recoverySeconds} s after Redis was back`)
    return { recoverySeconds, detail: `${struck.length} times killed and started` }
  },
}
