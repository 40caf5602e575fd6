import { describe, expect, it } from 'vitest'
import { formatRemaining } from './clock.tsx'
import { formatDay, formatUnits, formatViewers, formatWhen } from './figures.ts'
import { formatMoney } from './money.ts'

const at = (day: number, hour: number, minute = 0) => new Date(2026, 10, day, hour, minute).getTime()

describe('money', () => {
  it('moves the point by the currency’s own digits', () => {
    expect(formatMoney({ amountMinor: 4860, currency: 'USD' })).toBe('$48.60')
    expect(formatMoney({ amountMinor: 4860, currency: 'JPY' })).toBe('¥4,860')
    expect(formatMoney({ amountMinor: 5, currency: 'EUR' })).toBe('€0.05')
  })
})

describe('time that remains', () => {
  it.each([
    [0, '0:00'],
    [1, '0:01'],
    [9_001, '0:10'],
    [65_000, '1:05'],
    [3_600_000, '1:00:00'],
    [36_065_000, '10:01:05'],
  ])('tells %i ms as %s', (ms, words) => {
    expect(formatRemaining(ms)).toBe(words)
  })
})

describe('when a show is', () => {
  const now = at(22, 23, 30)
  it.each([
    [at(22, 23, 45), 'Today', 'Today, 11:45 PM'],
    [at(23, 0, 15), 'Tomorrow', 'Tomorrow, 12:15 AM'],
    [at(26, 19, 30), 'Thursday', 'Thu 7:30 PM'],
    [at(29, 19, 30), 'Nov 29', 'Nov 29, 7:30 PM'],
  ])('goes by the calendar and not by hours', (moment, day, when) => {
    expect(formatDay(moment, now)).toBe(day)
    expect(formatWhen(moment, now).replaceAll(' ', ' ')).toBe(when)
  })
})

describe('counts', () => {
  it('are short where they are large', () => {
    expect(formatViewers(987)).toBe('987')
    expect(formatViewers(1284)).toBe('1.3K')
    expect(formatUnits(1)).toBe('1 unit')
    expect(formatUnits(1200)).toBe('1,200 units')
  })
})
