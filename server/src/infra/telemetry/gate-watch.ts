import { Gauge, type Registry } from 'prom-client'

/** A gate that nobody has looked at for so long is over, or looked at by another process. */
const forgottenAfterMs = 60_000

export interface GateWatch<Id> {
  /** So many decisions of the gate were in Redis and not yet in Postgres. */
  lagging(id: Id, entries: number): void
  /** Everything that the gate decided is in Postgres, and this is how it stood then; null where it is over. */
  copied(id: Id, gate: 'open' | 'shut' | null): void
  /** Decisions that were seen in Redis and not in Postgres, over all gates. */
  lagEntries(): number
}

/** What whoever copies the decisions of gates to Postgres has seen of them, as figures `livelot_NAME_…`. */
export function createGateWatch<Id>(name: string, registry: Registry | undefined): GateWatch<Id> {
  const lags = new Map<Id, { entries: number; sinceMs: number }>()
  const gates = new Map<Id, { state: 'open' | 'shut'; atMs: number }>()
  const lagEntries = () => [...lags.values()].reduce((sum, { entries }) => sum + entries, 0)
  const behindMs = () => Math.max(0, ...[...lags.values()].map(({ sinceMs }) => performance.now() - sinceMs))
  const count = (wanted: 'open' | 'shut') => {
    const least = performance.now() - forgottenAfterMs
    for (const [id, { atMs }] of gates) if (atMs < least) gates.delete(id)
    return [...gates.values()].filter(({ state }) => state === wanted).length
  }
  if (registry) {
    const registers = [registry]
    new Gauge({
      name: `livelot_${name}_log_behind_seconds`,
      help: 'For how long there have been decisions in Redis that are not in Postgres.',
      registers,
      collect() {
        this.set(behindMs() / 1_000)
      },
    })
    new Gauge({
      name: `livelot_${name}_gates`,
      help: 'Gates that this process looked at in the last minute, by how they stood.',
      labelNames: ['state'],
      registers,
      collect() {
        for (const state of ['open', 'shut'] as const) this.set({ state }, count(state))
      },
    })
  }
  return {
    lagging: (id, entries) => void lags.set(id, { entries, sinceMs: lags.get(id)?.sinceMs ?? performance.now() }),
    copied: (id, state) => {
      lags.delete(id)
      if (state === null) gates.delete(id)
      else gates.set(id, { state, atMs: performance.now() })
    },
    lagEntries,
  }
}
