import { readFileSync } from 'node:fs'

/**
 * @typedef {object} ProcessIdentity
 * @property {number} pid
 * @property {string} started Boot id and start time: together with the pid they name one process for ever, because
 *   the kernel hands out a pid again after a while.
 */

/** @returns {string} */
function bootId() {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
}

/**
 * @param {number} pid
 * @returns {ProcessIdentity | undefined} Undefined when there is no such process, or the system has no /proc.
 */
export function identifyProcess(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The program's name, in parentheses, may hold spaces; the fields are counted from behind it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const [state] = fields
    const startTicks = fields[19]
    if (state === 'Z' || state === 'X') return undefined
    return { pid, started: `${bootId()}:${startTicks}` }
  } catch {
    return undefined
  }
}

/**
 * @param {ProcessIdentity} identity
 * @returns {boolean} Whether exactly this process still runs.
 */
export function isStillRunning(identity) {
  return identifyProcess(identity.pid)?.started === identity.started
}
