import { box, clear, Drawing, darker, group, lighter, line, mix, oval, path } from './kit.ts'

export function mug(): string {
  const d = new Drawing()
  const glaze = '#2f6f73'
  const clay = '#c98d62'
  const body = 'M236 292V520Q238 612 330 618H452Q544 612 546 520V292Z'
  const ring = 'M540 356C668 330 676 524 534 520'
  return d.finish(
    'A stoneware mug with a sea-green glaze',
    '#e3a27d',
    d.shadow(392, 616, 150) +
      line(ring, darker(glaze, 0.5), 46) +
      line(ring, d.turned(glaze), 40) +
      line('M552 362C632 352 650 430 622 482', lighter(glaze, 0.5), 7, { opacity: 0.55 }) +
      path(body, d.turned(clay)) +
      d.clip(
        path(body, '#000'),
        path('M230 280H552V500Q520 532 480 512T400 520T318 506T230 522Z', d.turned(glaze)) +
          d.speckles(70, 7, [236, 300, 310, 210], '#0d2f33') +
          line('M552 500Q520 532 480 512T400 520T318 506T230 522', lighter(glaze, 0.55), 4, { opacity: 0.6 }) +
          d.soft(path('M282 320Q272 430 292 560L318 560Q300 430 310 320Z', '#fff', { opacity: 0.5 }), 9),
      ) +
      oval(391, 292, 155, 38, lighter(glaze, 0.28)) +
      oval(391, 294, 145, 32, d.linear([0, darker(glaze, 0.72), 1, darker(clay, 0.2)], 0, 0, 1, 0.3)) +
      oval(391, 312, 118, 18, d.linear([0, '#2a140c', 1, '#5b3220'], 0, 0, 1, 0)),
  )
}

export function teapot(): string {
  const d = new Drawing()
  const iron = '#c8462f'
  const body = 'M200 440C200 330 290 290 392 290S586 330 586 440S520 606 392 606S200 560 200 440Z'
  return d.finish(
    'A round vermilion teapot with a bamboo handle',
    '#d8c7a4',
    d.shadow(394, 606, 176) +
      line('M262 320C258 120 528 120 522 320', darker('#b98443', 0.45), 26) +
      line('M262 320C258 122 528 122 522 320', d.turned('#c89752'), 20) +
      line('M272 262C280 196 330 172 380 170', '#f7dfb0', 5, { opacity: 0.7 }) +
      path(
        'M560 396C636 392 640 330 700 308L716 328C690 372 668 470 566 492Z',
        d.linear([0, lighter(iron, 0.3), 0.5, iron, 1, darker(iron, 0.5)], 0, 0, 0.3, 1),
      ) +
      oval(709, 318, 13, 9, darker(iron, 0.7), { transform: 'rotate(-38 709 318)' }) +
      path(body, d.ball(iron)) +
      d.clip(
        path(body, '#000'),
        line('M190 470Q392 540 600 470', darker(iron, 0.4), 3, { opacity: 0.6 }) +
          line('M196 484Q392 556 596 484', lighter(iron, 0.5), 2, { opacity: 0.4 }) +
          oval(392, 640, 190, 60, darker(iron, 0.6), { opacity: 0.5 }) +
          d.speckles(46, 3, [220, 310, 350, 270], '#4b1008'),
      ) +
      d.soft(path('M246 404Q258 338 330 318Q276 366 272 440Z', '#fff', { opacity: 0.75 }), 7) +
      oval(392, 300, 92, 24, darker(iron, 0.5)) +
      path('M302 294Q310 252 392 252T482 294Q440 312 392 312T302 294Z', d.ball(iron)) +
      oval(392, 248, 30, 10, darker(iron, 0.6)) +
      oval(392, 234, 26, 22, d.ball('#b98443')),
  )
}

export function bowls(): string {
  const d = new Drawing()
  const bowl = (cx: number, cy: number, r: number, colour: string, inner: string) => {
    const foot = r * 0.78
    const shape = `M${cx - r} ${cy}Q${cx - r * 0.9} ${cy + r * 0.72} ${cx - r * 0.36} ${cy + foot}H${cx + r * 0.36}Q${cx + r * 0.9} ${cy + r * 0.72} ${cx + r} ${cy}Z`
    return (
      path(shape, d.turned(colour)) +
      d.clip(
        path(shape, '#000'),
        path(
          `M${cx - r} ${cy + r * 0.5}Q${cx} ${cy + r * 0.68} ${cx + r} ${cy + r * 0.44}V${cy + r}H${cx - r}Z`,
          d.turned('#d9b48c'),
        ) + d.speckles(34, Math.round(cx + r), [cx - r, cy, r * 2, r * 0.8], '#5c3b27'),
      ) +
      oval(cx, cy, r, r * 0.25, lighter(colour, 0.4)) +
      oval(
        cx,
        cy + 3,
        r * 0.95,
        r * 0.215,
        d.linear([0, darker(inner, 0.5), 0.6, inner, 1, lighter(inner, 0.35)], 0, 0, 1, 0.4),
      )
    )
  }
  return d.finish(
    'A large bowl in ink and a small one in foam',
    '#8fb0ad',
    d.shadow(430, 610, 210) +
      bowl(466, 424, 214, '#294a5e', '#3a6579') +
      bowl(250, 508, 128, '#efe6d3', '#d8cbb1') +
      d.shadow(250, 608, 66) +
      bowl(250, 508, 128, '#efe6d3', '#d8cbb1') +
      d.soft(path('M300 470Q310 540 372 584L392 580Q332 530 328 466Z', '#fff', { opacity: 0.35 }), 6),
  )
}

