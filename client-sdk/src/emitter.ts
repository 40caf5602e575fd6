type Listener<T> = (data: T) => void

/** Typed events. A listener that throws does not keep the others from hearing; its error is reported as uncaught. */
export class Emitter<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<Listener<never>>>()
  readonly #all = new Set<(name: keyof Events, data: Events[keyof Events]) => void>()

  /** Gives the function that takes the listener off again. */
  on<N extends keyof Events>(name: N, listener: Listener<Events[N]>): () => void {
    const listeners = this.#listeners.get(name) ?? new Set<Listener<never>>()
    this.#listeners.set(name, listeners)
    listeners.add(listener)
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0 && this.#listeners.get(name) === listeners) this.#listeners.delete(name)
    }
  }

  onAny(listener: (name: keyof Events, data: Events[keyof Events]) => void): () => void {
    this.#all.add(listener)
    return () => this.#all.delete(listener)
  }

  emit<N extends keyof Events>(name: N, data: Events[N]): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])])
      guarded(() => (listener as Listener<Events[N]>)(data))
    for (const listener of [...this.#all]) guarded(() => listener(name, data))
  }

  clear(): void {
    this.#listeners.clear()
    this.#all.clear()
  }
}

/** Reported as `reportError` does in browsers: visible to the application's own handlers, never lost. */
export function guarded(run: () => void): void {
  try {
    run()
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
