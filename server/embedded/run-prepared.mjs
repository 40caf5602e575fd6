import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { nodeFlags, platformNode } from './platform-processes.mjs'
import { reportFailure, requireNode } from './problems.mjs'
import { runAttached } from './run-attached.mjs'
import { prepareMachine } from './setup.mjs'
import { Terminal } from './terminal.mjs'

const root = path.resolve(fileURLToPath(new URL('../..', import.meta.url)))

/**
 * Prepares the machine and runs one of our programs with this command's arguments, which starts a platform of its own.
 * Its result is read from standard output, so the set-up speaks on the other one.
 * @param {string} script In the checkout.
 */
export async function runPrepared(script) {
  const terminal = new Terminal(process.stderr)
  try {
    requireNode()
    const { mediaWorker } = await prepareMachine({ root, terminal })
    const args = [...nodeFlags, path.join(root, script), ...process.argv.slice(2)]
    const env = { ...process.env, MEDIASOUP_WORKER_BIN: mediaWorker ?? process.env.MEDIASOUP_WORKER_BIN }
    process.exitCode = await runAttached(platformNode(root), args, { cwd: root, env })
  } catch (error) {
    terminal.clear()
    reportFailure(error)
    process.exit(1)
  }
}
