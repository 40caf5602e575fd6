import type { ChatLine, ChatLineId } from '@livelot/client/contracts'

export interface ChatBatch {
  readonly lines: readonly ChatLine[]
  readonly cut: number
  readonly removed: readonly ChatLineId[]
}

export interface BatcherOptions {
  readonly everyMs: () => number
  readonly linesMax: () => number
  readonly flush: (batch: ChatBatch) => void
}

/**
 * Gathers chat and lets it out at most every so often, so many lines at a time. A line in a quiet room leaves at once.
 * In a flood the words of host and moderators stay, then the newest; how many were left out is counted.
 */
export class Batcher {
  readonly #options: BatcherOptions
  #lines: ChatLine[] = []
  #removed: ChatLineId[] = []
  #cut = 0
  #timer: NodeJS.Timeout | undefined
  #lastMs = Number.NEGATIVE_INFINITY

  constructor(options: BatcherOptions) {
    this.#options = options
  }

  add(batch: ChatBatch): void {
    const gone = new Set(batch.removed)
    this.#lines = [...this.#lines.filter((line) => !gone.has(line.chatLineId)), ...batch.lines]
    this.#removed.push(...batch.removed)
    this.#cut += batch.cut
    // Nothing is gained by holding a flood whole until it is thinned.
    if (this.#lines.length > 4 * this.#options.linesMax()) this.#thin()
    this.#timer ??= setTimeout(
      () => this.#flush(),
      Math.max(0, this.#lastMs + this.#options.everyMs() - performance.now()),
    )
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#lines = []
  }

  #thin(): void {
    const { kept, cut } = thin(this.#lines, this.#options.linesMax())
    this.#lines = kept
    this.#cut += cut
  }

  #flush(): void {
    this.#timer = undefined
    this.#lastMs = performance.now()
    this.#thin()
    const batch = { lines: this.#lines, cut: this.#cut, removed: this.#removed }
    this.#lines = []
    this.#removed = []
    this.#cut = 0
    this.#options.flush(batch)
  }
}

/** At most `linesMax` lines in their order: host and moderators first, then the newest. */
export function thin(lines: readonly ChatLine[], linesMax: number): { kept: ChatLine[]; cut: number } {
  if (lines.length <= linesMax) return { kept: [...lines], cut: 0 }
  const staff = lines.filter((line) => line.badge !== 'none').slice(-linesMax)
  const rest = linesMax - staff.length
  const others = rest > 0 ? lines.filter((line) => line.badge === 'none').slice(-rest) : []
  const chosen = new Set([...staff, ...others])
  return { kept: lines.filter((line) => chosen.has(line)), cut: lines.length - chosen.size }
}
