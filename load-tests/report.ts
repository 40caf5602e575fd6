import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Bar, type Chart, drawPoster, reaches } from './chart.ts'
import { commit, machine } from './machine.ts'

const folder = fileURLToPath(new URL('../.livelot/reports', import.meta.url))

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
  /** Drawn into the picture; what a bar has to reach is checked by `barChecks`. */
  charts?: readonly Chart[]
  tables: readonly { title: string; head: readonly string[]; rows: readonly (readonly (string | number)[])[] }[]
  checks: readonly Check[]
  result: Result
}

export const holds = (check: Check): boolean => check.expected === check.found

/** One check for each bar that has something to reach. */
export const barChecks = (charts: readonly Chart[]): Check[] =>
  charts.flatMap(({ title, unit, bars }) =>
    bars
      .filter((bar) => bar.reach)
      .map((bar) => ({
        what: `${title}, ${bar.label} (${wanted(bar)} ${unit})`.replace(' )', ')'),
        expected: 'yes',
        found: reaches(bar) ? 'yes' : `no: ${bar.value}`,
      })),
  )

function wanted({ reach }: Bar): string {
  if (!reach) return ''
  return 'atLeast' in reach ? `at least ${reach.atLeast}` : `at most ${reach.atMost}`
}

/** Where a bench draws nothing itself: the times among its figures. */
function chartsOf(figures: Result['figures']): Chart[] {
  const bars = Object.entries(figures).flatMap(([name, value]) => {
    const { p50, p99 } = (value ?? {}) as { p50?: unknown; p99?: unknown }
    if (typeof p50 !== 'number' || typeof p99 !== 'number') return []
    return [
      { label: `${name}, p50`, value: p50 },
      { label: `${name}, p99`, value: p99 },
    ]
  })
  return bars.length === 0 ? [] : [{ title: 'Times', unit: 'ms', bars }]
}

/**
 * Markdown for people, a picture of the figures beside it in `.livelot/reports`, and as the last line one JSON document
 * for programs.
 */
export function print(report: Report): void {
  const { result, charts = chartsOf(result.figures) } = report
  const made = machine()
  const name = `${result.bench}-${commit()}`
  const lines = [`# ${report.title}`, '', report.scene, '', `On ${made}.`, '']
  for (const { title, head, rows } of report.tables) lines.push(`## ${title}`, '', ...table(head, rows), '')
  const verdicts = report.checks.map((check) => [
    check.what,
    check.expected,
    check.found,
    holds(check) ? 'holds' : '**BROKEN**',
  ])
  lines.push('## What must hold', '', ...table(['what', 'expected', 'found', ''], verdicts), '')
  lines.push(result.pass ? 'Passed.' : '**Failed.**', '')
  mkdirSync(folder, { recursive: true })
  const picture = charts.length === 0 ? [] : [`![${report.title}](${name}.svg)`, '']
  writeFileSync(path.join(folder, `${name}.md`), [...lines.slice(0, 2), ...picture, ...lines.slice(2)].join('\n'))
  if (charts.length > 0)
    writeFileSync(
      path.join(folder, `${name}.svg`),
      drawPoster({ title: report.title, pass: result.pass, made, charts }),
    )
  process.stdout.write(`${lines.join('\n')}\n${JSON.stringify(result)}\n`)
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)]
}
