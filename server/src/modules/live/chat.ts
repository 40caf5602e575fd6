// Control characters, and the invisible ones that reorder or hide text.
const hiddenCharacters =
  /[\p{Cc}\u00AD\u061C\u180E\u200B\u200E\u200F\u2028-\u202E\u2060-\u2064\u2066-\u206F\uFEFF\uFFF9-\uFFFB]/gu
// More marks on one letter than any script needs: text that climbs over its neighbours.
const stackedMarks = /(\p{M}{4})\p{M}+/gu
const marks = /\p{M}/gu
const mention = /(?<![\p{L}\p{N}_@])@([\p{L}\p{N}_][\p{L}\p{M}\p{N}_.-]{0,39})/gu
// Scripts that write without spaces between words: a muted word is looked for inside the text there.
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/u

const mentionsMax = 5

/** A line as it is shown: one line, composed letters, nothing hidden. Empty when nothing is left. */
export function cleanText(text: string): string {
  return text.normalize('NFC').replace(/\s+/gu, ' ').replace(hiddenCharacters, '').replace(stackedMarks, '$1').trim()
}

/** Names after an @, each once, without the sign. */
export function mentionsOf(text: string): string[] {
  const names = [...text.matchAll(mention)].map((match) => (match[1] ?? '').replace(/[.-]+$/, ''))
  return [...new Set(names)].slice(0, mentionsMax)
}

/** One form for what looks the same: width, case and accents are folded away. */
function fold(text: string): string {
  return text.normalize('NFKD').replace(marks, '').toLowerCase().replace(/\s+/gu, ' ').trim()
}

/** Whether the text holds one of the words: whole words, or anywhere for scripts without spaces. */
export function holdsMutedWord(text: string, words: readonly string[]): boolean {
  const folded = fold(text)
  return words.some((word) => holdsWord(folded, fold(word)))
}

function holdsWord(text: string, word: string): boolean {
  if (word === '') return false
  if (unspaced.test(word)) return text.includes(word)
  const isLetter = (character: string | undefined) => character !== undefined && /[\p{L}\p{N}]/u.test(character)
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) {
    if (!isLetter(text.slice(0, at).at(-1)) && !isLetter(text[at + word.length])) return true
  }
  return false
}
