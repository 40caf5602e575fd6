import type { DemoBrand, DemoCreator, DemoShow } from './demo-types.ts'

export const demoBrands: readonly DemoBrand[] = [
  {
    key: 'marrow',
    handle: 'marrow-and-clay',
    name: 'Marrow & Clay',
    story:
      'A workshop of six in Caldas da Rainha, Portugal. Everything is thrown by hand, fired twice in an electric kiln that runs on the roof’s own sun, and mended for free if it ever chips.',
    colour: '#b9532f',
    picture: 'brand-marrow-and-clay.svg',
  },
  {
    key: 'norrlys',
    handle: 'norrlys',
    name: 'Norrlys',
    story:
      'Wool from three farms on the Norwegian west coast, spun in Stryn and knitted in small numbers each winter. When a colour is gone it is gone, and the next one is dyed after the thaw.',
    colour: '#1f3d5c',
    picture: 'brand-norrlys.svg',
  },
  {
    key: 'oto',
    handle: 'oto-works',
    name: 'Oto Works',
    story:
      'Two acousticians and a watchmaker in Hamamatsu, Japan, who build things that you can open with one screwdriver. Each one is numbered, and spare parts are kept for fifteen years.',
    colour: '#191512',
    picture: 'brand-oto-works.svg',
  },
]

export const demoCreators: readonly DemoCreator[] = [
  {
    key: 'mara',
    handle: 'mara',
    displayName: 'Mara Quell',
    bio: 'Potter, tea drinker, breaker of at least one cup a week. I open the kiln live on Sundays and sell what survived.',
    picture: 'creator-mara.svg',
  },
  {
    key: 'teo',
    handle: 'teo',
    displayName: 'Teo Lindqvist',
    bio: 'I knit, I hike, I take things apart to see how they were made. Ask me anything about wool, and a few things about radios.',
    picture: 'creator-teo.svg',
  },
]

export const demoShows: readonly DemoShow[] = [
  {
    key: 'kiln-opening',
    creatorKey: 'mara',
    title: 'Opening the kiln, lot by lot',
    teaser:
      'Forty pieces came out this morning and nobody has seen them yet. Mara unpacks the shelves, tells what each glaze did, and lets the best ones go in flash sales.',
    picture: 'show-kiln-opening.svg',
    state: 'live',
    startsInMinutes: -12,
    productKeys: ['mug', 'teapot', 'bowls', 'vase', 'planter', 'candle', 'tea-tin', 'plates', 'lamp'],
    pinnedProductKey: 'teapot',
  },
  {
    key: 'wool-drop',
    creatorKey: 'teo',
    title: 'First frost: the winter wool drop',
    teaser:
      'The new Fjord sweaters, the last of the mustard beanies, and headphones warm enough to hike with. Small numbers, no restock until spring.',
    picture: 'show-wool-drop.svg',
    state: 'scheduled',
    startsInMinutes: 26 * 60,
    productKeys: ['sweater', 'beanie', 'scarf', 'socks', 'mittens', 'blanket', 'sneaker', 'headphones', 'radio'],
    pinnedProductKey: null,
  },
]
