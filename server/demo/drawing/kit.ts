/**
 * A small studio for drawing products as SVG: one key light from the upper left, one soft bounce from the right, and
 * a seamless backdrop. All pictures are made with it, so that they look like one photo shoot.
 */

export const SIDE = 800

type Attributes = Readonly<Record<string, string | number | undefined>>
/** Place and colour by turns: 0, '#fff', 0.5, '#888', 1, '#000'. */
type Stops = readonly (number | string)[]

const short = (value: string | number) => (typeof value === 'number' ? String(Math.round(value * 10) / 10) : value)

export function element(name: string, attributes: Attributes, inside = ''): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${short(value as string | number)}"`)
    .join('')
  return inside ? `<${name}${written}>${inside}</${name}>` : `<${name}${written}/>`
}

export const path = (d: string, fill: string, more: Attributes = {}) => element('path', { d, fill, ...more })

export const line = (d: string, stroke: string, width: number, more: Attributes = {}) =>
  element('path', { d, fill: 'none', stroke, 'stroke-width': width, 'stroke-linecap': 'round', ...more })

export const oval = (cx: number, cy: number, rx: number, ry: number, fill: string, more: Attributes = {}) =>
  element('ellipse', { cx, cy, rx, ry, fill, ...more })

export const box = (
  x: number,
  y: number,
  width: number,
  height: number,
  r: number,
  fill: string,
  more: Attributes = {},
) => element('rect', { x, y, width, height, rx: r, fill, ...more })

export const group = (inside: string, more: Attributes = {}) => element('g', more, inside)

function channels(colour: string): [number, number, number] {
  const value = Number.parseInt(colour.slice(1), 16)
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255]
}

/** Goes from one colour to another; 0 is the first, 1 the second. */
export function mix(from: string, to: string, amount: number): string {
  const [one, two] = [channels(from), channels(to)]
  const mixed = one.map((channel, place) => Math.round(channel + ((two[place] ?? 0) - channel) * amount))
  return `#${mixed.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`
}

/** Shadows lean to a warm violet and lights to cream, as they do under a studio lamp. */
export const darker = (colour: string, amount: number) => mix(colour, '#1a0f1c', amount)
export const lighter = (colour: string, amount: number) => mix(colour, '#fff8ea', amount)

/** A colour that lets through what lies behind it; 1 is solid. */
export function clear(colour: string, opacity: number): string {
  const alpha = Math.round(opacity * 255)
    .toString(16)
    .padStart(2, '0')
  return `${colour}${alpha}`
}

/** The same seed gives the same dots, so that a picture drawn again is the same file. */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296
    return state / 4_294_967_296
  }
}

export class Drawing {
  #definitions: string[] = []
  #count = 0

