import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { PlantedBug } from './bugs.ts'

/** The text of the file with the bug in it. Throws when the code is no longer as the bug was made for. */
export function planted(text: string, { what, file, find, put }: PlantedBug): string {
  const places = text.split(find).length - 1
  if (places !== 1) throw new Error(`${what}: its place in ${file} was found ${places} times; make the bug anew`)
  // Not `replace`, which gives some characters a meaning.
  return text.split(find).join(put)
}

/** A copy of the work tree to plant bugs in; installed packages are shared, those of the work tree are its own. */
export function makeWorkCopy(root: string) {
  const folder = mkdtempSync(path.join(tmpdir(), 'livelot-planted-'))
  const list = ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate']
  for (const file of execFileSync('git', list, { cwd: root, encoding: 'utf8' }).trim().split('\n')) {
    if (existsSync(path.join(root, file))) cpSync(path.join(root, file), path.join(folder, file))
  }
  linkPackages(root, folder)
  return {
    folder,
    /** Answers how to take it out again. */
    plant: (bug: PlantedBug): (() => void) => {
      const file = path.join(folder, bug.file)
      const text = readFileSync(file, 'utf8')
      writeFileSync(file, planted(text, bug))
      return () => writeFileSync(file, text)
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

function linkPackages(root: string, folder: string): void {
  const [from, to] = [path.join(root, 'node_modules'), path.join(folder, 'node_modules')]
  mkdirSync(path.join(to, '@livelot'), { recursive: true })
  for (const name of readdirSync(from)) {
    if (name !== '@livelot' && name !== '.cache') symlinkSync(path.join(from, name), path.join(to, name))
  }
  const workspaces = { client: 'client-sdk', media: 'media', server: 'server', web: 'web', 'load-tests': 'load-tests' }
  for (const [name, where] of Object.entries(workspaces)) symlinkSync(`../../${where}`, path.join(to, '@livelot', name))
}
