import { execFileSync } from 'node:child_process'
import { cpus, totalmem } from 'node:os'

export interface Percentiles {
  count: number
  p50: number
  p95: number
  p99: number
  max: number
}

/** Nearest rank: each figure is one that was measured. */
export function percentiles(valuesMs: readonly number[]): Percentiles {
  const sorted = valuesMs.toSorted((one, two) => one - two)
  const at = (share: number) => round(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0)
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: round(sorted.at(-1) ?? 0) }
}

export const round = (value: number): number => Math.round(value * 10) / 10

export interface Check {
  what: string
  expected: number | string
  found: number | string
}

export interface Result {
  bench: string
  pass: boolean
  figures: Record<string, unknown>
}

export interface Report {
  title: string
  /** One sentence: what was done. */
  scene: string
  tables: readonly { title: string; head: readonly string[]; rows: readonly (readonly (string | number)[])[] }[]
  checks: readonly Check[]
  result: Result
}

export const holds = (check: Check): boolean => check.expected === check.found

/** Markdown for people, and as the last line one JSON document for programs. */
export function print(report: Report): void {
  const lines = [`# ${report.title}`, '', report.scene, '', `On ${machine()}.`, '']
  for (const { title, head, rows } of report.tables) lines.push(`## ${title}`, '', ...table(head, rows), '')
  const verdicts = report.checks.map((check) => [
    check.what,
    check.expected,
    check.found,
    holds(check) ? 'holds' : '**BROKEN**',
  ])
  lines.push('## What must hold', '', ...table(['what', 'expected', 'found', ''], verdicts), '')
  lines.push(report.result.pass ? 'Passed.' : '**Failed.**', '', JSON.stringify(report.result))
  process.stdout.write(`${lines.join('\n')}\n`)
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)]
}

function machine(): string {
  const [first] = cpus()
  const memoryGb = Math.round(totalmem() / 2 ** 30)
  return `${cpus().length} × ${first?.model.trim() ?? 'unknown'}, ${memoryGb} GB, Node ${process.version}, commit ${commit()}`
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  } catch {
    return 'unknown'
  }
}
