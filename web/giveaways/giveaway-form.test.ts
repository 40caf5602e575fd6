import type { Giveaway, Variant } from '@livelot/client/contracts'
import { describe, expect, it } from 'vitest'
import { giveawayDraftOf, newGiveawayForm } from './giveaway-form.ts'
import { entryWords, prizeWords, spokenWords, winnerWords } from './giveaway-words.ts'

const variant = { variantId: 'v1', name: 'Blue', availableUnits: 3 } as unknown as Variant
const form = { ...newGiveawayForm, title: ' A jug for one of you ' }

describe('the form of a giveaway', () => {
  it('makes what is opened: goods from the shelf, or words', () => {
    expect(giveawayDraftOf({ ...form, winners: '3' }, variant)).toEqual({
      ok: true,
      draft: {
        title: 'A jug for one of you',
        prize: { kind: 'variant', variantId: 'v1' },
        winnerCount: 3,
        entrySeconds: 300,
      },
    })
    const words = giveawayDraftOf({ ...form, kind: 'text', text: ' A signed card ', winners: '10' }, undefined)
    expect(words).toMatchObject({
      ok: true,
      draft: { prize: { kind: 'text', text: 'A signed card' }, winnerCount: 10 },
    })
  })

  it('says what is missing, and never promises more than the stock has', () => {
    expect(giveawayDraftOf({ ...form, title: 'A' }, undefined)).toEqual({
      ok: false,
      problems: {
        title: 'A title of 3 to 80 letters.',
        winners: 'None in stock.',
        variantId: 'Put a product on the shelf first.',
      },
    })
    expect(giveawayDraftOf({ ...form, winners: '4' }, variant)).toEqual({ ok: false, problems: { winners: '1 to 3.' } })
    for (const winners of ['', '0', '-1', '1.5', 'two', '11'])
      expect(giveawayDraftOf({ ...form, kind: 'text', text: 'Card', winners }, undefined)).toEqual({
        ok: false,
        problems: { winners: '1 to 10.' },
      })
  })
})

describe('the words of a giveaway', () => {
  const winners = ['Ada', 'Ben', 'Cyd', 'Dan'].map((displayName, i) => ({ entryNo: i + 1, displayName }))

  it('count and name', () => {
    expect([entryWords(0), entryWords(1), entryWords(1_204)]).toEqual(['0 entries', '1 entry', '1,204 entries'])
    expect([0, 1, 2, 4].map((count) => winnerWords(winners.slice(0, count)))).toEqual([
      'Nobody',
      'Ada',
      'Ada and Ben',
      'Ada, Ben and 2 more',
    ])
    const goods = { kind: 'variant', productName: 'Jug', variantName: 'Blue' } as Giveaway['prize']
    expect([prizeWords(goods), prizeWords({ kind: 'text', text: 'A card' })]).toEqual(['Jug, Blue', 'A card'])
  })

  it('tell each step once to those who listen', () => {
    const giveaway = { title: 'A jug', entryCount: 4, winners } as unknown as Giveaway
    const spoken = (state: Giveaway['state'], hasWon = false) => spokenWords({ ...giveaway, state }, hasWon)
    expect([spoken('open'), spoken('closed'), spoken('drawn'), spoken('drawn', true), spoken('void')]).toEqual([
      'Giveaway: A jug. Free to enter.',
      'The giveaway is closed with 4 entries. The draw comes next.',
      'Ada, Ben and 2 more won the giveaway.',
      'You have won: A jug. Claim it within 48 hours.',
      'The giveaway is void. Nothing was drawn: what the server kept was not what the room had been told.',
    ])
  })
})
