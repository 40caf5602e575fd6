import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Platform, startPlatform } from '../server/embedded/supervisor.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

export interface BenchPlatform {
  readonly platform: Platform
  stop(): Promise<void>
}

/** A whole platform of its own on free ports, with an empty database, gone again afterwards. */
export async function startBenchPlatform(options: {
  seed: boolean
  apiProcesses?: number
  env?: Record<string, string>
  say: (text: string) => void
}): Promise<BenchPlatform> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'livelot-bench-'))
  const forget = () => rm(dataDir, { recursive: true, force: true })
  try {
    const platform = await startPlatform({
      root,
      dataDir,
      seed: options.seed,
      apiProcesses: options.apiProcesses,
      env: {
        MEDIASOUP_WORKER_BIN: process.env.MEDIASOUP_WORKER_BIN,
        DATABASE_URL: process.env.BENCH_DATABASE_URL,
        REDIS_URL: process.env.BENCH_REDIS_URL,
        LOTS_AT_ONCE_MAX: '100',
        ...options.env,
      },
      log: ({ kind, text }) => {
        if (kind !== 'starting') options.say(text)
      },
    })
    return {
      platform,
      stop: async () => {
        await platform.stop()
        await forget()
      },
    }
  } catch (error) {
    await forget()
    throw error
  }
}
