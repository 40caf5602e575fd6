import { createHash } from 'node:crypto'
import type { AuctionId } from '@livelot/client/contracts'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { testDatabase, testRedis } from '../../test/support/services.ts'
import { english, type Hall, openHall } from '../modules/auctions/hall-for-tests.ts'
import type { Invariant } from './invariant.ts'
import { openPlanting, type Planting } from './planting-for-tests.ts'

let hall: Hall
let planting: Planting
let stores: readonly { drop(): Promise<void> }[]
const known: Record<string, string> = {}

/** A lot that was sold after five bids, one that nobody wanted, and one that runs. */
beforeAll(async () => {
  const [database, redis] = await Promise.all([testDatabase(), testRedis()])
  stores = [database, redis]
  hall = await openHall({ databaseUrl: database.url, redisUrl: redis.url })
  const [ada, bob] = [await hall.bidder(), await hall.bidder()]
  const start = async (terms = english()) => (await hall.start((await hall.lot({ terms })).lotId)).auctionId
  const [sold, unsold] = [await start(english({ durationSeconds: 10 })), await start(english({ durationSeconds: 10 }))]
  for (const [bidder, amountMinor] of [
    [ada, 1_000],
    [bob, 1_500],
    [ada, 2_000],
    [bob, 2_500],
    [ada, 3_000],
  ] as const)
    await hall.bid(sold, bidder, amountMinor)
  await endOf(sold)
  await endOf(unsold)
  const running = await start()
  await hall.bid(running, bob, 1_000)
  await hall.sweep('copy-logs')
  await hall.run(
    `INSERT INTO auction_offers (id, auction_id, show_id, account_id, depth, amount_minor, currency, lot_number, title,
       picture_url, state, pay_before)
     SELECT r.auction_id, r.auction_id, a.show_id, r.winner_account_id, 0, r.price_minor, a.currency, a.lot_number, a.title,
       a.picture_url, 'needs_action', now() + interval '1 day'
     FROM auction_results r JOIN auctions a ON a.id = r.auction_id WHERE r.outcome = 'sold'`,
  )
  await hall.run('DELETE FROM outbox')
  await hall.run('ALTER TABLE auction_results DISABLE TRIGGER USER')
  await hall.run(`UPDATE auction_results SET recorded_at = now() - interval '1 hour'`)
  await hall.run('ALTER TABLE auction_results ENABLE TRIGGER USER')
  Object.assign(known, { sold, unsold, running, ada: ada.accountId, bob: bob.accountId, host: hall.host.accountId })
  planting = await openPlanting(database.url)
}, 60_000)
afterAll(async () => {
  await planting?.close()
  await hall?.close()
  for (const one of stores ?? []) await one.drop()
})

/** The auctions of this test end by themselves, so that their ledgers hold what they were promised. */
async function endOf(auctionId: AuctionId): Promise<void> {
  const look = async () => {
    await hall.sweep('tick')
    await hall.sweep('copy-logs')
    expect(await hall.run('SELECT 1 FROM auction_results WHERE auction_id = $1', [auctionId])).toHaveLength(1)
  }
  await vi.waitFor(look, { timeout: 30_000, interval: 50 })
}

const filled = (text: string): string => text.replace(/:(\w+)\b/g, (whole, name: string) => known[name] ?? whole)
const nobody = createHash('sha1')
  .update('nobody')
  .digest('hex')
  .replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5')
/** Past the triggers of a table, which stand again afterwards. */
const past = (table: string, sql: string) =>
  `ALTER TABLE ${table} DISABLE TRIGGER USER; ${sql}; ALTER TABLE ${table} ENABLE TRIGGER USER;`
const entry = (change: string, where: string) =>
  past('auction_ledger', `UPDATE auction_ledger SET ${change} WHERE auction_id = ':sold' AND ${where}`)

