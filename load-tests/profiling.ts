import { mkdirSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Platform } from '../server/embedded/supervisor.mjs'

const folder = process.env.BENCH_PROFILE
const preload = fileURLToPath(new URL('profiler.mjs', import.meta.url))
/** A profile of some seconds is a megabyte of JSON or two. */
const writeMs = 1_500

/** What the platform's processes need to be profiled; nothing where nobody asks for it. */
export function profilingEnvironment(): Record<string, string> {
  if (!folder) return {}
  mkdirSync(folder, { recursive: true })
  return { BENCH_PROFILE: folder, NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import ${preload}`.trim() }
}

/** Does the work, with a CPU profile of each Node process meanwhile where BENCH_PROFILE names a folder. Profiling costs. */
export async function profiled<T>(platform: Platform, work: () => Promise<T>): Promise<T> {
  if (!folder) return await work()
  const toggle = () => {
    for (const name of ['payment-sandbox', 'worker', 'api', 'api-2']) {
      const pid = platform.processes.get(name)?.pid
      if (pid !== undefined) process.kill(pid, 'SIGUSR2')
    }
  }
  toggle()
  const result = await work()
  toggle()
  await setTimeout(writeMs)
  return result
}
