import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { Addresses, addressOf } from './addresses.ts'
import { limits } from './limits.ts'
import { PacketGate } from './packet-gate.ts'
import { Rate } from './rate.ts'

describe('a rate', () => {
  it('lets a burst through, then as many as come back with time', () => {
    const rate = new Rate({ burst: 3, perSecond: 2 }, 0)
    expect([0, 0, 0, 0].map((at) => rate.take(at))).toEqual([0, 0, 0, 500])
    expect([rate.take(500), rate.take(500)]).toEqual([0, 500])
    expect([60_000, 60_000, 60_000, 60_000].map((at) => rate.take(at))).toEqual([0, 0, 0, 500])
  })
})

describe('the gate of packets', () => {
  const flood = (gate: PacketGate, count: number, atMs: number) =>
    Array.from({ length: count }, () => gate.pass(atMs)).at(-1)

  it('refuses what is over the limit and closes at the third strike', () => {
    const gate = new PacketGate()
    const now = performance.now()
    expect(flood(gate, limits.packets.burst, now)).toBe('ok')
    expect([gate.pass(now), gate.pass(now), gate.pass(now)]).toEqual(['over', 'over', 'out'])
    expect(gate.takeOver()).toBeGreaterThan(0)
  })

  it('forgives a strike with time', () => {
    const gate = new PacketGate()
    // Whole milliseconds: sums of fractions may fall a hair short of the time that forgives.
    let now = Math.ceil(performance.now())
    for (let i = 0; i < 5; i++) {
      expect(flood(gate, limits.packets.burst + 2, now)).toBe('over')
      now += 2 * limits.strikeForgivenMs
    }
  })
})

describe('addresses', () => {
  const request = (forwarded?: string) =>
    ({ socket: { remoteAddress: '10.0.0.1' }, headers: { 'x-forwarded-for': forwarded } }) as unknown as IncomingMessage

  it('are believed only as far as our own proxies reach', () => {
    expect(addressOf(request('6.6.6.6, 1.2.3.4'), 0)).toBe('10.0.0.1')
    expect(addressOf(request('6.6.6.6, 1.2.3.4'), 1)).toBe('1.2.3.4')
    expect(addressOf(request('6.6.6.6, 1.2.3.4, 10.0.0.2'), 2)).toBe('1.2.3.4')
    expect(addressOf(request(), 1)).toBe('10.0.0.1')
  })

  it('may open so many, and again when some have closed', () => {
    const addresses = new Addresses({ openMax: 2, burst: 10, perSecond: 0.001 })
    expect(addresses.mayOpen('a')).toBe(true)
    addresses.opened('a')
    addresses.opened('a')
    expect([addresses.mayOpen('a'), addresses.mayOpen('b')]).toEqual([false, true])
    addresses.closed('a')
    expect(addresses.mayOpen('a')).toBe(true)
  })
})
