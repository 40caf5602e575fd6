import { box, clear, Drawing, darker, group, lighter, line, oval, path } from './kit.ts'

const INK = '#23262b'

export function headphones(): string {
  const d = new Drawing()
  const shell = '#d9482b'
  const cup = (flip: boolean) =>
    group(
      box(196, 366, 84, 190, 42, d.linear([0, '#4a4d55', 0.4, '#2b2d33', 1, '#131418'], 0, 0, 1, 0)) +
        path('M214 352Q150 356 146 460T214 570Q250 570 250 460T214 352Z', d.ball(shell)) +
        oval(196, 460, 38, 78, d.linear([0, darker(shell, 0.46), 1, darker(shell, 0.16)])) +
        oval(192, 460, 27, 62, d.radial([0, lighter(shell, 0.3), 1, darker(shell, 0.2)], 0.35, 0.3, 0.8)) +
        path('M214 372V300', 'none', { stroke: '#d9d4c8', 'stroke-width': 13 }) +
        d.soft(path('M172 392Q156 430 160 478L174 476Q172 430 188 396Z', '#fff', { opacity: 0.8 }), 4),
      flip ? { transform: 'matrix(-1 0 0 1 788 0)' } : {},
    )
  return d.finish(
    'Over-ear headphones in signal red',
    '#b8c4c0',
    d.shadow(220, 590, 66) +
      d.shadow(570, 590, 66) +
      line('M206 340C196 110 592 110 582 340', '#17181b', 40) +
      line('M206 340C196 112 592 112 582 340', d.linear([0, '#6b6f78', 0.4, '#3b3e45', 1, '#1c1d21'], 0, 0, 1, 1), 34) +
      line('M240 236C282 168 350 150 394 150', '#c8ccd4', 6, { opacity: 0.6 }) +
      line('M252 296C262 190 526 190 536 296', '#101114', 18, { opacity: 0.55 }) +
      box(196, 296, 34, 70, 10, d.turned('#c8c2b4')) +
      box(558, 296, 34, 70, 10, d.turned('#c8c2b4')) +
      cup(false) +
      cup(true),
  )
}

export function speaker(): string {
  const d = new Drawing()
  const cloth = '#5f7f74'
  const body = 'M250 300Q250 190 392 190T534 300V540Q534 616 392 616T250 540Z'
  const weave = d.pattern(
    10,
    10,
    box(0, 0, 10, 10, 0, cloth) + oval(3, 3, 1.7, 1.7, darker(cloth, 0.5)) + oval(8, 8, 1.7, 1.7, lighter(cloth, 0.22)),
  )
  return d.finish(
    'A cloth-covered portable speaker',
    '#e4c48f',
    d.shadow(392, 612, 142) +
      path(body, weave) +
      path(
        body,
        d.linear(
          [
            0,
            clear('#10201b', 0.5),
            0.22,
            clear('#fff8ea', 0.34),
            0.45,
            clear('#fff8ea', 0.02),
            0.74,
            clear('#10201b', 0.36),
            1,
            clear('#10201b', 0.7),
          ],
          0,
          0,
          1,
          0,
        ),
      ) +
      path('M250 560Q250 636 392 636T534 560V572Q534 622 392 622T250 572Z', d.turned('#c98d4e'), {
        transform: 'translate(0 -18)',
      }) +
      oval(392, 224, 108, 32, d.linear([0, '#e7b377', 0.5, '#c98d4e', 1, '#8a5526'], 0, 0, 1, 0.5)) +
      line('M352 224h24M364 212v24M408 224h24', '#5a3416', 5) +
      line('M526 330C604 330 604 452 530 452', darker('#a8683a', 0.4), 19) +
      line('M526 330C602 330 602 452 530 452', '#b87743', 14) +
      oval(392, 540, 5, 5, '#fff3c9') +
      box(352, 470, 80, 6, 3, '#f4e6c8', { opacity: 0.8 }),
  )
}

