import { diamonds, folds, knit, rib } from './cloth.ts'
import { box, clear, Drawing, darker, group, lighter, line, oval, path } from './kit.ts'

export function sweater(): string {
  const d = new Drawing()
  const wool = '#24476b'
  const cream = '#f1e6d2'
  const body = 'M304 212Q392 262 480 212L514 232L552 262Q560 420 548 604Q392 628 236 604Q224 420 232 262L270 232Z'
  const sleeve = 'M270 234Q214 250 190 330L136 560Q130 588 158 596L206 604Q228 606 234 580L262 400Z'
  const cloth = knit(d, wool)
  const arm = (flip: boolean) =>
    group(
      path(sleeve, cloth) +
        path(sleeve, folds(d)) +
        path('M140 546L236 566L230 596Q226 608 206 606L156 596Q130 590 136 562Z', rib(d, darker(wool, 0.1), 11)),
      flip ? { transform: 'matrix(-1 0 0 1 784 0)' } : {},
    )
  const yoke = 'M296 212Q392 270 488 212L526 236L548 268Q540 360 392 384Q244 360 236 268L258 236Z'
  return d.finish(
    'A navy wool sweater with a patterned yoke',
    '#d9c3a3',
    d.soft(path('M150 600Q392 690 690 600L600 640H220Z', '#150a12', { opacity: 0.5 }), 18) +
      arm(false) +
      arm(true) +
      path(body, cloth) +
      d.clip(
        path(body, '#000'),
        path(yoke, knit(d, cream)) +
          diamonds(392, 306, 11, 26, 13, '#b5432d') +
          diamonds(392, 346, 11, 26, 9, wool) +
          line('M240 330Q392 400 544 330', wool, 6, { 'stroke-dasharray': '2 14' }) +
          box(226, 572, 340, 60, 0, rib(d, darker(wool, 0.1), 12)),
      ) +
      path(body, folds(d)) +
      d.soft(line('M300 420Q320 500 300 570M470 400Q456 480 480 560', '#0a0f1c', 14, { opacity: 0.3 }), 8) +
      path('M296 226Q392 296 488 226L476 204Q392 244 308 204Z', rib(d, darker(wool, 0.06), 10)) +
      oval(392, 213, 84, 21, '#14233a') +
      path('M308 206Q392 176 476 206Q392 222 308 206Z', rib(d, darker(wool, 0.3), 10)),
  )
}

export function beanie(): string {
  const d = new Drawing()
  const wool = '#d99a2b'
  const crown = 'M222 470C222 290 300 204 392 204S562 290 562 470Z'
  const cuff = 'M204 446Q392 494 580 446V556Q580 584 548 590Q392 616 236 590Q204 584 204 556Z'
  const tuft = Array.from({ length: 34 }, (_, place) => {
    const turn = (place * 360) / 34
    return group(path('M-9 0Q0 -78 9 0Z', place % 2 ? '#f2e4c6' : '#ddc9a2'), {
      transform: `translate(392 170) rotate(${Math.round(turn)})`,
    })
  }).join('')
  return d.finish(
    'A mustard beanie with a cream pompom',
    '#7f9bb0',
    d.shadow(392, 600, 186) +
      path(crown, knit(d, wool, 17)) +
      d.clip(
        path(crown, '#000'),
        line(
          'M310 220Q262 330 258 470M352 206Q330 330 326 470M392 204V470M432 206Q454 330 458 470M474 220Q522 330 526 470',
          darker(wool, 0.5),
          5,
          { opacity: 0.35 },
        ),
      ) +
      path(crown, folds(d)) +
      d.soft(path('M214 436Q392 484 572 436V462H214Z', '#1a0f1c', { opacity: 0.45 }), 7) +
      path(cuff, rib(d, wool, 21)) +
      path(cuff, folds(d)) +
      box(448, 506, 62, 44, 3, '#f6edda', { transform: 'rotate(-4 448 506)' }) +
      line('M462 520L500 517M462 534L488 532', '#24476b', 4) +
      tuft +
      oval(392, 170, 52, 50, d.ball('#efdfbd'), { opacity: 0.75 }),
  )
}

