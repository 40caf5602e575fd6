import { setTimeout as delay } from 'node:timers/promises'
import { everywhere, type FaultRow, must } from '../row.ts'
import { eventually, liveStage, quantile, withViewers } from './live.ts'

const viewerCount = 150
const backSecondsMax = 30
/** A bid is served all the same: the SDK goes on over HTTP. */
const bidSecondsMax = 5
/** Whoever comes back in step with everybody else would be a herd. */
const spreadMsLeast = 100
const lateMsMax = 2_000

export const reconnectStorm: FaultRow = {
  number: 27,
  name: 'all sockets drop at once',
  moments: ['j', 'n'],
  short: [],
  stage: liveStage,
  probe: everywhere,
  run: (stage, moment) =>
    withViewers(stage, { count: viewerCount }, async ({ crowd, balancer }) => {
      const trade = await stage.openTrade()
      trade.buy()
      if (moment === 'j') await trade.lastSecond()
      else await delay(2_000)
      const [dropTick, dropAtMs] = [performance.now(), Date.now()]
      balancer.cutAll()
      for (const { door } of stage.night.bidders) door.reset()
      const endsAtMs = trade.endsAtMs()
      const bidSeconds = moment === 'j' ? 0 : await stage.served('bid', dropAtMs)
      must(bidSeconds <= bidSecondsMax, `a bid was served after ${bidSeconds} s`)
      const isBack = () => crowd.viewers.every(({ room }) => room.state.status === 'online')
      await eventually(
        () => isBack() && crowd.viewers.every(({ statuses }) => statuses.length > 0),
        backSecondsMax * 1_000,
        'not all viewers are back',
      )
      const backMs = crowd.viewers.map(
        ({ statuses }) => (statuses.find(({ what }) => what === 'online')?.atTick ?? dropTick) - dropTick,
      )
      const spreadMs = quantile(backMs, 0.9) - quantile(backMs, 0.1)
      must(spreadMs >= spreadMsLeast, `viewers came back within ${Math.round(spreadMs)} ms of each other`)
      await trade.lotClosed
      if (moment === 'j') must(Date.now() - endsAtMs < backSecondsMax * 1_000 + lateMsMax, 'the lot closed late')
      await trade.finish()
      const times = [0.5, 1].map((q) => (quantile(backMs, q) / 1_000).toFixed(1))
      return {
        recoverySeconds: Math.max(...backMs) / 1_000,
        detail: `${viewerCount} viewers back, half after ${times[0]} s, the last after ${times[1]} s; a bid after ${bidSeconds.toFixed(1)} s`,
      }
    }),
}
