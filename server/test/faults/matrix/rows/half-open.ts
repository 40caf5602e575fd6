import { setTimeout as delay } from 'node:timers/promises'
import { startChaosProxy } from '../../../support/chaos-proxy.ts'
import { everywhere, type FaultRow, must, type Outcome } from '../row.ts'
import type { Stage } from '../stage.ts'
import { eventually, liveStage, withViewers } from './live.ts'

const viewerCount = 30
const foundSecondsMax = 45
const silence = { both: { isSilent: true } }
const lateMsMax = 2_000

/** A third of the viewers is gone without a word, as when a mast loses power. */
async function viewersVanish(stage: Stage): Promise<Outcome> {
  const [port = 0] = stage.platform.urls.apis.map((url) => Number(new URL(url).port))
  await using mast = await startChaosProxy([port])
  const urls = () => [`http://127.0.0.1:${mast.port}`]
  return await withViewers(stage, { count: (viewerCount * 7) / 10 }, async ({ crowd }) => {
    const seen = () => crowd.viewers[0]?.room.state.viewerCount ?? 0
    await delay(2_000)
    const others = seen()
    const recoverySeconds = await withViewers(
      stage,
      { count: (viewerCount * 3) / 10, urls },
      async ({ crowd: gone }) => {
        await eventually(() => seen() === others + gone.viewers.length, 10_000, 'viewers are not counted')
        const trade = await stage.openTrade()
        trade.buy()
        const goneAtMs = Date.now()
        mast.set(silence)
        const ms = await eventually(() => seen() === others, foundSecondsMax * 1_000, 'ghosts are counted')
        must((await stage.served('purchase', goneAtMs)) < foundSecondsMax, 'nobody could buy meanwhile')
        await trade.finish()
        const isKnown = () => gone.viewers.every(({ room }) => room.state.status !== 'online')
        await eventually(isKnown, foundSecondsMax * 1_000, 'a client does not see that it is cut off')
        mast.heal()
        return ms / 1_000
      },
    )
    must(
      crowd.viewers.every(({ statuses }) => statuses.length === 0),
      'others were disturbed',
    )
    return { recoverySeconds, detail: `${(viewerCount * 3) / 10} of ${viewerCount} viewers no longer counted` }
  })
}

/** The leader and another bidder are gone in the last second. */
async function biddersVanish(stage: Stage): Promise<Outcome> {
  const trade = await stage.openTrade()
  const stayed = stage.night.bidders[3]?.room.auction(trade.auctionId)
  await trade.lastSecond()
  const gone = stage.night.bidders.slice(0, 2)
  for (const { door } of gone) door.set(silence)
  const endsAtMs = () => stayed?.state()?.figures.endsAtMs ?? 0
  await eventually(() => stayed?.state()?.figures.state === 'closed', 20_000, 'the lot does not close')
  const lateMs = Date.now() - endsAtMs()
  must(lateMs <= lateMsMax, `the lot closed ${lateMs} ms late`)
  for (const { door } of gone) door.heal()
  await trade.finish()
  return {
    recoverySeconds: lateMs / 1_000,
    detail: `2 of 4 bidders cut off; the lot closed ${lateMs} ms after its end`,
  }
}

export const halfOpen: FaultRow = {
  number: 21,
  name: 'half-open client sockets, 30 %',
  moments: ['j', 'n'],
  short: [],
  stage: liveStage,
  probe: everywhere,
  run: (stage, moment) => (moment === 'j' ? biddersVanish(stage) : viewersVanish(stage)),
}