export function scarf(): string {
  const d = new Drawing()
  const green = '#2f5d4c'
  const rust = '#c4602f'
  const fall = (x: number, bottom: number, width: number) => {
    const shape = `M${x} 330L${x + width} 330L${x + width + 14} ${bottom}L${x - 14} ${bottom}Z`
    const bands = [0.5, 0.62, 0.9].map((at, place) => {
      const y = 330 + (bottom - 330) * at
      return box(x - 20, y, width + 40, place === 1 ? 14 : 30, 0, place === 1 ? knit(d, '#f0e4cc') : knit(d, rust))
    })
    const fringe = Array.from({ length: 11 }, (_, place) => {
      const fx = x - 10 + (place * (width + 20)) / 10
      return `M${fx} ${bottom - 2}q${place % 2 ? 5 : -4} 24 ${place % 3 ? 2 : -3} 46`
    }).join('')
    return (
      line(fringe, darker(green, 0.3), 8) +
      line(fringe, lighter(green, 0.12), 4) +
      path(shape, knit(d, green)) +
      d.clip(path(shape, '#000'), bands.join('')) +
      path(shape, folds(d))
    )
  }
  const loop = 'M212 300C212 190 300 148 400 148S590 190 590 300S500 410 400 410S212 400 212 300Z'
  return d.finish(
    'A long green scarf with rust stripes, looped',
    '#c9b8cf',
    d.soft(path('M230 600H600L560 640H260Z', '#150a12', { opacity: 0.55 }), 16) +
      fall(410, 566, 120) +
      fall(262, 600, 132) +
      path(loop, knit(d, green, 15)) +
      path(loop, folds(d)) +
      oval(402, 254, 116, 60, darker(green, 0.72)) +
      d.clip(
        oval(402, 254, 116, 60, '#000'),
        path('M280 262V190H524V262Q402 306 280 262Z', knit(d, darker(green, 0.42), 15)),
      ) +
      d.soft(line('M226 330Q340 420 560 350M240 270Q330 380 470 396', '#0b1a14', 12, { opacity: 0.45 }), 6) +
      d.soft(line('M236 260Q250 190 330 170', '#fff', 12, { opacity: 0.4 }), 8),
  )
}

export function socks(): string {
  const d = new Drawing()
  const wool = '#e9ddc6'
  const red = '#b5432d'
  const shape =
    'M330 160H452L456 430Q470 456 520 484L596 528Q634 556 616 592Q600 616 560 614Q470 610 392 568Q330 534 330 462Z'
  const sock = (dx: number, dy: number, cloth: string, band: string) =>
    group(
      path(shape, knit(d, cloth)) +
        d.clip(
          path(shape, '#000'),
          box(320, 156, 150, 74, 0, rib(d, cloth, 12)) +
            box(320, 252, 150, 26, 0, knit(d, band)) +
            box(320, 292, 150, 10, 0, knit(d, band)) +
            diamonds(391, 346, 5, 30, 14, band) +
            path('M330 462Q330 534 392 568L430 490Q380 470 372 420L330 424Z', knit(d, band)) +
            path('M556 500Q520 560 556 616L640 620V520Z', knit(d, band)),
        ) +
        path(shape, folds(d, 0, 0.9)),
      { transform: `translate(${dx} ${dy})` },
    )
  return d.finish(
    'A pair of thick cabin socks',
    '#8ea58c',
    d.soft(path('M220 590Q420 690 660 610L600 650H260Z', '#150a12', { opacity: 0.5 }), 16) +
      sock(26, -24, darker(wool, 0.12), darker(red, 0.2)) +
      d.soft(group(path(shape, '#150a12', { opacity: 0.4 }), { transform: 'translate(-84 18)' }), 14) +
      sock(-104, 6, wool, red),
  )
}

export function mittens(): string {
  const d = new Drawing()
  const grey = '#6c7f96'
  const shape = 'M300 600V420Q300 250 392 250T484 420V430Q504 380 540 386Q574 398 560 440L508 540L484 600Z'
  const mitten = (flip: boolean, dx: number, turn: number) =>
    group(
      path(shape, knit(d, grey)) +
        d.clip(
          path(shape, '#000'),
          diamonds(392, 330, 3, 44, 18, '#f4ecdc') +
            diamonds(392, 384, 5, 40, 22, '#f4ecdc') +
            diamonds(392, 384, 5, 40, 10, '#24476b') +
            diamonds(392, 438, 5, 40, 16, '#f4ecdc') +
            line('M290 478H510', '#f4ecdc', 6, { 'stroke-dasharray': '1 14' }) +
            box(290, 506, 214, 100, 0, rib(d, '#24476b', 13)),
        ) +
        path(shape, folds(d)),
      { transform: `${flip ? 'matrix(-1 0 0 1 800 0) ' : ''}translate(${dx} 0) rotate(${turn} 392 500)` },
    )
  return d.finish(
    'Patterned wool mittens in fog and ink',
    '#e0b7ac',
    d.soft(path('M170 586H640L590 636H220Z', '#150a12', { opacity: 0.55 }), 16) +
      mitten(false, 130, 9) +
      mitten(true, 138, 9),
  )
}

export function blanket(): string {
  const d = new Drawing()
  const wool = '#b9573a'
  const fold = (y: number, colour: string, inset: number) => {
    const shape = `M${204 + inset} ${y}H${556 - inset}Q${612 - inset} ${y} ${612 - inset} ${y + 40}T${556 - inset} ${y + 80}H${204 + inset}Q${176 + inset} ${y + 80} ${176 + inset} ${y + 40}T${204 + inset} ${y}Z`
    return (
      path(shape, knit(d, colour, 15)) +
      path(shape, d.linear([0, clear('#fff8ea', 0.42), 0.4, clear('#fff8ea', 0), 1, clear('#1a0f1c', 0.55)])) +
      path(shape, folds(d))
    )
  }
  const tassels = Array.from(
    { length: 14 },
    (_, place) => `M${226 + place * 24} 370q${place % 2 ? 4 : -5} 26 ${place % 3 ? 1 : -3} 52`,
  ).join('')
  return d.finish(
    'A folded stack of lambswool blankets',
    '#9fb3b8',
    d.shadow(394, 606, 226) +
      fold(526, '#33506b', -8) +
      fold(450, '#e6d9bf', 2) +
      fold(374, '#c9b184', -2) +
      line(tassels, darker(wool, 0.4), 9) +
      line(tassels, lighter(wool, 0.18), 5) +
      fold(298, wool, 4) +
      d.clip(
        box(170, 298, 444, 80, 40, '#000'),
        box(330, 290, 18, 110, 0, '#f1e6d2', { opacity: 0.85 }) +
          box(362, 290, 6, 110, 0, '#f1e6d2', { opacity: 0.85 }) +
          box(470, 290, 18, 110, 0, '#f1e6d2', { opacity: 0.85 }),
      ),
  )
}

