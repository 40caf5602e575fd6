import { type Moment, moments } from './moments.ts'

/** What came of one row at one moment. */
export interface Result {
  readonly number: number
  readonly name: string
  readonly moment: Moment
  readonly seed: number
  readonly verdict: 'held' | 'broken' | 'skipped'
  readonly recoverySeconds: number | null
  /** The whole of it, with the start of a platform where there was none, healing and checking. */
  readonly tookSeconds: number
  /** Words of the row; what is broken; why it was skipped. */
  readonly detail: string
}

/** By failpoint: which actions were carried out there, and how often. */
export type Coverage = ReadonlyMap<string, ReadonlyMap<string, number>>

const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
const secondsOf = (value: number | null) => (value === null ? '' : value.toFixed(1))

/** The table of a run in Markdown. */
export function reportMatrix(results: readonly Result[], coverage: Coverage, facts: Readonly<Record<string, string>>) {
  const count = (verdict: Result['verdict']) => results.filter((one) => one.verdict === verdict).length
  const lines = [
    '# Fault matrix',
    '',
    ...Object.entries(facts).map(([name, value]) => `- ${name}: ${value}`),
    `- held ${count('held')}, broken ${count('broken')}, skipped ${count('skipped')}`,
    '',
    '| # | Fault | Moment | Verdict | Seed | Seconds to recover | What was seen |',
    '|---|---|---|---|---|---|---|',
    ...results.map(({ number, name, moment, verdict, seed, recoverySeconds, detail }) => {
      const cells = [number, name, `${moment} ${moments[moment]}`, verdict, seed, secondsOf(recoverySeconds), detail]
      return `| ${cells.map((one) => cell(String(one))).join(' | ')} |`
    }),
    '',
    '## Failpoints',
    '',
    '| Failpoint | Actions carried out |',
    '|---|---|',
    ...[...coverage].map(([name, actions]) => {
      const told = [...actions].map(([action, times]) => `${action} ${times}`).join(', ')
      return `| ${name} | ${told || 'none'} |`
    }),
  ]
  return `${lines.join('\n')}\n`
}
