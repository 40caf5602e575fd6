import { setTimeout as delay } from 'node:timers/promises'
import { cpuOfProcess } from '../cpu.ts'
import { type CallableProcess, type CrowdCall, type CrowdLook, startCallable, startOnlookers } from '../onlookers.ts'
import { profiled } from '../profiling.ts'
import type { RawCall } from '../raw-sockets.ts'
import { onRoomStage, portOf, type RoomStage } from '../room-stage.ts'
import { seedBuyers } from '../seeding.ts'
import { checkStores } from '../store-checks.ts'
import { type Arrivals, reportJoinStorm } from './join-storm-report.ts'

const VIEWERS = Number(process.env.BENCH_VIEWERS ?? 3_000)
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3)
/** Below what the gate lets in, so that the cost of a handshake is not mixed with that of refusals. */
const ENTER_PER_SECOND = 800
const STILL_MS = 2_000
/** The gate is full again, and those who left are gone. */
const REST_MS = 2_500

type Crowd = CallableProcess<CrowdCall>

/** A whole crowd comes in at once: what a handshake with token, join and snapshot costs, and when everybody is in. */
export const joinStorm = (): Promise<boolean> => onRoomStage(scene)

async function scene(stage: RoomStage): Promise<boolean> {
  const { platform, database, progress, showId, privateKey } = stage
  const raw = startCallable<RawCall>('raw-sockets.ts')
  const [ours, theirs] = [startOnlookers(), startOnlookers()]
  try {
    const rawPort = await raw.call<number>({ do: 'listen', kind: 'bare' })
    const apiPid = platform.processes.get('api')?.pid ?? 0
    const room = { kind: 'room', port: portOf(platform.urls.http), showId } as const
    const bare = { kind: 'bare', port: rawPort, showId: null } as const
    // Tokens that this process has never read: a person comes once.
    const tokens = async () => (await seedBuyers(database, VIEWERS, privateKey)).map((one) => one.accessToken)
    const paced = { do: 'enter', count: VIEWERS, perSecond: ENTER_PER_SECOND } as const
    progress.begin('crowds', 2 * ROUNDS + 3)
    const step = async (pid: number, crowd: Crowd, call: Extract<CrowdCall, { do: 'enter' }>) => {
      const arrivals = await arrive(pid, crowd, call)
      progress.tick(`${arrivals.tookMs.length} in`)
      return arrivals
    }
    await step(apiPid, ours, { ...paced, aim: room, tokens: await tokens() })
    const rounds: { ours: Arrivals; raw: Arrivals }[] = []
    for (let round = 0; round < ROUNDS; round += 1) {
      const fresh = await tokens()
      const here = await profiled(platform, () => step(apiPid, ours, { ...paced, aim: room, tokens: fresh }))
      rounds.push({ ours: here, raw: await step(raw.pid, theirs, { ...paced, aim: bare, tokens: null }) })
    }
    const guests = await step(apiPid, ours, { ...paced, aim: room, tokens: null })
    const atOnce = { ...paced, perSecond: null }
    const storm = await step(apiPid, ours, { ...atOnce, aim: room, tokens: await tokens() })
    progress.end()
    return reportJoinStorm({ viewers: VIEWERS, rounds, guests, storm, checks: await checkStores(database, platform) })
  } finally {
    await Promise.all([ours.stop(), theirs.stop(), raw.stop()])
  }
}

async function arrive(pid: number, crowd: Crowd, call: Extract<CrowdCall, { do: 'enter' }>): Promise<Arrivals> {
  const before = await crowd.call<CrowdLook>({ do: 'look' })
  const [cpuMs, startTick] = [cpuOfProcess(pid), performance.now()]
  const tookMs = await crowd.call<number[]>(call)
  const elapsedMs = performance.now() - startTick
  const spentMs = cpuOfProcess(pid) - cpuMs
  const stillCpuMs = cpuOfProcess(pid)
  await delay(STILL_MS)
  const stillShare = (cpuOfProcess(pid) - stillCpuMs) / STILL_MS
  const after = await crowd.call<CrowdLook>({ do: 'look' })
  await crowd.call({ do: 'leave' })
  await delay(REST_MS)
  return {
    tookMs,
    elapsedMs,
    // Pulses go to those who are in already, on average half of them.
    handshakesCpuMs: spentMs - (stillShare * elapsedMs) / 2,
    wholeCpuMs: spentMs,
    refused: after.refused - before.refused,
    ended: after.ended - before.ended,
  }
}
