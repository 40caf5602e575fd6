import type { Lot, ProductSummary, Variant } from '@livelot/client/contracts'
import { describe, expect, it } from 'vitest'
import { formOfLot, keptIncrements, type LotForm, lotDraftOf, lotPriceOf, newLotForm, nextLotForm } from './lot-form.ts'
import { termsWords } from './lot-words.ts'

const form = (part: Partial<LotForm>): LotForm => ({ ...newLotForm, title: 'Copper kettle', price: '10', ...part })
const english = {
  type: 'english',
  durationSeconds: 30,
  closing: { kind: 'soft', extensionSeconds: 10, overtimeSecondsMax: null },
  reserveMinor: null,
  isReserveShown: true,
  buyNowMinor: null,
  preBidsAllowed: false,
  increments: null,
} as const

describe('a new lot', () => {
  it('needs a title and a price, and nothing else', () => {
    expect(lotDraftOf(form({}), [])).toEqual({
      ok: true,
      draft: {
        goods: { kind: 'ad-hoc', title: 'Copper kettle', currency: 'USD', weightGrams: 500 },
        startPriceMinor: 1_000,
        terms: english,
        copies: 1,
      },
    })
    expect(lotDraftOf(newLotForm, [])).toEqual({
      ok: false,
      problems: { title: '2 to 80 letters, or a product.', price: 'An amount, like 48.00.' },
    })
  })

  it('of a product is its first variant, or the chosen one, and waits until they are known', () => {
    const product = { productId: 'p', fromPrice: { amountMinor: 1, currency: 'EUR' } } as ProductSummary
    const variants = [{ variantId: 'one' }, { variantId: 'two' }] as Variant[]
    const goodsOf = (variantId: string) => {
      const checked = lotDraftOf(form({ product, variantId }), variants)
      return checked.ok ? checked.draft.goods : null
    }
    expect(goodsOf('')).toEqual({ kind: 'variant', variantId: 'one' })
    expect(goodsOf('two')).toEqual({ kind: 'variant', variantId: 'two' })
    expect(lotDraftOf(form({ product }), [])).toEqual({
      ok: false,
      problems: { variant: 'The variants of this product are not known yet.' },
    })
  })

  it('keeps its terms for the next, without what belongs to these goods', () => {
    const next = nextLotForm(
      form({ durationSeconds: 15, ending: 'sudden-death', reserve: '40', buyNow: '90', copies: '3' }),
    )
    expect(next).toEqual({ ...newLotForm, durationSeconds: 15, ending: 'sudden-death' })
  })
})

describe('what does not go together', () => {
  it.each<[string, Partial<LotForm>, object]>([
    ['a reserve below the start', { reserve: '9.99' }, { reserve: 'Not below the start price.' }],
    ['buying at the start price', { buyNow: '10' }, { buyNow: 'Above the start price.' }],
    ['buying below the reserve', { reserve: '40', buyNow: '39' }, { buyNow: 'Not below the reserve.' }],
    [
      'nine seconds',
      { durationSeconds: 0, customDuration: '9', customUnit: 's' },
      { duration: '10 seconds to 24 hours.' },
    ],
    [
      '25 hours',
      { durationSeconds: 0, customDuration: '25', customUnit: 'h' },
      { duration: '10 seconds to 24 hours.' },
    ],
    [
      'overtime past a day',
      { durationSeconds: 0, customDuration: '24', customUnit: 'h', overtimeSecondsMax: 60 },
      { overtime: 'With its overtime, a lot lasts 24 hours at most.' },
    ],
    ['words as a price', { price: 'ten' }, { price: 'An amount, like 48.00.' }],
    ['a floor at the start', { type: 'dutch', floor: '10', drop: '1' }, { floor: 'Below the start price.' }],
    [
      'a fall past the floor',
      { type: 'dutch', floor: '6', drop: '4.01' },
      { drop: 'No more than start price less lowest price.' },
    ],
    [
      'a fall every two minutes',
      { type: 'dutch', floor: '6', drop: '1', dropSeconds: '120' },
      { dropSeconds: '1 to 60.' },
    ],
  ])('%s', (_, part, problems) => {
    expect(lotPriceOf(form(part))).toEqual({ ok: false, problems })
  })

  it('does not hold the boxes of the other type against a lot', () => {
    expect(lotPriceOf(form({ type: 'dutch', floor: '6', drop: '1', reserve: 'x' })).ok).toBe(true)
    expect(lotPriceOf(form({ floor: 'x', drop: 'x' })).ok).toBe(true)
  })
})

describe('a lot that exists', () => {
  const lot = (terms: Lot['terms'], amountMinor = 1_000) =>
    ({ title: 'Kettle', variantId: 'v', startPrice: { amountMinor, currency: 'USD' }, terms }) as Lot
  const all: Lot['terms'][] = [
    english,
    { ...english, durationSeconds: 5_400, closing: { kind: 'sudden-death' } },
    {
      ...english,
      durationSeconds: 86_400 - 90,
      closing: { kind: 'soft', extensionSeconds: 7, overtimeSecondsMax: 90 },
      reserveMinor: 4_050,
      isReserveShown: false,
      buyNowMinor: 9_000,
      preBidsAllowed: true,
      increments: [{ fromMinor: 0, stepMinor: 250 }],
    },
    { type: 'dutch', floorMinor: 500, stepMinor: 50, stepSeconds: 5 },
  ]

  it('stands in the boxes as it is, and comes out of them unchanged', () => {
    for (const terms of all)
      expect(lotPriceOf(formOfLot(lot(terms)))).toEqual({ ok: true, draft: { startPriceMinor: 1_000, terms } })
  })

  it('keeps a step table that has no box, unless one step was typed', () => {
    const increments = [
      { fromMinor: 0, stepMinor: 100 },
      { fromMinor: 5_000, stepMinor: 500 },
    ]
    const known = lot({ ...english, increments })
    const typed = [{ fromMinor: 0, stepMinor: 300 }]
    expect(keptIncrements(known, english)).toEqual({ ...english, increments })
    expect(keptIncrements(known, { ...english, increments: typed })).toEqual({ ...english, increments: typed })
  })

  it('says its terms in one line', () => {
    expect(all.map((terms) => termsWords(terms, 'USD'))).toEqual([
      '30 s · +10 s on late bids',
      '90 min · sudden death',
      '86310 s · +7 s on late bids · 90 s overtime at most · reserve $40.50 (hidden) · buy now $90 · steps of $2.50 · takes pre-bids',
      'Dutch, $0.50 less every 5 s, down to $5',
    ])
  })
})
