import { box, clear, type Drawing, darker, lighter, line, path } from './kit.ts'

/** Rows of small Vs, as plain knitting looks from the right side. */
export function knit(d: Drawing, colour: string, size = 13): string {
  const half = size / 2
  return d.pattern(
    size,
    size * 0.8,
    box(0, 0, size, size, 0, colour) +
      line(`M0 1L${half} ${size * 0.62}L${size} 1`, darker(colour, 0.26), 2.2, { opacity: 0.75 }) +
      line(`M0 ${size * 0.3}L${half} ${size * 0.9}L${size} ${size * 0.3}`, lighter(colour, 0.22), 1.6, {
        opacity: 0.6,
      }),
  )
}

/** Upright ribs. */
export function rib(d: Drawing, colour: string, size = 15): string {
  const ribs = d.linear([0, darker(colour, 0.34), 0.35, lighter(colour, 0.24), 1, darker(colour, 0.34)], 0, 0, 1, 0)
  return d.pattern(size, size, box(0, 0, size, size, 0, ribs))
}

/** Light and shade over a patterned shape: the pattern gives the cloth, this gives it a body. */
export function folds(d: Drawing, x1 = 0, x2 = 1): string {
  return d.linear(
    [
      0,
      clear('#1a0f1c', 0.34),
      0.22,
      clear('#fff8ea', 0.3),
      0.45,
      clear('#fff8ea', 0.04),
      0.75,
      clear('#1a0f1c', 0.2),
      1,
      clear('#1a0f1c', 0.5),
    ],
    x1,
    0,
    x2,
    0.12,
  )
}

export const diamonds = (cx: number, y: number, count: number, step: number, size: number, colour: string) =>
  path(
    Array.from({ length: count }, (_, place) => {
      const x = cx - ((count - 1) * step) / 2 + place * step
      return `M${x} ${y - size}l${size * 0.62} ${size}l-${size * 0.62} ${size}l-${size * 0.62}-${size}z`
    }).join(''),
    colour,
  )