export function vase(): string {
  const d = new Drawing()
  const clay = '#f0e2cd'
  const body = 'M352 300C352 352 268 380 262 486C258 574 318 628 392 628S526 574 522 486C516 380 432 352 432 300Z'
  const stem = (x: number, y: number, lean: number) =>
    line(`M392 320Q${392 + lean} ${(320 + y) / 2} ${x} ${y}`, '#8b6a3c', 4) +
    Array.from({ length: 7 }, (_, place) => {
      const t = place / 7
      const [px, py] = [x + (392 + lean - x) * t * 0.7, y + (330 - y) * t * 0.55]
      const tilt = (x - 392) / 6 + (place % 2 ? 38 : -38)
      return oval(px, py, 7, 19, place % 2 ? '#d9a452' : '#e8bf74', {
        transform: `rotate(${Math.round(tilt)} ${Math.round(px)} ${Math.round(py + 16)})`,
      })
    }).join('')
  return d.finish(
    'A bone-white bottle vase with dried stems',
    '#c4724e',
    d.shadow(392, 624, 138) +
      stem(286, 92, -16) +
      stem(392, 62, -8) +
      stem(506, 112, 20) +
      stem(450, 84, 8) +
      path(body, d.turned(clay)) +
      d.clip(
        path(body, '#000'),
        Array.from({ length: 13 }, (_, place) =>
          line(`M250 ${340 + place * 23}Q392 ${372 + place * 23} 534 ${340 + place * 23}`, '#a5805c', 2, {
            opacity: 0.28,
          }),
        ).join('') + oval(392, 650, 150, 60, darker(clay, 0.5), { opacity: 0.5 }),
      ) +
      d.soft(path('M302 430Q280 500 312 566L336 560Q310 500 328 420Z', '#fff', { opacity: 0.75 }), 8) +
      oval(392, 300, 40, 11, lighter(clay, 0.6)) +
      oval(392, 301, 33, 8, '#5a4332'),
  )
}

export function planter(): string {
  const d = new Drawing()
  const pot = '#e8ddc9'
  const body = 'M270 452H514L490 590Q484 624 452 624H332Q300 624 294 590Z'
  const leaf = (angle: number, length: number, colour: string) =>
    group(
      path(
        `M0 0C${-length * 0.34} ${-length * 0.32} ${-length * 0.3} ${-length * 0.8} 0 ${-length}C${length * 0.3} ${-length * 0.8} ${length * 0.34} ${-length * 0.32} 0 0Z`,
        d.linear(
          [0, lighter(colour, 0.34), 0.5, colour, 0.52, darker(colour, 0.22), 1, darker(colour, 0.42)],
          0,
          0,
          1,
          0.2,
        ),
      ) + line(`M0 0Q4 ${-length * 0.5} 0 ${-length * 0.94}`, lighter(colour, 0.5), 3, { opacity: 0.7 }),
      { transform: `translate(392 446) rotate(${angle})` },
    )
  return d.finish(
    'A rubber fig in a ribbed planter',
    '#e6b9a6',
    d.shadow(392, 622, 124) +
      leaf(-66, 220, '#2f6b47') +
      leaf(64, 232, '#255a3c') +
      leaf(-34, 290, '#3b7d52') +
      leaf(36, 300, '#2a6141') +
      leaf(-92, 150, '#3f8657') +
      leaf(88, 158, '#2d6a48') +
      leaf(4, 350, '#37774f') +
      leaf(-16, 216, '#4b9463') +
      leaf(20, 196, '#3f8657') +
      path(body, d.turned(pot)) +
      d.clip(
        path(body, '#000'),
        Array.from({ length: 15 }, (_, place) =>
          line(`M${276 + place * 17} 452L${296 + place * 14} 626`, darker(pot, 0.5), 3, { opacity: 0.3 }),
        ).join(''),
      ) +
      oval(392, 452, 122, 22, lighter(pot, 0.4)) +
      oval(392, 454, 112, 17, '#3b2a20') +
      leaf(-52, 130, '#4b9463') +
      leaf(50, 120, '#357350'),
  )
}

