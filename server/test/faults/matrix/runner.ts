import { failpointNames } from '#kernel/failpoints'
import type { Moment } from './moments.ts'
import type { Coverage, Result } from './report.ts'
import type { FaultRow, Outcome } from './row.ts'
import { openStage, type Stage, type StageOptions } from './stage.ts'

export interface Matrix {
  /** One row at one moment; also what is broken or skipped is an answer. */
  run(row: FaultRow, moment: Moment): Promise<Result>
  /** Whole once the matrix is closed. */
  readonly coverage: Coverage
  close(): Promise<void>
}

/** The longest rows wait for leases, one after the other, on a machine that has other things to do. */
const rowMsMax = 400_000

/** One run at one moment takes its seed from that of all, so that it can be run again alone. */
const seedOf = (seed: number, { number }: FaultRow, moment: Moment) =>
  (seed * 31 + number * 1_009 + moment.charCodeAt(0) * 9_176_213) % 2 ** 31

/**
 * Runs rows on platforms of their own. A platform is kept while all holds on it and the next row wants the same one; one on
 * which something broke is given up, so that nothing else is blamed for it, and its folder is kept for whoever looks.
 */
export function openMatrix(seed: number): Matrix {
  const coverage = new Map(failpointNames.map((name) => [name as string, new Map<string, number>()]))
  const stages = keepStage(seed, coverage)
  return {
    run: async (row, moment) => {
      const facts = { number: row.number, name: row.name, moment, seed: seedOf(seed, row, moment) }
      const reason = await row.probe()
      if (reason !== null)
        return { ...facts, verdict: 'skipped', recoverySeconds: null, tookSeconds: 0, detail: reason }
      const startTick = performance.now()
      const came = await runOne(row, moment, facts.seed, stages)
      return { ...facts, ...came, tookSeconds: (performance.now() - startTick) / 1_000 }
    },
    coverage,
    close: stages.close,
  }
}

export interface RunOptions {
  readonly rows: readonly FaultRow[]
  /** Only the moments that `npm test` runs. */
  readonly isShort: boolean
  readonly seed: number
  /** Only this row; all where absent. */
  readonly only?: number | undefined
  /** Only this moment of the rows; all where absent. */
  readonly onlyMoment?: string | undefined
  readonly tell?: (result: Result) => void
}

/** Runs rows at their moments, one after the other. */
export async function runMatrix({ rows, isShort, seed, only, onlyMoment, tell }: RunOptions) {
  const results: Result[] = []
  const matrix = openMatrix(seed)
  try {
    for (const row of rows.filter((one) => only === undefined || one.number === only)) {
      for (const moment of isShort ? row.short : row.moments) {
        if (onlyMoment !== undefined && moment !== onlyMoment) continue
        const result = await matrix.run(row, moment)
        results.push(result)
        tell?.(result)
      }
    }
  } finally {
    await matrix.close()
  }
  return { results, coverage: matrix.coverage }
}

async function runOne(row: FaultRow, moment: Moment, seed: number, stages: ReturnType<typeof keepStage>) {
  let stage: Stage | undefined
  try {
    stage = await stages.get(row.stage)
    const outcome = await withinTime(row.run(stage, moment, seed))
    await stage.heal()
    await stage.quiet()
    const broken = await stage.check()
    if (broken.length > 0) throw new Error(broken.join('; '))
    return { verdict: 'held' as const, ...outcome }
  } catch (error) {
    const detail = `${error instanceof Error ? error.message : String(error)}${stage ? ` (logs: ${stage.folder})` : ''}`
    await stages.giveUp()
    return { verdict: 'broken' as const, recoverySeconds: null, detail }
  }
}

/** What waits for something that never comes is broken, and keeps the other rows from nothing. */
async function withinTime(run: Promise<Outcome>): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`did not end within ${rowMsMax / 1_000} s`)), rowMsMax)
  })
  try {
    return await Promise.race([run, late])
  } finally {
    clearTimeout(timer)
  }
}

/** The platform of the rows that run now. */
function keepStage(seed: number, coverage: Map<string, Map<string, number>>) {
  let current: { readonly stage: Stage; readonly key: string } | undefined
  const end = async (keepFolder: boolean) => {
    const { stage } = current ?? {}
    current = undefined
    if (!stage) return
    for (const { at, action } of stage.failpoints.taken()) {
      const actions = coverage.get(at)
      actions?.set(action, (actions.get(action) ?? 0) + 1)
    }
    await stage.close({ keepFolder })
  }
  return {
    get: async (options: StageOptions = {}): Promise<Stage> => {
      const key = JSON.stringify(options)
      if (current?.key !== key) await end(false)
      current ??= { stage: await openStage(options, seed), key }
      return current.stage
    },
    giveUp: () => end(true),
    close: () => end(false),
  }
}
