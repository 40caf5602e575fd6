import type { createLot, RequestInputOf } from '@livelot/client/contracts'

type Wish = RequestInputOf<typeof createLot>

export interface DemoLot {
  readonly key: string
  readonly showKey: string
  /** Of the demo's catalogue; or else made up, with a title and one of the demo's pictures. */
  readonly goods: { readonly sku: string } | { readonly title: string; readonly picture: string }
  readonly startPriceMinor: number
  readonly terms: Wish['terms']
}

const softClose = { kind: 'soft', extensionSeconds: 10 } as const

/** Prepared in the show that is live, one of each kind, so that its host can start bidding with one key. */
export const demoLots: readonly DemoLot[] = [
  {
    key: 'first-sea-mug',
    showKey: 'kiln-opening',
    goods: { sku: 'MC-MUG-SEA' },
    startPriceMinor: 100,
    terms: { type: 'english', durationSeconds: 30, closing: softClose },
  },
  {
    key: 'second-ash-mug',
    showKey: 'kiln-opening',
    goods: { title: 'Ash mug, a second with a pooled rim', picture: 'mug.svg' },
    startPriceMinor: 100,
    terms: { type: 'english', durationSeconds: 20, closing: { kind: 'sudden-death' } },
  },
  {
    key: 'vase-with-reserve',
    showKey: 'kiln-opening',
    goods: { sku: 'MC-VASE' },
    startPriceMinor: 2_000,
    terms: { type: 'english', durationSeconds: 60, closing: softClose, reserveMinor: 7_500 },
  },
  {
    key: 'teapot-buy-now',
    showKey: 'kiln-opening',
    goods: { sku: 'MC-TEAPOT' },
    startPriceMinor: 1_500,
    terms: { type: 'english', durationSeconds: 60, closing: softClose, buyNowMinor: 7_900 },
  },
  {
    key: 'plates-dutch',
    showKey: 'kiln-opening',
    goods: { sku: 'MC-PLATES' },
    startPriceMinor: 13_600,
    terms: { type: 'dutch', floorMinor: 5_600, stepMinor: 500, stepSeconds: 3 },
  },
  {
    key: 'kiln-god',
    showKey: 'kiln-opening',
    goods: { title: 'Kiln god that watched over the firing', picture: 'planter.svg' },
    startPriceMinor: 500,
    terms: {
      type: 'english',
      durationSeconds: 60,
      closing: { ...softClose, overtimeSecondsMax: 300 },
      preBidsAllowed: true,
    },
  },
]
