import { brokenOf, type Checked } from './checker.ts'

const ruleLettersMax = 90

/** A table for people: what held, what did not and with which ids. */
export function tableOf(checked: readonly Checked[]): string {
  const rows = checked.map(({ id, rule, ms, outcome }) => [
    id,
    rule.length > ruleLettersMax ? `${rule.slice(0, ruleLettersMax - 1)}…` : rule,
    outcome.state === 'held' ? 'held' : outcome.state === 'broken' ? `${outcome.count} BROKEN` : 'not checked',
    `${ms} ms`,
  ])
  const lines = aligned([['id', 'rule', 'result', 'time'], ...rows])
  const details = checked.flatMap(({ id, rule, outcome }) => {
    if (outcome.state === 'unchecked') return [`${id} not checked: ${outcome.why} (${rule})`]
    if (outcome.state === 'held') return []
    return [`${id} ${rule}`, ...outcome.sample.map((one) => `    ${JSON.stringify(one)}`)]
  })
  return [...lines, '', ...details, verdictOf(checked)].join('\n')
}

/** One JSON document for programs. */
export const jsonOf = (checked: readonly Checked[]): string =>
  JSON.stringify({ isHeld: exitCodeOf(checked) === 0, verdict: verdictOf(checked), invariants: checked })

/** 0: everything that could be looked at held, and everything asked for could be. 1: broken. 2: something failed. */
export function exitCodeOf(checked: readonly Checked[]): 0 | 1 | 2 {
  if (brokenOf(checked).length > 0) return 1
  return checked.some(({ outcome }) => outcome.state === 'unchecked' && !outcome.why.startsWith('not given')) ? 2 : 0
}

function verdictOf(checked: readonly Checked[]): string {
  const broken = brokenOf(checked).length
  const unchecked = checked.filter(({ outcome }) => outcome.state === 'unchecked').length
  const rest = unchecked > 0 ? `, ${unchecked} not checked` : ''
  return `${checked.length - broken - unchecked} rules held, ${broken} broken${rest}.`
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
