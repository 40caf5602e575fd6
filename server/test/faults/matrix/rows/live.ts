import { rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type LiveCrowd, type LiveCrowdOptions, openLiveCrowd } from '../../../support/live-crowd.ts'
import { startTcpBalancer, type TcpBalancer } from '../../../support/tcp-balancer.ts'
import { must } from '../row.ts'
import type { Stage, StageOptions } from '../stage.ts'

const clockFile = path.join(tmpdir(), `livelot-fake-clock-${process.pid}.json`)

/** Three API processes, with room for a crowd from one address, and clocks that can be set. */
export const liveStage: StageOptions = {
  apiProcesses: 3,
  workerProcesses: 1,
  env: {
    SOCKETS_PER_ADDRESS_MAX: '5000',
    SOCKETS_PACE_FACTOR: '20',
    NODE_OPTIONS: `--import ${new URL('../fake-clock.mjs', import.meta.url).href}`,
    FAKE_CLOCK_FILE: clockFile,
  },
}

/** Sets the wall clock of one API process; the right time again where nothing is given. */
export function setClock(url: string, order: { jumpMs?: number; driftPerMs?: number } | null): void {
  if (order === null) rmSync(clockFile, { force: true })
  else writeFileSync(clockFile, JSON.stringify({ [new URL(url).port]: { jumpMs: 0, driftPerMs: 0, ...order } }))
}

export interface Live {
  readonly crowd: LiveCrowd
  readonly balancer: TcpBalancer
}

/** Viewers behind a plain balancer while `work` goes on; afterwards all of them must have heard the same, in order. */
export async function withViewers<Result>(
  stage: Stage,
  options: Pick<LiveCrowdOptions, 'count'> & { readonly urls?: (balancer: TcpBalancer) => readonly string[] },
  work: (live: Live) => Promise<Result>,
): Promise<Result> {
  const balancer = await startTcpBalancer(stage.platform.urls.apis.map((url) => Number(new URL(url).port)))
  let crowd: LiveCrowd | undefined
  try {
    const urls = options.urls?.(balancer) ?? [balancer.url]
    crowd = await openLiveCrowd({ urls, showId: stage.night.showId, count: options.count })
    const result = await work({ crowd, balancer })
    await eventually(() => crowd?.isTogether() ?? false, 15_000, 'viewers do not come to the same place')
    const broken = crowd.brokenOrder()
    must(broken.length === 0, broken.slice(0, 5).join('; '))
    return result
  } finally {
    crowd?.close()
    await balancer[Symbol.asyncDispose]()
  }
}

/** Milliseconds until it is so. */
export async function eventually(isSo: () => boolean | Promise<boolean>, withinMs: number, broken: string) {
  const startTick = performance.now()
  while (!(await isSo())) {
    must(performance.now() - startTick < withinMs, `${broken} within ${withinMs / 1_000} s`)
    await delay(20)
  }
  return performance.now() - startTick
}

export const quantile = (values: readonly number[], q: number): number =>
  values.toSorted((one, other) => one - other)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? 0

/** How long bids took that were asked for in this time, and how many there were. */
export function bidTimes({ night }: Stage, fromMs: number, toMs = Number.POSITIVE_INFINITY) {
  const asked = night.bidders.flatMap(({ journal }) => journal).filter(({ askedAtMs }) => askedAtMs >= fromMs)
  const times = asked.filter(({ askedAtMs }) => askedAtMs < toMs).map((one) => one.answeredAtMs - one.askedAtMs)
  return { count: times.length, p50Ms: quantile(times, 0.5), p99Ms: quantile(times, 0.99) }
}

/** The sum of one of a process' metrics, over all labels that have this text in them. */
export async function metricOf(apiUrl: string, name: string, label = ''): Promise<number> {
  const text = await (await fetch(`${apiUrl}/metrics`)).text()
  const lines = text.split('\n').filter((line) => line.startsWith(name) && line.includes(label))
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
}
