/** @type {Map<import('node:child_process').ChildProcess, NodeJS.Signals>} */
const guarded = new Map()

/** Without a listener these end a program before it can do anything more. */
const endingSignals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])

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

/** @param {NodeJS.Signals} signal */
function endAllAndLeave(signal) {
  // Somebody else listens and decides what the signal means.
  if (process.listenerCount(signal) > 1) return
  endAll()
  stopListening()
  process.kill(process.pid, signal)
}

function startListening() {
  process.on('exit', endAll)
  for (const signal of endingSignals) process.on(signal, endAllAndLeave)
}

function stopListening() {
  process.removeListener('exit', endAll)
  for (const signal of endingSignals) process.removeListener(signal, endAllAndLeave)
}

/**
 * Makes sure that a program does not outlive this process when it leaves without stopping everything in order.
 * @param {import('node:child_process').ChildProcess} child
 * @param {NodeJS.Signals} signal
 * @returns {() => void} To be called when the program has ended.
 */
export function endWithThisProcess(child, signal) {
  if (guarded.size === 0) startListening()
  guarded.set(child, signal)
  return () => {
    guarded.delete(child)
    if (guarded.size === 0) stopListening()
  }
}
