import { verifyAuction } from '@livelot/client'
import type { AuctionLedger } from '@livelot/client/contracts'
import { describe, expect, it } from 'vitest'
import {
  bidIdOf,
  chained,
  english,
  jwsOf,
  keySet,
  type LedgerPlan,
  ledgerOf,
  otherKeySet,
  richLedger,
  startMs,
} from './ledgers.ts'

type Loose = Record<string, unknown>
const copyOf = (ledger: AuctionLedger) =>
  structuredClone(ledger) as unknown as { head: Loose & { terms: Loose }; entries: Loose[] }
const problemsOf = async (ledger: unknown, keys: typeof keySet | undefined = keySet) =>
  (await verifyAuction(ledger, { keys })).problems

const sudden = { kind: 'sudden-death' }
const dutch = { type: 'dutch', floorMinor: 400, stepMinor: 100, stepSeconds: 2 }

const plans: Record<string, { plan: LedgerPlan; says: Loose }> = {
  'nobody bids': {
    plan: {
      terms: english(),
      rows: [
        ['started', 0, null, null, 1_000, null, 30_000],
        ['closed', 30_000, null, null, 1_000, null, 30_000, 'unsold'],
      ],
    },
    says: { outcome: 'unsold', winner: null, priceMinor: null },
  },
  'the reserve is not met, and nothing moves the end': {
    plan: {
      terms: english({ closing: sudden, reserveMinor: 2_000 }),
      rows: [
        ['started', 0, null, null, 1_000, null, 30_000],
        ['bid', 29_999, 4, 1_500, 1_500, 4, 30_000],
        ['closed', 30_012, null, null, 1_500, 4, 30_000, 'unsold'],
      ],
    },
    says: { outcome: 'unsold', winner: null, priceMinor: null },
  },
  'a maximum that meets the reserve lifts the price to it, also the leader’s own': {
    plan: {
      terms: english({ reserveMinor: 2_000 }),
      rows: [
        ['started', 0, null, null, 1_000, null, 30_000],
        ['max', 1_000, 4, 1_500, 1_000, 4, 30_000],
        ['max', 25_000, 4, 2_500, 2_000, 4, 35_000],
        ['closed', 35_000, null, null, 2_000, 4, 35_000, 'sold'],
      ],
    },
    says: { outcome: 'sold', winner: 4, priceMinor: 2_000 },
  },
  'an extension never makes an auction shorter': {
    plan: {
      terms: english({ closing: { kind: 'soft', extensionSeconds: 5, overtimeSecondsMax: null } }),
      rows: [
        ['started', 0, null, null, 1_000, null, 30_000],
        ['bid', 20_000, 1, 1_000, 1_000, 1, 30_000],
        ['bid', 26_000, 2, 1_100, 1_100, 2, 31_000],
        ['closed', 31_004, null, null, 1_100, 2, 31_000, 'sold'],
      ],
    },
    says: { outcome: 'sold', winner: 2, priceMinor: 1_100 },
  },
  'bought at once until the reserve is met': {
    plan: {
      terms: english({ reserveMinor: 3_000, buyNowMinor: 6_000 }),
      rows: [
        ['started', 0, null, null, 1_000, null, 30_000],
        ['bid', 2_000, 1, 1_200, 1_200, 1, 30_000],
        ['buy', 25_000, 2, 6_500, 6_000, 2, 30_000],
        ['closed', 25_000, null, null, 6_000, 2, 30_000, 'bought'],
      ],
    },
    says: { outcome: 'bought', winner: 2, priceMinor: 6_000 },
  },
  'a Dutch auction is taken at the price of the moment': {
    plan: {
      terms: dutch,
      rows: [
        ['started', 0, null, null, 1_000, null, 14_000],
        ['buy', 5_999, 7, 900, 800, 7, 14_000],
        ['closed', 5_999, null, null, 800, 7, 14_000, 'bought'],
      ],
    },
    says: { outcome: 'bought', winner: 7, priceMinor: 800 },
  },
  'a Dutch auction ends a step after its floor, or ten seconds after an outage': {
    plan: {
      terms: dutch,
      rows: [
        ['started', 0, null, null, 1_000, null, 14_000],
        ['resumed', 9_000, null, null, 1_000, null, 19_000],
        ['closed', 19_000, null, null, 1_000, null, 19_000, 'unsold'],
      ],
    },
    says: { outcome: 'unsold', winner: null, priceMinor: null },
  },
  'the host’s own increments': {
    plan: {
      terms: english({ increments: [{ fromMinor: 0, stepMinor: 500 }] }),
      currency: 'JPY',
      increments: [{ fromMinor: 0, stepMinor: 500 }],
      rows: [
        ['started', 0, null, null, 1_000, null, 30_000],
        ['max', 1_000, 1, 9_000, 1_000, 1, 30_000],
        ['max', 2_000, 2, 1_500, 2_000, 1, 30_000],
        ['closed', 30_000, null, null, 2_000, 1, 30_000, 'sold'],
      ],
    },
    says: { outcome: 'sold', winner: 1, priceMinor: 2_000 },
  },
}

