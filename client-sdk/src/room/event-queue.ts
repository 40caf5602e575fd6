import { LivelotError } from '../errors.ts'

/** A reader that is further behind than this is told so instead of filling the memory. */
const WAITING_MAX = 1_000

/** Events as an async iterator. Ends when the source closes; fails when the reader falls too far behind. */
export class EventQueue<T> implements AsyncIterableIterator<T> {
  readonly #onReturn: () => void
  #waiting: T[] = []
  #readers: { resolve: (result: IteratorResult<T>) => void; reject: (error: unknown) => void }[] = []
  #end: { error: unknown } | null = null

  constructor(onReturn: () => void) {
    this.#onReturn = onReturn
  }

  push(value: T): void {
    if (this.#end !== null) return
    const reader = this.#readers.shift()
    if (reader) {
      reader.resolve({ value, done: false })
      return
    }
    this.#waiting.push(value)
    if (this.#waiting.length > WAITING_MAX) {
      this.#waiting = []
      this.finish(new LivelotError({ code: 'client.closed', details: { reason: 'reader too slow', WAITING_MAX } }))
    }
  }

  finish(error: unknown = null): void {
    if (this.#end !== null) return
    this.#end = { error }
    this.#onReturn()
    for (const { resolve, reject } of this.#readers.splice(0)) {
      if (error === null) resolve({ value: undefined, done: true })
      else reject(error)
    }
  }

  async next(): Promise<IteratorResult<T>> {
    const value = this.#waiting.shift()
    if (value !== undefined) return { value, done: false }
    if (this.#end === null) return new Promise((resolve, reject) => this.#readers.push({ resolve, reject }))
    if (this.#end.error !== null) throw this.#end.error
    return { value: undefined, done: true }
  }

  async return(): Promise<IteratorResult<T>> {
    this.#waiting = []
    this.finish()
    return { value: undefined, done: true }
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
