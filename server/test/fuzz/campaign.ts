import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'

/** One way in that is tried. Cases are plain data, so that a failed one can be kept in a file and tried first ever after. */
export interface Area<Case> {
  readonly name: string
  readonly cases: fc.Arbitrary<Case>
  /** How many single inputs a case holds; 1 unless told otherwise. */
  readonly inputsOf?: (one: Case) => number
  readonly lanes: number
  /** What is wrong with what the platform made of it, as a sentence; null when all is well. */
  readonly judge: (one: Case) => Promise<string | null>
  /** Cases of which this is not true are left out. */
  readonly takes?: (one: Case) => boolean
}

export interface Tried {
  readonly failures: readonly Failure[]
  readonly count: number
}

export interface Failure {
  readonly area: string
  readonly problem: string
  readonly seed: number
  readonly path: string
  readonly case: unknown
}

/** Cases are made in portions, so that a long run needs no more memory than a short one. */
const portion = 500
const failuresShrunkMax = 3
const shrinkMs = 30_000

const regressionFile = (area: string) => new URL(`./regressions/${area}.json`, import.meta.url)

interface Kept {
  readonly problem: string
  readonly case: unknown
}

function keptOf(area: string): Kept[] {
  const file = regressionFile(area)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Kept[]) : []
}

/** Every case that once failed, again. */
export async function replay<Case>(area: Area<Case>): Promise<Failure[]> {
  const failures: Failure[] = []
  for (const kept of keptOf(area.name)) {
    const problem = await area.judge(kept.case as Case)
    if (problem) failures.push({ area: area.name, problem, seed: 0, path: 'regression', case: kept.case })
  }
  return failures
}

/** Tries at least that many inputs, several at once; what fails is made as small as it can be, and kept. */
export async function run<Case>(area: Area<Case>, seed: number, inputs: number): Promise<Tried> {
  const failures: Failure[] = []
  let count = 0
  for (let from = 0; count < inputs && failures.length < failuresShrunkMax; from += portion) {
    const portionSeed = seed + from
    const cases = fc.sample(area.cases, { seed: portionSeed, numRuns: portion })
    await inLanes(cases, area.lanes, async (one, at) => {
      if (count >= inputs || failures.length >= failuresShrunkMax || (area.takes && !area.takes(one))) return
      count += area.inputsOf?.(one) ?? 1
      const problem = await area.judge(one)
      if (problem) failures.push({ area: area.name, problem, seed: portionSeed, path: String(at), case: one })
    })
  }
  const small = await Promise.all(failures.map((failure) => shrunk(area, failure)))
  if (small.length > 0) keep(area.name, small)
  return { failures: small, count }
}

async function shrunk<Case>(area: Area<Case>, failure: Failure): Promise<Failure> {
  const { seed, path } = failure
  let { problem, case: smallest } = failure
  const property = fc.asyncProperty(area.cases, async (one) => {
    if (area.takes && !area.takes(one)) return true
    const found = await area.judge(one)
    if (!found) return true
    problem = found
    smallest = one
    return false
  })
  await fc.check(property, { seed, path, interruptAfterTimeLimit: shrinkMs })
  return { ...failure, problem, case: smallest }
}

function keep(area: string, failures: readonly Failure[]): void {
  const known = keptOf(area)
  const texts = new Set(known.map((one) => JSON.stringify(one.case)))
  const fresh = failures
    .filter((one) => !texts.has(JSON.stringify(one.case)))
    .map((one) => ({ problem: one.problem, case: one.case }))
  mkdirSync(new URL('.', regressionFile(area)), { recursive: true })
  writeFileSync(regressionFile(area), `${JSON.stringify([...known, ...fresh], null, 2)}\n`)
}

export async function inLanes<T>(
  things: readonly T[],
  lanes: number,
  work: (thing: T, at: number) => Promise<void>,
): Promise<void> {
  let next = 0
  const lane = async () => {
    for (let at = next++; at < things.length; at = next++) await work(things[at] as T, at)
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}
