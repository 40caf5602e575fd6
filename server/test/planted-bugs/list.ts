import { type PlantedBug, plantedBugs } from './bugs.ts'

/** The list as a page: what is planted where, and which test notices. */
export function plantedBugsPage(bugs: readonly PlantedBug[] = plantedBugs): string {
  const rows = bugs.map(({ what, file, caughtBy }, at) => {
    const test = caughtBy.test.replaceAll('|', '\\|')
    return [String(at + 1), what, `\`${file}\``, `${test} (\`${caughtBy.file}\`)`]
  })
  return `# Planted bugs

Each of these is a fault that somebody could make. \`npm run test:planted-bugs\` makes them one by one in a copy of the
work tree and runs the test that has to notice; a bug that no test notices fails the run. \`npm test\` checks that each
can still be planted and that this page is the list of \`server/test/planted-bugs/bugs.ts\`, from which it is written by
\`npm run test:planted-bugs -- --page\`.

${tableOf(['#', 'The bug', 'Planted in', 'Noticed by'], rows).join('\n')}
`
}

/** With columns as wide as the formatter makes them. */
function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((title, at) => Math.max(3, title.length, ...rows.map((row) => row[at]?.length ?? 0)))
  const line = (row: readonly string[]) => `| ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)]
}
