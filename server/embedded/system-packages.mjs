import { access, constants } from 'node:fs/promises'
import path from 'node:path'
import { SetupProblem, tellsOfFullDisk } from './problems.mjs'
import { lastLines, runCommand } from './run-command.mjs'

/**
 * @param {string[]} names Programs, the preferred one first.
 * @param {string} [searchPath]
 * @returns {Promise<string | undefined>} The whole path of the first that can be run.
 */
export async function findProgram(names, searchPath = process.env.PATH ?? '') {
  // Debian keeps servers in the sbin folders, which an ordinary user's PATH leaves out.
  const folders = [...searchPath.split(path.delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin'].filter(Boolean)
  for (const name of names) {
    for (const folder of folders) {
      const candidate = path.join(folder, name)
      const usable = await access(candidate, constants.X_OK).then(
        () => true,
        () => false,
      )
      if (usable) return candidate
    }
  }
  return undefined
}

/** @returns {Promise<string[] | undefined>} The words before apt-get, or undefined when this user may not install. */
async function rightsToInstall() {
  if (process.getuid?.() === 0) return []
  return (await runCommand('sudo', ['-n', 'true'])).code === 0 ? ['sudo', '-n'] : undefined
}

/** @param {string} name @returns {Promise<boolean>} */
async function isInstalled(name) {
  const answer = await runCommand('dpkg', ['-s', name])
  return answer.code === 0 && answer.output.includes('Status: install ok installed')
}

/** apt allows one run at a time; steps of the set-up that run side by side queue here. */
let lastInstall = Promise.resolve()

/**
 * Installs Debian packages with apt. Repeats: packages that are there already cost nothing.
 * @param {string[]} names
 * @param {string} purpose Ends the sentence "... are needed", for example "to build the media worker".
 * @param {(detail: string) => void} tell
 */
export function installSystemPackages(names, purpose, tell) {
  const mine = lastInstall.then(() => install(names, purpose, tell))
  lastInstall = mine.catch(() => undefined)
  return mine
}

/** @param {string[]} names @param {string} purpose @param {(detail: string) => void} tell */
async function install(names, purpose, tell) {
  const missing = []
  for (const name of names) if (!(await isInstalled(name))) missing.push(name)
  if (missing.length === 0) return
  const list = missing.join(' ')
  if (!(await findProgram(['apt-get']))) {
    throw new SetupProblem(
      `This machine has no apt-get: install what Debian calls ${list} ${purpose}, and start again.`,
    )
  }
  const rights = await rightsToInstall()
  if (!rights) {
    throw new SetupProblem(
      `This user may not install packages: run \`sudo apt-get install -y ${list}\` ${purpose}, and start again.`,
    )
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  /** @param {string[]} words */
  const apt = (words) => {
    const [command = 'apt-get', ...args] = [...rights, 'apt-get', '-q', ...words]
    return runCommand(command, args, { env })
  }
  tell('reading the list of packages')
  const updated = await apt(['update'])
  tell(`installing ${missing.length === 1 ? list : `${missing.length} packages`} with apt`)
  const installed = await apt(['-o', 'DPkg::Lock::Timeout=120', 'install', '-y', '--no-install-recommends', ...missing])
  if (installed.code !== 0) throw installProblem(list, updated.output + installed.output)
}

/** @param {string} list @param {string} output */
function installProblem(list, output) {
  if (tellsOfFullDisk(output)) return Object.assign(new Error('disk full'), { code: 'ENOSPC' })
  if (/Temporary failure resolving|Could not resolve|Could not connect|Unable to fetch/i.test(output)) {
    return new SetupProblem(
      `apt cannot reach its package server: check the network, or install ${list} by hand, and start again.`,
    )
  }
  return new SetupProblem(
    `apt could not install ${list}: mend what it says below, and start again.\n${lastLines(output, 8)}`,
  )
}
