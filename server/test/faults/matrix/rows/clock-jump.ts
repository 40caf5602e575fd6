import { setTimeout as delay } from 'node:timers/promises'
import { everywhere, type FaultRow, must } from '../row.ts'
import type { Stage } from '../stage.ts'
import { eventually, liveStage, metricOf, setClock, withViewers } from './live.ts'

const jumps = [
  { name: '+1 h', order: { jumpMs: 3_600_000 } },
  { name: '-10 min', order: { jumpMs: -600_000 } },
  { name: '+5 s a second', order: { driftPerMs: 5 } },
] as const
const eachMs = 4_000
/** What a countdown may be off by, on a machine that has other things to do. */
const countdownMsMax = 1_000

const expiredHolds = async (stage: Stage): Promise<number> => {
  const [row] = await stage.rows<{ count: number }>(`SELECT count(*)::int AS count FROM holds WHERE state = 'expired'`)
  return row?.count ?? 0
}

export const clockJump: FaultRow = {
  number: 23,
  name: 'the clock of one API process jumps and drifts',
  moments: ['a', 'j'],
  short: [],
  stage: liveStage,
  probe: everywhere,
  run: (stage, moment) => {
    const [, url = ''] = stage.platform.urls.apis
    return withViewers(stage, { count: 6, urls: () => [url] }, async ({ crowd }) => {
      const [alarmsBefore, expiredBefore] = [
        await metricOf(url, 'livelot_clock_jumps_total', 'process'),
        await expiredHolds(stage),
      ]
      const told: string[] = []
      try {
        for (const { name, order } of jumps) {
          const trade = await stage.openTrade()
          trade.buy()
          if (moment === 'j') await trade.lastSecond()
          const atMs = Date.now()
          setClock(url, order)
          if (moment === 'a') await delay(eachMs)
          const seconds = moment === 'a' ? await stage.served('bid', atMs) : 0
          const offMs = Math.max(...crowd.viewers.map(({ client }) => Math.abs(client.clock.now() - Date.now())))
          must(offMs <= countdownMsMax, `${name}: a countdown is off by ${Math.round(offMs)} ms`)
          await trade.lotClosed
          const earlyMs = await endedEarlyMs(stage, trade.auctionId)
          must(earlyMs <= 0, `${name}: the lot was closed ${earlyMs} ms early`)
          await trade.finish()
          setClock(url, null)
          told.push(`${name}: bid after ${seconds.toFixed(1)} s`)
          await delay(1_000)
        }
      } finally {
        setClock(url, null)
      }
      must((await expiredHolds(stage)) === expiredBefore, 'holds were ended by the wrong clock')
      const alarms = await metricOf(url, 'livelot_clock_jumps_total', 'process')
      must(alarms >= alarmsBefore + jumps.length, `the guard alarmed ${alarms - alarmsBefore} times`)
      must(
        crowd.viewers.every(({ statuses }) => statuses.length === 0),
        'a viewer was disconnected',
      )
      return { recoverySeconds: null, detail: told.join(', ') }
    })
  },
}

/** How long before its announced end a lot was closed, as its ledger says. */
async function endedEarlyMs(stage: Stage, auctionId: string): Promise<number> {
  let earlyMs = 0
  await eventually(
    async () => {
      const [row] = await stage.rows<{ earlyMs: number }>(
        `SELECT (SELECT max(ends_at_ms) FROM auction_ledger WHERE auction_id = $1) - at_ms AS "earlyMs"
         FROM auction_ledger WHERE auction_id = $1 AND what = 'closed'`,
        [auctionId],
      )
      earlyMs = Number(row?.earlyMs ?? 0)
      return row !== undefined
    },
    20_000,
    'the close is not recorded',
  )
  return earlyMs
}
