import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { identifyProcess, isStillRunning } from './process-identity.mjs'

/** How often a held lock is looked at again. */
const lockPollMs = 500

/**
 * Takes a lock that ends with this process, even when the process is killed: the file names its holder, and a holder
 * that no longer runs does not count.
 * @param {string} file
 * @returns {import('./process-identity.mjs').ProcessIdentity | undefined} Undefined when the lock is ours now, else its holder.
 */
export function tryLock(file) {
  mkdirSync(path.dirname(file), { recursive: true })
  const own = identifyProcess(process.pid) ?? { pid: process.pid, started: 'unknown' }
  const offered = `${file}.${process.pid}`
  writeFileSync(offered, JSON.stringify(own))
  try {
    for (;;) {
      try {
        // A link is made by one process only, and the file behind it is whole from the first moment.
        linkSync(offered, file)
        return undefined
      } catch (error) {
        if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error
      }
      const holder = readHolder(file)
      if (holder && holder.pid !== process.pid && isStillRunning(holder)) return holder
      rmSync(file, { force: true })
    }
  } finally {
    rmSync(offered, { force: true })
  }
}

/** @param {string} file @returns {import('./process-identity.mjs').ProcessIdentity | undefined} */
function readHolder(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    // A broken lock is nobody's.
    return undefined
  }
}

/**
 * Does the work while holding the lock, after waiting for its holder.
 * @template Result
 * @param {string} file
 * @param {(holderPid: number) => void} onWait Told once when somebody else holds it.
 * @param {() => Promise<Result>} work
 * @returns {Promise<Result>}
 */
export async function withLock(file, onWait, work) {
  let told = false
  for (let holder = tryLock(file); holder; holder = tryLock(file)) {
    if (!told) onWait(holder.pid)
    told = true
    await new Promise((resolve) => setTimeout(resolve, lockPollMs))
  }
  try {
    return await work()
  } finally {
    unlock(file)
  }
}

/** @param {string} file Gives back a lock that this process holds. */
export function unlock(file) {
  if (readHolder(file)?.pid === process.pid) rmSync(file, { force: true })
}
