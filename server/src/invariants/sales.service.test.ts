import { createHash } from 'node:crypto'
import type { Checkout } from '@livelot/client/contracts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newId } from '#kernel/ids'
import { testApiKey } from '../../sandbox/payments/testing/test-sandbox.ts'
import { type Shop, startShop } from '../../test/support/shop.ts'
import { openPlanting, type Planting } from './planting-for-tests.ts'
import { openProviderJournal, type ProviderJournal, type WitnessedIntent } from './provider-journal.ts'

let shop: Shop
let planting: Planting
let provider: ProviderJournal
const known: Record<string, string> = {}

const holdOf = async (checkoutId: string) =>
  (await shop.rows<{ id: string }>('SELECT id FROM holds WHERE checkout_id = $1', [checkoutId]))[0]?.id ?? ''

/** A shop with some of everything: list price and flash sale, paid, refunded, declined, and one still on its way. */
beforeAll(async () => {
  shop = await startShop()
  const buyIt = async (started: Checkout) => {
    await shop.checkout.advance(started.checkoutId, 'job')
    return started
  }
  const paid = await buyIt(await shop.start(await shop.buyer()))
  const refunded = await buyIt(await shop.start(await shop.buyer()))
  const declined = await buyIt(await shop.start(await shop.buyer('declined')))
  const open = await shop.start(await shop.buyer())
  const saleId = await shop.openSale(10, 2)
  const flashBuyers = [await shop.buyer(), await shop.buyer()]
  const flashPaid: Checkout[] = []
  for (const [place, buyer] of flashBuyers.entries()) {
    const item = await shop.hold(buyer.account, saleId, 2 - place)
    flashPaid.push(await buyIt(await shop.start(buyer, item)))
  }
  await shop.hold((await shop.buyer()).account, saleId)
  const operator = await shop.newActor(['operator'])
  const wish = { orderId: refunded.orderId, reason: 'lost parcel', operationId: newId() as never }
  const refund = await shop.checkout.orders.refund(operator, wish)
  await shop.checkout.orders.settleRefund(refund.refundId)
  for (const sweep of shop.flashSales.sweeps()) await sweep.run()
  await shop.rows('DELETE FROM outbox')
  // The tests take longer than a checkout may be left alone.
  await shop.rows(`UPDATE checkouts SET look_at = now() + interval '1 hour' WHERE is_open`)
  Object.assign(known, {
    paid: paid.checkoutId,
    paidOrder: paid.orderId,
    refunded: refunded.checkoutId,
    refundedOrder: refunded.orderId,
    declined: declined.checkoutId,
    open: open.checkoutId,
    sale: saleId,
    two: await holdOf(flashPaid[0]?.checkoutId ?? ''),
    one: await holdOf(flashPaid[1]?.checkoutId ?? ''),
    variant: shop.world.variantId,
  })
  planting = await openPlanting(shop.databaseUrl)
  provider = openProviderJournal({ url: shop.sandbox.url, apiKey: testApiKey })
})
afterAll(async () => {
  await planting?.close()
  await shop?.close()
})

