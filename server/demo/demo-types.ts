/** What the seed puts into the catalogue, so that a new installation looks alive. `picture` names a file of pictures/. */

export interface DemoBrand {
  readonly key: string
  readonly handle: string
  readonly name: string
  readonly story: string
  readonly colour: string
  readonly picture: string
}

export interface DemoCreator {
  readonly key: string
  readonly handle: string
  readonly displayName: string
  readonly bio: string
  readonly picture: string
}

export interface DemoVariant {
  readonly sku: string
  readonly name: string
  readonly priceMinor: number
  readonly units: number
}

/** A price that was asked before, so that a strike-through rests on history. `daysAgo` is when it began. */
export interface DemoFormerPrice {
  readonly daysAgo: number
  readonly priceMinor: number
}

export interface DemoProduct {
  readonly key: string
  readonly brandKey: string
  readonly name: string
  readonly description: string
  readonly category: string
  readonly picture: string
  readonly currency: 'USD'
  readonly variants: readonly DemoVariant[]
  /** Oldest first; of the first variant's price. The present price follows after the last one. */
  readonly formerPrices: readonly DemoFormerPrice[]
  readonly weightGrams: number
  readonly originCountry: string
  /** Harmonised System heading, six digits, for customs. */
  readonly hsCode: string
}

export interface DemoShow {
  readonly key: string
  readonly creatorKey: string
  readonly title: string
  readonly teaser: string
  readonly picture: string
  readonly state: 'live' | 'scheduled'
  /** From the moment of seeding; negative is in the past. */
  readonly startsInMinutes: number
  readonly productKeys: readonly string[]
  readonly pinnedProductKey: string | null
}
