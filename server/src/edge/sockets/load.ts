import { monitorEventLoopDelay } from 'node:perf_hooks'

/** 0: all is well. 1: chat is thinned. 2: hearts are dropped too and nobody new is let in. */
export type LoadLevel = 0 | 1 | 2

const sampleEveryMs = 1_000
/** The delay is measured on a timer of this period, which is part of what is measured. */
const resolutionMs = 10
const chatDelayMs = 100
const joinDelayMs = 250
/** A level is taken, and left, after this many samples in a row. */
const samplesInRow = 3

/** Turns samples of the event loop's delay (p99 of a second) into a level: three in a row decide. */
export class LoadJudge {
  #level: LoadLevel = 0
  #candidate: LoadLevel = 0
  #count = 0

  get level(): LoadLevel {
    return this.#level
  }

  sample(delayMs: number): LoadLevel {
    const seen: LoadLevel = delayMs > joinDelayMs ? 2 : delayMs > chatDelayMs ? 1 : 0
    this.#count = seen === this.#candidate ? this.#count + 1 : 1
    this.#candidate = seen
    if (this.#count >= samplesInRow) this.#level = seen
    return this.#level
  }
}

export interface LoadMonitor {
  readonly level: LoadLevel
  close(): void
}

export function startLoadMonitor(onChange: (level: LoadLevel, delayMs: number) => void): LoadMonitor {
  const judge = new LoadJudge()
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs })
  histogram.enable()
  const timer = setInterval(() => {
    const delayMs = histogram.percentile(99) / 1e6
    histogram.reset()
    const before = judge.level
    if (judge.sample(delayMs) !== before) onChange(judge.level, delayMs)
  }, sampleEveryMs)
  timer.unref()
  return {
    get level() {
      return judge.level
    },
    close: () => {
      clearInterval(timer)
      histogram.disable()
    },
  }
}
