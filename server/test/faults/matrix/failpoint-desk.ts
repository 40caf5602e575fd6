import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { Failpoint, FailpointAction, FailpointOrder, FailpointTaken } from '#kernel/failpoints'

/** Longer than any way through the platform takes in good weather. */
const reachedMsMax = 60_000
const pollMs = 5

export interface OrderOptions {
  /** 1, the next time that a process comes there, unless told otherwise. */
  readonly hit?: number
  /** Of `delay`, and of a `die` that lets the work go on for so long. */
  readonly afterMs?: number
  /** Only processes of this kind. */
  readonly process?: 'api' | 'worker'
}

export interface Armed {
  /** Resolves when a process has carried the order out; rejects when none came there. */
  readonly reached: Promise<FailpointTaken>
  /** A process that hangs there goes on. */
  withdraw(): void
}

/** Gives the orders of a test to the processes of a platform, by the file that they read. */
export function openFailpointDesk(file: string) {
  let orders: readonly FailpointOrder[] = []
  let count = 0
  const write = (next: readonly FailpointOrder[]) => {
    orders = next
    writeFileSync(file, JSON.stringify(orders))
  }
  const taken = (): FailpointTaken[] => {
    try {
      const lines = readFileSync(`${file}.taken`, 'utf8').split('\n')
      return lines.filter((line) => line !== '').map((line) => JSON.parse(line))
    } catch {
      // Nothing was carried out yet.
      return []
    }
  }
  const reached = async ({ id, at }: FailpointOrder): Promise<FailpointTaken> => {
    const endsAt = performance.now() + reachedMsMax
    while (performance.now() < endsAt) {
      const one = taken().find((line) => line.id === id)
      if (one) return one
      if (!orders.some((order) => order.id === id)) break
      await delay(pollMs)
    }
    throw new Error(`no process came to ${at}`)
  }
  write([])
  return {
    arm: (at: Failpoint, action: FailpointAction, options: OrderOptions = {}): Armed => {
      count += 1
      const { hit = 1, afterMs = 0, process = null } = options
      const order: FailpointOrder = { id: String(count), at, action, hit, afterMs, process }
      write([...orders, order])
      let told: Promise<FailpointTaken> | undefined
      return {
        // Looked for only where somebody waits for it: a test may order dozens at once.
        get reached() {
          told ??= reached(order)
          return told
        },
        withdraw: () => write(orders.filter((one) => one.id !== order.id)),
      }
    },
    /** Whoever hangs goes on, and nothing is ordered any more. */
    withdrawAll: () => write([]),
    taken,
  }
}

export type FailpointDesk = ReturnType<typeof openFailpointDesk>
