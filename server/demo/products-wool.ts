import type { DemoProduct } from './demo-types.ts'

const common = { brandKey: 'norrlys', currency: 'USD', originCountry: 'NO' } as const

export const woolProducts: readonly DemoProduct[] = [
  {
    ...common,
    key: 'sweater',
    name: 'Fjord Sweater',
    description:
      'A yoke sweater in two-ply wool with the pattern that fishermen’s families in Stryn have knitted since 1890. Warm when wet, roomy over a shirt, and with a spare ball of each colour in the parcel.',
    category: 'Knitwear',
    picture: 'sweater.svg',
    variants: [
      { sku: 'NL-FJORD-S', name: 'S', priceMinor: 18900, units: 14 },
      { sku: 'NL-FJORD-M', name: 'M', priceMinor: 18900, units: 26 },
      { sku: 'NL-FJORD-L', name: 'L', priceMinor: 18900, units: 24 },
      { sku: 'NL-FJORD-XL', name: 'XL', priceMinor: 18900, units: 9 },
    ],
    formerPrices: [
      { daysAgo: 85, priceMinor: 21900 },
      { daysAgo: 26, priceMinor: 18900 },
    ],
    weightGrams: 840,
    hsCode: '611011',
  },
  {
    ...common,
    key: 'beanie',
    name: 'Harbour Beanie',
    description:
      'Thick rib, deep cuff, and a pompom that can be taken off for washing or for dignity. Dyed with weld, which is why the mustard is never quite the same twice.',
    category: 'Knitwear',
    picture: 'beanie.svg',
    variants: [
      { sku: 'NL-BEANIE-MUS', name: 'Mustard', priceMinor: 4900, units: 38 },
      { sku: 'NL-BEANIE-INK', name: 'Ink', priceMinor: 4900, units: 60 },
    ],
    formerPrices: [{ daysAgo: 60, priceMinor: 4900 }],
    weightGrams: 140,
    hsCode: '650500',
  },
  {
    ...common,
    key: 'scarf',
    name: 'Long Night Scarf',
    description:
      'Two metres and ten, enough to go around three times and still reach the pocket. Lambswool with rust stripes at both ends and a fringe tied by hand.',
    category: 'Knitwear',
    picture: 'scarf.svg',
    variants: [{ sku: 'NL-SCARF', name: 'Pine and rust', priceMinor: 7900, units: 44 }],
    formerPrices: [{ daysAgo: 95, priceMinor: 7900 }],
    weightGrams: 330,
    hsCode: '611710',
  },
  {
    ...common,
    key: 'socks',
    name: 'Cabin Socks',
    description:
      'The socks that live beside the stove. Terry inside, doubled heel and toe, and a cuff that stays up without leaving a mark. Wash at 40 and dry flat.',
    category: 'Knitwear',
    picture: 'socks.svg',
    variants: [
      { sku: 'NL-SOCK-37', name: '37 to 40', priceMinor: 2600, units: 90 },
      { sku: 'NL-SOCK-41', name: '41 to 45', priceMinor: 2600, units: 110 },
    ],
    formerPrices: [{ daysAgo: 50, priceMinor: 2600 }],
    weightGrams: 150,
    hsCode: '611594',
  },
  {
    ...common,
    key: 'mittens',
    name: 'Frost Mittens',
    description:
      'Stranded knitting is two layers by nature, so these are windproof without a lining. Snow stars on the back, plain palm for a better grip on a ski pole or a mug.',
    category: 'Knitwear',
    picture: 'mittens.svg',
    variants: [
      { sku: 'NL-MITT-S', name: 'S', priceMinor: 5400, units: 20 },
      { sku: 'NL-MITT-L', name: 'L', priceMinor: 5400, units: 28 },
    ],
    formerPrices: [{ daysAgo: 64, priceMinor: 5400 }],
    weightGrams: 120,
    hsCode: '611691',
  },
  {
    ...common,
    key: 'blanket',
    name: 'Drift Blanket',
    description:
      'Woven lambswool, 140 by 200 cm, brushed once so that it is soft without pilling. Heavy enough to keep you on the sofa. In brick, sand, oat or ink.',
    category: 'Home',
    picture: 'blanket.svg',
    variants: [
      { sku: 'NL-BLANK-BRK', name: 'Brick', priceMinor: 15900, units: 16 },
      { sku: 'NL-BLANK-OAT', name: 'Oat', priceMinor: 15900, units: 21 },
      { sku: 'NL-BLANK-INK', name: 'Ink', priceMinor: 15900, units: 12 },
    ],
    formerPrices: [
      { daysAgo: 70, priceMinor: 17500 },
      { daysAgo: 22, priceMinor: 15900 },
    ],
    weightGrams: 1250,
    hsCode: '630120',
  },
  {
    ...common,
    key: 'sneaker',
    name: 'Trail Runner',
    description:
      'A light shoe for gravel and stairs: wool-felt upper that breathes, a rubber sole with 4 mm lugs, and laces that stay tied. Runs true to size, and can be resoled once.',
    category: 'Shoes',
    picture: 'sneaker.svg',
    variants: [
      { sku: 'NL-TRAIL-40', name: 'EU 40', priceMinor: 12900, units: 15 },
      { sku: 'NL-TRAIL-42', name: 'EU 42', priceMinor: 12900, units: 22 },
      { sku: 'NL-TRAIL-44', name: 'EU 44', priceMinor: 12900, units: 17 },
    ],
    formerPrices: [{ daysAgo: 40, priceMinor: 12900 }],
    originCountry: 'PT',
    weightGrams: 620,
    hsCode: '640419',
  },
  {
    ...common,
    key: 'tote',
    name: 'Market Tote',
    description:
      'Canvas of 680 g with a woven wool foot, so that it stands by itself and does not mind a wet floor. Leather handles long enough for a winter coat’s shoulder. Carries 20 kg.',
    category: 'Bags',
    picture: 'tote.svg',
    variants: [{ sku: 'NL-TOTE', name: 'Oat and pine', priceMinor: 6400, units: 52 }],
    formerPrices: [{ daysAgo: 88, priceMinor: 6400 }],
    weightGrams: 780,
    hsCode: '420222',
  },
]
