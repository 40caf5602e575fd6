import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDatabase, type Database, statement } from '#infra/postgres/pool'
import { newId } from '#kernel/ids'
import { type TestDatabase, testDatabase } from '../../../test/support/services.ts'
import type { Sale } from './posting.ts'
import { createLedger } from './service.ts'

let testDb: TestDatabase
let db: Database
beforeAll(async () => {
  testDb = await testDatabase()
  db = createDatabase({
    url: testDb.url,
    poolSizeMax: 4,
    applicationName: 'test',
    log: pino({ level: 'silent' }),
  })
})
afterAll(async () => {
  await db.close()
  await testDb.drop()
})

const ledger = createLedger({ platformFeeBasisPoints: 600 })
const newSale = (): Sale => ({
  orderId: newId(),
  brandId: newId(),
  provider: 'sandbox',
  currency: 'EUR',
  itemsMinor: 3_333,
  discountMinor: 0,
  shippingMinor: 490,
  taxMinor: 0,
  feesMinor: 0,
  totalMinor: 3_823,
  taxInItemsMinor: 532,
  taxInShippingMinor: 78,
})
const post = (sale: Sale) => db.transaction((tx) => ledger.postSale(tx, sale))
const query = <Row>(name: string, sql: string, values: unknown[] = []) =>
  db.query<Row>(statement(`test.${name}`, sql), values)
const insertLines = (transactionId: number, lines: [number, string, number][]) =>
  query(
    'insert_lines',
    `INSERT INTO ledger_entries (transaction_id, line, account, currency, amount_minor)
     SELECT $1, l.line, 'test/account', l.currency, l.amount
     FROM unnest($2::int[], $3::text[], $4::bigint[]) AS l (line, currency, amount)`,
    [transactionId, lines.map(([line]) => line), lines.map(([, one]) => one), lines.map(([, , amount]) => amount)],
  )
const newTransaction = async () => {
  const insert = `INSERT INTO ledger_transactions (kind, reference) VALUES ('test', $1) RETURNING id`
  const [row] = await query<{ id: number }>('new_transaction', insert, [newId()])
  return row?.id as number
}
const broken = (constraint: string) => expect.objectContaining({ code: '23514', constraint })

describe('posting', () => {
  it('[LE4] [LE5] posts a sale once and keeps its split', async () => {
    const sale = newSale()
    expect(await Promise.all(Array.from({ length: 8 }, () => post(sale))).then((all) => all.sort())).toEqual([
      'posted',
      ...Array.from({ length: 7 }, () => 'repeated'),
    ])
    expect(await ledger.balances(db, `brand/${sale.brandId}/`)).toEqual([
      { account: `brand/${sale.brandId}/payable`, currency: 'EUR', balanceMinor: -(3_333 - 200 - 532) },
    ])
  })

  it('[LE6] turns a sale’s own lines for its refund, once', async () => {
    const sale = newSale()
    await post(sale)
    const refund = { refundId: newId(), orderId: sale.orderId }
    const refundOnce = () => db.transaction((tx) => ledger.postFullRefund(tx, refund))
    expect([await refundOnce(), await refundOnce()]).toEqual(['posted', 'repeated'])
    expect(await ledger.balances(db, `brand/${sale.brandId}/`)).toEqual([
      { account: `brand/${sale.brandId}/payable`, currency: 'EUR', balanceMinor: 0 },
    ])
    const unsold = { refundId: newId(), orderId: newId() }
    await expect(db.transaction((tx) => ledger.postFullRefund(tx, unsold))).rejects.toThrow('only a posted sale')
  })
})

describe('what the database refuses', () => {
  it('[LE1] lines that do not balance or mix currencies', async () => {
    const id = await newTransaction()
    await expect(
      insertLines(id, [
        [1, 'USD', 5],
        [2, 'USD', -4],
      ]),
    ).rejects.toEqual(broken('ledger_entries_balanced'))
    await expect(
      insertLines(id, [
        [1, 'USD', 5],
        [2, 'EUR', -5],
      ]),
    ).rejects.toEqual(broken('ledger_entries_balanced'))
    const four = [
      [1, 'USD', 5],
      [2, 'USD', -5],
      [3, 'EUR', 5],
      [4, 'EUR', -5],
    ] as [number, string, number][]
    await expect(insertLines(id, four)).rejects.toEqual(broken('ledger_entries_balanced'))
  })

  it('[LE2] lines of a transaction that is not there', async () => {
    const lines: [number, string, number][] = [
      [1, 'USD', 5],
      [2, 'USD', -5],
    ]
    await expect(insertLines(1_000_000, lines)).rejects.toEqual(broken('ledger_entries_balanced'))
  })

  it('[LE2] lines added to a transaction later, balanced or not', async () => {
    const id = await newTransaction()
    await insertLines(id, [
      [1, 'USD', 5],
      [2, 'USD', -5],
    ])
    await expect(
      insertLines(id, [
        [3, 'USD', 7],
        [4, 'USD', -7],
      ]),
    ).rejects.toEqual(broken('ledger_entries_balanced'))
    await expect(
      insertLines(id, [
        [1, 'USD', 7],
        [2, 'USD', -7],
      ]),
    ).rejects.toMatchObject({ code: '23505' })
  })

  it('[LE3] any change of what was posted', async () => {
    await post(newSale())
    for (const [name, sql] of [
      ['update', 'UPDATE ledger_entries SET amount_minor = amount_minor + 1'],
      ['delete', 'DELETE FROM ledger_entries'],
      ['truncate', 'TRUNCATE ledger_entries, ledger_transactions'],
      ['rename', `UPDATE ledger_transactions SET reference = 'x'`],
      ['drop', 'DELETE FROM ledger_transactions'],
    ] as const)
      await expect(query(name, sql)).rejects.toEqual(broken('ledger_append_only'))
  })
})
