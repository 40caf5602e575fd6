import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import net from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { requireDiskSpace } from './disk-space.mjs'
import { tryLock, unlock, withLock } from './lock.mjs'
import { isReadyByLog, ManagedProcess } from './managed-process.mjs'
import { freePort, requireFreePorts } from './ports.mjs'
import { identifyProcess, isStillRunning } from './process-identity.mjs'
import { RunRecord } from './run-record.mjs'
import { readOrMakeSecrets } from './secrets.mjs'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'livelot-embedded-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

function recipe(script: string) {
  return {
    name: 'probe',
    command: process.execPath,
    args: ['-e', script],
    cwd: folder,
    env: { PATH: process.env.PATH ?? '' },
    logFile: path.join(folder, 'logs', 'probe.log'),
    readyMsMax: 10_000,
    stopMsMax: 10_000,
    isReady: isReadyByLog,
  }
}
const sayReady = 'console.log(JSON.stringify({ msg: "ready" })); setInterval(() => {}, 1000);'

test('a process is started, ready when it says so, and stopped by asking', async () => {
  const managed = new ManagedProcess(
    recipe(`process.on('SIGTERM', () => { console.log('bye'); process.exit(0) }); ${sayReady}`),
  )
  await managed.start()
  expect(managed.isRunning).toBe(true)
  await managed.stop()
  expect(managed.isRunning).toBe(false)
  expect(managed.logSinceStart()).toBe('{"msg":"ready"}\nbye\n')
})

test('a process that ends before it is ready is told with the end of its log', async () => {
  const managed = new ManagedProcess(recipe('console.log("DATABASE_URL: missing"); process.exit(3)'))
  await expect(managed.start()).rejects.toThrow(
    /^The process probe ended at its start \(exit code 3\): .*\nDATABASE_URL: missing$/,
  )
})

test('a process that will not stop is killed, and one that dies by itself is told', async () => {
  const stubborn = new ManagedProcess({ ...recipe(`process.on('SIGTERM', () => {}); ${sayReady}`), stopMsMax: 50 })
  await stubborn.start()
  await stubborn.stop()
  expect(stubborn.isRunning).toBe(false)

  const ends: string[] = []
  const told = Promise.withResolvers<void>()
  const dying = new ManagedProcess(recipe(sayReady), {
    onUnexpectedEnd: (how) => {
      ends.push(how)
      told.resolve()
    },
  })
  await dying.start()
  process.kill(dying.pid ?? 0, 'SIGKILL')
  await told.promise
  expect(ends).toEqual(['ended by SIGKILL'])
})

test('what a program started does not outlive it when it is told to end', async () => {
  const module = JSON.stringify(new URL('./run-command.mjs', import.meta.url).href)
  const script = `const { runCommand } = await import(${module}); runCommand('sh', ['-c', 'echo $$; exec sleep 60'], { onOutput: (pid) => process.stdout.write(pid) })`
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [output] = await once(parent.stdout, 'data')
  const started = identifyProcess(Number(String(output)))
  expect(started && isStillRunning(started)).toBe(true)
  parent.kill('SIGTERM')
  expect(await once(parent, 'exit')).toEqual([null, 'SIGTERM'])
  await vi.waitFor(() => expect(started && isStillRunning(started)).toBe(false))
})

test('a taken port is told with its use and the way out', async () => {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  const wanted = { use: 'web and API', variable: 'HTTP_PORT', port, host: '127.0.0.1' }
  await expect(requireFreePorts([wanted])).rejects.toThrow(
    `Port ${port} (web and API) is taken by another program: stop that program, or start with another port, for example HTTP_PORT=${port + 10} npm start.`,
  )
  server.close()
  await once(server, 'close')
  await requireFreePorts([wanted])
})

test('a free port lies below those that outgoing connections use and avoids the given ones', async () => {
  const first = await freePort({ count: 4 })
  expect(first).toBeGreaterThanOrEqual(21_000)
  expect(first + 3).toBeLessThan(32_768)
  expect(await freePort({ avoid: [first] })).not.toBe(first)
})

test('a lock ends with its holder, and a second one waits for the first', async () => {
  const file = path.join(folder, 'a.lock')
  expect(tryLock(file)).toBeUndefined()
  expect(JSON.parse(await readFile(file, 'utf8')).pid).toBe(process.pid)
  unlock(file)

  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
  await once(other, 'spawn')
  const holder = identifyProcess(other.pid ?? 0)
  await writeFile(file, JSON.stringify(holder))
  expect(tryLock(file)).toEqual(holder)
  const waitedFor: number[] = []
  const work = withLock(
    file,
    (pid) => {
      waitedFor.push(pid)
      other.kill('SIGKILL')
    },
    async () => 'done',
  )
  expect(await work).toBe('done')
  expect(waitedFor).toEqual([other.pid])
})

test('a process is known by more than its number', () => {
  const own = identifyProcess(process.pid)
  expect(own && isStillRunning(own)).toBe(true)
  expect(isStillRunning({ pid: process.pid, started: 'another boot:1' })).toBe(false)
  expect(identifyProcess(2 ** 22 + 1)).toBeUndefined()
})

test('the next run stops what a killed one left, and nothing that only has the same number', async () => {
  const left = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
  await once(left, 'spawn')
  const exited = once(left, 'exit')
  const children = [
    { name: 'worker', signal: 'SIGTERM', identity: identifyProcess(left.pid ?? 0) },
    { name: 'api', signal: 'SIGTERM', identity: { pid: process.pid, started: 'another boot:1' } },
  ]
  await writeFile(path.join(folder, 'run.json'), JSON.stringify(children))
  const record = new RunRecord(folder)
  expect(await record.claim()).toBe(1)
  expect(await exited).toEqual([null, 'SIGTERM'])
  record.release()
})

test('secrets are made once, for their owner only, and never beside a database that was made with others', async () => {
  const made = readOrMakeSecrets(folder)
  expect((await stat(path.join(folder, 'secrets.json'))).mode & 0o777).toBe(0o600)
  expect(readOrMakeSecrets(folder)).toEqual(made)
  expect(made.paymentWebhookSecret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
  await mkdir(path.join(folder, 'postgres'))
  await rm(path.join(folder, 'secrets.json'))
  expect(() => readOrMakeSecrets(folder)).toThrow(/secrets\.json is missing, .*: put the file back, or remove /)
  await writeFile(path.join(folder, 'secrets.json'), '{"databasePassword":"x"}')
  await chmod(path.join(folder, 'secrets.json'), 0o600)
  expect(() => readOrMakeSecrets(folder)).toThrow(/cannot be read as secrets: put a good copy back/)
})

test('a disk that is too full is told before anything is written', async () => {
  await requireDiskSpace(path.join(folder, 'not', 'there', 'yet'), 1)
  await expect(requireDiskSpace(folder, 2 ** 60)).rejects.toThrow(
    /^The disk that holds .* free and .* GB are needed: make room/,
  )
})
