import { accessSync, constants, mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const root = '/sys/fs/cgroup/cpu'
/** Short, so that a process that has used up its share rests for milliseconds and not for a tenth of a second. */
const periodMicroseconds = 10_000

/** Why this machine lets nobody limit a process; null where it does. Version 1 of control groups, as root. */
export function quotaProblem(): string | null {
  try {
    accessSync(path.join(root, 'cpu.cfs_quota_us'), constants.W_OK)
    return null
  } catch {
    return 'there is no cpu controller of cgroup v1 that we may write to'
  }
}

/** Lets a process have this share of one core, until it is given back. */
export function limitCpu(pid: number, share: number): () => void {
  const group = path.join(root, `livelot-bench-${pid}`)
  mkdirSync(group)
  writeFileSync(path.join(group, 'cpu.cfs_period_us'), String(periodMicroseconds))
  writeFileSync(path.join(group, 'cpu.cfs_quota_us'), String(Math.round(periodMicroseconds * share)))
  writeFileSync(path.join(group, 'cgroup.procs'), String(pid))
  return () => {
    writeFileSync(path.join(root, 'cgroup.procs'), String(pid))
    rmdirSync(group)
  }
}