const plants: readonly (readonly [what: string, sql: string, ids: readonly string[], named: string])[] = [
  [
    'an open auction that is closed',
    past('auctions', `UPDATE auctions SET closed_at = now() WHERE id = ':running'`),
    ['I17'],
    ':running',
  ],
  [
    'a closed auction without a result',
    past('auction_results', `DELETE FROM auction_results WHERE auction_id = ':unsold'`),
    ['I17'],
    ':unsold',
  ],
  [
    'a result with another price',
    past('auction_results', `UPDATE auction_results SET price_minor = 9 WHERE auction_id = ':unsold'`),
    ['I17'],
    ':unsold',
  ],
  ['a lot that is not sold', `UPDATE lots SET state = 'unsold' WHERE auction_id = ':sold'`, ['I17'], 'unsold'],
  [
    'another winner than the first highest',
    past(
      'auction_results',
      `UPDATE auction_results SET (winner_account_id, paddle) =
    (SELECT account_id, paddle FROM auction_ledger WHERE auction_id = ':sold' AND account_id = ':bob' LIMIT 1) WHERE auction_id = ':sold'`,
    ),
    ['I18', 'I20'],
    ':sold',
  ],
  ['a bid after the end', entry(`at_ms = ends_at_ms + 1`, 'seq IN (6, 7)'), ['I18', 'I19'], ':sold'],
  ['a hammer that fell late', entry('at_ms = at_ms + 2000', `what = 'closed'`), ['I18', 'I19'], ':sold'],
  [
    'a lot that was sold below its reserve',
    past(
      'auctions',
      `UPDATE auctions SET terms = jsonb_set(terms::jsonb, '{reserveMinor}', '999999')::json WHERE id = ':sold'`,
    ),
    ['I18', 'I19'],
    ':sold',
  ],
  [
    'a ledger with a gap',
    `${past('auction_ledger', `DELETE FROM auction_ledger WHERE auction_id = ':sold' AND seq = 3`)}`,
    ['I19'],
    ':sold',
  ],
  ['a price that falls', entry('price_minor = 1', 'seq = 4'), ['I19'], ':sold'],
  ['a hash that is another', entry(`hash = decode(repeat('00', 32), 'hex')`, 'seq = 2'), ['I19'], ':sold'],
  [
    'a ledger that may be changed',
    'ALTER TABLE auction_ledger DISABLE TRIGGER auction_ledger_append_only',
    ['I19'],
    'auction_ledger_append_only',
  ],
  ['an end that moved to an earlier moment', entry('ends_at_ms = ends_at_ms - 5000', 'seq = 2'), ['I19'], ':sold'],
  ['an offer to who has not won', `UPDATE auction_offers SET account_id = ':bob'`, ['I20'], ':sold'],
  [
    'a winner whom nobody has asked',
    `DELETE FROM auction_offers; ${past('auction_results', `UPDATE auction_results SET recorded_at = now() - interval '1 hour'`)}`,
    ['I4', 'I20'],
    ':sold',
  ],
  [
    'a paid offer without its order',
    `UPDATE auction_offers SET state = 'paid', checkout_id = '${nobody}', ended_at = now()`,
    ['I4', 'I20'],
    ':sold',
  ],
  [
    'an offer that nobody ends',
    `UPDATE auction_offers SET pay_before = now() - interval '1 hour', created_at = now() - interval '1 hour'`,
    ['I11'],
    ':sold',
  ],
  [
    'an auction that never closes',
    past('auctions', `UPDATE auctions SET requested_at = now() - interval '1 day' WHERE id = ':running'`) +
      past(
        'auction_ledger',
        `UPDATE auction_ledger SET at_ms = at_ms - 86400000, ends_at_ms = ends_at_ms - 86400000 WHERE auction_id = ':running'`,
      ),
    ['I11'],
    ':running',
  ],
  ['a bid of the host', `UPDATE creators SET account_id = ':ada'`, ['I21'], ':ada'],
  [
    'a bid of the team',
    `INSERT INTO show_moderators (show_id, account_id, since) SELECT show_id, ':bob', now() - interval '1 day' FROM auctions LIMIT 1`,
    ['I21'],
    ':bob',
  ],
  [
    'a bid of the seller',
    `INSERT INTO brand_members (brand_id, account_id, since) SELECT brand_id, ':bob', '-infinity' FROM auctions LIMIT 1`,
    ['I21'],
    ':bob',
  ],
  [
    'a bid by the card of the host',
    `INSERT INTO payment_cards (id, account_id, provider, customer_ref, payment_method_ref, brand, last4,
      exp_month, exp_year, fingerprint, saved_at) SELECT '${nobody}', ':host', 'test', 'c', 'p', 'visa', '4242', 12, 2030, fingerprint, '2020-01-01'
      FROM payment_cards WHERE account_id = ':bob'; UPDATE payment_cards SET saved_at = '2020-01-01'`,
    ['I21'],
    ':bob',
  ],
  [
    'an auction that lasts longer than its terms',
    `${entry('ends_at_ms = ends_at_ms + 1', 'seq = 1')}`,
    ['I19', 'I30'],
    ':sold',
  ],
]

describe('auctions in the middle of a show', () => {
  it('break no rule', async () => {
    const { told } = await planting.plant('SELECT 1', { redis: hall.redis })
    expect(told).toBe('[]')
  })

  it.each(plants)('are told of %s', async (_what, sql, ids, named) => {
    // Two bids of one millisecond move the end once, so what follows for its length is looked at where that was planted.
    const select = ({ group }: Invariant) => group !== 'clock' || ids.includes('I30')
    const planted = await planting.plant(filled(sql), {}, select)
    expect(planted.ids).toEqual(ids)
    expect(planted.told).toContain(filled(named))
  })

  it('do not count who joined the brand after bidding', async () => {
    const sql = `INSERT INTO brand_members (brand_id, account_id) SELECT brand_id, ':bob' FROM auctions LIMIT 1`
    expect((await planting.plant(filled(sql))).ids).toEqual([])
  })
})
