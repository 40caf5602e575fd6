import type { WorkerState } from './admission.ts'

export interface Candidate {
  readonly state: WorkerState
  readonly load: number
  /** Whether the show already has a router there. */
  readonly hosting: boolean
}

const leastLoaded = <C extends Candidate>(candidates: readonly C[]): C | undefined =>
  candidates.reduce<C | undefined>(
    (best, candidate) => (best === undefined || candidate.load < best.load ? candidate : best),
    undefined,
  )

const firstOf = <C extends Candidate>(
  candidates: readonly C[],
  ...preferences: readonly ((candidate: C) => boolean)[]
): C | undefined => {
  for (const fits of preferences) {
    const best = leastLoaded(candidates.filter(fits))
    if (best !== undefined) return best
  }
  return undefined
}

/**
 * Where a viewer goes: a worker that carries the show and has room; else a further worker, which then gets an edge router
 * and a pipe; workers past their soft bound only when nothing else is left. Undefined: the node is full.
 */
export const placeViewer = <C extends Candidate>(candidates: readonly C[]): C | undefined =>
  firstOf(
    candidates,
    (one) => one.hosting && one.state === 'open',
    (one) => one.state === 'open',
    (one) => one.hosting && one.state === 'soft',
    (one) => one.state === 'soft',
  )

/** Where a creator goes: as a viewer, but a show is worth more than one viewer, so a soft worker of the show will do. */
export const placePublisher = <C extends Candidate>(candidates: readonly C[]): C | undefined =>
  firstOf(
    candidates,
    (one) => one.hosting && one.state !== 'closed',
    (one) => one.state === 'open',
    (one) => one.state === 'soft',
  )
