import { clear, Drawing, darker, group, lighter, line, oval, path } from './kit.ts'

/** Half a face in light and half in shade, with the least that makes a smile. */
function face(d: Drawing, skin: string, brows: string): string {
  const eye = (x: number) => oval(x, 352, 9, 11, '#231815') + oval(x - 3, 348, 3, 3.5, '#fff')
  return (
    path(
      'M352 430H448V560Q400 600 352 560Z',
      d.linear([0, darker(skin, 0.34), 0.5, darker(skin, 0.12), 1, darker(skin, 0.3)]),
    ) +
    oval(286, 364, 22, 32, darker(skin, 0.1)) +
    oval(514, 364, 22, 32, darker(skin, 0.3)) +
    path(
      'M284 320C284 230 330 196 400 196S516 230 516 320C516 430 470 492 400 492S284 430 284 320Z',
      d.linear([0, lighter(skin, 0.26), 0.45, skin, 1, darker(skin, 0.34)], 0, 0, 1, 0.3),
    ) +
    oval(334, 404, 30, 18, '#d2481f', { opacity: 0.2 }) +
    oval(466, 404, 30, 18, '#d2481f', { opacity: 0.2 }) +
    eye(350) +
    eye(450) +
    line('M330 320Q350 308 372 318M428 318Q450 308 470 320', brows, 8) +
    line('M400 350Q414 392 394 398', darker(skin, 0.4), 5, { opacity: 0.7 }) +
    path('M354 428Q400 446 446 428Q436 470 400 470T354 428Z', '#7a2a22') +
    path('M362 432Q400 446 438 432L434 442Q400 454 366 442Z', '#fff6ea')
  )
}

/** The potter: curls in a knot, an apron over a striped shirt. */
export function mara(d: Drawing): string {
  const skin = '#b9784f'
  const hair = '#2b1a1c'
  const curls = [
    [270, 250, 52],
    [304, 196, 56],
    [360, 164, 58],
    [430, 160, 58],
    [492, 194, 54],
    [530, 250, 48],
    [264, 316, 40],
    [538, 316, 38],
  ]
    .map(([x = 0, y = 0, r = 0]) => oval(x, y, r, r, d.ball(hair)))
    .join('')
  const shirt = 'M120 820C126 650 226 590 336 566Q400 620 464 566C574 590 674 650 680 820Z'
  const stripes = d.pattern(40, 40, path('M0 0H40V40H0Z', '#f3ead8') + path('M0 24H40V36H0Z', '#24476b'))
  return (
    oval(400, 104, 66, 60, d.ball(hair)) +
    oval(400, 300, 142, 150, darker(hair, 0.2)) +
    path(shirt, stripes) +
    path(
      shirt,
      d.linear([0, clear('#fff8ea', 0.2), 0.5, clear('#1a0f1c', 0), 1, clear('#1a0f1c', 0.46)], 0, 0, 1, 0.2),
    ) +
    face(d, skin, hair) +
    path('M288 312Q330 286 356 236Q420 282 512 290Q520 214 470 190T330 200T288 312Z', hair) +
    curls +
    line('M300 590L262 690M500 590L538 690', '#8a4f2b', 26) +
    path('M244 690H556L576 820H224Z', d.linear([0, '#d97a52', 1, '#9c4526'], 0, 0, 1, 0.4)) +
    oval(284, 420, 9, 9, '#e9b14c') +
    oval(517, 420, 9, 9, '#b98220')
  )
}

/** The knitter: a red beard, the mustard beanie and the navy sweater of his own brand. */
export function teo(d: Drawing): string {
  const skin = '#e8b693'
  const beard = '#b5562a'
  const wool = '#24476b'
  const ribs = d.pattern(
    22,
    22,
    path('M0 0H22V22H0Z', d.linear([0, '#a97416', 0.4, '#ecb64e', 1, '#a97416'], 0, 0, 1, 0)),
  )
  const body = 'M110 820C116 660 216 590 330 560Q400 600 470 560C584 590 684 660 690 820Z'
  return (
    path(body, wool) +
    path('M236 604Q400 740 564 604L600 640Q400 820 200 640Z', '#f1e6d2') +
    line('M228 632Q400 790 572 632', '#b5432d', 14, { 'stroke-dasharray': '2 30' }) +
    path(
      body,
      d.linear([0, clear('#fff8ea', 0.24), 0.5, clear('#1a0f1c', 0), 1, clear('#1a0f1c', 0.5)], 0, 0, 1, 0.2),
    ) +
    face(d, skin, beard) +
    path(
      'M282 350Q300 372 318 392Q340 418 400 416T482 392Q500 372 518 350Q526 540 400 556T282 350Z',
      d.linear([0, lighter(beard, 0.2), 0.5, beard, 1, darker(beard, 0.34)], 0, 0, 1, 0.2),
    ) +
    path('M356 436Q400 452 444 436Q434 468 400 468T356 436Z', '#7a2a22') +
    path('M364 440Q400 452 436 440L432 448Q400 458 368 448Z', '#fff6ea') +
    path('M330 560Q400 610 470 560L478 596Q400 650 322 596Z', darker(wool, 0.3)) +
    path('M272 262C272 140 330 96 400 96S528 140 528 262Z', ribs) +
    path('M260 236Q400 204 540 236V292Q400 258 260 292Z', ribs) +
    path(
      'M260 236Q400 204 540 236V292Q400 258 260 292Z',
      d.linear([0, clear('#fff8ea', 0.2), 0.6, clear('#1a0f1c', 0), 1, clear('#1a0f1c', 0.4)], 0, 0, 1, 0),
    )
  )
}

export function maraPortrait(): string {
  const d = new Drawing()
  return d.finish(
    'Mara Quell, potter',
    '#e3a27d',
    group(mara(d), { transform: 'translate(40 20) scale(0.9 .98)' }),
    800,
  )
}

export function teoPortrait(): string {
  const d = new Drawing()
  return d.finish(
    'Teo Lindqvist, knitter',
    '#8fb0ad',
    group(teo(d), { transform: 'translate(40 20) scale(0.9 .98)' }),
    800,
  )
}
