import path from 'node:path'

/**
 * Tells the addresses and the demo's sign-ins, once everything is ready.
 * @param {import('./terminal.mjs').Terminal} terminal
 * @param {import('./supervisor.d.mts').Platform} platform
 * @param {string} duration
 */
export function printWelcome(terminal, platform, duration) {
  const { urls, demo, dataDir } = platform
  const address = (/** @type {string} */ where) => new URL(where, urls.http).href.replace(/\/$/, '')
  const links = demo?.links ?? [
    { what: 'Home', path: '/' },
    { what: 'API', path: '/docs' },
  ]
  const rows = links.map(({ what, path: where }) => [what, address(where)])
  terminal.line(`\n  ${terminal.bold(`Ready after ${duration}`)}\n`)
  for (const row of alignedRows(rows)) terminal.line(`  ${row}`)
  const signIns = demo?.signIns ?? []
  if (signIns.length > 0) {
    terminal.line(`\n  ${terminal.bold('Sign in as')}`)
    for (const row of alignedRows(signIns.map(({ who, email, password }) => [who, email, password]))) {
      terminal.line(`  ${row}`)
    }
  }
  const folder = path.relative(process.cwd(), dataDir) || dataDir
  terminal.line(terminal.faint(`\n  Data and logs are kept in ${folder}/. Ctrl-C stops everything.\n`))
}

/**
 * @param {string[][]} rows
 * @returns {string[]} The rows as text, each column as wide as its widest cell.
 */
export function alignedRows(rows) {
  const widths = rows.reduce((/** @type {number[]} */ all, row) => {
    row.forEach((cell, column) => {
      all[column] = Math.max(all[column] ?? 0, cell.length)
    })
    return all
  }, [])
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('   ')
      .trimEnd(),
  )
}