export function lamp(): string {
  const d = new Drawing()
  const brass = '#d0a04c'
  const beam = d.linear([0, clear('#fff0c0', 0.9), 1, clear('#ffdf96', 0)])
  return d.finish(
    'A brass desk lamp with an arc arm, lit',
    '#33475a',
    oval(300, 604, 250, 48, d.radial([0, clear('#ffe9b0', 0.85), 1, clear('#ffdf96', 0)])) +
      path('M220 300L396 300L520 610H96Z', beam, { opacity: 0.5 }) +
      d.shadow(520, 620, 120) +
      path('M408 606Q408 580 520 580T632 606V616Q632 638 520 638T408 616Z', d.turned(brass)) +
      oval(520, 600, 112, 24, d.linear([0, lighter(brass, 0.6), 0.5, brass, 1, darker(brass, 0.4)], 0, 0, 1, 0.6)) +
      line('M524 598C640 420 560 130 330 170', darker(brass, 0.55), 19) +
      line(
        'M522 598C636 420 558 132 328 170',
        d.linear([0, lighter(brass, 0.5), 0.5, brass, 1, darker(brass, 0.3)], 0, 0, 1, 1),
        13,
      ) +
      line('M546 540C608 400 550 210 420 178', '#fff2cf', 3, { opacity: 0.7 }) +
      path('M196 304C196 210 250 160 308 160S420 210 420 304Z', d.turned('#d9482b')) +
      path('M262 172Q308 140 354 172L348 190H268Z', d.turned(brass)) +
      oval(308, 304, 112, 23, '#8a2413') +
      oval(308, 305, 103, 18, d.radial([0, '#ffffff', 0.35, '#fff2c8', 1, '#ffbf52'])) +
      d.soft(path('M226 284Q232 220 272 190L286 196Q252 226 246 286Z', '#fff', { opacity: 0.7 }), 5),
  )
}

export function watch(): string {
  const d = new Drawing()
  const steel = d.linear([0, '#fbfbf8', 0.3, '#c9cbcc', 0.55, '#8b8f93', 0.8, '#d6d8d8', 1, '#7d8186'], 0, 0, 1, 1)
  const leather = '#7a4526'
  const ticks = Array.from({ length: 60 }, (_, place) => {
    const long = place % 5 === 0
    return group(box(-1.5, -134, long ? 5 : 2, long ? 22 : 9, 1, long ? '#f6e7c4' : '#8fa3b8'), {
      transform: `translate(392 392) rotate(${place * 6})`,
    })
  }).join('')
  const hand = (turn: number, length: number, width: number, colour: string) =>
    group(box(-width / 2, -length, width, length + 20, width / 2, colour), {
      transform: `translate(392 392) rotate(${turn})`,
    })
  const strap = (y: number, height: number) =>
    box(316, y, 152, height, 18, d.turned(leather)) +
    line(`M334 ${y + 14}V${y + height - 14}M450 ${y + 14}V${y + height - 14}`, '#d8a878', 3, {
      'stroke-dasharray': '9 7',
    })
  return d.finish(
    'An automatic watch with a midnight dial',
    '#d6ccbd',
    d.soft(box(330, 70, 170, 690, 40, '#150a12', { opacity: 0.42 }), 22) +
      strap(56, 230) +
      strap(500, 240) +
      [620, 656, 692].map((y) => oval(392, y, 6, 8, '#2c160b')).join('') +
      d.soft(oval(412, 416, 196, 192, '#150a12', { opacity: 0.55 }), 16) +
      box(568, 372, 44, 42, 8, steel) +
      path('M300 236L320 176H464L484 236ZM300 548L320 608H464L484 548Z', steel) +
      oval(392, 392, 186, 186, steel) +
      oval(392, 392, 164, 164, d.linear([0, '#6d7176', 1, '#f4f4f0'], 0, 0, 1, 1)) +
      oval(392, 392, 152, 152, d.radial([0, '#31557c', 0.6, '#1b3552', 1, '#0c1a2b'], 0.4, 0.34, 0.75)) +
      ticks +
      box(458, 378, 44, 30, 4, '#f6f1e4') +
      path('M472 384h14l-8 18', 'none', { stroke: '#23262b', 'stroke-width': 4 }) +
      hand(302, 84, 13, '#f6f1e4') +
      hand(54, 122, 9, '#f6f1e4') +
      hand(200, 132, 3, '#ff5a36') +
      oval(392, 392, 10, 10, '#ff5a36') +
      path('M268 330Q300 268 376 250L470 262Q340 300 272 420Q256 376 268 330Z', '#fff', { opacity: 0.14 }),
  )
}

