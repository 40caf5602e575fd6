import { readdirSync, readFileSync } from 'node:fs'
import type { Platform } from '../server/embedded/supervisor.mjs'

/** The kernel counts in ticks of a hundredth of a second on every Linux that we know. */
const TICK_MS = 10

interface ProcessTimes {
  parent: number
  cpuMs: number
}

/** CPU time of each process of the platform with all its children (Postgres has one a connection), and of this one. */
export function cpuByProcess(platform: Platform): Map<string, number> {
  const times = readTimes()
  const result = new Map<string, number>()
  for (const [name, { pid }] of platform.processes) {
    if (pid !== undefined) result.set(name, treeMs(pid, times))
  }
  const own = process.cpuUsage()
  result.set('buyers (this bench)', (own.user + own.system) / 1000)
  return result
}

/** CPU time of a process that is none of the platform's. */
export const cpuOfProcess = (pid: number): number => treeMs(pid, readTimes())

export function cpuBetween(before: Map<string, number>, after: Map<string, number>): Map<string, number> {
  return new Map([...after].map(([name, cpuMs]) => [name, Math.max(0, cpuMs - (before.get(name) ?? 0))]))
}

function treeMs(pid: number, times: Map<number, ProcessTimes>): number {
  const own = times.get(pid)?.cpuMs ?? 0
  const children = [...times].filter(([, { parent }]) => parent === pid)
  return children.reduce((sum, [child]) => sum + treeMs(child, times), own)
}

function readTimes(): Map<number, ProcessTimes> {
  const times = new Map<number, ProcessTimes>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const stat = readOrNull(`/proc/${name}/stat`)
    if (stat === null) continue
    // The name in brackets may hold spaces; what follows it is counted from the state on. Source: proc(5).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // With children that have ended: a backend that closes its connection takes its time along to its parent.
    const cpuMs = [11, 12, 13, 14].reduce((sum, place) => sum + Number(fields[place] ?? 0), 0) * TICK_MS
    times.set(Number(name), { parent: Number(fields[1]), cpuMs })
  }
  return times
}

/** A process may end between the listing and the look. */
function readOrNull(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}

export interface MachineTimes {
  busyMs: number
  ownMs: number
}

/** Busy time of all cores, and of this program with everything that it has started. */
export function machineTimes(): MachineTimes {
  // user, nice, system, idle, iowait, irq, softirq, steal: time that the host took away counts as taken by others.
  const [, ...fields] = (readOrNull('/proc/stat') ?? '').split('\n', 1)[0]?.trim().split(/\s+/) ?? []
  const busy = [0, 1, 2, 5, 6, 7].reduce((sum, place) => sum + Number(fields[place] ?? 0), 0)
  return { busyMs: busy * TICK_MS, ownMs: treeMs(process.pid, readTimes()) }
}

/** Cores that others used in the meantime: above a few tenths the figures of a bench tell more about them than about us. */
export function coresOfOthers(before: MachineTimes, elapsedMs: number): number {
  const after = machineTimes()
  const othersMs = after.busyMs - before.busyMs - (after.ownMs - before.ownMs)
  return Math.round((Math.max(0, othersMs) / elapsedMs) * 10) / 10
}
