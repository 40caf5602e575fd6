import { receiptAgainstLedger, verifyReceipt } from '@livelot/client'
import type { AuctionLedger, ReceiptPayload } from '@livelot/client/contracts'
import { describe, expect, it } from 'vitest'
import { auctionId, bidIdOf, chained, jwsOf, keySet, otherKeySet, receiptOf, richLedger, startMs } from './ledgers.ts'

const linkOf = (seq: number) => richLedger.entries[seq - 1]?.link ?? ''
const payloadOf = (over: Record<string, unknown>) =>
  ({
    iss: 'livelot',
    auctionId,
    paddle: null,
    kind: 'max',
    reason: null,
    nextMinimumMinor: null,
    ...over,
  }) as ReceiptPayload

/** Entry 5: a maximum of 29.00 that led at 22.00 with 22 s to go. */
const accepted = payloadOf({
  bidId: bidIdOf(5),
  paddle: 2,
  amountMinor: 2_900,
  code: 'leading',
  ledgerSeq: 5,
  link: linkOf(5),
  decidedAtMs: startMs + 8_000,
  timeLeftMs: 22_000,
  nextMinimumMinor: 2_300,
})
const outbid = payloadOf({
  bidId: bidIdOf(8),
  paddle: 3,
  amountMinor: 3_300,
  code: 'outbid',
  ledgerSeq: 8,
  link: linkOf(8),
  decidedAtMs: startMs + 29_000,
  timeLeftMs: 2_000,
  nextMinimumMinor: 3_700,
})
const refusedAfter = (seq: number, over: Record<string, unknown>) =>
  payloadOf({ bidId: bidIdOf(70), paddle: 5, ledgerSeq: seq, link: linkOf(seq), ...over })
const tooLow = refusedAfter(5, {
  amountMinor: 2_299,
  code: 'bid.too_low',
  decidedAtMs: startMs + 9_000,
  timeLeftMs: 21_000,
  nextMinimumMinor: 2_300,
})
const tooLate = refusedAfter(12, {
  amountMinor: 9_000,
  code: 'auction.closed',
  decidedAtMs: startMs + 54_021,
  timeLeftMs: 0,
})

describe('a receipt alone', () => {
  it('is valid as the platform signed it', async () => {
    expect(await verifyReceipt(receiptOf(accepted), keySet)).toEqual({
      ok: true,
      problems: [],
      payload: accepted,
      isSigned: true,
      signature: 'valid',
      signatureNote: null,
    })
  })

  it('says where its signature was not checked', async () => {
    expect(await verifyReceipt(receiptOf(accepted))).toMatchObject({
      ok: true,
      isSigned: false,
      signature: 'not checked',
    })
  })

  it('is wrong with another key, kind, algorithm or signature', async () => {
    const [header, payload, signature = ''] = receiptOf(accepted).split('.')
    const other = receiptOf(outbid).split('.')[1]
    const wrong = [
      jwsOf(accepted, 'livelot-root+jws'),
      receiptOf(accepted, { alg: 'none' }),
      receiptOf(accepted, { kid: 'k2' }),
      [header, other, signature].join('.'),
      [header, payload, `A${signature.slice(1)}`].join('.'),
      [header, payload, signature.slice(4)].join('.'),
      [header, payload, ''].join('.'),
    ]
    for (const receipt of wrong) {
      expect(await verifyReceipt(receipt, keySet)).toMatchObject({ ok: false, isSigned: false, signature: 'wrong' })
    }
    expect(await verifyReceipt(receiptOf(accepted), otherKeySet)).toMatchObject({ ok: false, signature: 'wrong' })
  })

  it.each([
    null,
    7,
    '',
    'a.b',
    'a.b.c',
    'a.b.c.d',
    '..',
    {},
    [],
    `${receiptOf(accepted)}=`,
    receiptOf({ iss: 'me' } as never),
  ])('is none, and nothing is thrown (%#)', async (given) => {
    expect(await verifyReceipt(given, keySet)).toMatchObject({ ok: false, payload: null })
    expect(receiptAgainstLedger(given, richLedger).ok).toBe(false)
  })
})

