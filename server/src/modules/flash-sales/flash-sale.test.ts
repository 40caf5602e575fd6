import type { AccountId, HoldId } from '@livelot/client/contracts'
import { expect, it } from 'vitest'
import { holdMayBecome, type LoggedHold, priorPriceOf, stateAt, timesOf, toHold } from './flash-sale.ts'
import { foldLog } from './hold-log.pg.ts'

const now = 1_800_000_000_000

it('[FS9] opens after the countdown or at the wanted time, which must be near and not too near', () => {
  const request = { countdownSeconds: 30, runSeconds: 60 }
  expect(timesOf(request, now)).toEqual({ opensAtMs: now + 30_000, closesAtMs: now + 90_000 })
  const at = (opensAtMs: number) => timesOf({ ...request, opensAtMs }, now)
  expect(at(now + 10_000)).toEqual({ opensAtMs: now + 10_000, closesAtMs: now + 70_000 })
  expect(at(now + 9_999)).toBeNull()
  const sevenDays = 7 * 86_400_000
  expect(at(now + sevenDays)).toEqual({ opensAtMs: now + sevenDays, closesAtMs: now + sevenDays + 60_000 })
  expect(at(now + sevenDays + 1)).toBeNull()
})

it('is open from its first to before its last millisecond', () => {
  const sale = { opensAtMs: now, closesAtMs: now + 60_000 }
  expect([now - 1, now, now + 59_999, now + 60_000].map((ms) => stateAt(sale, ms))).toEqual([
    'scheduled',
    'open',
    'open',
    'closed',
  ])
  expect(stateAt({ opensAtMs: now, closesAtMs: now - 1 }, now)).toBe('closed')
})

it('[FS9] strikes a price through only where the sale is below it', () => {
  expect([priorPriceOf(null, 100), priorPriceOf(100, 100), priorPriceOf(99, 100), priorPriceOf(101, 100)]).toEqual([
    null,
    null,
    null,
    101,
  ])
})

it('knows which way a hold may go', () => {
  const states = ['live', 'claimed', 'settled', 'released', 'expired'] as const
  const edges = states.flatMap((from) => states.filter((to) => holdMayBecome(from, to)).map((to) => `${from} → ${to}`))
  expect(edges).toEqual([
    'live → claimed',
    'live → released',
    'live → expired',
    'claimed → settled',
    'claimed → released',
  ])
})

it('[FS10] takes the last entry of each hold', () => {
  const entry = (seq: number, what: LoggedHold['what'], holdId: string, expiresAtMs: number): LoggedHold => ({
    seq,
    what,
    holdId: holdId as HoldId,
    accountId: 'a' as AccountId,
    units: 1,
    expiresAtMs,
    operationId: null,
    remainingThen: 0,
  })
  const folded = foldLog([
    entry(1, 'held', 'h1', 10),
    entry(2, 'held', 'h2', 10),
    entry(3, 'paying', 'h1', 20),
    entry(4, 'expired', 'h2', 10),
  ])
  expect(folded.map(({ holdId, state, expiresAtMs }) => [holdId, state, expiresAtMs])).toEqual([
    ['h1', 'live', 20],
    ['h2', 'expired', 10],
  ])
})

it('tells a hold with its price', () => {
  const sale = { flashSaleId: 'f' as never, priceMinor: 700, currency: 'EUR' as const }
  expect(toHold(sale, { holdId: 'h' as HoldId, units: 2, expiresAtMs: now })).toEqual({
    holdId: 'h',
    flashSaleId: 'f',
    units: 2,
    unitPrice: { amountMinor: 700, currency: 'EUR' },
    expiresAtMs: now,
  })
})
