import type { DemoProduct } from './demo-types.ts'

const common = { brandKey: 'marrow', currency: 'USD', originCountry: 'PT' } as const

export const homeProducts: readonly DemoProduct[] = [
  {
    ...common,
    key: 'mug',
    name: 'Hearth Mug',
    description:
      'Holds 340 ml and stays warm to the last sip: the wall is twice as thick at the foot as at the rim. Sea-green glaze over raw stoneware, with the drip line left where it fell. Dishwasher and microwave safe.',
    category: 'Ceramics',
    picture: 'mug.svg',
    variants: [
      { sku: 'MC-MUG-SEA', name: 'Sea green', priceMinor: 3400, units: 120 },
      { sku: 'MC-MUG-ASH', name: 'Ash', priceMinor: 3400, units: 64 },
    ],
    formerPrices: [{ daysAgo: 90, priceMinor: 3400 }],
    weightGrams: 410,
    hsCode: '691200',
  },
  {
    ...common,
    key: 'teapot',
    name: 'Long Pour Teapot',
    description:
      'A one-litre pot whose spout was redrawn eleven times until it stopped dripping. Vermilion slip, bamboo handle that never gets hot, and a strainer fired into the body, so that nothing can be lost in the sink.',
    category: 'Ceramics',
    picture: 'teapot.svg',
    variants: [{ sku: 'MC-TEAPOT', name: 'Vermilion, 1 l', priceMinor: 8900, units: 40 }],
    formerPrices: [
      { daysAgo: 80, priceMinor: 9400 },
      { daysAgo: 24, priceMinor: 8900 },
    ],
    weightGrams: 1180,
    hsCode: '691200',
  },
  {
    ...common,
    key: 'bowls',
    name: 'Tide Bowls, Pair',
    description:
      'One bowl for the salad and one for what is left of it. The waterline between glaze and clay is dipped by hand and no two are at the same height. Nest into each other; ovenproof to 220 °C.',
    category: 'Ceramics',
    picture: 'bowls.svg',
    variants: [
      { sku: 'MC-BOWL-INK', name: 'Ink and foam', priceMinor: 7200, units: 56 },
      { sku: 'MC-BOWL-SND', name: 'Sand and foam', priceMinor: 7200, units: 31 },
    ],
    formerPrices: [{ daysAgo: 120, priceMinor: 7200 }],
    weightGrams: 1640,
    hsCode: '691200',
  },
  {
    ...common,
    key: 'vase',
    name: 'Column Vase',
    description:
      'Bone-white, 31 cm tall, with the thrower’s spiral left in the wall so that light has something to hold on to. Glazed inside and watertight. The stems in the picture are from the hedge behind the workshop.',
    category: 'Ceramics',
    picture: 'vase.svg',
    variants: [{ sku: 'MC-VASE', name: 'Bone white', priceMinor: 11800, units: 22 }],
    formerPrices: [{ daysAgo: 60, priceMinor: 11800 }],
    weightGrams: 1520,
    hsCode: '691390',
  },
  {
    ...common,
    key: 'planter',
    name: 'Ribbed Planter with Fig',
    description:
      'A rubber fig of about 45 cm, grown two years, in a ribbed pot with a hidden saucer. It forgives dark corners and holidays. Shipped upright in a paper sleeve, with a note on how to water it.',
    category: 'Plants',
    picture: 'planter.svg',
    variants: [
      { sku: 'MC-PLANT-S', name: 'Small, 30 cm', priceMinor: 4600, units: 48 },
      { sku: 'MC-PLANT-M', name: 'Medium, 45 cm', priceMinor: 6800, units: 36 },
    ],
    formerPrices: [{ daysAgo: 45, priceMinor: 4600 }],
    weightGrams: 3100,
    hsCode: '060290',
  },
  {
    ...common,
    key: 'candle',
    name: 'Ember Candle',
    description:
      'Rapeseed wax in a glass that becomes a tumbler afterwards. Cedar, black tea and a little smoke. Burns for some fifty hours with a cotton wick and no soot on the ceiling.',
    category: 'Home',
    picture: 'candle.svg',
    variants: [{ sku: 'MC-CANDLE', name: 'Cedar and black tea', priceMinor: 2800, units: 150 }],
    formerPrices: [{ daysAgo: 70, priceMinor: 2800 }],
    weightGrams: 520,
    hsCode: '340600',
  },
  {
    ...common,
    key: 'tea-tin',
    name: 'Mountain Oolong, Tin',
    description:
      'Half-rolled leaves from a single slope at 1,400 m, picked in April. Tastes of warm milk and orchids, and gives five good infusions. 120 g in a tin with a brass lid that closes like a good door.',
    category: 'Tea',
    picture: 'tea-tin.svg',
    variants: [{ sku: 'MC-OOLONG', name: '120 g', priceMinor: 2400, units: 200 }],
    formerPrices: [
      { daysAgo: 75, priceMinor: 2900 },
      { daysAgo: 20, priceMinor: 2400 },
    ],
    originCountry: 'TW',
    weightGrams: 260,
    hsCode: '090240',
  },
  {
    ...common,
    key: 'plates',
    name: 'Salt Plates, Set of Four',
    description:
      'Four dinner plates of 26 cm in four glazes that were mixed to sit next to each other. A low rim keeps sauce where it belongs. Sold as a set; single ones are replaced at cost.',
    category: 'Ceramics',
    picture: 'plates.svg',
    variants: [{ sku: 'MC-PLATES', name: 'Set of four', priceMinor: 13600, units: 18 }],
    formerPrices: [{ daysAgo: 100, priceMinor: 13600 }],
    weightGrams: 2900,
    hsCode: '691200',
  },
]
