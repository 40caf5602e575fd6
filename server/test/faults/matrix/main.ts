import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Result, reportMatrix } from './report.ts'
import { rows } from './rows/index.ts'
import { runMatrix } from './runner.ts'

const root = fileURLToPath(new URL('../../../..', import.meta.url))
const numberOf = (text: string | undefined) => (text ? Number(text) : undefined)

/** All rows at all moments: `npm run test:faults`. The table goes to standard output, what happens to the other one. */
async function main(): Promise<boolean> {
  const seed = numberOf(process.env.FAULT_SEED) ?? Math.floor(Math.random() * 2 ** 31)
  process.stderr.write(`FAULT_SEED=${seed}\n`)
  const startTick = performance.now()
  const { results, coverage } = await runMatrix({
    rows,
    isShort: process.env.FAULT_SHORT === '1',
    seed,
    only: numberOf(process.env.FAULT_ROW),
    onlyMoment: process.env.FAULT_MOMENT,
    tell: (result) => process.stderr.write(`${lineOf(result)}\n`),
  })
  const gibibytes = Math.round(totalmem() / 2 ** 30)
  const report = reportMatrix(results, coverage, {
    Seed: String(seed),
    Commit: commitOf(),
    Machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${gibibytes} GiB`,
    Duration: `${Math.round((performance.now() - startTick) / 1_000)} s`,
  })
  const folder = path.join(root, '.livelot')
  mkdirSync(folder, { recursive: true })
  writeFileSync(path.join(folder, 'fault-matrix.md'), report)
  process.stdout.write(report)
  return results.every((one) => one.verdict !== 'broken')
}

/** The checkout may be an archive without a history. */
function commitOf(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim()
  } catch {
    return 'unknown'
  }
}

function lineOf({ number, moment, verdict, recoverySeconds, tookSeconds, name, detail }: Result): string {
  const recovered = recoverySeconds === null ? '' : `, served after ${recoverySeconds.toFixed(1)} s`
  return `${verdict.padEnd(7)} ${number}${moment} in ${Math.round(tookSeconds)} s${recovered}  ${name}: ${detail}`
}

const isWell = await main()
// Whatever a broken row has left behind ends with this process, and does not keep it.
process.stdout.write('', () => process.exit(isWell ? 0 : 1))
