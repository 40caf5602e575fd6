import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { platformNode } from './platform-processes.mjs'
import { reportFailure, requireNode } from './problems.mjs'
import { runAttached } from './run-attached.mjs'
import { dataDirOf, prepareMachine } from './setup.mjs'
import { Terminal } from './terminal.mjs'
import { countTests, totalsLine } from './test-totals.mjs'

const root = path.resolve(fileURLToPath(new URL('../..', import.meta.url)))
const terminal = new Terminal()

/** @param {string} file @returns {import('./test-totals.mjs').TestReport | undefined} */
function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

/**
 * Prepares the machine, runs the tests that the arguments choose (all without arguments), and ends with a line that
 * tells how many passed and failed.
 */
async function main() {
  requireNode()
  const { mediaWorker, browser } = await prepareMachine({ root, terminal, needsBrowser: true, env: {} })
  const reportFile = path.join(dataDirOf(root), `test-report-${process.pid}.json`)
  const args = [
    path.join(root, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    '--config',
    path.join(root, 'server', 'test', 'vitest.config.ts'),
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${reportFile}`,
    ...process.argv.slice(2),
  ]
  const env = { ...process.env, MEDIASOUP_WORKER_BIN: mediaWorker, CHROMIUM_BIN: browser }
  const exitCode = await runAttached(platformNode(root), args, { cwd: root, env })
  const totals = countTests(readReport(reportFile), exitCode)
  rmSync(reportFile, { force: true })
  for (const reason of totals.reasons) terminal.line(`  ✗ ${reason}`)
  terminal.line(totalsLine(totals))
  process.exitCode = totals.failed > 0 ? 1 : 0
}

main().catch((error) => {
  terminal.clear()
  reportFailure(error)
  terminal.line(totalsLine({ passed: 0, failed: 1, skipped: 0, reasons: [] }))
  process.exit(1)
})
