/** Card numbers and secrets in a text, by their form. `known` are values of the configuration, looked for as they are. */
export interface Leak {
  readonly what:
    | 'card number'
    | 'token'
    | 'private key'
    | 'webhook secret'
    | 'password hash'
    | 'secret of the configuration'
  /** Where in the text; the value itself is never told. */
  readonly at: number
}

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi
// 14 to 19 digits, alone or in groups, that begin as the numbers of a card scheme do. Numbers that are a part of a longer
// word, such as a hash, are none, and 13 digits are a time in milliseconds.
const cardNumber = /(?<![\w.+/-])(?:3[0-9]|4[0-9]|5[0-9]|6[0-9]|2[2-7])(?:[ -]?[0-9]){12,17}(?![\w+/=-]|\.[0-9])/g

const forms: readonly (readonly [Leak['what'], RegExp])[] = [
  ['token', /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{16,}/g],
  ['private key', /-----BEGIN [A-Z ]*PRIVATE KEY-----|\bMC4CAQAwBQYDK2Vw/g],
  ['webhook secret', /\bwhsec_[\w+/=]{16,}/g],
  ['password hash', /\$argon2id?\$/g],
]
/** Shorter values would be found everywhere by chance. */
const secretLettersMin = 12

export function leaksIn(text: string, known: readonly string[] = []): Leak[] {
  const leaks: Leak[] = []
  for (const [what, form] of forms) for (const match of text.matchAll(form)) leaks.push({ what, at: match.index })
  for (const secret of known)
    if (secret.length >= secretLettersMin && text.includes(secret))
      leaks.push({ what: 'secret of the configuration', at: text.indexOf(secret) })
  // A UUID is no card number, whatever its digits are; of the same length, so that places stay.
  const plain = text.replace(uuid, (id) => 'x'.repeat(id.length))
  for (const match of plain.matchAll(cardNumber))
    if (isLuhn(match[0].replace(/[ -]/g, ''))) leaks.push({ what: 'card number', at: match.index })
  return leaks
}

/** Source: ISO/IEC 7812-1, annex B. */
export function isLuhn(digits: string): boolean {
  let sum = 0
  for (const [place, digit] of [...digits].reverse().entries()) {
    const value = Number(digit) * (place % 2 === 1 ? 2 : 1)
    sum += value > 9 ? value - 9 : value
  }
  return sum % 10 === 0
}

/** Narrows what Postgres hands over to texts in which `leaksIn` may find something; in the regular expressions of Postgres. */
export const suspiciousInPostgres = [
  '(^|[^0-9A-Za-z])[2-6]([ -]?[0-9]){13,18}([^0-9A-Za-z]|$)',
  'eyJ[A-Za-z0-9_-]{8,}[.]eyJ',
  'PRIVATE KEY-----',
  'MC4CAQAwBQYDK2Vw',
  'whsec_',
  '[$]argon2',
].join('|')
