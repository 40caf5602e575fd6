import type { Writable } from 'node:stream'
import pg from 'pg'
import type { Log } from '#kernel/log'
import { isTracing, traced, traceparent } from '../telemetry/trace.ts'

/** One named, prepared statement; the name makes Postgres parse and plan it once a connection. */
export interface Statement {
  readonly name: string
  readonly text: string
}

export const statement = (name: string, text: string): Statement => ({ name, text })

export interface Queryable {
  /** Rows of one statement. Errors of Postgres pass through with their `code` and `constraint`. */
  query<Row>(statement: Statement, values?: readonly unknown[]): Promise<Row[]>
}

/** A Queryable inside a transaction; stores that must join the caller's transaction ask for this type. */
export interface Transaction extends Queryable {
  readonly inTransaction: true
  /** Runs after the commit, never after a rollback; for best-effort telling only. */
  afterCommit(action: () => void): void
}

export interface Database extends Queryable {
  transaction<T>(work: (tx: Transaction) => Promise<T>): Promise<T>
  close(): Promise<void>
  readonly pool: pg.Pool
}

export interface DatabaseOptions {
  readonly url: string
  readonly poolSizeMax: number
  readonly applicationName: string
  readonly log: Log
  /** Told how long each statement took. */
  readonly onStatement?: (durationMs: number) => void
  /** A statement that runs longer is cut by Postgres, so that a stuck lock cannot hold a pool. */
  readonly statementTimeoutMs?: number
  /** A transaction that waits longer for its next statement is cut by Postgres: its process is frozen, or cut off. */
  readonly idleInTransactionMs?: number
}

// NOTE: bigint and numeric arrive as text by default; all our bigints are below 2^53 by CHECK, so numbers are exact.
const int8Oid = 20
const types = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === int8Oid ? (text: string) => Number(text) : pg.types.getTypeParser(oid, format as 'text'),
}

export function createDatabase(options: DatabaseOptions): Database {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.poolSizeMax,
    application_name: options.applicationName,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 60_000,
    statement_timeout: options.statementTimeoutMs ?? 15_000,
    idle_in_transaction_session_timeout: options.idleInTransactionMs ?? 30_000,
    // Our statements are short and look up by key: planning each anew for its values costs more than it finds, and
    // compiling never pays. A plan that was made while a table was small must not go on scanning it when it has grown:
    // without sequential scans Postgres took 17 to 29 % less CPU an order (three pairs of runs, 2026-11-22).
    options: '-c plan_cache_mode=force_generic_plan -c jit=off -c enable_seqscan=off',
    // Lets BEGIN and the first statement of a transaction travel together: a round trip less for each transaction.
    pipeline: true,
    types: types as pg.CustomTypesConfig,
  })
  // An idle connection that breaks (server restart) must not end the process; the pool replaces it.
  pool.on('error', ({ message, name }) => options.log.warn({ error: { name, message } }, 'postgres connection lost'))
  return {
    pool,
    query: (one, values) => run(pool, one, values, options.onStatement),
    transaction: (work) => transact(pool, options, work),
    close: () => pool.end(),
  }
}

// NOTE: what rows of the outbox have as default reads this setting; it ends with the transaction.
const keepTrace = statement('trace.keep', `SELECT set_config('livelot.traceparent', $1, true)`)

function run<Row>(
  on: pg.Pool | pg.PoolClient,
  one: Statement,
  values: readonly unknown[] = [],
  onStatement?: (durationMs: number) => void,
): Promise<Row[]> {
  if (!isTracing()) return send(on, one, values, onStatement)
  const attributes = { 'db.system.name': 'postgresql', 'db.operation.name': one.name }
  return traced(`postgres ${one.name}`, { kind: 'client', attributes }, () => send<Row>(on, one, values, onStatement))
}

async function send<Row>(
  on: pg.Pool | pg.PoolClient,
  one: Statement,
  values: readonly unknown[],
  onStatement?: (durationMs: number) => void,
): Promise<Row[]> {
  const atMs = onStatement ? performance.now() : 0
  const result = await on.query({ name: one.name, text: one.text, values: values as unknown[] })
  onStatement?.(performance.now() - atMs)
  return result.rows as Row[]
}

async function transact<T>(
  pool: pg.Pool,
  { log, onStatement }: DatabaseOptions,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const client = await pool.connect()
  const actions: (() => void)[] = []
  let broken: Error | undefined
  // The pool listens only to connections at rest; a cut one that nobody listens to would end the process.
  const onCut = (error: Error) => {
    broken ??= error
  }
  client.on('error', onCut)
  try {
    const value = await inOneWrite(client, () => {
      const begun = Promise.all([client.query('BEGIN'), keepTraceOf(client)])
      const worked = work({
        inTransaction: true,
        query: (one, values) => run(client, one, values, onStatement),
        afterCommit: (action) => void actions.push(action),
      })
      // A BEGIN that fails (lost connection) is the first cause of whatever fails in the work.
      return Promise.all([worked, begun]).then(([result]) => result)
    })
    await client.query('COMMIT')
    for (const action of actions) {
      try {
        action()
      } catch (error) {
        log.warn({ err: error }, 'an action after commit failed')
      }
    }
    return value
  } catch (error) {
    try {
      await client.query('ROLLBACK')
    } catch (rollbackError) {
      broken ??= rollbackError as Error
    }
    throw error
  } finally {
    client.off('error', onCut)
    client.release(broken)
  }
}

/** Where the trace of this transaction is, for what it leaves to be done later. */
function keepTraceOf(client: pg.PoolClient): Promise<unknown> | undefined {
  const now = traceparent()
  return now === null ? undefined : send(client, keepTrace, [now])
}

/** What `send` hands to the connection before its first await leaves in one packet. */
function inOneWrite<T>(client: pg.PoolClient, send: () => Promise<T>): Promise<T> {
  const { stream } = (client as unknown as { connection: { stream: Writable } }).connection
  stream.cork()
  try {
    return send()
  } finally {
    process.nextTick(() => stream.uncork())
  }
}

/** True where Postgres refused because of this named constraint: a store maps it to its own answer. */
export function violates(error: unknown, constraint: string): boolean {
  return error instanceof pg.DatabaseError && error.constraint === constraint
}
