import type { Moment } from '../moments.ts'
import { everywhere, type FaultRow, must } from '../row.ts'
import type { Stage } from '../stage.ts'

const servers = ['api', 'api-2', 'worker', 'worker-2']
/** A lot closes at most so late, whoever is restarted. */
const lateMsMax = 2_000

/** One server after the other, in order, as a rollout does; the longest time without an answered purchase and bid. */
async function restartAll(stage: Stage): Promise<void> {
  for (const name of servers) await stage.restart(name)
}

export const rollingRestart: FaultRow = {
  number: 26,
  name: 'rolling restart of all servers',
  moments: ['j', 'k', 'n'],
  short: ['j'],
  probe: everywhere,
  run: async (stage, moment: Moment) => {
    const trade = await stage.openTrade()
    if (moment !== 'n') await trade.hasLeft(3_000)
    trade.buy()
    // The restart of four takes longer than a second: it is under way when the last one comes, or begins with the end.
    if (moment === 'j') await trade.lastSecond()
    if (moment === 'k') await trade.lotClosed
    const restarting = restartAll(stage)
    const atMs = Date.now()
    const endsAtMs = trade.endsAtMs()
    await trade.lotClosed
    const lateMs = moment === 'k' ? 0 : Date.now() - Math.max(endsAtMs, trade.endsAtMs())
    await restarting
    must(lateMs <= lateMsMax, `the lot closed ${lateMs} ms late`)
    const failed = stage.crowd.purchases.filter((one) => one.askedAtMs >= atMs && one.ending === 'failed')
    must(failed.length === 0, `${failed.length} purchases failed: ${failed.map((one) => one.code).join(', ')}`)
    await trade.finish()
    return {
      recoverySeconds: null,
      detail: `${servers.join(', ')} in turn; the lot closed ${Math.max(0, lateMs)} ms late`,
    }
  },
}