export function sneaker(): string {
  const d = new Drawing()
  const upper = '#e8e1d2'
  const accent = '#d2481f'
  const shape =
    'M170 520Q164 420 186 372Q210 340 250 352Q270 400 318 392Q356 384 384 340L420 348Q470 440 560 464Q640 480 650 530V556H172Z'
  const sole = 'M158 544Q156 604 196 610H620Q668 608 664 548Q560 566 440 560T158 544Z'
  return d.finish(
    'A trail sneaker in oat and ember',
    '#94a7a4',
    d.shadow(410, 612, 238) +
      path(shape, d.linear([0, lighter(upper, 0.5), 0.5, upper, 1, darker(upper, 0.4)], 0.1, 0, 0.7, 1)) +
      d.clip(
        path(shape, '#000'),
        path('M560 464Q500 500 520 560H660V500Q630 478 560 464Z', d.face('#c9bda5')) +
          path('M160 372Q220 420 226 560H160Z', d.face(accent)) +
          path(
            'M262 400Q360 470 440 556H384Q300 470 250 440Z',
            d.linear([0, lighter(accent, 0.2), 1, darker(accent, 0.3)]),
          ) +
          path('M324 396Q420 470 494 556H466Q390 470 300 402Z', '#24476b', { opacity: 0.85 }) +
          d.speckles(90, 11, [430, 380, 220, 170], '#7d7361'),
      ) +
      path('M384 340L420 348Q458 424 520 452L492 478Q420 446 356 368Z', d.face('#f7f1e4')) +
      line('M402 368L364 388M424 396L384 416M446 420L408 444M470 440L436 466', '#24476b', 9) +
      path('M186 372Q210 340 250 352Q268 396 318 392Q290 420 244 404Q210 390 186 372Z', '#3a2a26') +
      path('M178 376Q174 330 210 318L236 340Q210 350 202 384Z', d.face(accent)) +
      path(sole, d.linear([0, '#fffaf0', 0.4, '#efe6d4', 1, '#9c8f7a'])) +
      path(
        'M160 578Q156 606 196 612H620Q664 610 664 580Q420 600 160 578Z',
        d.linear([0, accent, 1, darker(accent, 0.5)]),
      ) +
      line(Array.from({ length: 17 }, (_, place) => `M${196 + place * 27} 612v-10`).join(''), darker(accent, 0.7), 8) +
      d.soft(line('M470 426Q540 470 620 494', '#fff', 10, { opacity: 0.8 }), 5),
  )
}

export function tote(): string {
  const d = new Drawing()
  const canvas = '#eadcbd'
  const bag = 'M226 330H558L584 600Q586 620 564 620H220Q198 620 200 600Z'
  const weave = d.pattern(8, 8, box(0, 0, 8, 8, 0, canvas) + path('M0 0h4v4H0zM4 4h4v4H4z', darker(canvas, 0.1)))
  return d.finish(
    'A heavy canvas tote with leather handles',
    '#6f8a9c',
    d.shadow(394, 620, 196) +
      line('M310 340C300 130 484 130 474 340', darker('#7a4526', 0.4), 24) +
      path(bag, weave) +
      d.clip(
        path(bag, '#000'),
        path('M190 520H600V630H190Z', knit(d, '#2f5d4c', 9)) +
          path('M340 330Q330 470 352 620M452 330Q470 480 440 620', 'none', {
            stroke: darker(canvas, 0.5),
            'stroke-width': 10,
            opacity: 0.2,
          }),
      ) +
      path(bag, folds(d)) +
      line('M222 352H562', darker(canvas, 0.4), 3, { 'stroke-dasharray': '9 7' }) +
      line('M292 420V340C288 170 496 170 492 340V420', darker('#8a4f2b', 0.35), 26) +
      line('M292 420V340C288 170 496 170 492 340V420', '#a8683a', 20) +
      line('M286 420V340C286 200 350 180 392 180', '#e0a877', 4, { opacity: 0.7 }) +
      oval(292, 412, 6, 6, '#e2c078') +
      oval(492, 412, 6, 6, '#e2c078') +
      path('M392 440l13 27 30 4-22 21 6 30-27-15-27 15 6-30-22-21 30-4z', '#c4602f'),
  )
}
