import { execFile } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type pg from 'pg'
import type { Platform } from '../server/embedded/supervisor.mjs'
import type { Check } from './report.ts'

const run = promisify(execFile)
const command = fileURLToPath(new URL('../server/bin/check-invariants.ts', import.meta.url))
const outputBytesMax = 16 * 2 ** 20
/** What is still on its way behind the last answer has come to rest by then. */
const restMsMax = 60_000
const lookAgainMs = 2_000

interface Checked {
  readonly id: string
  readonly rule: string
  readonly outcome:
    | { readonly state: 'held' }
    | { readonly state: 'broken'; readonly count: number; readonly sample: readonly unknown[] }
    | { readonly state: 'unchecked'; readonly why: string }
}

/** What buyers were told by the API, which must be found in the stores. */
export interface Told {
  readonly paidOrderIds: readonly string[]
}

/** Everything that must hold of the stores after a bench, by the command that operators have for it; read past the API. */
export async function checkStores(database: pg.Client, platform: Platform, told?: Told): Promise<Check[]> {
  const checked = await atRest(platform)
  const bad = checked.filter(({ outcome }) => outcome.state !== 'held')
  const checks: Check[] = [
    { what: 'invariants of the stores that hold', expected: checked.length, found: checked.length - bad.length },
    ...bad.map(({ id, rule, outcome }) => ({ what: `${id} ${rule}`, expected: 'held', found: sentenceOf(outcome) })),
  ]
  if (told) {
    const { rows } = await database.query<{ id: string }>(`SELECT id FROM orders WHERE state = 'paid'`)
    const paid = new Set(rows.map(({ id }) => id))
    const lost = told.paidOrderIds.filter((orderId) => !paid.has(orderId)).length
    checks.push({ what: 'orders that a buyer was told are paid and that are not', expected: 0, found: lost })
  }
  return checks
}

/** Looks until everything holds, or the time is over in which everything comes to rest. */
async function atRest(platform: Platform): Promise<Checked[]> {
  const untilTick = performance.now() + restMsMax
  for (;;) {
    const checked = (await askChecker(platform)).filter(({ outcome }) => !isNotGiven(outcome))
    if (checked.every(({ outcome }) => outcome.state === 'held') || performance.now() > untilTick) return checked
    await delay(lookAgainMs)
  }
}

/** It ends with another code than 0 where something is broken, and has told what all the same. */
async function askChecker(platform: Platform): Promise<Checked[]> {
  const { stdout } = await run(process.execPath, ['--conditions=source', command, '--quiet', '--json'], {
    env: platform.env,
    maxBuffer: outputBytesMax,
  }).catch((error: unknown) => {
    const { stdout: told } = error as { stdout?: string }
    if (!told) throw error
    return { stdout: told }
  })
  return (JSON.parse(stdout) as { invariants: Checked[] }).invariants
}

const isNotGiven = (outcome: Checked['outcome']): boolean =>
  outcome.state === 'unchecked' && outcome.why.startsWith('not given')

function sentenceOf(outcome: Checked['outcome']): string {
  if (outcome.state === 'broken') return `${outcome.count}: ${JSON.stringify(outcome.sample).slice(0, 300)}`
  return outcome.state === 'unchecked' ? `not checked: ${outcome.why}` : 'held'
}
