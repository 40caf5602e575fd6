import { setTimeout as delay } from 'node:timers/promises'
import { everywhere, type FaultRow, must } from '../row.ts'

const rebuiltSecondsMax = 10
const tradeFirstMs = 2_500

export const emptyRedis: FaultRow = {
  number: 7,
  name: 'Redis emptied',
  moments: ['-'],
  short: ['-'],
  probe: everywhere,
  run: async (stage) => {
    const trade = await stage.openTrade()
    trade.buy()
    await delay(tradeFirstMs)
    const atMs = Date.now()
    await stage.emptyRedis()
    const recoverySeconds = Math.max(await stage.served('purchase', atMs), await stage.served('bid', atMs))
    must(recoverySeconds <= rebuiltSecondsMax, `served again after ${recoverySeconds} s`)
    await trade.finish()
    return { recoverySeconds, detail: 'sale and lot went on from Postgres' }
  },
}