export function radio(): string {
  const d = new Drawing()
  const wood = '#a9683c'
  const grille = d.pattern(16, 16, box(0, 0, 16, 16, 0, '#e9dcc0') + oval(8, 8, 4.4, 4.4, '#3a2c22'))
  const knob = (cx: number, cy: number, r: number) =>
    d.soft(oval(cx + 6, cy + 8, r, r, '#150a12', { opacity: 0.6 }), 5) +
    oval(cx, cy, r, r, d.linear([0, '#fdf6e4', 1, '#a39478'], 0, 0, 1, 1)) +
    oval(cx, cy, r * 0.78, r * 0.78, d.linear([0, '#cabb9c', 1, '#f7efdc'], 0, 0, 1, 1)) +
    box(cx - 2.5, cy - r * 0.7, 5, r * 0.5, 2, '#d2481f')
  return d.finish(
    'A walnut table radio with an amber scale',
    '#7fa39c',
    d.shadow(394, 606, 254) +
      line('M520 300L610 96', '#8b8f93', 7) +
      oval(611, 94, 8, 8, '#e7e7e2') +
      box(144, 288, 500, 308, 36, d.linear([0, lighter(wood, 0.3), 0.4, wood, 1, darker(wood, 0.5)], 0, 0, 0.4, 1)) +
      line('M160 330Q380 300 628 336M160 420Q340 440 628 404M160 520Q400 500 628 540', darker(wood, 0.4), 3, {
        opacity: 0.35,
      }) +
      box(170, 314, 448, 256, 20, '#f3e8d0') +
      box(186, 330, 236, 224, 12, grille) +
      box(186, 330, 236, 224, 12, d.linear([0, clear('#ffffff', 0.2), 1, clear('#1a0f1c', 0.34)], 0, 0, 1, 1)) +
      box(442, 332, 158, 86, 8, d.linear([0, '#ffdf94', 0.5, '#ffb43c', 1, '#d97a12'])) +
      line('M456 356h130M456 380h130', '#6b3a08', 2, { 'stroke-dasharray': '2 8' }) +
      box(520, 340, 4, 70, 2, '#c22706') +
      knob(482, 488, 40) +
      knob(568, 488, 28) +
      box(190, 594, 60, 16, 6, INK) +
      box(540, 594, 60, 16, 6, INK) +
      d.soft(line('M172 306Q380 292 600 306', '#fff', 8, { opacity: 0.6 }), 4),
  )
}

export function earbuds(): string {
  const d = new Drawing()
  const shell = '#f0ece2'
  const bud = (cx: number, cy: number, turn: number) =>
    group(
      box(cx - 15, cy, 30, 96, 15, d.turned(shell)) +
        oval(cx, cy, 44, 40, d.ball(shell)) +
        oval(cx - 26, cy + 8, 19, 25, d.ball('#3b3e45')) +
        oval(cx + 12, cy - 6, 6, 12, '#5b5f66') +
        box(cx - 6, cy + 82, 12, 6, 3, '#c9482b'),
      { transform: `rotate(${turn} ${cx} ${cy})` },
    )
  return d.finish(
    'Wireless earbuds over their open case',
    '#c65d3f',
    d.shadow(392, 620, 172) +
      path('M222 470Q224 300 292 290H492Q560 300 562 470Z', d.linear([0, darker(shell, 0.1), 1, darker(shell, 0.36)])) +
      path('M250 470Q254 330 304 322H480Q530 330 534 470Z', d.linear([0, '#55504a', 1, '#2a2622'])) +
      bud(322, 336, 10) +
      bud(462, 336, -10) +
      path('M218 462H566V540Q566 622 482 622H302Q218 622 218 540Z', d.turned(shell, 0.8)) +
      oval(392, 462, 174, 24, d.linear([0, '#fffdf6', 1, '#bdb5a5'], 0, 0, 1, 0)) +
      oval(392, 464, 158, 18, '#35302b') +
      path('M290 464Q322 482 354 464Q322 456 290 464ZM430 464Q462 482 494 464Q462 456 430 464Z', '#171411') +
      oval(392, 544, 5, 5, '#3fd896') +
      d.soft(path('M246 486V540Q250 590 290 604L300 596Q268 576 264 530V486Z', '#fff', { opacity: 0.9 }), 5),
  )
}

