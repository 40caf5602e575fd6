import type { Queryable } from '#infra/postgres/pool'
import type { Redis } from '#infra/redis/client'
import type { ClientJournal } from './client-journal.ts'
import type { ProviderJournal } from './provider-journal.ts'

/** What a check reads. One whose source is not given is told as not checked, never as held. */
export type Source = 'postgres' | 'redis' | 'provider' | 'journals' | 'media' | 'apis' | 'logs'

/** How old something must be before it is late. A live platform is never quiet: what is younger is on its way. */
export interface Tolerance {
  /** 0: the platform is quiet, and nothing may be on its way. */
  readonly graceMs: number
  /** How long a difference between two stores must stand still before it is told. */
  readonly settleMs: number
}

export interface Evidence extends Tolerance {
  /** One snapshot of Postgres, begun before everything else is read. */
  readonly snapshot: Queryable
  /** Postgres as it is now, for comparing it with a store that moves. */
  readonly now: Queryable
  readonly redis: Redis | undefined
  /** BullMQ's, where it has a Redis of its own. */
  readonly queueRedis: Redis | undefined
  readonly provider: ProviderJournal | undefined
  readonly journals: ClientJournal | undefined
  /** Asks the media node what it holds. */
  readonly media: (() => Promise<MediaReport>) | undefined
  /** Open sockets of all API processes together. */
  readonly openSockets: (() => Promise<number>) | undefined
  readonly logFiles: readonly string[]
  /** Values that stand nowhere but in the configuration. */
  readonly secrets: readonly string[]
}

export interface MediaReport {
  readonly rooms: number
  readonly registry: Readonly<Record<string, number>>
  readonly dumped: Readonly<Record<string, number>>
}

/** What breaks a rule: how many, and the first of them, each with its ids. */
export interface Found {
  readonly count: number
  readonly sample: readonly unknown[]
}

export interface Invariant {
  /** Of the list in server/docs/invariants.md; several rules may stand behind one number. */
  readonly id: string
  readonly group: 'stock' | 'money' | 'orders' | 'auctions' | 'rooms' | 'clients' | 'security' | 'clock'
  /** What must hold, as a sentence. */
  readonly rule: string
  /** All must be given. */
  readonly reads: readonly Source[]
  /** Grows with what is open or with shows, not with all that was ever sold: good for every night. */
  readonly isCheap: boolean
  find(evidence: Evidence): Promise<Found>
}

export const sampleMax = 5
export const nothing: Found = { count: 0, sample: [] }
export const found = (broken: readonly unknown[]): Found => ({
  count: broken.length,
  sample: broken.slice(0, sampleMax),
})

/** A rule over Postgres alone. Its statement answers the rows that break it. */
export type SqlRule = readonly [
  id: string,
  rule: string,
  sql: string | ((tolerance: Tolerance) => string),
  cost?: 'cheap',
]

export function sqlInvariants(group: Invariant['group'], rules: readonly SqlRule[]): Invariant[] {
  return rules.map(([id, rule, sql, cost]) => ({
    id,
    group,
    rule,
    reads: ['postgres'],
    isCheap: cost === 'cheap',
    find: async (evidence) => {
      const text = typeof sql === 'string' ? sql : sql(evidence)
      const rows = await evidence.snapshot.query<{ count: string | number; sample: unknown[] | null }>({
        name: '',
        text: `WITH broken AS MATERIALIZED (${text})
          SELECT (SELECT count(*) FROM broken) AS count,
            (SELECT json_agg(b) FROM (SELECT * FROM broken LIMIT ${sampleMax}) b) AS sample`,
      })
      const [row] = rows
      return { count: Number(row?.count ?? 0), sample: row?.sample ?? [] }
    },
  }))
}

/** An age in SQL. */
export const ago = (ms: number): string => `(clock_timestamp() - interval '${ms} milliseconds')`

/** Triggers and keys that hold a rule in the schema: a rule over their rows alone would not see that they are gone. */
export const standing = (
  kind: 'trigger' | 'index',
  names: readonly (readonly [table: string, name: string])[],
): string => {
  const wanted = names.map(([table, name]) => `('${table}', '${name}')`).join(', ')
  const there =
    kind === 'trigger'
      ? `SELECT FROM pg_trigger g WHERE g.tgname = w.name AND g.tgrelid = to_regclass(w.owner) AND g.tgenabled IN ('O', 'A')`
      : `SELECT FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
         WHERE c.relname = w.name AND i.indrelid = to_regclass(w.owner) AND i.indisunique AND i.indisvalid`
  return `SELECT w.owner AS "table", w.name AS "missing" FROM (VALUES ${wanted}) AS w (owner, name) WHERE NOT EXISTS (${there})`
}
