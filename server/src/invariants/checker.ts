import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import type { Queryable } from '#infra/postgres/pool'
import { auctionInvariants } from './auctions.ts'
import { clientInvariants } from './clients.ts'
import { clockInvariants } from './clock.ts'
import { gateInvariants } from './gates.ts'
import type { Evidence, Found, Invariant, Source } from './invariant.ts'
import { moneyInvariants } from './money.ts'
import { orderInvariants } from './orders.ts'
import { providerInvariants } from './provider.ts'
import { roomInvariants } from './rooms.ts'
import { stockInvariants } from './stock.ts'
import { textInvariants } from './texts.ts'

/** In the order of their numbers. */
export const invariants: readonly Invariant[] = [
  ...stockInvariants,
  ...gateInvariants,
  ...moneyInvariants,
  ...providerInvariants,
  ...orderInvariants,
  ...auctionInvariants,
  ...clientInvariants,
  ...roomInvariants,
  ...textInvariants,
  ...clockInvariants,
].toSorted((one, other) => Number(one.id.slice(1)) - Number(other.id.slice(1)))

export type Sources = Omit<Evidence, 'snapshot' | 'now' | 'graceMs' | 'settleMs'>

export interface CheckOptions {
  readonly databaseUrl: string
  readonly sources: Partial<Sources>
  /** Nothing may be on its way any more: after a test or a drill, never beside a live platform. */
  readonly isQuiet?: boolean
  /** Which to look at; all where absent. */
  readonly select?: (invariant: Invariant) => boolean
  readonly statementTimeoutMs?: number
  readonly onProgress?: (done: number, of: number, next: Invariant | undefined) => void
}

export type Outcome =
  | { readonly state: 'held' }
  | ({ readonly state: 'broken' } & Found)
  /** Its source is not given, or could not be read. */
  | { readonly state: 'unchecked'; readonly why: string }

export interface Checked {
  readonly id: string
  readonly group: Invariant['group']
  readonly rule: string
  readonly ms: number
  readonly outcome: Outcome
}

/** What is younger is on its way. */
const graceMs = 60_000
const settleMs = 30_000
const quietSettleMs = 8_000
const statementTimeoutMs = 60_000
const connectMsMax = 10_000
/** A snapshot keeps Postgres from cleaning up behind the platform, so a whole check ends by then. */
const checkMsMax = 15 * 60_000

/**
 * Looks whether every invariant holds, and changes nothing: Postgres is read in one snapshot of one read-only
 * transaction, so a sale may go on beside it. A check that fails is told as unchecked and keeps no other from being made.
 */
export async function checkInvariants(options: CheckOptions): Promise<Checked[]> {
  const connections = await openConnections(options)
  try {
    const evidence: Evidence = {
      ...withoutSources,
      ...options.sources,
      graceMs: options.isQuiet ? 0 : graceMs,
      settleMs: options.isQuiet ? quietSettleMs : settleMs,
      snapshot: connections.snapshot,
      now: connections.now,
    }
    return await checkEvidence(evidence, options, connections.recover)
  } finally {
    await connections.close()
  }
}

/** The same over stores that the caller has opened. `recover` makes the snapshot good again after a failed statement. */
export async function checkEvidence(
  evidence: Evidence,
  { select = () => true, onProgress }: Pick<CheckOptions, 'select' | 'onProgress'>,
  recover: () => Promise<void>,
): Promise<Checked[]> {
  const chosen = invariants.filter(select)
  const deadline = performance.now() + checkMsMax
  const checked: Checked[] = []
  for (const [place, invariant] of chosen.entries()) {
    onProgress?.(place, chosen.length, invariant)
    const begunAt = performance.now()
    const isLate = begunAt > deadline
    const outcome = isLate ? unchecked('the whole check took too long') : await outcomeOf(invariant, evidence, recover)
    const { id, group, rule } = invariant
    checked.push({ id, group, rule, ms: Math.round(performance.now() - begunAt), outcome })
  }
  onProgress?.(chosen.length, chosen.length, undefined)
  return checked
}

