import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cleanText, holdsMutedWord, mentionsOf } from './chat.ts'

describe('a line', () => {
  it('is one line of visible text', () => {
    expect(cleanText('  a\n\n b\u0000\t c ')).toBe('a b c')
    expect(cleanText('\u202Eevil\u202C \u200Bhidden\uFEFF')).toBe('evil hidden')
    expect(cleanText('e\u0301')).toBe('é')
    expect(cleanText('\u200B \u2066')).toBe('')
    expect(cleanText(`z${'\u0301'.repeat(40)}`)).toHaveLength(5)
    expect(cleanText('👩‍👩‍👧 ok')).toBe('👩‍👩‍👧 ok')
  })

  it('stays as it is when it is cleaned again, whatever was sent (seed 7)', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const once = cleanText(text)
        expect(cleanText(once)).toBe(once)
      }),
      { seed: 7 },
    )
  })
})

describe('mentions', () => {
  it('are names after an @, each once, five at most', () => {
    expect(mentionsOf('@Ann and @Bo-Bo, not a@mail.test nor @@x; @Ann again')).toEqual(['Ann', 'Bo-Bo'])
    expect(mentionsOf('@Zoë. @李')).toEqual(['Zoë', '李'])
    expect(mentionsOf('@a @b @c @d @e @f')).toEqual(['a', 'b', 'c', 'd', 'e'])
  })
})

describe('muted words', () => {
  it('[LV9] are found as whole words whatever their case, width and accents; inside the text where scripts have no spaces', () => {
    const words = ['Spam', 'bad word', '优惠']
    const held = ['SPAM!', 'ｓｐａｍ', 'such a bad  word.', '最新优惠来了', 'spåm']
    const free = ['spammer', 'antispam', 'bad wording', '优 惠', '']
    expect(held.filter((text) => !holdsMutedWord(text, words))).toEqual([])
    expect(free.filter((text) => holdsMutedWord(text, words))).toEqual([])
    expect(holdsMutedWord('anything', ['', '  '])).toBe(false)
  })
})
