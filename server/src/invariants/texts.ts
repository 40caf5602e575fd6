import { open } from 'node:fs/promises'
import type { Redis } from '#infra/redis/client'
import { type Evidence, type Found, found, type Invariant } from './invariant.ts'
import { type Leak, leaksIn, suspiciousInPostgres } from './secrets.ts'

/** The one place that a password's hash is for, and a signature that everybody may see. */
const expected: Readonly<Record<string, Leak['what']>> = {
  'accounts.password_hash': 'password hash',
  'auction_results.root_signature': 'token',
}
const rowsMax = 1_000
const keysAtOnce = 500
const valuesAtOnce = 1_000
/** Longer values are looked at up to here. */
const textMax = 1_000_000

type Column = { readonly table: string; readonly column: string }

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

async function inPostgres({ snapshot, secrets }: Evidence): Promise<Found> {
  const columns = await snapshot.query<Column>({
    name: '',
    text: `SELECT c.table_name AS "table", c.column_name AS "column" FROM information_schema.columns c
      JOIN information_schema.tables t USING (table_schema, table_name)
      WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE'
        AND (c.data_type IN ('text', 'character varying', 'json', 'jsonb') OR c.udt_name IN ('_text', '_varchar'))
      ORDER BY 1, 2`,
  })
  const leaks: unknown[] = []
  for (const { table, column } of columns) {
    const rows = await snapshot.query<{ place: string; text: string }>(
      {
        name: '',
        text: `SELECT ctid::text AS place, left(${quoted(column)}::text, ${textMax}) AS text FROM ${quoted(table)}
          WHERE ${quoted(column)}::text ~ $1
            OR EXISTS (SELECT FROM unnest($2::text[]) AS s WHERE strpos(${quoted(column)}::text, s) > 0)
          LIMIT ${rowsMax}`,
      },
      [suspiciousInPostgres, secrets],
    )
    for (const { place, text } of rows)
      for (const leak of leaksIn(text, secrets))
        if (leak.what !== expected[`${table}.${column}`]) leaks.push({ table, column, row: place, what: leak.what })
  }
  return found(leaks)
}

/** Every value of every key of ours and of BullMQ's. */
async function inRedis({ redis, queueRedis, secrets }: Evidence): Promise<Found> {
  const leaks: unknown[] = []
  for (const server of new Set([redis, queueRedis])) {
    if (!server) continue
    for await (const key of keysOf(server)) {
      for await (const text of valuesOf(server, key))
        for (const { what } of leaksIn(text.slice(0, textMax), secrets)) leaks.push({ key, what })
    }
  }
  return found(leaks)
}

async function* keysOf(redis: Redis): AsyncIterable<string> {
  let cursor = '0'
  do {
    const [next, keys] = await redis.scan(cursor, 'COUNT', keysAtOnce)
    yield* keys
    cursor = next
  } while (cursor !== '0')
}

async function* valuesOf(redis: Redis, key: string): AsyncIterable<string> {
  const type = await redis.type(key)
  if (type === 'string') yield (await redis.get(key)) ?? ''
  else if (type === 'list')
    for (let from = 0; ; from += valuesAtOnce) {
      const values = await redis.lrange(key, from, from + valuesAtOnce - 1)
      yield* values
      if (values.length < valuesAtOnce) return
    }
  else if (type === 'stream')
    for (let after = '-'; ; ) {
      const entries = await redis.xrange(key, after, '+', 'COUNT', valuesAtOnce)
      for (const [, fields] of entries) yield fields.join('\n')
      if (entries.length < valuesAtOnce) return
      after = `(${entries.at(-1)?.[0]}`
    }
  else if (type === 'hash' || type === 'set' || type === 'zset') {
    let cursor = '0'
    do {
      const [next, values] =
        type === 'hash'
          ? await redis.hscan(key, cursor, 'COUNT', valuesAtOnce)
          : type === 'set'
            ? await redis.sscan(key, cursor, 'COUNT', valuesAtOnce)
            : await redis.zscan(key, cursor, 'COUNT', valuesAtOnce)
      yield* values
      cursor = next
    } while (cursor !== '0')
  }
}

async function inLogs({ logFiles, secrets }: Evidence): Promise<Found> {
  const leaks: (Pick<Leak, 'what'> & { file: string; line: number })[] = []
  for (const file of logFiles) {
    let line = 0
    for await (const text of (await open(file)).readLines()) {
      line += 1
      for (const { what } of leaksIn(text.slice(0, textMax), secrets)) leaks.push({ file, line, what })
    }
  }
  return found(leaks)
}

const rule = (where: string, reads: Invariant['reads'], find: Invariant['find']): Invariant => ({
  id: 'I29',
  group: 'security',
  rule: `no card number, token, key or secret stands in ${where}`,
  reads,
  isCheap: false,
  find,
})

export const textInvariants: readonly Invariant[] = [
  rule('the texts of Postgres', ['postgres'], inPostgres),
  rule('Redis and the job queue', ['redis'], inRedis),
  rule('the logs', ['logs'], inLogs),
]
