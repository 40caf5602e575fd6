import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { richLedger } from './ledgers.ts'

const run = promisify(execFile)
const home = fileURLToPath(new URL('..', import.meta.url))
const modules = fileURLToPath(new URL('../../node_modules', import.meta.url))

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'livelot-dist-'))
  const tsc = path.join(modules, 'typescript', 'bin', 'tsc')
  await run(process.execPath, [
    tsc,
    '-p',
    path.join(home, 'tsconfig.build.json'),
    '--outDir',
    path.join(folder, 'dist'),
  ])
  // As it is installed: its own package.json, and its dependencies beside it.
  await writeFile(path.join(folder, 'package.json'), await readFile(path.join(home, 'package.json')))
  await cp(path.join(home, 'bin'), path.join(folder, 'bin'), { recursive: true })
  await symlink(modules, path.join(folder, 'node_modules'))
}, 60_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

const answerOf = async (script: string): Promise<string> => {
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], { cwd: folder })
  return stdout.trim()
}

it('is emitted as plain modules that Node loads by the exports of the package', async () => {
  const { exports } = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8')) as {
    exports: Record<string, { types: string; default: string }>
  }
  const sizes = await Promise.all(
    Object.values(exports).flatMap((entry) =>
      [entry.types, entry.default].map((file) => readFile(path.join(folder, file))),
    ),
  )
  expect(sizes.every(({ length }) => length > 0)).toBe(true)
  expect(
    await answerOf(`
      import { createClient } from './dist/src/index.js'
      import { errorCodes } from './dist/contracts/index.js'
      const client = createClient({ baseUrl: 'http://127.0.0.1:9' })
      const error = await client.shows.list({}, { attemptsMax: 1 }).catch((one) => one)
      client.close()
      console.log(error.code, errorCodes['server.busy'].status)
    `),
  ).toBe('client.network 503')
}, 30_000)

it('keeps the video library out of the main entry', async () => {
  const loaded = await answerOf(`
    import { registerHooks } from 'node:module'
    const seen = []
    registerHooks({ load: (url, context, next) => { seen.push(url); return next(url, context) } })
    await import('./dist/src/index.js')
    console.log(seen.some((url) => url.includes('mediasoup-client')), seen.some((url) => url.includes('socket.io-client')))
  `)
  expect(loaded).toBe('false true')
})

it('loads nothing for verifying and rehearsing with what a room needs', async () => {
  const loaded = await answerOf(`
    import { registerHooks } from 'node:module'
    const seen = []
    registerHooks({ load: (url, context, next) => { seen.push(url); return next(url, context) } })
    await import('./dist/src/client.js')
    console.log(seen.flatMap((url) => /dist\\/src\\/auction\\/(.*)\\.js$/.exec(url)?.[1] ?? []).toSorted().join(' '))
  `)
  expect(loaded).toBe('bidding handle room-auctions view')
})

it('has the command line, as it is installed', async () => {
  const { bin } = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8')) as { bin: { livelot: string } }
  const ledger = path.join(folder, 'ledger.json')
  await writeFile(ledger, JSON.stringify(richLedger))
  const { stdout } = await run(process.execPath, [path.join(folder, bin.livelot), 'verify-auction', ledger])
  expect(stdout).toMatch(/^Valid\. Lot 3: sold to paddle 3 for USD 53\.00\.\n/)
})
