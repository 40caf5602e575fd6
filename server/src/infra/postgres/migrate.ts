import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import pg from 'pg'
import type { Log } from '#kernel/log'
import { type Database, statement } from './pool.ts'

const folder = new URL('../../../migrations/', import.meta.url)
const lockKey = 7_305_822_101

/** Refused at start: the database does not fit this program. The sentence says what to do. */
export class SchemaMismatch extends Error {
  override readonly name = 'SchemaMismatch'
}

interface Migration {
  readonly name: string
  readonly text: string
  readonly hash: string
}

async function listMigrations(): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => /^\d{4}_[a-z0-9_]+\.sql$/.test(name)).sort()
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(new URL(name, folder), 'utf8')
      return { name, text, hash: createHash('sha256').update(text).digest('hex') }
    }),
  )
}

/**
 * Brings the database to this program's schema, forward only, each migration in a transaction of its own. Several
 * processes may call it at once: one works, the others wait. Refuses a database that a newer program has migrated,
 * or whose applied migrations were edited since.
 */
export async function migrate(url: string, log: Pick<Log, 'info'>): Promise<{ applied: string[] }> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query('SELECT pg_advisory_lock($1)', [lockKey])
    await client.query(
      'CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, hash text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())',
    )
    const migrations = await listMigrations()
    const { rows } = await client.query<{ name: string; hash: string }>('SELECT name, hash FROM migrations')
    refuseMismatch(migrations, rows)
    const done = new Set(rows.map((row) => row.name))
    const applied: string[] = []
    for (const migration of migrations.filter((one) => !done.has(one.name))) {
      await apply(client, migration)
      applied.push(migration.name)
      log.info({ migration: migration.name }, 'migration applied')
    }
    return { applied }
  } finally {
    await client.end()
  }
}

const appliedNames = statement('migrate.applied', 'SELECT name FROM migrations')

/**
 * Refuses a database that lacks what this program needs. One that a newer program has migrated is taken: until the old
 * processes are gone, both run on it.
 */
export async function assertMigrated(database: Database): Promise<void> {
  const rows = await database.query<{ name: string }>(appliedNames)
  const applied = new Set(rows.map((row) => row.name))
  const names = (await listMigrations()).map((one) => one.name).filter((name) => !applied.has(name))
  if (names.length > 0)
    throw new SchemaMismatch(`The database lacks ${names.join(', ')}: run server/bin/migrate.ts first.`)
}

function refuseMismatch(migrations: Migration[], rows: { name: string; hash: string }[]): void {
  const known = new Map(migrations.map((one) => [one.name, one.hash]))
  const unknown = rows.filter((row) => !known.has(row.name)).map((row) => row.name)
  if (unknown.length > 0)
    throw new SchemaMismatch(
      `The database was migrated by a newer Livelot (${unknown.join(', ')}): start that version, or restore a backup.`,
    )
  const edited = rows.filter((row) => known.get(row.name) !== row.hash).map((row) => row.name)
  if (edited.length > 0)
    throw new SchemaMismatch(
      `Migrations were changed after they had been applied (${edited.join(', ')}): put them back and add a new one.`,
    )
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  await client.query('BEGIN')
  try {
    await client.query(migration.text)
    await client.query('INSERT INTO migrations (name, hash) VALUES ($1, $2)', [migration.name, migration.hash])
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK')
    throw new Error(`Migration ${migration.name} failed`, { cause: error })
  }
}
