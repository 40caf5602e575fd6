import pg from 'pg'
import { brokenOf, type Checked, checkEvidence, queryableOf, type Sources, withoutSources } from './checker.ts'
import type { Invariant, Tolerance } from './invariant.ts'

const live: Tolerance = { graceMs: 60_000, settleMs: 500 }

export interface Planted {
  /** Numbers of the rules that are told as broken, each once, in their order. */
  readonly ids: readonly string[]
  /** Everything that is told of them. */
  readonly told: string
  readonly checked: readonly Checked[]
}

/**
 * Breaks something in a database and looks what the checker tells of it, all in one transaction that is given up: what
 * the schema makes impossible is made possible for that moment only.
 */
export async function openPlanting(databaseUrl: string) {
  const client = new pg.Client({ connectionString: databaseUrl, options: '-c jit=off' })
  await client.connect()
  const queryable = queryableOf(client)
  const look = async (
    sources: Partial<Sources> = {},
    select?: (invariant: Invariant) => boolean,
    tolerance: Tolerance = live,
  ): Promise<Planted> => {
    await client.query('SAVEPOINT before_check')
    const evidence = { ...withoutSources, ...sources, ...tolerance, snapshot: queryable, now: queryable }
    const checked = await checkEvidence(evidence, select ? { select } : {}, async () => {
      await client.query('ROLLBACK TO SAVEPOINT before_check')
    })
    const failed = checked.flatMap(({ id, outcome }) =>
      outcome.state === 'unchecked' && !outcome.why.startsWith('not given') ? [`${id} ${outcome.why}`] : [],
    )
    if (failed.length > 0) throw new Error(failed.join('; '))
    const broken = brokenOf(checked)
    return { ids: [...new Set(broken.map(({ id }) => id))], told: JSON.stringify(broken), checked }
  }
  return {
    plant: async (
      sql: string,
      sources: Partial<Sources> = {},
      select?: (invariant: Invariant) => boolean,
      tolerance?: Tolerance,
    ): Promise<Planted> => {
      await client.query('BEGIN')
      try {
        await client.query(sql)
        return await look(sources, select, tolerance)
      } finally {
        await client.query('ROLLBACK')
      }
    },
    close: () => client.end(),
  }
}

export type Planting = Awaited<ReturnType<typeof openPlanting>>
