import { setTimeout as delay } from 'node:timers/promises'
import { everywhere, type FaultRow, must } from '../row.ts'
import type { Stage, Trade } from '../stage.ts'
import { meet } from '../strikes.ts'

const frozenMs = 30_000
/** A hammer falls at most so late, whoever sleeps. */
const lateMsMax = 2_000

/** Freezes whoever the moment meets for half a minute, while the others go on. */
async function freeze(stage: Stage, name: string, trade: Trade) {
  const frozenAtMs = Date.now()
  stage.freeze(name)
  // The balancer finds out; commands that were sent before wait for the sleeper.
  for (const [index, { door }] of stage.night.bidders.entries())
    if (isAt(name, index)) door.goTo(othersThan(stage, name))
  for (const [index, { door }] of stage.crowd.buyers.entries())
    if (isAt(name, index)) door.goTo(othersThan(stage, name))
  const seconds = await stage.served('purchase', frozenAtMs)
  await trade.lotClosed
  const lateMs = Math.max(0, Date.now() - trade.endsAtMs())
  await delay(Math.max(0, frozenMs - (Date.now() - frozenAtMs)))
  stage.thaw(name)
  await trade.finish()
  await stage.goHome()
  return { seconds, lateMs }
}

const apiIndexOf = (name: string) => (name === 'api' ? 0 : Number(name.replace('api-', '')) - 1)
const isAt = (name: string, index: number) => apiIndexOf(name) === index % 2
const othersThan = ({ night }: Stage, name: string) => night.portsFrom(apiIndexOf(name) + 1)

export const freezeApi: FaultRow = {
  number: 4,
  name: 'SIGSTOP API server for 30 s',
  moments: ['b', 'f', 'j'],
  short: [],
  probe: everywhere,
  run: async (stage, moment) => {
    const trade = await stage.openTrade()
    if (moment === 'j') await trade.hasLeft(3_000)
    trade.buy()
    let name = 'api-2'
    if (moment === 'j') await trade.lastSecond()
    else {
      const order = meet(stage, moment, 'sale', 'delay', { afterMs: 500, ...(moment === 'b' && { process: 'api' }) })
      const at = stage.nameOf(await order)
      // Turns of checkouts are mostly in workers' hands; then the API process that its buyer waits at sleeps.
      if (at.startsWith('api')) name = at
    }
    const { seconds, lateMs } = await freeze(stage, name, trade)
    must(lateMs <= lateMsMax, `the lot closed ${lateMs} ms late`)
    return { recoverySeconds: seconds, detail: `${name} slept ${frozenMs / 1_000} s; the lot closed ${lateMs} ms late` }
  },
}
