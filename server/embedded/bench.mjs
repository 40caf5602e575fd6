import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { nodeFlags, platformNode } from './platform-processes.mjs'
import { reportFailure, requireNode } from './problems.mjs'
import { runAttached } from './run-attached.mjs'
import { prepareMachine } from './setup.mjs'
import { Terminal } from './terminal.mjs'

const root = path.resolve(fileURLToPath(new URL('../..', import.meta.url)))
// The bench's result is read from standard output, so the set-up speaks on the other one.
const terminal = new Terminal(process.stderr)

/** Prepares the machine and runs the bench that the arguments name, which starts a platform of its own. */
async function main() {
  requireNode()
  const { mediaWorker } = await prepareMachine({ root, terminal })
  const args = [...nodeFlags, path.join(root, 'load-tests', 'bench.ts'), ...process.argv.slice(2)]
  const env = { ...process.env, MEDIASOUP_WORKER_BIN: mediaWorker ?? process.env.MEDIASOUP_WORKER_BIN }
  process.exitCode = await runAttached(platformNode(root), args, { cwd: root, env })
}

main().catch((error) => {
  terminal.clear()
  reportFailure(error)
  process.exit(1)
})
