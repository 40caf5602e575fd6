import { accessSync, constants, mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Moment } from '../moments.ts'
import { type FaultRow, must } from '../row.ts'
import type { Stage } from '../stage.ts'
import { bidTimes, liveStage, metricOf, withViewers } from './live.ts'

const cgroupRoot = '/sys/fs/cgroup/cpu'
const periodUs = 100_000
/** Of one core: what the matrix asks for, and so little that something must be refused. */
const shares = [0.25, 0.06] as const
const browsersAtOnce = 240
const loadMs = 16_000

/** Version 1 of control groups, where the machine lets us make one. */
async function probe(): Promise<string | null> {
  try {
    accessSync(path.join(cgroupRoot, 'cpu.cfs_quota_us'), constants.W_OK)
    return null
  } catch {
    return 'no writable cpu controller of cgroup v1'
  }
}

/** So much of one core for this process until it is given back. */
function throttle(pid: number, share: number): () => void {
  const group = path.join(cgroupRoot, `livelot-fault-${process.pid}`)
  mkdirSync(group)
  writeFileSync(path.join(group, 'cpu.cfs_period_us'), String(periodUs))
  writeFileSync(path.join(group, 'cpu.cfs_quota_us'), String(periodUs * share))
  writeFileSync(path.join(group, 'cgroup.procs'), String(pid))
  return () => {
    writeFileSync(path.join(cgroupRoot, 'cgroup.procs'), String(pid))
    rmdirSync(group)
  }
}

/** Who browses and who wants to come in, as fast as they are answered; answers when each kind was first refused. */
function crowdIn(url: string, showId: string) {
  const startTick = performance.now()
  const refusedAfterMs = new Map<string, number>()
  const asked = new Map<string, { all: number; refused: number }>()
  let isOn = true
  const ask = async (kind: string, request: () => Promise<Response>) => {
    const counts = asked.get(kind) ?? { all: 0, refused: 0 }
    asked.set(kind, counts)
    try {
      const response = await request()
      await response.arrayBuffer()
      counts.all += 1
      if (response.status !== 503) return
      counts.refused += 1
      if (!refusedAfterMs.has(kind)) refusedAfterMs.set(kind, performance.now() - startTick)
    } catch {
      // A connection that was refused is a refusal too, but says nothing of the order.
      await delay(50)
    }
  }
  const lanes = Array.from({ length: browsersAtOnce }, async (_, lane) => {
    while (isOn) {
      if (lane % 8 === 0) await ask('joining', () => fetch(`${url}/v1/media/capabilities`))
      else await ask('browsing', () => fetch(`${url}/v1/shows/${showId}/shelf`))
    }
  })
  return {
    stop: async () => {
      isOn = false
      await Promise.all(lanes)
      return { refusedAfterMs, asked }
    },
  }
}

async function watchLevels(url: string, forMs: number): Promise<number[]> {
  const levels: number[] = []
  const endsAt = performance.now() + forMs
  while (performance.now() < endsAt) {
    levels.push(await metricOf(url, 'livelot_load_level'))
    await delay(500)
  }
  return levels
}

const busyBids = ({ night }: Stage, fromMs: number) =>
  night.bidders.flatMap(({ journal }) => journal).filter((one) => one.askedAtMs >= fromMs && one.code === 'server.busy')

export const cpuQuota: FaultRow = {
  number: 28,
  name: 'a quarter of a core for one API process',
  moments: ['a', 'j'],
  short: [],
  stage: liveStage,
  probe,
  run: (stage, moment) => {
    const [, url = ''] = stage.platform.urls.apis
    return withViewers(stage, { count: 20, urls: () => [url] }, async ({ crowd }) => {
      const told: string[] = []
      let backSeconds = 0
      for (const share of shares) {
        told.push(await starve(stage, moment, url, share))
        backSeconds = Math.max(backSeconds, await backToRest(url))
      }
      must(
        crowd.viewers.every(({ room }) => room.state.show !== null),
        'a viewer lost the room',
      )
      return { recoverySeconds: backSeconds, detail: told.join('; ') }
    })
  },
}

async function starve(stage: Stage, moment: Moment, url: string, share: number): Promise<string> {
  const trade = await stage.openTrade()
  trade.buy()
  const release = throttle(stage.platform.processes.get('api-2')?.pid ?? 0, share)
  const fromMs = Date.now()
  const paidBefore = stage.crowd.purchases.filter(({ ending }) => ending === 'paid').length
  const load = crowdIn(url, stage.night.showId)
  let said: Awaited<ReturnType<typeof load.stop>>
  let levels: number[]
  try {
    levels = await watchLevels(url, loadMs)
    if (moment === 'j') await trade.lotClosed
  } finally {
    release()
    said = await load.stop()
  }
  const highest = Math.max(...levels)
  const [browsing, joining] = ['browsing', 'joining'].map((kind) => said.refusedAfterMs.get(kind))
  if (share === Math.min(...shares)) must(browsing !== undefined, `nothing was refused: levels ${levels.join(' ')}`)
  must(joining === undefined || (browsing ?? Number.POSITIVE_INFINITY) <= joining, 'joins were refused before browsing')
  must(busyBids(stage, fromMs).length === 0, 'bids were refused for being busy')
  const paid = stage.crowd.purchases.filter(({ ending }) => ending === 'paid').length - paidBefore
  must(paid > 0, 'nobody could pay')
  await trade.finish()
  const { count, p99Ms } = bidTimes(stage, fromMs)
  const { all = 0, refused = 0 } = said.asked.get('browsing') ?? {}
  return `${share * 100} %: level ${highest}, ${refused} of ${all} looks refused, ${count} bids, none for being busy, p99 ${p99Ms} ms, ${paid} paid`
}

async function backToRest(url: string): Promise<number> {
  const startTick = performance.now()
  while ((await metricOf(url, 'livelot_load_level')) > 0) {
    must(performance.now() - startTick < 20_000, 'the process stays busy')
    await delay(200)
  }
  return (performance.now() - startTick) / 1_000
}
