import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { platformNode } from './platform-processes.mjs'
import { SetupProblem, tellsOfFullDisk, tellsOfUnreachableRegistry } from './problems.mjs'
import { lastLines, runCommand } from './run-command.mjs'

/** @param {string} file @returns {Promise<any>} Undefined when it is not there or broken. */
async function readJson(file) {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch {
    return undefined
  }
}

/**
 * Whether node_modules holds exactly what package-lock.json asks for. npm writes its own list at the end of an
 * install, so a broken-off one does not count as installed.
 * @param {{ packages: Record<string, { version?: string, link?: boolean, optional?: boolean }> } | undefined} wanted
 * @param {{ packages: Record<string, { version?: string }> } | undefined} installed
 * @returns {boolean}
 */
export function isInstalled(wanted, installed) {
  if (!wanted || !installed) return false
  return Object.entries(wanted.packages).every(([place, { version, link, optional }]) => {
    if (!place.startsWith('node_modules/') && !place.includes('/node_modules/')) return true
    const found = installed.packages[place]
    // An optional package is left out on the machines that it is not made for.
    if (!found) return optional === true
    return link === true || found.version === version
  })
}

/**
 * npm's command line and the environment to call it with. npm puts the checkout's own programs first on PATH, and they
 * disappear while it works, so they are taken out.
 * @param {string} root
 */
function npmCall(root) {
  const own = path.join(root, 'node_modules', '.bin')
  const PATH = (process.env.PATH ?? '')
    .split(path.delimiter)
    .filter((folder) => !folder.endsWith(path.join('node_modules', '.bin')) && folder !== own)
    .join(path.delimiter)
  return { ...process.env, PATH }
}

/**
 * Brings the packages of package-lock.json and the Node that the platform runs on. Repeats: costs nothing when they
 * are there. Install scripts are not run, but for the one that brings Node: what others would bring comes from the
 * set-up itself.
 * @param {string} root
 * @param {(detail: string) => void} tell
 */
export async function installPackages(root, tell) {
  const wanted = await readJson(path.join(root, 'package-lock.json'))
  const installed = await readJson(path.join(root, 'node_modules', '.package-lock.json'))
  if (!isInstalled(wanted, installed)) {
    tell('npm ci')
    await npm(root, ['ci', '--ignore-scripts', '--no-audit', '--no-fund'])
  }
  if (!(await hasPlatformNode(root))) {
    tell('Node for the platform')
    await npm(root, ['rebuild', 'node'])
    if (!(await hasPlatformNode(root))) {
      throw new SetupProblem(
        'npm did not bring the Node that the platform runs on: remove node_modules, and start again.',
      )
    }
  }
}

/** @param {string} root @returns {Promise<boolean>} */
async function hasPlatformNode(root) {
  const binary = platformNode(root)
  if (!existsSync(binary)) return false
  const { version } = (await readJson(path.join(root, 'node_modules', 'node', 'package.json'))) ?? {}
  const told = await runCommand(binary, ['--version'])
  return told.code === 0 && told.output.trim() === `v${version}`
}

/** @param {string} root @param {string[]} args */
async function npm(root, args) {
  const result = await runCommand('npm', args, { cwd: root, env: npmCall(root) })
  if (result.code === 0) return
  if (result.code === 127)
    throw new SetupProblem('npm was not found: install Node 20 or newer with npm, and start again.')
  if (tellsOfFullDisk(result.output)) throw Object.assign(new Error('disk full'), { code: 'ENOSPC' })
  if (tellsOfUnreachableRegistry(result.output)) {
    throw new SetupProblem(
      'npm cannot reach its package registry: check the network (and `npm config get registry`), and start again.',
    )
  }
  throw new SetupProblem(
    `npm ${args[0]} failed: mend what it says below, and start again.\n${lastLines(result.output, 12)}`,
  )
}
