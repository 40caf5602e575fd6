import { setTimeout as delay } from 'node:timers/promises'
import { coresOfOthers, cpuOfProcess, machineTimes } from '../cpu.ts'
import { type CallableProcess, type CrowdCall, type CrowdLook, startCallable, startOnlookers } from '../onlookers.ts'
import { profiled } from '../profiling.ts'
import type { RawCall } from '../raw-sockets.ts'
import { onRoomStage, portOf, type RoomStage } from '../room-stage.ts'
import { checkStores } from '../store-checks.ts'
import { type Crowded, type Delivered, reportFanOut } from './fan-out-report.ts'

const VIEWERS = (process.env.BENCH_VIEWERS ?? '1000,3000,10000').split(',').map(Number)
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)
const WINDOW_MS = Number(process.env.BENCH_WINDOW_MS ?? 4_000)
const FRAMES_PER_SECOND = 20
/** Two thirds of what a core with a crowd beside it delivers: at saturation the log would be told in fewer frames. */
const DELIVERIES_PER_SECOND = 60_000
const ENTER_PER_SECOND = 900
const SETTLE_MS = 700
const REACH_MS = 5_000

/** What it costs to tell a whole room, beside a bare loop that sends the same frame to as many sockets. */
export function fanOut(): Promise<boolean> {
  return onRoomStage(scene, { env: { SOCKETS_PACE_FACTOR: '10000' } })
}

async function scene(stage: RoomStage): Promise<boolean> {
  const { platform, database, progress, showId, log } = stage
  const raw = startCallable<RawCall>('raw-sockets.ts')
  const [ours, theirs] = [startOnlookers(), startOnlookers()]
  try {
    const rawPort = await raw.call<number>({ do: 'listen', kind: 'bare' })
    const apiPid = platform.processes.get('api')?.pid ?? 0
    const port = portOf(platform.urls.http)
    const rooms: Crowded[] = []
    let inside = 0
    for (const viewers of VIEWERS) {
      progress.say(`${viewers} viewers enter, here and at the bare loop.`)
      const count = viewers - inside
      const entering = { do: 'enter', count, perSecond: ENTER_PER_SECOND, tokens: null } as const
      await Promise.all([
        ours.call({ ...entering, aim: { kind: 'room', port, showId } }),
        theirs.call({ ...entering, aim: { kind: 'bare', port: rawPort, showId: null } }),
      ])
      inside = viewers
      const perSecond = Math.min(FRAMES_PER_SECOND, DELIVERIES_PER_SECOND / viewers)
      const tell = () => log.appendFor(WINDOW_MS, perSecond)
      await tell()
      const { feedText: text } = await ours.call<CrowdLook>({ do: 'look' })
      const loop = () => raw.call<number>({ do: 'send', text, perSecond, forMs: WINDOW_MS })
      const rounds: Crowded['rounds'][number][] = []
      progress.begin(`${viewers} viewers`, 2 * ROUNDS)
      for (let round = 0; round < ROUNDS; round += 1) {
        const platformRound = await profiled(platform, () => measure(apiPid, ours, tell))
        progress.tick()
        const rawRound = await measure(raw.pid, theirs, loop)
        progress.tick()
        rounds.push({ ours: platformRound, raw: rawRound })
      }
      progress.end()
      const reachedAtMs = await ours.call<number | null>({ do: 'reach', seq: log.lastSeq, withinMs: REACH_MS })
      rooms.push({ viewers, perSecond, frameBytes: Buffer.byteLength(text), rounds, isWhole: reachedAtMs !== null })
    }
    const { ended } = await ours.call<CrowdLook>({ do: 'look' })
    return reportFanOut({ rooms, ended, checks: await checkStores(database, platform) })
  } finally {
    await Promise.all([ours.stop(), theirs.stop(), raw.stop()])
  }
}

async function measure(
  pid: number,
  crowd: CallableProcess<CrowdCall>,
  work: () => Promise<number>,
): Promise<Delivered> {
  await delay(SETTLE_MS)
  const before = await crowd.call<CrowdLook>({ do: 'look' })
  const machine = machineTimes()
  const [cpuMs, startTick] = [cpuOfProcess(pid), performance.now()]
  const sent = await work()
  // The last frames are on their way, and their cost belongs to the window.
  await delay(SETTLE_MS)
  const [spentMs, elapsedMs] = [cpuOfProcess(pid) - cpuMs, performance.now() - startTick]
  const after = await crowd.call<CrowdLook>({ do: 'look' })
  return {
    sent,
    deliveries: after.frames - before.frames,
    cpuMs: spentMs,
    delaysMs: after.delaysMs,
    othersCores: coresOfOthers(machine, elapsedMs),
  }
}
