import path from 'node:path'

/**
 * A failure that the person at the terminal can mend. Its message is one sentence that says what to do, and it is
 * shown without a stack trace.
 */
export class SetupProblem extends Error {
  /** @param {string} sentence */
  constructor(sentence) {
    super(sentence)
    this.name = 'SetupProblem'
  }
}

const diskFull = /ENOSPC|EDQUOT|No space left on device|Disk quota exceeded/i
const npmUnreachable =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ERR_SOCKET_TIMEOUT|ENETUNREACH|EHOSTUNREACH|network request|503 Service Unavailable/i

/** @param {string} text What a program said before it failed. @returns {boolean} */
export function tellsOfFullDisk(text) {
  return diskFull.test(text)
}

/** @param {string} text What npm said before it failed. @returns {boolean} */
export function tellsOfUnreachableRegistry(text) {
  return npmUnreachable.test(text)
}

export const diskFullSentence = 'The disk is full: make room on it, and start again; what was kept before is kept.'

/**
 * The one sentence for an error, or undefined when the error is not an expected one.
 * @param {unknown} error
 * @returns {string | undefined}
 */
export function sentenceOf(error) {
  if (error instanceof SetupProblem) return error.message
  const code = /** @type {{ code?: string }} */ (error)?.code
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFullSentence
  const { path: file, message } = /** @type {{ path?: string, message?: string }} */ (error ?? {})
  if ((code === 'EACCES' || code === 'EPERM') && file) {
    return `This user may not write in ${path.dirname(file)}: give it the rights, or start as the user that owns the folder.`
  }
  if (code === 'EROFS') return `The folder is read-only (${message}): start from a writable copy.`
  return undefined
}

/**
 * Prints an error as its one sentence; an unexpected one keeps its stack, because it is a bug in this program.
 * @param {unknown} error
 * @param {(line: string) => void} [print]
 */
export function reportFailure(error, print = (line) => process.stderr.write(`${line}\n`)) {
  const sentence = sentenceOf(error)
  if (sentence) print(`\n  ✗ ${sentence}\n`)
  else print(`\n  ✗ Something unexpected went wrong:\n${error instanceof Error ? error.stack : String(error)}\n`)
}

/** The oldest Node that this set-up code itself can run on; the platform runs on the Node that npm brings. */
export const oldestNodeMajor = 20

/** Throws when the Node that runs this code is too old. @param {string} [version] */
export function requireNode(version = process.versions.node) {
  if (Number(version.split('.')[0]) < oldestNodeMajor) {
    throw new SetupProblem(
      `Node ${version} is too old: install Node ${oldestNodeMajor} or newer with npm, and start again.`,
    )
  }
}