const filled = (text: string): string => text.replace(/:(\w+)\b/g, (whole, name: string) => known[name] ?? whole)
const hashId = (text: string): string => {
  const hex = createHash('sha1').update(text).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
const nobody = hashId('nobody')
/** A hold's id of two minutes before a moment an hour ago. */
const hourAgoMs = Date.now() - 3_600_000
const oldHold = `${(hourAgoMs - 120_000).toString(16).padStart(12, '0')}`.replace(
  /^(.{8})(.{4})$/,
  '$1-$2-7000-8000-000000000000',
)
const without = (table: string, constraint: string) => `ALTER TABLE ${table} DROP CONSTRAINT ${constraint};`
/** Past the triggers of a table, which stand again afterwards. */
const past = (table: string, sql: string) =>
  `ALTER TABLE ${table} DISABLE TRIGGER USER; ${sql}; ALTER TABLE ${table} ENABLE TRIGGER USER;`
const copyOfAttempt = `INSERT INTO payment_attempts (checkout_id, order_id, provider, customer_ref, payment_method_ref, currency,
  amount_minor, captured_minor) VALUES ('${nobody}', '${nobody}', 'sandbox', 'c', 'p', 'USD', 5, 5)`
const oldRefund = `INSERT INTO payment_refunds (id, order_id, checkout_id, intent_ref, currency, amount_minor, reason,
  requested_by, operation_id, look_at) VALUES ('${nobody}', ':paidOrder', ':paid', 'pi', 'USD', 5, 'r', '${nobody}',
  '${nobody}', now() - interval '1 hour')`

/** What is planted, the numbers that must be told, and what must be named. */
const plants: readonly (readonly [what: string, sql: string, ids: readonly string[], named: string])[] = [
  [
    'one unit with two holds',
    `UPDATE holds SET unit_numbers = (SELECT unit_numbers[1:1] FROM holds WHERE id = ':two') WHERE id = ':one'`,
    ['I1'],
    ':one',
  ],
  [
    'a unit of another hold than the hold says',
    `UPDATE holds SET unit_numbers = '{9}' WHERE id = ':one'`,
    ['I1'],
    ':one',
  ],
  [
    'a unit that is gone',
    `DELETE FROM flash_sale_units WHERE flash_sale_id = ':sale' AND unit_no = 10`,
    ['I1'],
    ':sale',
  ],
  ['a level that no movement explains', `UPDATE stock_levels SET available = available + 1`, ['I2'], ':variant'],
  [
    'a level below zero',
    `${without('stock_levels', 'stock_levels_available_not_negative')} UPDATE stock_levels SET available = -1`,
    ['I2'],
    ':variant',
  ],
  [
    'units out of nothing',
    `${without('stock_movements', 'stock_movements_conserve')} UPDATE stock_levels SET available = available + 3;
    INSERT INTO stock_movements (variant_id, kind, reference, available_change, held_change, sold_change)
    VALUES (':variant', 'released', 'thin air', 3, 0, 0)`,
    ['I2'],
    'thin air',
  ],
  [
    'movements that may be changed',
    'ALTER TABLE stock_movements DISABLE TRIGGER USER',
    ['I2'],
    'stock_movements_append_only',
  ],
  [
    'a hold that nobody has ended',
    `INSERT INTO holds (id, flash_sale_id, account_id, units, state, expires_at) VALUES
    ('${oldHold}', ':sale', '${nobody}', 1, 'live', to_timestamp(${hourAgoMs} / 1000.0))`,
    ['I4'],
    oldHold,
  ],
  ['a claim whose checkout is over', `UPDATE holds SET state = 'claimed' WHERE id = ':one'`, ['I4'], ':one'],
  [
    'stock set aside for nobody',
    `UPDATE stock_levels SET available = available - 1, held = held + 1;
    INSERT INTO stock_movements (variant_id, kind, reference, available_change, held_change, sold_change)
    VALUES (':variant', 'claimed', 'checkout:${nobody}', -1, 1, 0)`,
    ['I4'],
    `checkout:${nobody}`,
  ],
  ['a buyer beyond the limit', `UPDATE flash_sales SET per_buyer_limit = 1`, ['I5'], ':sale'],
  ['units that are not counted', `UPDATE flash_sale_buyers SET units = units - 1 WHERE units = 2`, ['I5'], ':sale'],
  [
    'an order of another checkout',
    `UPDATE orders SET checkout_id = '${nobody}' WHERE id = ':paidOrder'`,
    ['I6', 'I7', 'I9'],
    ':paidOrder',
  ],
  [
    'one operation with two checkouts',
    `${without('checkouts', 'checkouts_operation_unique')}
    UPDATE checkouts SET (account_id, operation_id) = (SELECT account_id, operation_id FROM checkouts WHERE id = ':open')
    WHERE id = ':declined'`,
    ['I6', 'I22'],
    ':declined',
  ],
  ['a capture without an order', copyOfAttempt, ['I7'], nobody],
  [
    'a paid order without its capture',
    `UPDATE payment_attempts SET captured_minor = 0 WHERE checkout_id = ':paid'`,
    ['I9'],
    ':paidOrder',
  ],
  [
    'one payment for two orders',
    `UPDATE payment_attempts SET intent_ref = 'pi_same' WHERE captured_minor > 0`,
    ['I9'],
    'pi_same',
  ],
  [
    'a checkout that nobody looks at',
    `UPDATE checkouts SET look_at = now() - interval '1 hour' WHERE id = ':open'`,
    ['I11'],
    ':open',
  ],
  ['a refund that nobody asks for', oldRefund, ['I11'], nobody],
  [
    'a sale that was never finished',
    `UPDATE flash_sales SET closes_at = now() - interval '1 hour';
    UPDATE holds SET state = 'expired', changed_at = now() - interval '1 hour' WHERE state = 'live'; UPDATE holds SET changed_at = now() - interval '1 hour'`,
    ['I11'],
    ':sale',
  ],
  [
    'a giveaway that was never drawn',
    `INSERT INTO giveaways (id, show_id, creator_id, title, prize, winner_count, opened_at,
      entries_close_at, seed_commitment, operation_id, request_hash)
    SELECT '${nobody}', '${nobody}', id, 'A cup', '{}', 1, now() - interval '2 hours', now() - interval '119 minutes',
      repeat('0', 64), '${nobody}', '' FROM creators`,
    ['I11'],
    nobody,
  ],
  [
    'a transaction that does not add up',
    past(
      'ledger_entries',
      `INSERT INTO ledger_entries
    SELECT id, 99, 'tax/payable', 'USD', 7 FROM ledger_transactions WHERE reference = ':paidOrder'`,
    ),
    ['I12'],
    '"sum":7',
  ],
  [
    'a ledger that may be changed',
    'ALTER TABLE ledger_entries DISABLE TRIGGER ledger_entries_append_only',
    ['I12'],
    'ledger_entries_append_only',
  ],
  [
    'another split than was paid',
    past(
      'ledger_entries',
      `UPDATE ledger_entries e SET amount_minor = amount_minor + CASE line WHEN 1 THEN 1 ELSE -1 END
    FROM ledger_transactions t WHERE t.id = e.transaction_id AND t.reference = ':paidOrder' AND line IN (1, 2)`,
    ),
    ['I13'],
    ':paidOrder',
  ],
  [
    'a sale that nobody has paid',
    `WITH t AS (INSERT INTO ledger_transactions (kind, reference) VALUES ('sale', '${nobody}') RETURNING id)
    INSERT INTO ledger_entries SELECT id, n, 'tax/payable', 'USD', CASE n WHEN 1 THEN 5 ELSE -5 END FROM t, generate_series(1, 2) n`,
    ['I13'],
    nobody,
  ],
  [
    'more given back than taken',
    `${without('payment_attempts', 'payment_attempts_refunded')}
    UPDATE payment_attempts SET refunded_minor = captured_minor + 1 WHERE checkout_id = ':refunded'`,
    ['I14'],
    ':refunded',
  ],
  ['a part given back', `UPDATE orders SET refunded_minor = 1 WHERE id = ':paidOrder'`, ['I14'], ':paidOrder'],
  [
    'a history with a gap',
    past('order_events', `DELETE FROM order_events WHERE order_id = ':paidOrder' AND version = 2`),
    ['I16'],
    ':paidOrder',
  ],
  [
    'a step that is not allowed',
    `${without('order_events', 'order_events_step')}
    ${past('order_events', `UPDATE order_events SET from_state = 'refunded' WHERE order_id = ':paidOrder' AND version = 2`)}`,
    ['I16'],
    ':paidOrder',
  ],
  [
    'a paid order of a failed checkout',
    `UPDATE checkouts SET state = 'failed', failure = 'time_over' WHERE id = ':paid'`,
    ['I16'],
    ':paidOrder',
  ],
  [
    'what was never handed on',
    `INSERT INTO outbox (job, payload, created_at) VALUES ('lost.job', '{}', now() - interval '1 hour')`,
    ['I22'],
    'lost.job',
  ],
  [
    'a job that was given up',
    `INSERT INTO dead_jobs (id, job, payload, error) VALUES (1, 'dead.job', '{}', 'no')`,
    ['I22'],
    'dead.job',
  ],
  ['a letter that was not written', `DELETE FROM mail_outbox WHERE reference = ':paidOrder'`, ['I22'], ':paidOrder'],
  ['a key that is gone', 'DROP INDEX payment_refunds_live', ['I22'], 'payment_refunds_live'],
  [
    'the number of a card',
    `UPDATE orders SET address = '{"line1":"4242 4242 4242 4242"}' WHERE id = ':paidOrder'`,
    ['I29'],
    'card number',
  ],
  ['the hash of a password', `UPDATE accounts SET display_name = '$argon2id$v=19$m=19456'`, ['I29'], 'password hash'],
  [
    'a hold that lasts a second longer',
    `UPDATE holds SET expires_at = expires_at + interval '1 second' WHERE id = ':one'`,
    ['I30'],
    ':one',
  ],
  [
    'a checkout that lasts a second longer',
    `UPDATE checkouts SET pay_before = pay_before + interval '1 second' WHERE id = ':open'`,
    ['I30'],
    ':open',
  ],
]

describe('a shop in the middle of its work', () => {
  it('breaks no rule', async () => {
    const { told, checked } = await planting.plant('SELECT 1', {
      provider,
      redis: shop.redis,
      secrets: ['a-secret-of-ours'],
    })
    expect(told).toBe('[]')
    const unchecked = checked.flatMap(({ outcome }) => (outcome.state === 'unchecked' ? [outcome.why] : []))
    expect([...new Set(unchecked)].sort()).toEqual([
      'not given: apis',
      'not given: journals',
      'not given: logs',
      'not given: media',
    ])
  })

  it.each(plants)('is told of %s', async (_what, sql, ids, named) => {
    const planted = await planting.plant(filled(sql), { provider })
    expect(planted.ids).toEqual(ids)
    expect(planted.told).toContain(filled(named))
  })
})

describe('the journal of the provider', () => {
  const planted = async (change: (intents: WitnessedIntent[]) => WitnessedIntent[]) =>
    await planting.plant('SELECT 1', { provider: { intents: async () => change(await provider.intents()) } })
  const atMs = Date.now() - 3_600_000
  const one: WitnessedIntent = {
    intentRef: 'pi_unknown',
    checkoutId: nobody,
    orderId: nobody,
    status: 'succeeded',
    amountMinor: 100,
    currency: 'USD',
    captures: [{ amountMinor: 100, atMs }],
    refunds: [],
    atMs,
  }
  const ofPaid = (intents: readonly WitnessedIntent[], change: (paid: WitnessedIntent) => Partial<WitnessedIntent>) =>
    intents.map((intent) => (intent.checkoutId === known.paid ? { ...intent, ...change(intent) } : intent))

  it('tells of money that was taken for no order', async () => {
    expect(await planted((intents) => [...intents, one])).toMatchObject({
      ids: ['I7'],
      told: expect.stringContaining('pi_unknown'),
    })
  })
  it('does not tell of money that was taken a moment ago', async () => {
    const fresh = { ...one, captures: [{ amountMinor: 100, atMs: Date.now() }] }
    expect((await planted((intents) => [...intents, fresh])).ids).toEqual([])
  })
  it('tells of money that is held for what has failed', async () => {
    const held = { ...one, checkoutId: known.declined ?? '', status: 'requires_capture', captures: [] }
    expect(await planted((intents) => [...intents, held])).toMatchObject({
      ids: ['I7'],
      told: expect.stringContaining('pi_unknown'),
    })
  })
  it('tells of money that was taken twice', async () => {
    const twice = await planted((intents) =>
      ofPaid(intents, ({ captures }) => ({ captures: [...captures, ...captures] })),
    )
    expect(twice).toMatchObject({ ids: ['I8'], told: expect.stringContaining(known.paid ?? '-') })
  })
  it('tells of another amount than the total', async () => {
    const more = await planted((intents) =>
      ofPaid(intents, ({ captures }) => ({
        captures: captures.map((taken) => ({ ...taken, amountMinor: taken.amountMinor + 1 })),
      })),
    )
    expect(more).toMatchObject({ ids: ['I8'], told: expect.stringContaining(known.paid ?? '-') })
  })
  it('tells of a paid order that nobody has paid', async () => {
    const less = await planted((intents) => intents.filter((intent) => intent.checkoutId !== known.paid))
    expect(less).toMatchObject({ ids: ['I9'], told: expect.stringContaining(known.paid ?? '-') })
  })
  it('tells of money that was given back and is not recorded', async () => {
    const refunds = [{ refundRef: 're_1', amountMinor: 5, atMs }]
    const given = await planted((intents) => ofPaid(intents, () => ({ refunds })))
    expect(given).toMatchObject({ ids: ['I14'], told: expect.stringContaining(known.paid ?? '-') })
  })
  it('is the same by its file as over the API', async () => {
    const byFile = openProviderJournal({ directory: shop.sandbox.directory })
    expect(await byFile.intents()).toEqual(await provider.intents())
    expect((await byFile.intents()).flatMap((intent) => intent.refunds)).toHaveLength(1)
  })
})