  #define(make: (id: string) => string): string {
    this.#count += 1
    const id = `d${this.#count}`
    this.#definitions.push(make(id))
    return id
  }

  #stops(stops: Stops): string {
    let written = ''
    for (let place = 0; place < stops.length; place += 2) {
      const offset = `${Math.round(Number(stops[place]) * 100)}%`
      written += element('stop', { offset, 'stop-color': stops[place + 1] })
    }
    return written
  }

  /** A gradient along a line inside the shape's box, from 0 to 1. */
  linear(stops: Stops, x1 = 0, y1 = 0, x2 = 0, y2 = 1): string {
    const id = this.#define((name) =>
      element(
        'linearGradient',
        { id: name, x1: String(x1), y1: String(y1), x2: String(x2), y2: String(y2) },
        this.#stops(stops),
      ),
    )
    return `url(#${id})`
  }

  radial(stops: Stops, cx = 0.5, cy = 0.5, r = 0.5): string {
    const id = this.#define((name) =>
      element('radialGradient', { id: name, cx: String(cx), cy: String(cy), r: String(r) }, this.#stops(stops)),
    )
    return `url(#${id})`
  }

  /** A body turned on a wheel: light at a fifth of its width, a dark side, and the bounce at its edge. */
  turned(colour: string, strength = 1): string {
    return this.linear(
      [
        0,
        darker(colour, 0.26 * strength),
        0.2,
        lighter(colour, 0.34 * strength),
        0.4,
        lighter(colour, 0.08 * strength),
        0.7,
        darker(colour, 0.2 * strength),
        0.92,
        darker(colour, 0.46 * strength),
        1,
        darker(colour, 0.28 * strength),
      ],
      0,
      0,
      1,
      0,
    )
  }

  /** A ball or a soft cushion. */
  ball(colour: string): string {
    return this.radial(
      [0, lighter(colour, 0.5), 0.28, lighter(colour, 0.14), 0.68, darker(colour, 0.16), 1, darker(colour, 0.5)],
      0.32,
      0.26,
      0.82,
    )
  }

  /** A flat face turned a little to the light. */
  face(colour: string): string {
    return this.linear([0, lighter(colour, 0.2), 0.5, colour, 1, darker(colour, 0.24)], 0, 0, 1, 1)
  }

  clip(shape: string, inside: string): string {
    const id = this.#define((name) => element('clipPath', { id: name }, shape))
    return group(inside, { 'clip-path': `url(#${id})` })
  }

  pattern(width: number, height: number, inside: string): string {
    const id = this.#define((name) =>
      element('pattern', { id: name, width, height, patternUnits: 'userSpaceOnUse' }, inside),
    )
    return `url(#${id})`
  }

  soft(inside: string, blur: number): string {
    const id = this.#define((name) =>
      element(
        'filter',
        { id: name, x: '-50%', y: '-50%', width: '200%', height: '200%' },
        element('feGaussianBlur', { stdDeviation: blur }),
      ),
    )
    return group(inside, { filter: `url(#${id})` })
  }

  /** Where a thing stands: a wide soft shadow away from the light and a tight one under its foot. */
  shadow(cx: number, cy: number, rx: number): string {
    const wide = this.radial([0, clear('#150a12', 0.5), 0.55, clear('#150a12', 0.2), 1, clear('#150a12', 0)])
    const tight = this.radial([0, clear('#0d0508', 0.75), 0.7, clear('#0d0508', 0.42), 1, clear('#0d0508', 0)])
    return oval(cx + rx * 0.26, cy + 8, rx * 1.5, rx * 0.26, wide) + oval(cx, cy, rx * 1.06, rx * 0.1 + 6, tight)
  }

  /** Flecks of iron in a glaze, or lint in wool. */
  speckles(count: number, seed: number, area: readonly [number, number, number, number], colour: string): string {
    const random = seeded(seed)
    const [x, y, width, height] = area
    let dots = ''
    for (let index = 0; index < count; index += 1) {
      const r = 0.9 + random() * 2.2
      dots += `M${short(x + random() * width)} ${short(y + random() * height)}h${short(r)}v${short(r)}h-${short(r)}z`
    }
    return path(dots, colour, { opacity: 0.5 })
  }

  /** Sets the finished drawing before its backdrop. */
  finish(title: string, backdrop: string, inside: string, floor = 560, width = SIDE, height = SIDE): string {
    const wall = this.radial(
      [
        0,
        lighter(backdrop, 0.5),
        0.25,
        lighter(backdrop, 0.24),
        0.5,
        backdrop,
        0.75,
        darker(backdrop, 0.13),
        1,
        darker(backdrop, 0.34),
      ],
      0.34,
      0.28,
      1.05,
    )
    const ground = this.linear([
      0,
      clear(darker(backdrop, 0.1), 0),
      0.16,
      clear(darker(backdrop, 0.14), 0.5),
      1,
      clear(lighter(backdrop, 0.16), 0.55),
    ])
    const scene = box(0, 0, width, height, 0, wall) + box(0, floor, width, height - floor, 0, ground) + inside
    const definitions = element('defs', {}, this.#definitions.join(''))
    return element(
      'svg',
      { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${width} ${height}`, width, height },
      `${element('title', {}, title)}${definitions}${scene}`,
    )
  }
}
