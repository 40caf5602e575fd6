type Due<T> = { readonly atMs: number; readonly value: T }

/** Timers are 32 bits wide in Node, so a far deadline is looked at once a day. */
const timerMsMax = 24 * 3_600_000

/** Hands out values when their time has come, the earliest first: a binary heap with one timer for all. */
export class DueQueue<T> {
  readonly #heap: Due<T>[] = []
  readonly #onDue: (value: T) => void
  #timer: NodeJS.Timeout | null = null
  #timerAtMs = 0
  #closed = false

  constructor(onDue: (value: T) => void) {
    this.#onDue = onDue
  }

  get size(): number {
    return this.#heap.length
  }

  add(atMs: number, value: T): void {
    const heap = this.#heap
    let at = heap.push({ atMs, value }) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (this.#timeAt(parent) <= atMs) break
      this.#swap(at, parent)
      at = parent
    }
    this.#arm()
  }

  close(): void {
    this.#closed = true
    if (this.#timer) clearTimeout(this.#timer)
  }

  #arm(): void {
    const firstMs = this.#timeAt(0)
    if (this.#closed || firstMs === Number.POSITIVE_INFINITY) return
    if (this.#timer) {
      if (this.#timerAtMs <= firstMs) return
      clearTimeout(this.#timer)
    }
    const waitMs = Math.min(Math.max(0, firstMs - Date.now()), timerMsMax)
    this.#timerAtMs = firstMs
    this.#timer = setTimeout(() => this.#fire(), waitMs)
  }

  #fire(): void {
    this.#timer = null
    while (!this.#closed && this.#timeAt(0) <= Date.now()) this.#onDue(this.#takeFirst())
    this.#arm()
  }

  #takeFirst(): T {
    const heap = this.#heap
    this.#swap(0, heap.length - 1)
    const first = heap.pop() as Due<T>
    let at = 0
    for (;;) {
      const left = 2 * at + 1
      const smaller = this.#timeAt(left + 1) < this.#timeAt(left) ? left + 1 : left
      if (this.#timeAt(smaller) >= this.#timeAt(at)) return first.value
      this.#swap(at, smaller)
      at = smaller
    }
  }

  #timeAt(index: number): number {
    return this.#heap[index]?.atMs ?? Number.POSITIVE_INFINITY
  }

  #swap(one: number, other: number): void {
    const kept = this.#heap[one] as Due<T>
    this.#heap[one] = this.#heap[other] as Due<T>
    this.#heap[other] = kept
  }
}