export function turntable(): string {
  const d = new Drawing()
  const wood = '#b9824f'
  const rings = [150, 132, 116, 102, 88]
    .map((r) => oval(350, 384, r, r * 0.62, 'none', { stroke: '#4a4d55', 'stroke-width': 1.5, opacity: 0.7 }))
    .join('')
  return d.finish(
    'A belt-drive turntable on an oak plinth',
    '#5d7470',
    d.shadow(396, 612, 282) +
      path(
        'M150 320H640L690 528H100Z',
        d.linear([0, lighter(wood, 0.36), 0.5, wood, 1, darker(wood, 0.16)], 0, 0, 0.7, 1),
      ) +
      line('M176 350Q400 330 636 356M146 440Q380 420 664 448M120 500Q420 484 680 506', darker(wood, 0.4), 3, {
        opacity: 0.3,
      }) +
      path(
        'M100 528H690V576Q690 592 670 592H120Q100 592 100 576Z',
        d.linear([0, darker(wood, 0.2), 1, darker(wood, 0.56)]),
      ) +
      d.soft(oval(366, 418, 196, 122, '#150a12', { opacity: 0.5 }), 9) +
      oval(350, 398, 192, 120, '#8b8f93') +
      oval(350, 390, 190, 118, d.linear([0, '#f4f4f0', 0.5, '#b8bbbd', 1, '#777b80'], 0, 0, 1, 1)) +
      oval(350, 384, 174, 108, d.radial([0, '#3a3d44', 0.6, '#1a1b1f', 1, '#0c0d0f'], 0.4, 0.4, 0.7)) +
      rings +
      d.clip(
        oval(350, 384, 174, 108, '#000'),
        path('M350 384L180 250L290 240ZM350 384L520 520L410 530Z', '#fff', { opacity: 0.16 }),
      ) +
      oval(350, 384, 60, 37, d.linear([0, '#ff8a5e', 1, '#c22706'], 0, 0, 1, 1)) +
      oval(350, 384, 6, 4, '#f4f4f0') +
      d.soft(line('M606 372L590 470L470 440', '#150a12', 12, { opacity: 0.5 }), 6) +
      oval(604, 356, 36, 24, d.linear([0, '#6b6f78', 1, '#1c1d21'])) +
      oval(604, 346, 26, 17, d.linear([0, '#f4f4f0', 1, '#8b8f93'], 0, 0, 1, 1)) +
      line('M604 344L588 446Q584 462 566 458L470 428', '#4a4d52', 11) +
      line('M604 344L588 446Q584 462 566 458L470 428', '#e7e7e2', 7) +
      path('M478 418L448 412L440 430L470 442Z', '#d2481f') +
      oval(606, 494, 22, 14, d.linear([0, '#fdfdf8', 1, '#8b8f93'])) +
      box(120, 592, 62, 16, 6, INK) +
      box(610, 592, 62, 16, 6, INK),
  )
}

export function camera(): string {
  const d = new Drawing()
  const body = '#efe6d3'
  const lens = (r: number, fill: string) => oval(392, 430, r, r, fill)
  return d.finish(
    'An instant camera in cream with a rainbow stripe',
    '#8fa8c4',
    d.shadow(394, 606, 216) +
      path('M206 340Q214 250 268 250H516Q570 250 578 340V400H206Z', d.linear([0, lighter(body, 0.6), 1, body])) +
      path(
        'M182 392Q182 350 222 346H562Q602 350 602 392V560Q602 604 558 604H226Q182 604 182 560Z',
        d.linear([0, lighter(body, 0.4), 0.5, body, 1, darker(body, 0.36)], 0, 0, 0.6, 1),
      ) +
      box(182, 556, 420, 48, 20, d.linear([0, '#3a3d44', 1, '#17181b'])) +
      box(250, 574, 284, 10, 5, '#0a0a0c') +
      ['#c8462f', '#e08a3c', '#ecc35a', '#5f9a72', '#3a6ea5']
        .map((colour, place) => box(352 + place * 16, 346, 16, 60, 0, colour))
        .join('') +
      d.soft(oval(408, 448, 120, 118, '#150a12', { opacity: 0.5 }), 9) +
      lens(116, d.linear([0, '#5b5f66', 0.5, '#26282d', 1, '#0f1012'], 0, 0, 1, 1)) +
      lens(92, d.linear([0, '#0d0e10', 1, '#4a4d55'], 0, 0, 1, 1)) +
      lens(74, '#0b0c0e') +
      lens(60, d.radial([0, '#6fa3d8', 0.4, '#2b4f86', 0.8, '#121c38', 1, '#06080f'], 0.38, 0.34, 0.75)) +
      oval(370, 406, 18, 12, '#fff', { opacity: 0.85, transform: 'rotate(-34 370 406)' }) +
      oval(416, 456, 8, 6, '#ffb98a', { opacity: 0.6 }) +
      box(230, 276, 116, 58, 10, '#26282d') +
      box(238, 283, 100, 44, 6, d.linear([0, '#fdfdf8', 0.5, '#c9d3dc', 1, '#8f9aa5'], 0, 0, 1, 1)) +
      line('M258 283V327M278 283V327M298 283V327M318 283V327', '#fff', 2, { opacity: 0.6 }) +
      box(470, 272, 76, 66, 12, '#26282d') +
      oval(508, 305, 22, 22, d.radial([0, '#7fa9c9', 1, '#10151f'], 0.35, 0.3, 0.8)) +
      d.soft(oval(250, 440, 28, 28, '#150a12', { opacity: 0.5 }), 5) +
      oval(246, 434, 27, 27, d.ball('#d2481f')) +
      d.soft(path('M200 380Q204 362 230 358H330Q240 374 214 460Z', '#fff', { opacity: 0.8 }), 5),
  )
}