describe('a ledger that is right', () => {
  it('is valid, with the winner and the price worked out from its bids', async () => {
    expect(await verifyAuction(richLedger, { keys: keySet })).toEqual({
      ok: true,
      problems: [],
      outcome: 'sold',
      winner: 3,
      priceMinor: 5_300,
      root: richLedger.head.root,
      isSigned: true,
      signature: 'valid',
      signatureNote: null,
    })
  })

  it.each(Object.entries(plans))('is valid: %s', async (_, { plan, says }) => {
    expect(await verifyAuction(ledgerOf(plan), { keys: keySet })).toMatchObject({ ok: true, problems: [], ...says })
  })

  it('says where the signature was not checked', async () => {
    expect(await verifyAuction(richLedger)).toMatchObject({
      ok: true,
      isSigned: false,
      signature: 'not checked',
      signatureNote: 'Signature not checked: no keys were given.',
    })
  })

  it('is the same after a journey through JSON with other key orders', async () => {
    const { entries, head } = richLedger
    const turned = { entries, head: Object.fromEntries(Object.entries(head).toReversed()) }
    expect(await problemsOf(JSON.parse(JSON.stringify(turned)))).toEqual([])
  })
})

/** Another value of the same form. */
function other(value: unknown, field: string): unknown {
  if (value === null) return field === 'outcome' ? 'sold' : field === 'bidId' ? bidIdOf(77) : 7
  if (typeof value === 'number') return value + 1
  if (typeof value === 'boolean') return !value
  if (typeof value !== 'string') throw new TypeError(field)
  if (field === 'what') return value === 'bid' ? 'max' : 'bid'
  if (field === 'outcome') return value === 'sold' ? 'unsold' : 'sold'
  if (field === 'currency') return 'EUR'
  if (field === 'kind') return 'sudden-death'
  if (field === 'type') return 'dutch'
  const last = value.at(-1) === '0' ? '1' : '0'
  return field === 'rootSignature' ? `A${value.slice(1)}` : value.slice(0, -1) + last
}

/** Every place in the ledger that holds a plain value. */
function* placesOf(value: unknown, path: (string | number)[] = []): Generator<(string | number)[]> {
  if (typeof value !== 'object' || value === null) yield path
  else {
    for (const key of Object.keys(value)) {
      yield* placesOf((value as Loose)[key], [...path, Array.isArray(value) ? Number(key) : key])
    }
  }
}

function changed(ledger: AuctionLedger, path: (string | number)[], change: (parent: Loose, key: string) => void) {
  const copy = copyOf(ledger)
  let parent = copy as unknown as Loose
  for (const step of path.slice(0, -1)) parent = parent[step] as Loose
  change(parent, String(path.at(-1)))
  return copy
}

const places = [...placesOf(richLedger)]