export function candle(): string {
  const d = new Drawing()
  const glass = '#d98e3f'
  const body = 'M270 336V570Q272 618 322 620H462Q512 618 514 570V336Z'
  const glow = d.radial([0, clear('#ffe2a0', 0.95), 0.4, clear('#ffb454', 0.4), 1, clear('#ff9a3c', 0)])
  return d.finish(
    'A burning candle in an amber tumbler',
    '#5a4a63',
    oval(392, 300, 320, 300, glow) +
      d.shadow(392, 618, 126) +
      path(body, d.turned(glass)) +
      d.clip(
        path(body, '#000'),
        path('M270 392Q392 424 514 392V620H270Z', d.turned('#f6dcae')) +
          oval(392, 392, 122, 24, '#fff1cf') +
          box(
            270,
            330,
            244,
            300,
            0,
            d.linear(
              [
                0,
                clear('#7a3d12', 0.55),
                0.25,
                clear('#ffd68a', 0.2),
                0.6,
                clear('#b9681f', 0.35),
                1,
                clear('#5a2908', 0.7),
              ],
              0,
              0,
              1,
              0,
            ),
          ),
      ) +
      box(316, 458, 152, 96, 4, '#fbf3e2') +
      box(328, 470, 128, 72, 2, 'none', { stroke: '#5b3a22', 'stroke-width': 2 }) +
      path('M392 484c14 16 20 26 20 36a20 20 0 0 1-40 0c0-10 6-20 20-36Z', '#c8462f') +
      oval(392, 336, 122, 25, 'none', { stroke: '#ffe3b0', 'stroke-width': 5 }) +
      line('M392 396V352', '#2b1a10', 6) +
      path(
        'M392 236C424 290 430 316 418 340Q392 372 366 340C354 316 362 290 392 236Z',
        d.radial([0, '#fffbe6', 0.45, '#ffd765', 1, '#ff8a2b'], 0.5, 0.74, 0.6),
      ) +
      d.soft(path('M296 360V590H312V360Z', '#fff', { opacity: 0.7 }), 4),
  )
}

export function teaTin(): string {
  const d = new Drawing()
  const tin = '#1f4e46'
  const brass = '#d8a94f'
  return d.finish(
    'A tea tin with a brass lid, oolong leaves beside it',
    '#b9c3a1',
    d.shadow(392, 616, 150) +
      path('M252 286V584Q252 626 392 626T532 584V286Z', d.turned(tin)) +
      path('M252 400Q392 442 532 400V540Q392 582 252 540Z', d.turned('#f3e7cd')) +
      line('M252 410Q392 452 532 410M252 530Q392 572 532 530', brass, 4) +
      path('M330 500Q352 440 392 436Q436 446 454 500Q424 470 406 506Q392 462 376 508Q360 474 330 500Z', '#2f6b47') +
      oval(392, 532, 34, 4, '#c8462f') +
      path('M244 214V288Q244 328 392 328T540 288V214Z', d.turned(brass)) +
      oval(392, 214, 148, 40, d.linear([0, lighter(brass, 0.7), 0.5, brass, 1, darker(brass, 0.36)], 0, 0, 1, 0.5)) +
      oval(392, 212, 112, 28, 'none', { stroke: darker(brass, 0.4), 'stroke-width': 3, opacity: 0.6 }) +
      d.soft(path('M288 340V590H308V344Z', '#fff', { opacity: 0.5 }), 6) +
      [
        [168, 628, 20],
        [196, 646, -24],
        [226, 640, 60],
        [590, 644, -30],
        [620, 630, 18],
        [602, 660, 70],
      ]
        .map(([x = 0, y = 0, turn = 0]) =>
          path(`M${x} ${y}q16-14 34 0q-16 12-34 0Z`, mix('#3a4a24', '#6d7b3a', (turn + 30) / 100), {
            transform: `rotate(${turn} ${x} ${y})`,
          }),
        )
        .join(''),
  )
}

export function plates(): string {
  const d = new Drawing()
  const colours = ['#d9a38a', '#e9d8b4', '#8aa39a', '#c9604a'] as const
  const plate = (cy: number, rx: number, colour: string) =>
    path(`M${392 - rx} ${cy}Q${392 - rx} ${cy + 44} 392 ${cy + 50}T${392 + rx} ${cy}Z`, d.turned(colour)) +
    oval(
      392,
      cy,
      rx,
      rx * 0.2,
      d.linear([0, lighter(colour, 0.55), 0.5, lighter(colour, 0.1), 1, darker(colour, 0.2)], 0, 0, 1, 0.4),
    ) +
    oval(392, cy + 5, rx * 0.74, rx * 0.135, d.linear([0, darker(colour, 0.24), 1, lighter(colour, 0.3)], 0, 0, 1, 0.2))
  return d.finish(
    'A stack of four hand-thrown plates',
    '#bcd0d4',
    d.shadow(392, 600, 230) +
      colours.map((colour, place) => plate(556 - place * 40, 236 - place * 18, colour)).join('') +
      d.speckles(60, 21, [220, 416, 340, 40], '#4a2418') +
      path('M392 414c40-40 92-34 118-62c-2 44-48 76-118 62Z', d.face('#4e8a5c')) +
      line('M394 414Q450 396 506 354', '#cfe3bd', 3) +
      oval(346, 414, 40, 28, d.ball('#5d2a4c')) +
      oval(344, 388, 7, 10, '#7a9a4f'),
  )
}
