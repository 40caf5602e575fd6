import { createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { SetupProblem, tellsOfFullDisk } from './problems.mjs'
import { lastLines, runCommand } from './run-command.mjs'

/** Everything that the built pages are made from. */
const sources = ['web', 'client-sdk/src', 'client-sdk/contracts', 'package-lock.json']
const notSources = new Set(['dist', 'node_modules'])

/** @param {string} root @returns {Promise<string>} */
async function hashOfSources(root) {
  const hash = createHash('sha256')
  /** @param {string} relative */
  const add = async (relative) => {
    const whole = path.join(root, relative)
    if (!existsSync(whole)) return
    const entries = await readdir(whole, { withFileTypes: true }).catch(() => undefined)
    if (!entries) {
      hash.update(`${relative}\0`).update(await readFile(whole))
      return
    }
    const names = entries.map((entry) => entry.name).filter((name) => !notSources.has(name))
    for (const name of names.sort()) await add(path.join(relative, name))
  }
  for (const source of sources) await add(source)
  return hash.digest('hex')
}

/**
 * Builds the pages into web/dist, whole or not at all. Repeats: sources that did not change cost nothing.
 * @param {string} root
 * @param {(detail: string) => void} tell
 */
export async function buildWeb(root, tell) {
  const dist = path.join(root, 'web', 'dist')
  const markOf = (/** @type {string} */ folder) => path.join(folder, '.sources')
  const hash = await hashOfSources(root)
  if ((await readFile(markOf(dist), 'utf8').catch(() => '')) === hash) return
  tell('bundling the pages')
  const workFolder = path.join(root, 'node_modules', '.cache', `livelot-web-${randomBytes(4).toString('hex')}`)
  const made = path.join(workFolder, 'made')
  try {
    await mkdir(workFolder, { recursive: true })
    const node = path.join(root, 'node_modules', 'node', 'bin', 'node')
    const vite = path.join(root, 'node_modules', 'vite', 'bin', 'vite.js')
    const args = [vite, 'build', '--outDir', made, '--emptyOutDir', '--logLevel', 'warn']
    const built = await runCommand(node, args, { cwd: path.join(root, 'web') })
    if (built.code !== 0) throw buildProblem(built.output)
    await writeFile(markOf(made), hash)
    if (existsSync(dist)) await rename(dist, path.join(workFolder, 'replaced'))
    await rename(made, dist)
  } finally {
    await rm(workFolder, { recursive: true, force: true })
  }
}

/** @param {string} output */
function buildProblem(output) {
  if (tellsOfFullDisk(output)) return Object.assign(new Error('disk full'), { code: 'ENOSPC' })
  // The bundler's own call stack says nothing about the pages.
  const said = output.replace(/^\s+at .*\n?/gm, '')
  return new SetupProblem(
    `The pages in web/ could not be built: mend what the bundler says below, and start again.\n${lastLines(said, 15)}`,
  )
}
