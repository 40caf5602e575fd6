import * as ceramics from './drawing/ceramics.ts'
import * as covers from './drawing/covers.ts'
import * as instruments from './drawing/instruments.ts'
import * as logos from './drawing/logos.ts'
import { maraPortrait, teoPortrait } from './drawing/people.ts'
import * as textiles from './drawing/textiles.ts'

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

/** Every picture of the demo as file name and text. The same drawings give the same bytes. */
export function drawAll(): [file: string, svg: string][] {
  return all.map(([file, draw]) => [file, `${draw()}\n`])
}
