import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { OnlookerAim } from './onlooker.ts'

export type CrowdCall =
  | {
      readonly do: 'enter'
      readonly aim: Omit<OnlookerAim, 'token'>
      readonly count: number
      /** Null: all at once. */
      readonly perSecond: number | null
      readonly tokens: readonly string[] | null
    }
  | { readonly do: 'look' | 'drop' | 'leave' }
  | { readonly do: 'return-to'; readonly port: number | null }
  | { readonly do: 'reach'; readonly seq: number; readonly withinMs: number }

export interface CrowdLook {
  readonly frames: number
  readonly refused: number
  readonly ended: number
  readonly inside: number
  /** Of those who read, since the last look. */
  readonly delaysMs: readonly number[]
  readonly feedText: string
}

export interface CallableProcess<Call> {
  readonly pid: number
  call<Answer>(call: Call): Promise<Answer>
  stop(): Promise<void>
}

/** A program of this folder in a process of its own that answers calls one by one or side by side. */
export function startCallable<Call>(name: string, env: Record<string, string> = {}): CallableProcess<Call> {
  const child = fork(fileURLToPath(new URL(name, import.meta.url)), {
    execArgv: ['--conditions=source'],
    env: { ...process.env, ...env },
  })
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  let lastId = 0
  child.on('message', ({ id, value, error }: { id: number; value?: unknown; error?: string }) => {
    const asked = waiting.get(id)
    waiting.delete(id)
    if (error === undefined) asked?.resolve(value)
    else asked?.reject(new Error(error))
  })
  child.on('exit', () => {
    for (const { reject } of waiting.values()) reject(new Error(`${name} has ended.`))
  })
  return {
    pid: child.pid as number,
    call: <Answer>(call: Call) => {
      lastId += 1
      const asked = Promise.withResolvers<unknown>()
      waiting.set(lastId, asked)
      child.send({ id: lastId, call })
      return asked.promise as Promise<Answer>
    },
    stop: async () => {
      child.kill()
      await once(child, 'close')
    },
  }
}

/** People who look on, in a process of their own. */
export const startOnlookers = (): CallableProcess<CrowdCall> => startCallable<CrowdCall>('onlooker-process.ts')
