import { spawn } from 'node:child_process'
import { endWithThisProcess } from './exit-guard.mjs'

/** How much of a program's output is kept for the message when it fails. */
const outputCharactersMax = 200_000

/**
 * @typedef {object} CommandResult
 * @property {number} code Exit code; 127 when the program does not exist, 128 when a signal ended it.
 * @property {string} output The last part of what it wrote, standard output and error together.
 */

/**
 * Runs a program to its end and answers with its exit code and the tail of its output. Never throws for a failing
 * program: the caller knows the sentence to say.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, uid?: number, gid?: number, input?: string, onOutput?: (text: string) => void, signal?: AbortSignal }} [options]
 * @returns {Promise<CommandResult>}
 */
export function runCommand(command, args, { input, onOutput, ...options } = {}) {
  return new Promise((resolve) => {
    let output = ''
    // A group of its own: what the program starts can be ended together with it.
    const child = spawn(command, args, { ...options, detached: true, stdio: ['pipe', 'pipe', 'pipe'] })
    const release = endWithThisProcess(child, 'SIGKILL')
    /** @param {string} text */
    const keep = (text) => {
      output = (output + text).slice(-outputCharactersMax)
      onOutput?.(text)
    }
    child.stdout.setEncoding('utf8').on('data', keep)
    child.stderr.setEncoding('utf8').on('data', keep)
    // A program that ends before it has read its input closes the pipe; its exit code tells the rest.
    child.stdin.on('error', () => undefined)
    child.stdin.end(input ?? '')
    child.on('error', (error) => {
      release()
      const missing = /** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT'
      resolve({ code: missing ? 127 : 126, output: output + error.message })
    })
    child.on('close', (code) => {
      release()
      resolve({ code: code ?? 128, output })
    })
  })
}

/**
 * The last lines of a text, for a message about what went wrong.
 * @param {string} text
 * @param {number} lineCount
 */
export function lastLines(text, lineCount) {
  return text.trimEnd().split('\n').slice(-lineCount).join('\n')
}
