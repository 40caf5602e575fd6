import type { Purchase, ReviewStep } from './purchase.ts'

/** Where the one purchase of a page stands. Each new tap is a turn; answers to an earlier turn change nothing. */
export class PurchaseState {
  #current: Purchase | null = null
  #turn = 0
  readonly #subscribers = new Set<() => void>()

  get current(): Purchase | null {
    return this.#current
  }

  get turn(): number {
    return this.#turn
  }

  get review(): ReviewStep | null {
    return this.#current?.step === 'review' ? this.#current : null
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#subscribers.add(listener)
    return () => this.#subscribers.delete(listener)
  }

  readonly getState = (): Purchase | null => this.#current

  begin(first: Purchase | null): number {
    this.#turn += 1
    this.#show(first)
    return this.#turn
  }

  set(turn: number, purchase: Purchase): void {
    if (turn === this.#turn) this.#show(purchase)
  }

  /** Changes the open order of this turn; where another step is shown by now, nothing. */
  changeReview(turn: number, part: Partial<ReviewStep>): void {
    const { review } = this
    if (review && turn === this.#turn) this.#show({ ...review, ...part })
  }

  #show(purchase: Purchase | null): void {
    this.#current = purchase
    for (const subscriber of [...this.#subscribers]) subscriber()
  }
}
