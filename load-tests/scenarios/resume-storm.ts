import { setTimeout as delay } from 'node:timers/promises'
import { cpuOfProcess } from '../cpu.ts'
import type { OnlookerAim } from '../onlooker.ts'
import { type CallableProcess, type CrowdCall, type CrowdLook, startCallable, startOnlookers } from '../onlookers.ts'
import { profiled } from '../profiling.ts'
import type { RawCall } from '../raw-sockets.ts'
import { onRoomStage, portOf, type RoomStage } from '../room-stage.ts'
import { seedBuyers } from '../seeding.ts'
import { checkStores } from '../store-checks.ts'
import { type Return, reportResumeStorm } from './resume-storm-report.ts'

const VIEWERS = Number(process.env.BENCH_VIEWERS ?? 200)
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)
/** What they miss: fewer than a room resumes by a frame. */
const MISSED_EVENTS = 100
const ENTER_PER_SECOND = 800
const STILL_MS = 2_000
const REACH_MS = 15_000
const WARM_UPS = 8

type Crowd = CallableProcess<CrowdCall>

/** Viewers lose their connections, or their API process; what it costs until each has the same place in the log again. */
export const resumeStorm = (): Promise<boolean> => onRoomStage(scene, { apiProcesses: 2 })

async function scene(stage: RoomStage): Promise<boolean> {
  const { platform, database, progress, showId, privateKey } = stage
  const raw = startCallable<RawCall>('raw-sockets.ts')
  const [viewers, bare] = [startOnlookers(), startOnlookers()]
  const names = ['api', 'api-2'] as const
  const portAt = (index: number) => portOf(platform.urls.apis[index])
  const pidAt = (index: number) => platform.processes.get(names[index] ?? '')?.pid ?? 0
  try {
    const rawPort = await raw.call<number>({ do: 'listen', kind: 'bare' })
    const tokens = (await seedBuyers(database, VIEWERS, privateKey)).map((one) => one.accessToken)
    const entering = { do: 'enter', count: VIEWERS, perSecond: ENTER_PER_SECOND } as const
    await bare.call({ ...entering, aim: { kind: 'bare', port: rawPort, showId: null }, tokens: null })
    await bare.call({ do: 'return-to', port: rawPort })
    await viewers.call({ ...entering, aim: { kind: 'room', port: portAt(0), showId }, tokens })
    progress.begin('returns', 3 * ROUNDS)
    const [dropped, killed, bareReturns]: Return[][] = [[], [], []] as unknown as Return[][]
    const dropOnly = (crowd: Crowd) => async () => void (await crowd.call({ do: 'drop' }))
    await warmUp(stage, { kind: 'room', port: portAt(0), showId })
    await warmUp(stage, { kind: 'bare', port: rawPort, showId: null })
    for (let round = 0; round < ROUNDS; round += 1) {
      await viewers.call({ do: 'return-to', port: portAt(0) })
      dropped?.push(await profiled(platform, () => comeBack(stage, viewers, pidAt(0), dropOnly(viewers))))
      progress.tick('connections dropped')
      bareReturns?.push(await comeBack(null, bare, raw.pid, dropOnly(bare)))
      progress.tick('connections to the bare server dropped')
    }
    let home = 0
    for (let round = 0; round < ROUNDS; round += 1) {
      const other = 1 - home
      await warmUp(stage, { kind: 'room', port: portAt(other), showId })
      await viewers.call({ do: 'return-to', port: portAt(other) })
      const name = names[home] ?? ''
      killed?.push(await comeBack(stage, viewers, pidAt(other), () => platform.kill(name)))
      await platform.restart(name)
      progress.tick('API process killed')
      home = other
    }
    progress.end()
    const checks = await checkStores(database, platform)
    return reportResumeStorm({
      viewers: VIEWERS,
      missed: MISSED_EVENTS,
      dropped: dropped ?? [],
      killed: killed ?? [],
      bare: bareReturns ?? [],
      checks,
    })
  } finally {
    await Promise.all([viewers.stop(), bare.stop(), raw.stop()])
  }
}

/** Events pass while they are away; answers what the process at which they come back spends on them. */
async function comeBack(
  stage: RoomStage | null,
  crowd: Crowd,
  pid: number,
  lose: () => Promise<void>,
): Promise<Return> {
  const stillCpuMs = cpuOfProcess(pid)
  await delay(STILL_MS)
  const cpuMs = cpuOfProcess(pid)
  const stillShare = (cpuMs - stillCpuMs) / STILL_MS
  const startTick = performance.now()
  const lostAtMs = Date.now()
  await lose()
  let seq = 0
  if (stage) for (let event = 0; event < MISSED_EVENTS; event += 1) seq = await stage.log.append()
  const reachedAtMs = await crowd.call<number | null>({ do: 'reach', seq, withinMs: REACH_MS })
  const elapsedMs = performance.now() - startTick
  const spentMs = cpuOfProcess(pid) - cpuMs - stillShare * elapsedMs
  const { inside } = await crowd.call<CrowdLook>({ do: 'look' })
  return { tookMs: reachedAtMs === null ? null : reachedAtMs - lostAtMs, cpuMs: Math.max(0, spentMs), inside }
}

/** A process that has just begun would measure how its code is compiled. */
async function warmUp({ progress }: RoomStage, aim: Omit<OnlookerAim, 'token'>): Promise<void> {
  progress.say('Others come and go, as warm-up.')
  const others = startOnlookers()
  const entering = { do: 'enter', count: VIEWERS, perSecond: ENTER_PER_SECOND, tokens: null } as const
  for (let time = 0; time < WARM_UPS; time += 1) {
    await others.call({ ...entering, aim })
    await others.call({ do: 'leave' })
  }
  await others.stop()
}
