import { readFileSync, writeFileSync } from 'node:fs'

/** Who asks. The object is the buyer's where it belongs to a buyer, the creator's where it belongs to a show. */
export const callers = [
  'guest',
  'revoked',
  'banned',
  'other buyer',
  'other seller',
  'other creator',
  'moderator',
  'seller',
  'operator',
  'buyer',
  'creator',
] as const
export type CallerName = (typeof callers)[number]
export type Row = Readonly<Record<CallerName, string>>
export type Matrix = ReadonlyMap<string, Row>

/**
 * What a cell may say: past every gate (whatever a rule of business then says), asked to sign in, forbidden, told that
 * there is no such thing, or refused by one of these, which tell apart who somebody is.
 */
const cell =
  /^(yes|sign in|no|hidden|chat\.banned|show\.not_joined|media\.(no_peer|token_invalid|not_allowed)|bid\.not_eligible|giveaway\.not_eligible)$/

const page = new URL('./authorisation-matrix.md', import.meta.url)

export function readMatrix(): Matrix {
  const lines = readFileSync(page, 'utf8').split('\n')
  const rows = lines.filter((line) => /^\| (http|socket) /.test(line)).map((line) => line.split('|').slice(1, -1))
  return new Map(
    rows.map((cells) => {
      const [name = '', ...outcomes] = cells.map((one) => one.trim())
      for (const [at, outcome] of outcomes.entries())
        if (!cell.test(outcome)) throw new Error(`${name}, ${callers[at]}: no cell says "${outcome}"`)
      return [name, Object.fromEntries(callers.map((caller, at) => [caller, outcomes[at] ?? ''])) as Row]
    }),
  )
}

export function writeMatrix(matrix: Matrix): void {
  const table = [
    ['way and operation', ...callers],
    ...[...matrix].map(([name, row]) => [name, ...callers.map((caller) => row[caller])]),
  ]
  const widths = table[0]?.map((_, at) => Math.max(...table.map((row) => row[at]?.length ?? 0))) ?? []
  const line = (row: readonly string[]) => `| ${row.map((one, at) => one.padEnd(widths[at] ?? 0)).join(' | ')} |`
  const [head = [], ...rows] = table
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`
  writeFileSync(page, `${preface}\n${[line(head), rule, ...rows.map(line)].join('\n')}\n`)
}

const preface = `# Who may do what

Every operation of the contracts by each of its ways in, asked by everybody. Orders, cards, holds, checkouts, offers and
video sessions are the **buyer**'s, shows and what belongs to them the **creator**'s, the goods the **seller**'s brand's; an
*other* one of the kind asks for what is not the own. The **moderator** has that right in this show, **banned** is out of
it, **revoked** has a token whose session was ended.

- yes: past every gate; a rule of business may still refuse it
- sign in: \`auth.required\`; no: \`auth.forbidden\`; hidden: there is no such thing for this caller
- anything else: the code that refuses it

A test asks for every cell. An operation without a row, a row without an operation, and any other answer fail it.
\`WRITE_MATRIX=1\` writes down what was answered, for the eyes of whoever commits it.
`

/** What the gates made of an answer. */
export function outcomeOf(status: number, code: string): string {
  if (status < 300) return 'yes'
  if (code === 'auth.required' || code === 'auth.token_expired') return 'sign in'
  if (code === 'auth.forbidden') return 'no'
  if (code.endsWith('.not_found') && !code.startsWith('request.')) return 'hidden'
  if (status >= 500 || code.startsWith('request.')) return `unfit: ${status} ${code}`
  return cell.test(code) ? code : 'yes'
}