describe('a receipt against the ledger', () => {
  it.each([
    ['a leading bid', accepted],
    ['a bid that was outbid at once', outbid],
    ['a bid that was too low', tooLow],
    ['a bid that came too late', tooLate],
    [
      'a leader who asked for less than the own maximum',
      refusedAfter(6, {
        paddle: 1,
        amountMinor: 3_400,
        code: 'bid.own_is_higher',
        decidedAtMs: startMs + 21_500,
        timeLeftMs: 9_500,
      }),
    ],
    [
      'a leader who raised the own maximum by too little',
      refusedAfter(6, {
        paddle: 1,
        amountMinor: 3_699,
        code: 'bid.raise_too_small',
        nextMinimumMinor: 3_700,
        decidedAtMs: startMs + 21_500,
        timeLeftMs: 9_500,
      }),
    ],
    [
      'a bid far above the price',
      refusedAfter(5, {
        amountMinor: 23_001,
        code: 'bid.far_above_price',
        decidedAtMs: startMs + 9_000,
        timeLeftMs: 21_000,
      }),
    ],
    [
      'a purchase when the reserve was met',
      refusedAfter(6, {
        kind: 'buy',
        amountMinor: 9_000,
        code: 'auction.no_buy_now',
        decidedAtMs: startMs + 21_001,
        timeLeftMs: 9_999,
      }),
    ],
    [
      'somebody without a paddle',
      refusedAfter(5, {
        paddle: null,
        amountMinor: 2_300,
        code: 'bid.not_eligible',
        reason: 'not_entered',
        decidedAtMs: startMs + 9_000,
        timeLeftMs: 21_000,
      }),
    ],
  ])('agrees: %s', (_, payload) => {
    expect(receiptAgainstLedger(receiptOf(payload), richLedger)).toEqual({ ok: true, problems: [] })
  })

  it.each([
    ['auctionId', bidIdOf(1)],
    ['bidId', bidIdOf(6)],
    ['paddle', 3],
    ['amountMinor', 2_800],
    ['kind', 'bid'],
    ['code', 'outbid'],
    ['ledgerSeq', 99],
    ['link', linkOf(6)],
    ['decidedAtMs', startMs + 8_001],
    ['timeLeftMs', 21_999],
    ['nextMinimumMinor', 2_400],
  ])('disagrees where an accepted bid has another %s', (field, value) => {
    const { problems } = receiptAgainstLedger(receiptOf({ ...accepted, [field]: value }), richLedger)
    expect(problems.map((one) => one.field)).toContain(field)
  })

  it.each<[string, Partial<ReceiptPayload>, string]>([
    ['it was high enough', { amountMinor: 2_300 }, 'code'],
    ['the auction was not over', { code: 'auction.closed' }, 'code'],
    ['it had started', { code: 'auction.not_started' }, 'code'],
    ['somebody else led', { code: 'bid.own_is_higher' }, 'code'],
    ['nobody raised the own maximum', { code: 'bid.raise_too_small' }, 'code'],
    ['it was not far above', { code: 'bid.far_above_price' }, 'code'],
    ['the lot could be bought', { code: 'auction.no_buy_now', kind: 'buy' }, 'code'],
    ['there was more time left', { timeLeftMs: 1 }, 'timeLeftMs'],
    ['it was decided before its entry', { decidedAtMs: startMs + 7_999, timeLeftMs: 22_001 }, 'decidedAtMs'],
    ['the next entry came before', { decidedAtMs: startMs + 21_001, timeLeftMs: 8_999 }, 'decidedAtMs'],
    ['the bid stands in the ledger', { bidId: bidIdOf(4) }, 'bidId'],
  ])('disagrees where a bid was refused and %s', (_, over, field) => {
    const { problems } = receiptAgainstLedger(receiptOf({ ...tooLow, ...over } as ReceiptPayload), richLedger)
    expect(problems.map((one) => one.field)).toEqual([field])
  })

  it('finds a bid that a platform took out, with everything chained and signed anew', () => {
    // Without entry 5 all later prices are worked out anew: the ledger alone is without fault.
    const { head, entries } = structuredClone(richLedger)
    const [started, first, second, third] = entries as [AuctionLedger['entries'][number], ...AuctionLedger['entries']]
    const closing = {
      ...entries.at(-1),
      seq: 5,
      priceMinor: 2_100,
      leader: 3,
      endsAtMs: startMs + 30_000,
      outcome: 'unsold',
    }
    const kept = [started, first, second, third, { ...closing, atMs: startMs + 30_000 }]
    const cleaned = chained({ head, entries: kept as AuctionLedger['entries'] })
    const { problems } = receiptAgainstLedger(receiptOf(accepted), cleaned)
    expect(problems.map(({ field }) => field)).toContain('bidId')
  })

  it.each([null, 1, '', [], {}, { head: 1, entries: [] }])('never throws (%#)', (ledger) => {
    expect(receiptAgainstLedger(receiptOf(accepted), ledger)).toEqual({
      ok: false,
      problems: [{ field: '', problem: 'The ledger cannot be read.' }],
    })
  })
})
