import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { joinShow, protocolVersion } from '@livelot/client/contracts'
import { io, type Socket } from 'socket.io-client'
import { startChaosProxy } from '../../../support/chaos-proxy.ts'
import { everywhere, type FaultRow, must } from '../row.ts'
import type { Stage } from '../stage.ts'
import { bidTimes, eventually, liveStage, metricOf, quantile, withViewers } from './live.ts'

const viewerCount = 40
const slowCount = 4
const slowBytesPerSecond = 1_000
/** Each asks for the whole state, again and again, so that megabytes wait for it. */
const askEveryMs = 60
/** By the backlog, or by a heartbeat that waits behind it: whichever is noticed first. */
const cutSecondsMax = 60
const othersRatioMax = 1.5
/** Below this a ratio of two waits says nothing on a machine that has other things to do. */
const waitMsFloor = 300
const grownMiBMax = 48

const residentMiB = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1_024

/** Reads a thousand bytes a second and asks for far more. */
function openSlowReader(url: string, showId: string): { socket: Socket; stop(): void } {
  const socket = io(url, {
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
    auth: { protocol: protocolVersion },
  })
  const timer = setInterval(() => {
    if (socket.connected) socket.emit(joinShow.name, { showId }, () => undefined)
  }, askEveryMs)
  return {
    socket,
    stop: () => {
      clearInterval(timer)
      socket.disconnect()
    },
  }
}

async function lagsOf(stage: Stage, work: () => Promise<void>) {
  const trade = await stage.openTrade()
  trade.buy()
  const fromMs = Date.now()
  await work()
  await trade.finish()
  return bidTimes(stage, fromMs)
}

export const slowReaders: FaultRow = {
  number: 22,
  name: 'slow readers, 10 % at 1 kB/s',
  moments: ['n'],
  short: [],
  stage: liveStage,
  probe: everywhere,
  run: async (stage) => {
    const [url = ''] = stage.platform.urls.apis
    const pid = stage.platform.processes.get('api')?.pid ?? 0
    const cuts = () => metricOf(url, 'livelot_socket_cuts_total', 'slow-reader')
    const open = () => metricOf(url, 'livelot_sockets_open')
    await using wire = await startChaosProxy([Number(new URL(url).port)])
    return await withViewers(stage, { count: viewerCount - slowCount, urls: () => [url] }, async ({ crowd }) => {
      const quietly = await lagsOf(stage, () => delay(8_000))
      const heardBefore = quantile(
        crowd.viewers.flatMap(({ heard }) => heard.map(({ lagMs }) => lagMs)),
        0.99,
      )
      crowd.forget()
      const [cutsBefore, openBefore, miBBefore] = [await cuts(), await open(), residentMiB(pid)]
      wire.set({ toClient: { bytesPerSecond: slowBytesPerSecond } })
      const slow = Array.from({ length: slowCount }, () =>
        openSlowReader(`http://127.0.0.1:${wire.port}`, stage.night.showId),
      )
      let mostMiB = miBBefore
      try {
        await eventually(async () => (await open()) === openBefore + slowCount, 10_000, 'slow readers do not come in')
        const startTick = performance.now()
        const besides = await lagsOf(stage, async () => {
          await eventually(
            async () => {
              mostMiB = Math.max(mostMiB, residentMiB(pid))
              return (await open()) <= openBefore
            },
            cutSecondsMax * 1_000,
            'slow readers are not cut',
          )
        })
        const recoverySeconds = (performance.now() - startTick) / 1_000
        const heardBesides = quantile(
          crowd.viewers.flatMap(({ heard }) => heard.map(({ lagMs }) => lagMs)),
          0.99,
        )
        const shed = await metricOf(url, 'livelot_socket_shed_total')
        for (const [what, before, now] of [
          ['bids', quietly.p99Ms, besides.p99Ms],
          ['events', heardBefore, heardBesides],
        ] as const)
          must(now <= Math.max(waitMsFloor, before * othersRatioMax), `p99 of ${what} went from ${before} to ${now} ms`)
        must(mostMiB - miBBefore <= grownMiBMax, `the process grew by ${Math.round(mostMiB - miBBefore)} MiB`)
        must(
          crowd.viewers.every(({ statuses }) => statuses.length === 0),
          'others were disconnected',
        )
        const detail = `${slowCount} cut, ${(await cuts()) - cutsBefore} of them by their backlog, ${shed} packets left out before; bids p99 ${quietly.p99Ms} -> ${besides.p99Ms} ms, events ${heardBefore} -> ${heardBesides} ms; at most ${Math.round(mostMiB - miBBefore)} MiB more`
        return { recoverySeconds, detail }
      } finally {
        for (const one of slow) one.stop()
      }
    })
  },
}