export const withoutSources: Sources = {
  redis: undefined,
  queueRedis: undefined,
  provider: undefined,
  journals: undefined,
  media: undefined,
  openSockets: undefined,
  logFiles: [],
  secrets: [],
}

const unchecked = (why: string): Outcome => ({ state: 'unchecked', why })

async function outcomeOf(invariant: Invariant, evidence: Evidence, recover: () => Promise<void>): Promise<Outcome> {
  const missing = invariant.reads.filter((source) => !isGiven(evidence, source))
  if (missing.length > 0) return unchecked(`not given: ${missing.join(', ')}`)
  try {
    const { count, sample } = await invariant.find(evidence)
    return count === 0 ? { state: 'held' } : { state: 'broken', count, sample }
  } catch (error) {
    await recover()
    return unchecked(error instanceof Error ? error.message : String(error))
  }
}

function isGiven(evidence: Evidence, source: Source): boolean {
  switch (source) {
    case 'postgres':
      return true
    case 'apis':
      return evidence.openSockets !== undefined
    case 'logs':
      return evidence.logFiles.length > 0
    default:
      return evidence[source] !== undefined
  }
}

/** A statement that fails spoils its transaction: each begins after a savepoint, to which `recover` goes back. */
async function openConnections({ databaseUrl, statementTimeoutMs: timeoutMs }: CheckOptions) {
  const open = async (name: string): Promise<pg.Client> => {
    const client = new pg.Client({
      connectionString: databaseUrl,
      application_name: `livelot-invariants-${name}`,
      connectionTimeoutMillis: connectMsMax,
      statement_timeout: timeoutMs ?? statementTimeoutMs,
      options: '-c default_transaction_read_only=on -c jit=off',
    })
    // Told by the statement that fails; nobody listening would end the process.
    client.on('error', () => undefined)
    await client.connect()
    return client
  }
  const snapshot = await open('snapshot')
  const now = await open('now').catch(async (error: unknown) => {
    await snapshot.end()
    throw error
  })
  await snapshot.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
  // The snapshot is taken by the first statement, before any other store is read.
  await snapshot.query('SELECT 1')
  await snapshot.query('SAVEPOINT before_check')
  return {
    snapshot: queryableOf(snapshot),
    now: queryableOf(now),
    recover: async () => {
      // A connection that is gone stays gone; then every further check says so.
      await snapshot.query('ROLLBACK TO SAVEPOINT before_check').catch(() => undefined)
    },
    close: async () => {
      await Promise.all([snapshot, now].map((client) => Promise.race([client.end(), delay(connectMsMax)])))
    },
  }
}

// bigint arrives as text by default; all of ours are below 2^53 by their checks.
const int8Oid = 20
const types = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === int8Oid ? (text: string) => Number(text) : pg.types.getTypeParser(oid, format as 'text'),
}

export function queryableOf(client: pg.Client): Queryable {
  return {
    query: async <Row>(one: { readonly text: string }, values: readonly unknown[] = []) => {
      const query = { text: one.text, values: values as unknown[], types: types as pg.CustomTypesConfig }
      return (await client.query(query)).rows as Row[]
    },
  }
}

export const brokenOf = (checked: readonly Checked[]): (Checked & { outcome: { state: 'broken' } & Found })[] =>
  checked.filter((one): one is Checked & { outcome: { state: 'broken' } & Found } => one.outcome.state === 'broken')

/** One sentence a broken rule, with the ids that show it. */
export const sentenceOf = ({ id, rule, outcome }: Checked): string =>
  outcome.state === 'broken'
    ? `${id} ${rule}: ${outcome.count} broken, such as ${JSON.stringify(outcome.sample.slice(0, 3))}`
    : `${id} ${rule}`
