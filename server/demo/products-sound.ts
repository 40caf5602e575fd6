import type { DemoProduct } from './demo-types.ts'

const common = { brandKey: 'oto', currency: 'USD', originCountry: 'JP' } as const

export const soundProducts: readonly DemoProduct[] = [
  {
    ...common,
    key: 'headphones',
    name: 'Field Headphones',
    description:
      'Closed back, 40 mm drivers, and a cable that unplugs before it breaks. Wireless for 45 hours, wired for ever. Every part comes off with one screwdriver, which is in the box.',
    category: 'Sound',
    picture: 'headphones.svg',
    variants: [
      { sku: 'OW-FIELD-RED', name: 'Signal red', priceMinor: 24900, units: 30 },
      { sku: 'OW-FIELD-BLK', name: 'Black', priceMinor: 24900, units: 42 },
    ],
    formerPrices: [
      { daysAgo: 90, priceMinor: 27900 },
      { daysAgo: 28, priceMinor: 24900 },
    ],
    weightGrams: 680,
    hsCode: '851830',
  },
  {
    ...common,
    key: 'speaker',
    name: 'Pebble Speaker',
    description:
      'Fills a kitchen, survives a picnic. Cloth from recycled bottles, beech lid, leather loop, and 18 hours between charges. Two of them find each other and become stereo.',
    category: 'Sound',
    picture: 'speaker.svg',
    variants: [{ sku: 'OW-PEBBLE', name: 'Moss', priceMinor: 13900, units: 47 }],
    formerPrices: [{ daysAgo: 55, priceMinor: 13900 }],
    weightGrams: 760,
    hsCode: '851821',
  },
  {
    ...common,
    key: 'lamp',
    name: 'Arc Desk Lamp',
    description:
      'A lamp with one joint and no switch: touch the base, and hold to dim. 2,700 K, flicker-free, colour rendering above 95, so that a glaze looks the same here as by the window.',
    category: 'Home',
    picture: 'lamp.svg',
    variants: [{ sku: 'OW-ARC', name: 'Brass and ember', priceMinor: 16800, units: 25 }],
    formerPrices: [{ daysAgo: 65, priceMinor: 16800 }],
    weightGrams: 2100,
    hsCode: '940521',
  },
  {
    ...common,
    key: 'watch',
    name: 'Meridian Watch',
    description:
      'A 38 mm automatic with a midnight dial and a seconds hand the colour of a tally light. Sapphire front, open back, 42 hours of reserve, and a strap that changes without a tool.',
    category: 'Watches',
    picture: 'watch.svg',
    variants: [{ sku: 'OW-MERIDIAN', name: 'Midnight on tan', priceMinor: 48500, units: 12 }],
    formerPrices: [{ daysAgo: 110, priceMinor: 48500 }],
    weightGrams: 210,
    hsCode: '910221',
  },
  {
    ...common,
    key: 'radio',
    name: 'Tuner Radio',
    description:
      'FM, digital and internet radio behind a scale that is still lit by amber light. Walnut, two knobs, no app needed. Remembers where you left it, even after a power cut.',
    category: 'Sound',
    picture: 'radio.svg',
    variants: [{ sku: 'OW-TUNER', name: 'Walnut', priceMinor: 21900, units: 19 }],
    formerPrices: [
      { daysAgo: 78, priceMinor: 23900 },
      { daysAgo: 18, priceMinor: 21900 },
    ],
    weightGrams: 2600,
    hsCode: '852791',
  },
  {
    ...common,
    key: 'earbuds',
    name: 'Grain Earbuds',
    description:
      'Small enough to sleep in and good enough not to. Batteries in buds and case can be replaced at the counter in five minutes. Seven hours, and twenty-two more in the case.',
    category: 'Sound',
    picture: 'earbuds.svg',
    variants: [
      { sku: 'OW-GRAIN-RICE', name: 'Rice', priceMinor: 11900, units: 70 },
      { sku: 'OW-GRAIN-INK', name: 'Ink', priceMinor: 11900, units: 0 },
    ],
    formerPrices: [{ daysAgo: 48, priceMinor: 11900 }],
    weightGrams: 160,
    hsCode: '851830',
  },
  {
    ...common,
    key: 'turntable',
    name: 'Slate Turntable',
    description:
      'Belt drive, an oak plinth on cork feet, and a carbon arm with the cartridge already set. Plug it into anything: the phono stage is inside and can be switched off.',
    category: 'Sound',
    picture: 'turntable.svg',
    variants: [{ sku: 'OW-SLATE', name: 'Oak', priceMinor: 39900, units: 8 }],
    formerPrices: [{ daysAgo: 92, priceMinor: 39900 }],
    weightGrams: 6400,
    hsCode: '851930',
  },
  {
    ...common,
    key: 'camera',
    name: 'Instant Camera',
    description:
      'Glass lens, real shutter, and a button that you can find with a mitten on. Takes the square film that every shop has. The stripe is enamel and will outlive the battery, which is replaceable.',
    category: 'Cameras',
    picture: 'camera.svg',
    variants: [{ sku: 'OW-INSTANT', name: 'Cream', priceMinor: 15900, units: 33 }],
    formerPrices: [{ daysAgo: 58, priceMinor: 15900 }],
    weightGrams: 540,
    hsCode: '900640',
  },
]
