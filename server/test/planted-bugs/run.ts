import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { mediaWorkerPath } from '../../embedded/media-worker.mjs'
import { type PlantedBug, plantedBugs } from './bugs.ts'
import { plantedBugsPage } from './list.ts'
import { makeWorkCopy } from './work-copy.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))

interface Assertion {
  readonly fullName: string
  readonly status: string
}

/** Runs some tests of the copy; answers what became of each. */
function runTests(folder: string, project: string, files: readonly string[], test?: string): Assertion[] {
  const report = path.join(folder, 'report.json')
  rmSync(report, { force: true })
  const vitest = path.join(folder, 'node_modules/vitest/vitest.mjs')
  const config = path.join(folder, 'server/test/vitest.config.ts')
  const chosen = test ? ['-t', test.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')] : []
  const args = [vitest, 'run', '--config', config, '--project', project, ...chosen, ...files]
  const output = ['--reporter=json', `--outputFile=${report}`]
  spawnSync(process.execPath, [...args, ...output], { cwd: folder, env, stdio: 'ignore', timeout: 300_000 })
  if (!existsSync(report)) return []
  const read = JSON.parse(readFileSync(report, 'utf8')) as { testResults: { assertionResults: Assertion[] }[] }
  return read.testResults.flatMap((one) => one.assertionResults).filter((one) => one.status !== 'skipped')
}

const env = { ...process.env, MEDIASOUP_WORKER_BIN: process.env.MEDIASOUP_WORKER_BIN ?? (await mediaWorkerPath(root)) }

const isOf = (bug: PlantedBug) => (one: Assertion) => one.fullName.includes(bug.caughtBy.test)

function main(): void {
  if (process.argv.includes('--page')) {
    writeFileSync(path.join(root, 'server/docs/planted-bugs.md'), plantedBugsPage())
    return
  }
  const wanted = process.argv.slice(2)
  const bugs = plantedBugs.filter((_, at) => wanted.length === 0 || wanted.includes(String(at + 1)))
  const copy = makeWorkCopy(root)
  const missed: string[] = []
  try {
    for (const bug of bugs) {
      const { project, file, test } = bug.caughtBy
      const takeOut = copy.plant(bug)
      const begin = performance.now()
      const withBug = runTests(copy.folder, project, [file], test).filter(isOf(bug))
      takeOut()
      const isCaught = withBug.some((one) => one.status === 'failed')
      // A test that is red by itself notices nothing.
      const without = isCaught ? runTests(copy.folder, project, [file], test).filter(isOf(bug)) : []
      const isGreenElse = without.length > 0 && without.every((one) => one.status === 'passed')
      const isRun = withBug.length > 0
      const otherwise = isRun ? 'NOT CAUGHT' : 'DID NOT RUN'
      const verdict = isCaught && isGreenElse ? 'caught' : isCaught ? 'RED WITHOUT IT TOO' : otherwise
      const seconds = ((performance.now() - begin) / 1_000).toFixed(0)
      process.stdout.write(
        `${String(plantedBugs.indexOf(bug) + 1).padStart(2)} ${verdict} ${bug.what} (${seconds} s)\n`,
      )
      if (verdict !== 'caught') missed.push(bug.what)
    }
  } finally {
    copy.remove()
  }
  process.stdout.write(`${bugs.length - missed.length} of ${bugs.length} planted bugs were caught.\n`)
  process.exitCode = missed.length > 0 ? 1 : 0
}

main()
