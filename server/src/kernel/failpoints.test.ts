import { execFile } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type FailpointDesk, openFailpointDesk } from '../../test/faults/matrix/failpoint-desk.ts'
import { failpointNames } from './failpoints.ts'

const server = fileURLToPath(new URL('../../', import.meta.url))
let folder: string
let file: string
let desk: FailpointDesk
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'livelot-failpoints-'))
  file = path.join(folder, 'orders.json')
  desk = openFailpointDesk(file)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A process that comes to a failpoint three times and tells how it went; `listen` is what embedded mode does. */
function comeThere(listen: boolean): Promise<{ readonly out: string; readonly signal: string | null }> {
  const script = `
    import { failpoint, listenToOrders } from '#kernel/failpoints'
    const say = (text) => process.stdout.write(text + ' ')
    ${listen ? `listenToOrders(${JSON.stringify(file)}, 'api')` : ''}
    for (const time of [1, 2, 3]) {
      try { await failpoint('auctions.bid.placed'); say(time) } catch (error) { say(error.message) }
    }`
  const args = ['--conditions=source', '--input-type=module', '--eval', script]
  return new Promise((resolve) => {
    execFile(process.execPath, args, { cwd: server }, (error, stdout) => {
      resolve({ out: stdout.trim(), signal: error?.signal ?? null })
    })
  })
}

describe('a process that listens to orders', () => {
  it('dies at the hit that was ordered, and says so before', async () => {
    const { reached } = desk.arm('auctions.bid.placed', 'die', { hit: 2 })
    expect(await comeThere(true)).toEqual({ out: '1', signal: 'SIGKILL' })
    expect(await reached).toMatchObject({ at: 'auctions.bid.placed', action: 'die', process: 'api' })
  })

  it('fails once, and not again', async () => {
    desk.arm('auctions.bid.placed', 'throw')
    expect(await comeThere(true)).toEqual({ out: 'failpoint auctions.bid.placed 2 3', signal: null })
    expect(await comeThere(true)).toEqual({ out: '1 2 3', signal: null })
  })

  it('hangs until the order is withdrawn', async () => {
    const order = desk.arm('auctions.bid.placed', 'hang', { hit: 3 })
    const done = comeThere(true)
    await order.reached
    order.withdraw()
    expect(await done).toEqual({ out: '1 2 3', signal: null })
  })

  it('does nothing at other places, and nothing that another kind of process was ordered', async () => {
    desk.arm('auctions.bid.placing', 'die')
    desk.arm('auctions.bid.placed', 'die', { process: 'worker' })
    expect(await comeThere(true)).toEqual({ out: '1 2 3', signal: null })
    expect(desk.taken()).toEqual([])
  })
})

describe('production', () => {
  it('does not listen: an order on the disk changes nothing', async () => {
    desk.arm('auctions.bid.placed', 'die')
    expect(await comeThere(false)).toEqual({ out: '1 2 3', signal: null })
    expect(desk.taken()).toEqual([])
  })

  it('has one place that begins to listen, behind a configuration that refuses it', () => {
    const users = globSync('src/**/*.ts', { cwd: server }).filter(
      (one) => !one.endsWith('.test.ts') && /\blistenToOrders\(/.test(readFileSync(path.join(server, one), 'utf8')),
    )
    expect(users.toSorted()).toEqual(['src/compose/ground.ts', 'src/kernel/failpoints.ts'])
  })

  it('pays less than a microsecond for a failpoint', async () => {
    const script = `
      import { failpoint } from '#kernel/failpoints'
      for (let i = 0; i < 1e5; i += 1) await failpoint('auctions.bid.placed')
      const start = performance.now()
      for (let i = 0; i < 1e6; i += 1) await failpoint('auctions.bid.placed')
      process.stdout.write(String((performance.now() - start) / 1e6 * 1e3))`
    const args = ['--conditions=source', '--input-type=module', '--eval', script]
    const microseconds = await new Promise<number>((resolve, reject) => {
      execFile(process.execPath, args, { cwd: server }, (error, stdout) =>
        error ? reject(error) : resolve(Number(stdout)),
      )
    })
    expect(microseconds).toBeLessThan(1)
  })
})

it('has every failpoint of the list in the code', () => {
  const code = globSync('src/**/*.ts', { cwd: server })
    .filter((one) => !one.endsWith('.test.ts') && one !== 'src/kernel/failpoints.ts')
    .map((one) => readFileSync(path.join(server, one), 'utf8'))
    .join('\n')
  expect(failpointNames.filter((name) => !code.includes(`'${name}'`))).toEqual([])
})
