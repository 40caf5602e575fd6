/** @type {Map<import('node:child_process').ChildProcess, NodeJS.Signals>} */
const guarded = new Map()

/** Programs run in groups of their own, so nobody but this process ends them when it is about to leave. */
function endAll() {
  for (const [child, signal] of guarded) {
    if (!child.pid) continue
    try {
      // SIGKILL goes to the whole group; a gentler signal goes to the program, which ends its own children.
      process.kill(signal === 'SIGKILL' ? -child.pid : child.pid, signal)
    } catch {
      // It has ended already.
    }
  }
}

/**
 * Makes sure that a program does not outlive this process when it leaves without stopping everything in order.
 * @param {import('node:child_process').ChildProcess} child
 * @param {NodeJS.Signals} signal
 * @returns {() => void} To be called when the program has ended.
 */
export function endWithThisProcess(child, signal) {
  if (guarded.size === 0) process.on('exit', endAll)
  guarded.set(child, signal)
  return () => {
    guarded.delete(child)
    if (guarded.size === 0) process.removeListener('exit', endAll)
  }
}