describe('tampering', () => {
  it('has a place for every field of head and entries', () => {
    const entryFields = Object.keys(richLedger.entries[0] ?? {})
    expect(places.filter(([part]) => part === 'entries')).toHaveLength(richLedger.entries.length * entryFields.length)
    expect(new Set(places.filter(([part]) => part === 'head').map(([, field]) => field))).toEqual(
      new Set(Object.keys(richLedger.head)),
    )
  })

  it.each(places.map((path) => [path.join('.'), path] as const))('is found at %s', async (_, path) => {
    const field = String(path.at(-1))
    const changes = [
      changed(richLedger, path, (parent, key) => {
        parent[key] = other(parent[key], field)
      }),
      changed(richLedger, path, (parent, key) => {
        delete parent[key]
      }),
      changed(richLedger, path, (parent, key) => {
        parent[key] = { was: parent[key] }
      }),
    ]
    for (const ledger of changes) expect((await problemsOf(ledger)).length).toBeGreaterThan(0)
    // Without the keys, only what the signature alone protects can be changed unseen.
    const [first] = changes
    if (field !== 'rootSignature') expect((await verifyAuction(first)).ok).toBe(false)
  })

  it('is found where a field is added', async () => {
    for (const path of [['extra'], ['head', 'extra'], ['head', 'terms', 'extra'], ['entries', 3, 'extra']]) {
      const ledger = changed(richLedger, path, (parent, key) => {
        parent[key] = 1
      })
      expect((await problemsOf(ledger)).length).toBeGreaterThan(0)
    }
  })

  it('is found where entries are dropped, doubled, swapped or made up', async () => {
    const { head, entries } = richLedger
    const [bid] = entries.slice(3)
    for (let index = 0; index < entries.length; index += 1) {
      const without = entries.toSpliced(index, 1)
      const doubled = entries.toSpliced(index, 0, entries[index] as (typeof entries)[number])
      const swapped = entries.toSpliced(index, 2, ...entries.slice(index, index + 2).toReversed())
      const madeUp = entries.toSpliced(index, 0, { ...bid, bidId: bidIdOf(88) } as (typeof entries)[number])
      const lists = [without, doubled, madeUp, ...(index + 1 < entries.length ? [swapped] : [])]
      for (const list of lists) {
        expect((await problemsOf({ head, entries: list })).length).toBeGreaterThan(0)
        // Numbered anew it is still not what was chained.
        const renumbered = list.map((entry, at) => ({ ...entry, seq: at + 1 }))
        expect((await problemsOf({ head, entries: renumbered })).length).toBeGreaterThan(0)
      }
    }
  })

  it('names the entry and the field', async () => {
    const ledger = changed(richLedger, ['entries', 5, 'priceMinor'], (parent) => {
      parent.priceMinor = 2_900
    })
    const chain = 'The chain breaks here: this entry, or the one before, is not what was chained.'
    expect(await problemsOf(ledger)).toEqual([
      { seq: 6, field: 'priceMinor', problem: 'By the rules the price is 3000.' },
      { seq: 6, field: 'link', problem: chain },
      { seq: 6, field: 'hash', problem: chain },
    ])
  })
})

describe('a dishonest platform that chains and signs anew', () => {
  const ruled = ['seq', 'priceMinor', 'leader', 'endsAtMs', 'outcome'] as const
  const forged = places.filter(
    ([part, , field]) => part === 'entries' && ruled.includes(field as (typeof ruled)[number]),
  )

  it.each(forged.map((path) => [path.join('.'), path] as const))('is found out at %s', async (_, path) => {
    const ledger = changed(richLedger, path, (parent, key) => {
      parent[key] = other(parent[key], key)
    })
    const problems = await problemsOf(chained(ledger as unknown as AuctionLedger))
    const seq = richLedger.entries[Number(path[1])]?.seq ?? 0
    expect(problems.some((one) => one.field === path.at(-1) || one.seq === seq)).toBe(true)
  })

  const rewritten = (change: (ledger: ReturnType<typeof copyOf>) => void) => {
    const copy = copyOf(richLedger)
    change(copy)
    return problemsOf(chained(copy as unknown as AuctionLedger))
  }
  const at = (index: number, over: Loose) => (ledger: ReturnType<typeof copyOf>) =>
    Object.assign(ledger.entries[index] as Loose, over)

  it.each<[string, (ledger: ReturnType<typeof copyOf>) => void, number | null, string]>([
    ['a time that goes back', at(4, { atMs: startMs + 4_999 }), 5, 'atMs'],
    ['a bid after the end', at(10, { atMs: startMs + 54_000 }), 11, 'atMs'],
    ['a close before the end', at(11, { atMs: startMs + 53_999 }), 12, 'atMs'],
    ['a bid below the least', at(3, { amountMinor: 2_099 }), 4, 'amountMinor'],
    ['a leader who lowers the own maximum', at(6, { amountMinor: 3_500 }), 7, 'amountMinor'],
    ['a leader who raises the own maximum by less than an increment', at(6, { amountMinor: 3_699 }), 7, 'amountMinor'],
    ['a bid counted twice', at(4, { bidId: bidIdOf(4) }), 5, 'bidId'],
    ['a bid of nobody', at(4, { paddle: null }), 5, 'paddle'],
    ['a pre-bid among the bids', at(4, { what: 'pre-bid' }), 5, 'what'],
    ['a purchase after the reserve was met', at(6, { what: 'buy', amountMinor: 9_000 }), 7, 'what'],
    ['a second start', at(9, { what: 'started' }), 10, 'what'],
    ['an outcome before the close', at(9, { outcome: 'sold' }), 10, 'outcome'],
    ['no close', ({ entries }) => entries.pop(), null, 'entries'],
    ['no start', ({ entries }) => entries.shift(), 2, 'what'],
    ['nothing at all', ({ entries }) => entries.splice(0), null, 'entries'],
    [
      'a bid after the close',
      ({ entries }) => entries.push({ ...entries[3], seq: 13, bidId: bidIdOf(99) }),
      13,
      'what',
    ],
    ['pre-bids that were not allowed', ({ head }) => Object.assign(head.terms, { preBidsAllowed: false }), 2, 'what'],
    ['another reserve', ({ head }) => Object.assign(head.terms, { reserveMinor: 6_000 }), 12, 'outcome'],
    ['another length', ({ head }) => Object.assign(head.terms, { durationSeconds: 60 }), 1, 'endsAtMs'],
    [
      'other increments',
      ({ head }) => Object.assign(head, { increments: [{ fromMinor: 0, stepMinor: 50 }] }),
      5,
      'priceMinor',
    ],
  ])('is found out by the rules: %s', async (_, change, seq, field) => {
    expect((await rewritten(change)).map((one) => [one.seq, one.field])).toContainEqual([seq, field])
  })
})

