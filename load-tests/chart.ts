export interface Bar {
  readonly label: string
  readonly value: number
  /** What the value has to reach, or must not pass. */
  readonly reach?: { readonly atLeast: number } | { readonly atMost: number }
}

/** Bars of one unit, beside what they have to reach. */
export interface Chart {
  readonly title: string
  readonly unit: string
  readonly bars: readonly Bar[]
}

export interface Poster {
  readonly title: string
  readonly pass: boolean
  /** Machine and commit. */
  readonly made: string
  readonly charts: readonly Chart[]
}

const width = 760
const margin = 24
const labelWidth = 250
const barLeft = margin + labelWidth
const barWidth = 360
const headHeight = 84
const titleHeight = 40
const rowHeight = 26

/** Light or dark as the reader's system is; a file of its own, so it brings its colours along. */
const style = `
  svg { --paper: #fbfaf8; --ink: #1d1c1a; --quiet: #6d6a64; --track: #ebe8e2; --bar: #4a6fa5; --good: #2f7d5b; --bad: #b3402f }
  @media (prefers-color-scheme: dark) {
    svg { --paper: #191a1c; --ink: #ecebe8; --quiet: #9a9891; --track: #2a2b2e; --bar: #7ea2d6; --good: #59b98c; --bad: #e5796a }
  }
  text { font: 13px system-ui, sans-serif; fill: var(--ink) }
  .title { font-size: 20px; font-weight: 600 } .part { font-weight: 600 } .quiet { font-size: 11px; fill: var(--quiet) }
  .right { text-anchor: end } .middle { text-anchor: middle }
  .paper { fill: var(--paper) } .track { fill: var(--track) } .bar { fill: var(--bar) } .mark { stroke: var(--ink); stroke-width: 2 }
  .good { fill: var(--good) } .bad { fill: var(--bad) }`

/** A picture of a bench's figures: one bar a figure, with a mark at what it has to reach. */
export function drawPoster({ title, pass, made, charts }: Poster): string {
  let y = headHeight
  const parts: string[] = []
  for (const chart of charts) {
    parts.push(drawChart(chart, y))
    y += titleHeight + chart.bars.length * rowHeight
  }
  const height = y + margin
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escaped(title)}</title><style>${style}\n</style>`,
    `<rect class="paper" width="${width}" height="${height}" rx="10"/>`,
    text(margin, 42, title, 'title'),
    text(width - margin, 42, pass ? 'passed' : 'failed', `part right ${pass ? 'good' : 'bad'}`),
    text(margin, 64, made, 'quiet'),
    ...parts,
    '</svg>\n',
  ].join('\n')
}

function drawChart({ title, unit, bars }: Chart, top: number): string {
  const most = Math.max(...bars.flatMap((bar) => [bar.value, limitOf(bar) ?? 0]), Number.MIN_VALUE) * 1.08
  const scale = (value: number) => Math.round((Math.max(0, value) / most) * barWidth * 10) / 10
  const rows = bars.map((bar, index) => drawBar(bar, top + titleHeight + index * rowHeight, scale))
  return [text(margin, top + 26, title, 'part'), text(width - margin, top + 26, unit, 'quiet right'), ...rows].join(
    '\n',
  )
}

function drawBar(bar: Bar, top: number, scale: (value: number) => number): string {
  const limit = limitOf(bar)
  const verdict = limit === undefined ? 'bar' : reaches(bar) ? 'good' : 'bad'
  const parts = [
    text(margin, top + 15, bar.label),
    `<rect class="track" x="${barLeft}" y="${top + 3}" width="${barWidth}" height="16" rx="3"/>`,
    `<rect class="${verdict}" x="${barLeft}" y="${top + 3}" width="${scale(bar.value)}" height="16" rx="3"/>`,
    text(width - margin, top + 15, shown(bar), 'right'),
  ]
  if (limit !== undefined) {
    const x = barLeft + scale(limit)
    parts.push(`<line class="mark" x1="${x}" x2="${x}" y1="${top}" y2="${top + 22}"/>`)
  }
  return parts.join('')
}

function shown(bar: Bar): string {
  const value = figure(bar.value)
  if (!bar.reach) return value
  return 'atLeast' in bar.reach
    ? `${value} (≥ ${figure(bar.reach.atLeast)})`
    : `${value} (≤ ${figure(bar.reach.atMost)})`
}

const limitOf = ({ reach }: Bar): number | undefined =>
  reach === undefined ? undefined : 'atLeast' in reach ? reach.atLeast : reach.atMost

export function reaches({ value, reach }: Bar): boolean {
  if (reach === undefined) return true
  return 'atLeast' in reach ? value >= reach.atLeast : value <= reach.atMost
}

const figure = (value: number): string =>
  Math.abs(value) >= 100 ? String(Math.round(value)) : String(Math.round(value * 100) / 100)

const text = (x: number, y: number, content: string, classes = ''): string =>
  `<text x="${x}" y="${y}"${classes ? ` class="${classes}"` : ''}>${escaped(content)}</text>`

const escaped = (content: string): string => content.replace(/[&<>"]/g, (sign) => `&#${sign.codePointAt(0)};`)
