import { createHash, createHmac, randomBytes } from 'node:crypto'
import { verifyGiveaway } from '@livelot/client'
import {
  type GiveawayExport,
  giveawayDraw,
  giveawayDrawLength,
  giveawayEntryText,
  giveawayListText,
  giveawayNumber,
} from '@livelot/client/contracts'
import { describe, expect, it } from 'vitest'
import { hmacSha256, sha256, toHex } from '../src/proof/sha256.ts'

const nodeSha = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex')

/** The rules once more, in other words and on other cryptography than the SDK's. */
function drawOf(seed: Uint8Array, listHash: string, entries: number, winners: number): number[] {
  const left = Array.from({ length: entries }, (_, index) => index + 1)
  let counter = 0
  const below = (limit: number): number => {
    for (;;) {
      const message = Buffer.concat([Buffer.from(listHash, 'hex'), Buffer.alloc(4)])
      message.writeUInt32BE(counter++, 32)
      const word = createHmac('sha256', seed).update(message).digest().readUInt32BE()
      if (word < Math.floor(2 ** 32 / limit) * limit) return word % limit
    }
  }
  for (let i = 0; i < Math.min(entries, winners * 4); i += 1) {
    const j = i + below(entries - i)
    ;[left[i], left[j]] = [left[j] as number, left[i] as number]
  }
  return left.slice(0, Math.min(entries, winners * 4))
}

/** The contract's draw, on words of Node's own HMAC. */
function contractDraw(seed: Uint8Array, listHash: string, entries: number, winners: number): number[] {
  const draw = giveawayDraw(entries, winners)
  let step = draw.next()
  for (let index = 0; !step.done; index += 1) {
    const message = Buffer.concat([Buffer.from(listHash, 'hex'), Buffer.alloc(4)])
    message.writeUInt32BE(index, 32)
    step = draw.next(createHmac('sha256', seed).update(message).digest().readUInt32BE())
  }
  return step.value
}

const id = (digit: number) => `00000000-0000-7000-8000-${String(digit).padStart(12, '0')}`

function sample(entryCount = 40, winnerCount = 2, seed: Uint8Array = new Uint8Array(32).fill(7)) {
  const entries = Array.from({ length: entryCount }, (_, index) => ({
    entryNo: index + 1,
    accountId: id(1_000 + index),
    displayName: `Viewer ${index + 1}`,
    salt: nodeSha(`salt ${index}`).slice(0, 32),
  }))
  const terms = {
    giveawayId: id(1),
    showId: id(2),
    title: 'A jug for one of you',
    prize: {
      kind: 'variant' as const,
      productId: id(3),
      variantId: id(4),
      productName: 'Jug',
      variantName: 'Blue',
      pictureUrl: '/jug.jpg',
    },
    winnerCount,
    openedAtMs: 1_700_000_000_000,
    entriesCloseAtMs: 1_700_000_300_000,
    seedCommitment: nodeSha(seed),
  }
  const entryHashes = entries.map((entry) => nodeSha(giveawayEntryText(terms.giveawayId, entry.accountId, entry)))
  const entryListHash = nodeSha(giveawayListText(terms as never, entryHashes))
  const drawOrder = drawOf(seed, entryListHash, entryCount, winnerCount)
  const winners = drawOrder.slice(0, winnerCount).map((entryNo) => entries[entryNo - 1])
  const exported = { version: 1, ...terms, entryHashes, entryListHash, seed: toHex(seed), drawOrder, winners }
  return { exported: exported as unknown as GiveawayExport, entries }
}

const failed = (exported: unknown, seen = {}) =>
  verifyGiveaway(exported, seen)
    .checks.filter((check) => !check.ok)
    .map((check) => check.name)

/** Everything in the export that is not an object itself, by its path. */
function leaves(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [path]
  return Object.entries(value).flatMap(([key, inner]) =>
    leaves(inner, [...path, Array.isArray(value) ? Number(key) : key]),
  )
}

function changed(exported: GiveawayExport, path: readonly (string | number)[]): unknown {
  const copy = structuredClone(exported) as unknown as Record<string | number, unknown>
  let holder = copy
  for (const step of path.slice(0, -1)) holder = holder[step] as typeof holder
  const last = path.at(-1) as string | number
  const before = holder[last]
  if (typeof before === 'number') holder[last] = before + 1
  else
    holder[last] = /^[0-9a-f-]{20,}$/.test(String(before))
      ? String(before).replace(/^./, (c) => (c === '0' ? '1' : '0'))
      : `${before}!`
  return copy
}

describe('hashing without the browser’s help', () => {
  it('agrees with Node’s own for every length around a block', () => {
    for (let length = 0; length <= 200; length += 1) {
      const data = randomBytes(length)
      expect(toHex(sha256(data))).toBe(nodeSha(data))
      const key = randomBytes(32)
      expect(toHex(hmacSha256(key, data))).toBe(createHmac('sha256', key).update(data).digest('hex'))
    }
  })
})

