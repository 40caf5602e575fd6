import { monitorEventLoopDelay } from 'node:perf_hooks'

/**
 * 0: all is well. 1: chat is thinned. 2: chat and browsing are refused. 3: nobody new is let in. Bids, holds and
 * payments are served at every level.
 */
export type LoadLevel = 0 | 1 | 2 | 3

/** Delays of the event loop, p99 of one sample, from which level 1, 2 and 3 are seen. */
const levelDelaysMs = [100, 175, 250] as const
/** The delay is measured on a timer of this period, which is part of what is measured. */
const resolutionMs = 10
const defaultSampleMs = 1_000
/** A level is left and taken only when so many samples in a row say so. */
const samplesInRow = 3

const levelOf = (delayMs: number): LoadLevel => levelDelaysMs.filter((least) => delayMs > least).length as LoadLevel

/**
 * Turns samples of the event loop's delay into a level. It rises one step at a time, so that what comes first in the
 * order of shedding is always shed first; it falls to the worst of the last samples at once.
 */
export class LoadJudge {
  #level: LoadLevel = 0
  #seen: LoadLevel[] = []

  get level(): LoadLevel {
    return this.#level
  }

  sample(delayMs: number): LoadLevel {
    this.#seen = [...this.#seen, levelOf(delayMs)].slice(-samplesInRow)
    if (this.#seen.length < samplesInRow) return this.#level
    const least = Math.min(...this.#seen)
    const worst = Math.max(...this.#seen) as LoadLevel
    if (least > this.#level) this.#level = (this.#level + 1) as LoadLevel
    else if (worst < this.#level) this.#level = worst
    return this.#level
  }
}

export interface LoadMonitor {
  readonly level: LoadLevel
  /** p99 of the last sample. */
  readonly delayMs: number
  close(): void
}

/** Watches this process' event loop: one monitor a process, which HTTP and sockets both ask. */
export function startLoadMonitor(
  onChange: (level: LoadLevel, delayMs: number) => void,
  sampleEveryMs = defaultSampleMs,
): LoadMonitor {
  const judge = new LoadJudge()
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs })
  histogram.enable()
  let delayMs = 0
  const timer = setInterval(() => {
    delayMs = histogram.percentile(99) / 1e6
    histogram.reset()
    const before = judge.level
    if (judge.sample(delayMs) !== before) onChange(judge.level, delayMs)
  }, sampleEveryMs)
  timer.unref()
  return {
    get level() {
      return judge.level
    },
    get delayMs() {
      return delayMs
    },
    close: () => {
      clearInterval(timer)
      histogram.disable()
    },
  }
}
