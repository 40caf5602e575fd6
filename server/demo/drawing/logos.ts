import { box, element, line, oval, path } from './kit.ts'

const plate = (title: string, colour: string, mark: string) =>
  element(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', viewBox: '0 0 400 400', width: 400, height: 400 },
    element('title', {}, title) + box(0, 0, 400, 400, 0, colour) + mark,
  )

/** A kiln's arch with a pot in it. */
export function marrowAndClay(): string {
  return plate(
    'Marrow and Clay',
    '#b9532f',
    path('M90 320V200a110 110 0 0 1 220 0V320h-34V200a76 76 0 0 0-152 0V320Z', '#fbeedd') +
      path('M164 320q-30-60 20-92h32q50 32 20 92Z', '#fbeedd') +
      box(176, 206, 48, 14, 7, '#fbeedd'),
  )
}

/** The northern light over a ridge, as three stitches. */
export function norrlys(): string {
  return plate(
    'Norrlys',
    '#1f3d5c',
    line('M60 176L116 104L172 176L228 104L284 176', '#8fd3b6', 26, { 'stroke-linejoin': 'round' }) +
      line('M60 244L116 172L172 244L228 172L284 244L340 172', '#f1e6d2', 26, { 'stroke-linejoin': 'round' }) +
      line('M116 312L172 240L228 312L284 240L340 312', '#d2481f', 26, { 'stroke-linejoin': 'round' }) +
      oval(336, 108, 18, 18, '#e9b14c'),
  )
}

/** A membrane and the two waves that leave it. */
export function otoWorks(): string {
  return plate(
    'Oto Works',
    '#191512',
    oval(148, 200, 74, 74, 'none', { stroke: '#f5eee3', 'stroke-width': 30 }) +
      oval(148, 200, 20, 20, '#ff5a36') +
      line('M246 120a106 106 0 0 1 0 160', '#ff5a36', 26) +
      line('M296 84a160 160 0 0 1 0 232', '#ff5a36', 26, { opacity: 0.55 }),
  )
}