describe('the draw', () => {
  it('throws the uneven end of the words away, so that no number is likelier than another', () => {
    const limit = 3_000_000_000
    const number = giveawayNumber(limit)
    number.next()
    expect(number.next(limit)).toEqual({ done: false, value: undefined })
    expect(number.next(2 ** 32 - 1)).toEqual({ done: false, value: undefined })
    expect(number.next(limit - 1)).toEqual({ done: true, value: limit - 1 })
    const even = giveawayNumber(16)
    even.next()
    expect(even.next(2 ** 32 - 1)).toEqual({ done: true, value: 15 })
  })

  it('draws each entry once at most, and everybody where there are few', () => {
    const order = (entries: number, winners: number) => {
      const draw = giveawayDraw(entries, winners)
      let step = draw.next()
      for (let word = 12_345; !step.done; word = (word * 1_103_515_245 + 12_345) >>> 0) step = draw.next(word)
      return step.value
    }
    expect(order(0, 1)).toEqual([])
    expect(order(3, 1).toSorted()).toEqual([1, 2, 3])
    expect(new Set(order(1_000, 10)).size).toBe(40)
    expect([giveawayDrawLength(0, 3), giveawayDrawLength(5, 1), giveawayDrawLength(500, 10)]).toEqual([0, 4, 40])
  })

  it('follows the written rules: another writing of them draws the same', () => {
    for (let run = 0; run < 50; run += 1) {
      const seed = createHash('sha256').update(`rules ${run}`).digest()
      const numbers = [run * 7, (run % 10) + 1] as const
      expect(contractDraw(seed, nodeSha('list'), ...numbers)).toEqual(drawOf(seed, nodeSha('list'), ...numbers))
    }
  })

  it('favours no entry: 6,000 fixed seeds over 12 entries, first places and last', () => {
    const counts = [new Array<number>(12).fill(0), new Array<number>(12).fill(0)]
    for (let run = 0; run < 6_000; run += 1) {
      const order = contractDraw(createHash('sha256').update(`seed ${run}`).digest(), nodeSha('the list'), 12, 1)
      for (const [which, place] of [0, 3].entries()) {
        const row = counts[which] as number[]
        row[(order[place] as number) - 1] = (row[(order[place] as number) - 1] as number) + 1
      }
    }
    // 11 degrees of freedom: a fair draw is above 31.3 once in a thousand times; these seeds are always the same ones.
    for (const row of counts) {
      const chiSquare = row.reduce((sum, seenTimes) => sum + (seenTimes - 500) ** 2 / 500, 0)
      expect(chiSquare).toBeLessThan(31.3)
    }
  })
})

describe('verifyGiveaway', () => {
  it('agrees with an honest draw, also of nobody, of everybody and of many', () => {
    for (const [entries, winners] of [
      [40, 2],
      [0, 1],
      [1, 3],
      [4, 1],
      [5_000, 10],
    ] as const) {
      const { exported } = sample(entries, Math.min(winners, 10))
      const short = { ...exported, winners: exported.winners.filter(Boolean) }
      expect(failed(short)).toEqual([])
    }
  })

  it('catches a change of any single field', () => {
    const { exported } = sample(12, 2)
    const paths = leaves(exported).filter(([field]) => field !== 'version')
    expect(paths.length).toBeGreaterThan(40)
    for (const path of paths)
      expect({ path, caught: failed(changed(exported, path)).length > 0 }).toEqual({ path, caught: true })
  })

  it('says which promise was broken', () => {
    const { exported } = sample()
    const other = sample(40, 2, new Uint8Array(32).fill(8)).exported
    expect(failed({ ...exported, seed: other.seed })).toEqual(['commitment', 'draw', 'winners'])
    expect(failed({ ...exported, title: 'Another title' })).toEqual(['entry-list'])
    expect(failed({ ...exported, entryHashes: exported.entryHashes.toReversed() })).toEqual(['entry-list', 'winners'])
    expect(failed({ ...exported, entryHashes: exported.entryHashes.slice(1) })).toContain('entry-list')
    expect(failed({ ...exported, drawOrder: exported.drawOrder.toReversed() })).toEqual(['draw'])
    expect(failed({ ...exported, winners: exported.winners.toReversed() })).toEqual(['winners'])
    expect(failed({ ...exported, winners: exported.winners.slice(1) })).toEqual(['winners'])
    expect(failed({ ...exported, more: 1 })).toEqual(['form'])
    expect(failed(null)).toEqual(['form'])
  })

  it('ties an export that was made up whole to what people saw', () => {
    const honest = sample().exported
    const madeUp = sample(40, 2, new Uint8Array(32).fill(9)).exported
    expect(failed(madeUp)).toEqual([])
    expect(failed(madeUp, honest)).toEqual(['seen-commitment', 'seen-list'])
    expect(verifyGiveaway(honest, honest).checks.map((check) => check.name)).toEqual([
      'form',
      'commitment',
      'entry-list',
      'draw',
      'winners',
      'seen-commitment',
      'seen-list',
    ])
  })

  it('finds one’s own entry in the list, and misses it where it was left out or changed', () => {
    const { exported, entries } = sample()
    const [own] = entries
    expect(failed(exported, { ownEntry: own })).toEqual([])
    expect(failed(exported, { ownEntry: { ...own, entryNo: 2 } })).toEqual(['own-entry'])
    expect(failed(exported, { ownEntry: { ...own, entryNo: 41 } })).toEqual(['own-entry'])
  })
})
