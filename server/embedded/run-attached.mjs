import { spawn } from 'node:child_process'

/**
 * Runs a program in this terminal until it ends. Ctrl-C reaches it directly; SIGTERM is handed on.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd: string, env: NodeJS.ProcessEnv }} options
 * @returns {Promise<number>} Its exit code, 128 when a signal ended it.
 */
export function runAttached(command, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: 'inherit' })
    const onTerminate = () => child.kill('SIGTERM')
    // The program decides what Ctrl-C means and ends; this one then reports.
    const onInterrupt = () => undefined
    process.on('SIGTERM', onTerminate)
    process.on('SIGINT', onInterrupt)
    const release = () => {
      process.removeListener('SIGTERM', onTerminate)
      process.removeListener('SIGINT', onInterrupt)
    }
    child.once('error', (error) => {
      release()
      reject(error)
    })
    child.once('exit', (code) => {
      release()
      resolve(code ?? 128)
    })
  })
}