describe('signatures of the root', () => {
  const { head, entries } = richLedger
  const signedAs = (over: Loose, header: Loose = {}, typ = 'livelot-root+jws') => {
    const payload = JSON.parse(Buffer.from(head.rootSignature.split('.')[1] ?? '', 'base64url').toString()) as Loose
    return { head: { ...head, rootSignature: jwsOf({ ...payload, ...over }, typ, header) }, entries }
  }

  it('are refused of another key, kind or algorithm', async () => {
    expect(await verifyAuction(richLedger, { keys: otherKeySet })).toMatchObject({ ok: false, signature: 'wrong' })
    expect(await verifyAuction(richLedger, { keys: { keys: [] } })).toMatchObject({ ok: false, signature: 'wrong' })
    for (const ledger of [
      signedAs({}, { alg: 'none' }),
      signedAs({}, { kid: 'k2' }),
      signedAs({}, {}, 'livelot-receipt+jws'),
    ]) {
      expect(await verifyAuction(ledger, { keys: keySet })).toMatchObject({ ok: false, signature: 'wrong' })
    }
  })

  it.each([
    ['root', 'f'.repeat(64)],
    ['entries', 11],
    ['outcome', 'bought'],
    ['paddle', 1],
    ['priceMinor', 1],
    ['closedAtMs', 1],
    ['auctionId', bidIdOf(1)],
  ])('must say what the ledger says: %s', async (field, value) => {
    const [problem, ...more] = await problemsOf(signedAs({ [field]: value }))
    expect([problem?.field, problem?.problem.includes(`another ${field}`), more]).toEqual(['rootSignature', true, []])
  })
})

describe('anything else', () => {
  const nested = JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`) as unknown
  const hostile = new Proxy(
    {},
    {
      get: () => {
        throw new Error('read')
      },
    },
  )
  it.each([
    null,
    undefined,
    1,
    '',
    'x',
    [],
    {},
    { head: {} },
    { head: null, entries: {} },
    nested,
    hostile,
    richLedger.head,
  ])('gives problems and never throws (%#)', async (given) => {
    const verdict = await verifyAuction(given, { keys: keySet })
    expect(verdict.ok).toBe(false)
    expect(verdict.problems.length).toBeGreaterThan(0)
  })

  it.each([null, 1, 'x', {}, { keys: 1 }, { keys: [null, 1, { kid: 'k1' }] }])(
    'as keys leaves the signature unproved (%#)',
    async (keys) => {
      const verdict = await verifyAuction(richLedger, { keys: keys as never })
      expect(verdict.isSigned).toBe(false)
    },
  )

  it('tells the first two hundred of many problems', async () => {
    const entries = Array.from({ length: 500 }, () => ({}))
    const { problems } = await verifyAuction({ head: richLedger.head, entries })
    expect(problems).toHaveLength(201)
    expect(problems.at(-1)?.problem).toMatch(/^And \d+ more problems\.$/)
  })
})
