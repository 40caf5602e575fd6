import { execFile, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ReceiptPayload } from '@livelot/client/contracts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  auctionId,
  bidIdOf,
  english,
  keySet,
  ledgerOf,
  otherKeySet,
  type Row,
  receiptOf,
  richLedger,
  startMs,
} from './ledgers.ts'

const command = fileURLToPath(new URL('../bin/livelot.mjs', import.meta.url))

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'livelot-verify-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const file = async (name: string, content: unknown): Promise<string> => {
  const full = path.join(folder, name)
  await writeFile(full, typeof content === 'string' ? content : JSON.stringify(content))
  return full
}

/** Runs the command as a person does: as a process of its own. */
const livelot = (...given: string[]) =>
  new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [command, ...given], { maxBuffer: 10_000_000 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, stdout, stderr }),
    )
  })

const receipt = receiptOf({
  iss: 'livelot',
  auctionId,
  bidId: bidIdOf(11),
  paddle: 3,
  amountMinor: 5_300,
  kind: 'bid',
  code: 'leading',
  reason: null,
  ledgerSeq: 11,
  link: richLedger.entries[10]?.link,
  decidedAtMs: startMs + 53_000,
  timeLeftMs: 1_000,
  nextMinimumMinor: 5_600,
} as ReceiptPayload)

describe('livelot verify-auction', () => {
  it('says in sentences that a ledger is valid, and ends with 0', async () => {
    const ledger = await file('ledger.json', richLedger)
    const keys = await file('keys.json', keySet)
    const { code, stdout, stderr } = await livelot(
      'verify-auction',
      ledger,
      '--keys',
      keys,
      '--receipt',
      await file('r.jws', `${receipt}\n`),
    )
    expect(stdout).toBe(
      [
        'Valid. Lot 3: sold to paddle 3 for USD 53.00.',
        '12 entries from 2026-09-21T14:13:20.000Z to 2026-09-21T14:14:14.020Z: nothing is missing, moved or changed,',
        'and every price, leader and end follows from the bids by the rules.',
        `Root: ${richLedger.head.root}`,
        'The root is signed with one of the given keys.',
        '',
        `Receipt of bid ${bidIdOf(11)} (leading, 2026-09-21T14:14:13.000Z): agrees with the ledger; signed with one of the given keys.`,
        '',
      ].join('\n'),
    )
    expect([code, stderr]).toEqual([0, ''])
  })

  it('says that signatures were not checked where no keys are given', async () => {
    const { code, stdout } = await livelot('verify-auction', await file('ledger.json', richLedger))
    expect(stdout).toContain('Signature not checked: no keys were given. With --keys')
    expect(code).toBe(0)
  })

  it('names each problem and ends with 1', async () => {
    const changed = structuredClone(richLedger)
    Object.assign(changed.entries[11] ?? {}, { leader: 2 })
    const { code, stdout } = await livelot('verify-auction', await file('changed.json', changed))
    expect(stdout).toContain('Entry 12, leader: By the rules paddle 3 leads.\n')
    expect(stdout).toMatch(/^Not valid: \d+ problems\.\n/)
    expect(code).toBe(1)
  })

  it('ends with 1 where only a receipt or a key does not agree', async () => {
    const ledger = await file('ledger.json', richLedger)
    const others = await file('others.json', otherKeySet)
    const changed = structuredClone(richLedger)
    const strange = await file('strange.json', [{ receipt }, 'a.b.c'])
    expect((await livelot('verify-auction', ledger, '--receipt', strange)).code).toBe(1)
    expect((await livelot('verify-auction', ledger, '--keys', others)).code).toBe(1)
    Object.assign(changed.entries[10] ?? {}, { link: 'f'.repeat(40) })
    const { stdout } = await livelot(
      'verify-auction',
      await file('c.json', changed),
      '--receipt',
      await file('r.json', [receipt]),
    )
    expect(stdout).toContain('does not agree.\n  link: What was signed stands in another chain')
  })

  it('reads standard input, and keys from an address', async () => {
    const server = createServer((_, response) => response.end(JSON.stringify(keySet)))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/receipt-keys`
    const child = spawn(process.execPath, [command, 'verify-auction', '-', '--keys', address])
    child.stdin.end(JSON.stringify(richLedger))
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    const code = await new Promise((resolve) => child.on('close', resolve))
    server.close()
    expect(Buffer.concat(chunks).toString()).toContain('The root is signed with one of the given keys.')
    expect(code).toBe(0)
  })

  it('takes a ledger of twenty thousand bids', async () => {
    const rows: Row[] = [['started', 0, null, null, 1_000, null, 3_600_000]]
    for (let index = 0; index < 20_000; index += 1) {
      const priceMinor = 1_000 + 10 * index
      rows.push(['bid', 10 + index, 1 + (index % 2), priceMinor, priceMinor, 1 + (index % 2), 3_600_000])
    }
    rows.push(['closed', 3_600_000, null, null, 200_990, 2, 3_600_000, 'sold'])
    const increments = [{ fromMinor: 0, stepMinor: 10 }]
    const ledger = ledgerOf({ terms: english({ durationSeconds: 3_600, increments }), increments, rows })
    const { code, stdout } = await livelot('verify-auction', await file('long.json', ledger))
    expect(stdout).toContain('Valid. Lot 3: sold to paddle 2 for USD 2009.90.\n20002 entries')
    expect(code).toBe(0)
  })

  it('ends with 2 where it is called wrongly or a file cannot be read', async () => {
    const ledger = await file('ledger.json', richLedger)
    const calls = [
      [],
      ['verify-auction'],
      ['verify', ledger],
      ['verify-auction', ledger, ledger],
      ['verify-auction', ledger, '--key', ledger],
      ['verify-auction', path.join(folder, 'nowhere.json')],
      ['verify-auction', await file('text.json', 'no json')],
      ['verify-auction', ledger, '--keys', await file('no-keys.json', '{"keys":1}')],
      ['verify-auction', ledger, '--keys', 'http://127.0.0.1:9/keys'],
      ['verify-auction', ledger, '--receipt', await file('empty', '')],
    ]
    for (const call of calls) {
      const { code, stdout, stderr } = await livelot(...call)
      expect([code, stdout]).toEqual([2, ''])
      expect(stderr).not.toMatch(/^\s+at /m)
    }
    expect((await livelot('--help')).code).toBe(0)
  }, 30_000)
})
