import path from 'node:path'
import { isReadyByLog } from './managed-process.mjs'

/** @param {string} root @returns {string} The Node that runs the platform, brought by npm. */
export function platformNode(root) {
  return path.join(root, 'node_modules', 'node', 'bin', 'node')
}

/** The workspaces are run from their TypeScript sources. */
export const nodeFlags = ['--conditions=source']

/** @param {string} dataDir @param {string} name */
export function logFileOf(dataDir, name) {
  return path.join(dataDir, 'logs', `${name}.log`)
}

/** A process that stops gently finishes its requests, jobs or calls first, for which it takes 25 s at most. */
const stopMsMax = 30_000
/** Generous for a machine that is busy with other things; a healthy start takes one or two seconds. */
const readyMsMax = 60_000

/**
 * @param {{ root: string, dataDir: string, env: Record<string, string> }} context
 * @param {{ name: string, script: string, env?: Record<string, string> }} program
 * @returns {import('./managed-process.mjs').ProcessRecipe}
 */
export function programRecipe({ root, dataDir, env }, program) {
  return {
    name: program.name,
    command: platformNode(root),
    args: [...nodeFlags, path.join(root, program.script)],
    cwd: root,
    env: { ...env, ...program.env },
    logFile: logFileOf(dataDir, program.name),
    readyMsMax,
    stopMsMax,
    isReady: isReadyByLog,
  }
}

/**
 * The long-running programs of the platform in the order of their start.
 * @param {{ ports: import('./platform-environment.mjs').PlatformPorts, workerCount: number, withMedia: boolean, withSandbox: boolean }} wanted
 */
export function platformPrograms({ ports, workerCount, withMedia, withSandbox }) {
  const beside = []
  if (withSandbox) beside.push({ name: 'payment-sandbox', script: 'server/bin/payment-sandbox.ts' })
  if (withMedia) beside.push({ name: 'media', script: 'media/bin/media.ts' })
  const workers = Array.from({ length: workerCount }, (_, index) => ({
    name: index === 0 ? 'worker' : `worker-${index + 1}`,
    script: 'server/bin/worker.ts',
  }))
  const apis = ports.http.map((port, index) => ({
    name: index === 0 ? 'api' : `api-${index + 1}`,
    script: 'server/bin/api.ts',
    env: { HTTP_PORT: String(port) },
  }))
  return { beside, workers, apis }
}
