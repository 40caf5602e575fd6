import { existsSync } from 'node:fs'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startPlatform } from './supervisor.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
let dataDir = ''
beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'livelot-supervisor-'))
  await chmod(dataDir, 0o755)
})
afterAll(() => rm(dataDir, { recursive: true, force: true }))

const isAlive = (pid: number | undefined) => pid !== undefined && existsSync(`/proc/${pid}`)

async function countAccounts(databaseUrl: string): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    return (await client.query<{ count: number }>('SELECT count(*)::int AS count FROM accounts')).rows[0]?.count ?? 0
  } finally {
    await client.end()
  }
}

test('the platform starts, loses and regains parts, stops without a trace, and finds its data again', async () => {
  const first = await startPlatform({ root, dataDir, apiProcesses: 2 })
  expect([...first.processes.keys()].sort()).toEqual(
    ['api', 'api-2', 'media', 'payment-sandbox', 'postgres', 'redis', 'worker'].sort(),
  )
  expect(first.demo?.signIns.map(({ who }) => who)).toContain('operator')
  for (const url of first.urls.apis) expect((await fetch(`${url}/readyz`)).status).toBe(200)

  const before = first.processes.get('api-2')?.pid
  await first.kill('api-2')
  expect(isAlive(before)).toBe(false)
  await expect(fetch(`${first.urls.apis[1]}/healthz`)).rejects.toThrow()
  await first.restart('api-2')
  expect((await fetch(`${first.urls.apis[1]}/healthz`)).status).toBe(200)

  const accounts = await countAccounts(first.databaseUrl)
  expect(accounts).toBeGreaterThan(0)
  const secrets = await readFile(path.join(dataDir, 'secrets.json'), 'utf8')
  const pids = [...first.processes.values()].map(({ pid }) => pid)
  await first.stop()
  expect(pids.filter(isAlive)).toEqual([])
  expect(existsSync(path.join(dataDir, 'run.lock'))).toBe(false)

  const second = await startPlatform({ root, dataDir })
  expect(await countAccounts(second.databaseUrl)).toBe(accounts)
  expect(await readFile(path.join(dataDir, 'secrets.json'), 'utf8')).toBe(secrets)
  expect(second.demo).toEqual(first.demo)
  await second.stop()
}, 180_000)

test('a part that cannot start takes the others down with it and says what to do', async () => {
  const env = { PLATFORM_FEE_BASIS_POINTS: 'a lot' }
  await expect(startPlatform({ root, dataDir, env })).rejects.toThrow(
    /^The step seed failed: mend what the last lines of .*seed\.log say, and start again\.\n/,
  )
  expect(existsSync(path.join(dataDir, 'run.lock'))).toBe(false)
}, 120_000)
