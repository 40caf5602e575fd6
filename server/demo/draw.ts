import { writeFileSync } from 'node:fs'
import * as ceramics from './drawing/ceramics.ts'
import * as covers from './drawing/covers.ts'
import * as instruments from './drawing/instruments.ts'
import * as logos from './drawing/logos.ts'
import { maraPortrait, teoPortrait } from './drawing/people.ts'
import * as textiles from './drawing/textiles.ts'
import { demoPicturesUrl } from './index.ts'

const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

const named = (prefix: string, drawings: Readonly<Record<string, () => string>>) =>
  Object.entries(drawings).map(([name, draw]) => [`${prefix}${kebab(name)}.svg`, draw] as const)

const all = [
  ...named('', { ...ceramics, ...textiles, ...instruments }),
  ...named('brand-', { ...logos }),
  ...named('show-', { ...covers }),
  ['creator-mara.svg', maraPortrait],
  ['creator-teo.svg', teoPortrait],
] as const

// Run by hand after a drawing was changed: node server/demo/draw.ts. The files are committed, so that nothing is drawn at start.
for (const [file, draw] of all) writeFileSync(new URL(file, demoPicturesUrl), `${draw()}\n`)
process.stdout.write(`${all.length} pictures drawn\n`)
