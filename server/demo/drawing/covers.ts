import { box, clear, Drawing, darker, group, lighter, line, oval, path } from './kit.ts'
import { mara, teo } from './people.ts'

const WIDTH = 1600
const HEIGHT = 1000

/** A studio lamp with its light falling to the right; `x` is where its foot stands. */
function studioLamp(d: Drawing, x: number): string {
  return (
    path(
      `M${x + 90} 190L${x + 820} 1000H${x - 60}L${x + 20} 300Z`,
      d.linear([0, clear('#fff3d0', 0.5), 1, clear('#fff3d0', 0)], 0, 0, 0.6, 1),
    ) +
    line(`M${x} 1000V330`, '#1c1a1d', 12) +
    group(box(-110, -84, 220, 168, 16, '#26242a') + box(86, -78, 34, 156, 8, d.linear([0, '#fffdf2', 1, '#ffe9b5'])), {
      transform: `translate(${x} 260) rotate(28)`,
    })
  )
}

function jar(d: Drawing, x: number, y: number, width: number, height: number, colour: string): string {
  const [left, right, neck] = [x - width / 2, x + width / 2, width * 0.2]
  return (
    path(
      `M${x - neck} ${y - height}Q${x - neck} ${y - height * 0.8} ${left} ${y - height * 0.42}T${x - width * 0.3} ${y}H${x + width * 0.3}Q${right + width * 0.16} ${y - height * 0.2} ${right} ${y - height * 0.42}T${x + neck} ${y - height}Z`,
      d.turned(colour),
    ) + oval(x, y - height, neck, neck * 0.3, darker(colour, 0.55))
  )
}

const shelf = (d: Drawing, x: number, y: number, width: number) =>
  box(x + 10, y + 18, width, 26, 6, '#150a12', { opacity: 0.28 }) +
  box(x, y, width, 20, 4, d.linear([0, '#d9a878', 1, '#8a5a36']))

export function kilnOpening(): string {
  const d = new Drawing()
  return d.finish(
    'Mara Quell in her workshop, pots on the shelves behind her',
    '#c4724e',
    shelf(d, 1240, 360, 330) +
      jar(d, 1310, 360, 96, 150, '#2f6f73') +
      jar(d, 1420, 360, 74, 110, '#f0e2cd') +
      jar(d, 1510, 360, 110, 190, '#d9a38a') +
      shelf(d, 1270, 640, 330) +
      jar(d, 1350, 640, 130, 160, '#e9d8b4') +
      jar(d, 1490, 640, 100, 210, '#294a5e') +
      shelf(d, 420, 420, 250) +
      jar(d, 490, 420, 80, 130, '#8aa39a') +
      jar(d, 590, 420, 100, 170, '#c9604a') +
      studioLamp(d, 250) +
      d.soft(oval(1010, 980, 420, 130, '#150a12', { opacity: 0.4 }), 30) +
      group(mara(d), { transform: 'translate(560 140) scale(1.06)' }) +
      path('M0 1000V930H1600V1000Z', d.linear([0, '#8a5a36', 1, '#4e2f1c'])) +
      jar(d, 800, 950, 190, 250, '#2f6f73') +
      jar(d, 1220, 950, 150, 170, '#f0e2cd') +
      jar(d, 620, 950, 120, 130, '#d9a38a'),
    700,
    WIDTH,
    HEIGHT,
  )
}

function yarn(d: Drawing, x: number, y: number, r: number, colour: string): string {
  const strands = [-0.6, -0.2, 0.2, 0.6]
    .map((at) => `M${x - r * 0.9} ${y + r * at}Q${x} ${y + r * (at - 0.5)} ${x + r * 0.9} ${y + r * at * 0.6}`)
    .join('')
  const across = [-0.5, 0, 0.5]
    .map((at) => `M${x + r * at} ${y - r * 0.8}Q${x + r * (at + 0.5)} ${y} ${x + r * at} ${y + r * 0.8}`)
    .join('')
  return (
    oval(x, y, r, r, d.ball(colour)) +
    d.clip(
      oval(x, y, r, r, '#000'),
      line(strands, darker(colour, 0.4), 5, { opacity: 0.5 }) + line(across, lighter(colour, 0.4), 5, { opacity: 0.5 }),
    )
  )
}

export function woolDrop(): string {
  const d = new Drawing()
  const flakes = Array.from(
    { length: 26 },
    (_, place) => `M${1130 + ((place * 97) % 380)} ${120 + ((place * 173) % 400)}h.1`,
  ).join('')
  return d.finish(
    'Teo Lindqvist by a winter window, balls of wool before him',
    '#4d6f7d',
    box(1110, 90, 430, 470, 8, '#e9dcc6') +
      box(1128, 108, 394, 434, 2, d.linear([0, '#20364a', 0.6, '#4f7488', 1, '#c9d8dc'])) +
      path('M1128 470L1230 360L1310 440L1400 330L1522 470V542H1128Z', '#f2f5f4', { opacity: 0.8 }) +
      line(flakes, '#ffffff', 9, { opacity: 0.85 }) +
      box(1318, 108, 14, 434, 0, '#e9dcc6') +
      box(1128, 310, 394, 14, 0, '#e9dcc6') +
      studioLamp(d, 240) +
      d.soft(oval(1000, 980, 440, 130, '#0b1016', { opacity: 0.45 }), 30) +
      group(teo(d), { transform: 'translate(540 130) scale(1.08)' }) +
      path('M0 1000V920H1600V1000Z', d.linear([0, '#a97a4c', 1, '#5b3a20'])) +
      yarn(d, 640, 876, 74, '#b5432d') +
      yarn(d, 780, 892, 56, '#f1e6d2') +
      yarn(d, 1240, 874, 80, '#d99a2b') +
      yarn(d, 1380, 896, 54, '#2f5d4c') +
      line('M860 850L1010 950M1010 850L870 950', '#e0b77f', 12),
    700,
    WIDTH,
    HEIGHT,
  )
}
