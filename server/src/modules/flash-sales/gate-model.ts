/**
 * What the gate's scripts should do, in plain TypeScript over plain maps: the property test compares both step by step.
 * Time is a flag, because the test moves deadlines. For tests only.
 */
export interface ModelHold {
  readonly buyer: string
  readonly units: number
  how: 'live' | 'paying' | 'claimed'
  isOver: boolean
}

export interface Model {
  state: 'scheduled' | 'open' | 'closed'
  remaining: number
  sold: number
  readonly perBuyer: number
  readonly holds: Map<string, ModelHold>
  readonly ended: Map<string, 'released' | 'expired' | 'settled'>
  /** buyer and operation -> what it was answered. */
  readonly answers: Map<string, { holdId: string; units: number; remaining: number }>
  readonly places: Map<string, number>
  line: string[]
}

export const newModel = (units: number, perBuyer: number): Model => ({
  state: 'scheduled',
  remaining: units,
  sold: 0,
  perBuyer,
  holds: new Map(),
  ended: new Map(),
  answers: new Map(),
  places: new Map(),
  line: [],
})

const unitsOf = (model: Model, buyer: string, bought: ReadonlyMap<string, number>): number =>
  [...model.holds.values()].filter((hold) => hold.buyer === buyer).reduce((sum, hold) => sum + hold.units, 0) +
  (bought.get(buyer) ?? 0)

/** The model with what was bought, which the gate counts together with what is held. */
export class GateModel {
  readonly model: Model
  readonly bought = new Map<string, number>()

  constructor(units: number, perBuyer: number) {
    this.model = newModel(units, perBuyer)
  }

  private has(buyer: string): number {
    return unitsOf(this.model, buyer, this.bought)
  }

  /** The model cannot know ids: `idOf` gives the id that the script made. */
  private hold(buyer: string, units: number, holdId: string): void {
    this.model.remaining -= units
    this.model.holds.set(holdId, { buyer, units, how: 'live', isOver: false })
  }

  private end(holdId: string, how: 'released' | 'expired' | 'settled'): void {
    const hold = this.model.holds.get(holdId)
    if (!hold) return
    this.model.holds.delete(holdId)
    this.model.ended.set(holdId, how)
    if (how === 'settled') {
      this.model.sold += hold.units
      this.bought.set(hold.buyer, (this.bought.get(hold.buyer) ?? 0) + hold.units)
    } else this.model.remaining += hold.units
  }

  /** Buyers who should be offered a unit now, in order. */
  private nextOffers(): string[] {
    const { model } = this
    const offers: string[] = []
    if (model.state !== 'open') return offers
    let free = model.remaining
    const extra = new Map<string, number>()
    while (free > 0 && model.line.length > 0) {
      const buyer = model.line.shift() as string
      if (this.has(buyer) + (extra.get(buyer) ?? 0) >= model.perBuyer) continue
      extra.set(buyer, (extra.get(buyer) ?? 0) + 1)
      offers.push(buyer)
      free -= 1
    }
    return offers
  }

  takeOffers(offers: readonly { accountId: string; holdId: string }[]): { expected: string[]; given: string[] } {
    const expected = this.nextOffers()
    for (const offer of offers) this.hold(offer.accountId, 1, offer.holdId)
    return { expected, given: offers.map((offer) => offer.accountId) }
  }

  reserve(buyer: string, operation: string, units: number): readonly unknown[] {
    const { model } = this
    const known = model.answers.get(`${buyer}:${operation}`)
    if (known) {
      if (known.units !== units) return ['key_reused']
      const how = model.holds.get(known.holdId)?.how ?? model.ended.get(known.holdId)
      return ['repeated', known.holdId, known.units, known.remaining, how]
    }
    if (model.state === 'scheduled') return ['not_open']
    if (model.state === 'closed') return ['closed']
    if (units > model.perBuyer - this.has(buyer))
      return ['limit_reached', Math.max(0, model.perBuyer - this.has(buyer))]
    if (model.remaining < units || model.line.length > 0) return ['sold_out', Math.max(0, model.remaining)]
    return ['held', units, model.remaining - units]
  }

  held(buyer: string, operation: string, units: number, holdId: string): void {
    this.hold(buyer, units, holdId)
    this.model.answers.set(`${buyer}:${operation}`, { holdId, units, remaining: Math.max(0, this.model.remaining) })
  }

  beginPayment(buyer: string, holdId: string): readonly unknown[] {
    const hold = this.model.holds.get(holdId)
    if (!hold) return [this.model.ended.has(holdId) ? 'expired' : 'not_found']
    if (hold.buyer !== buyer) return ['not_found']
    if (hold.how !== 'claimed' && hold.isOver) return ['expired']
    if (hold.how === 'live') hold.how = 'paying'
    return ['paying', hold.units]
  }

  release(buyer: string, holdId: string): readonly unknown[] {
    const hold = this.model.holds.get(holdId)
    const how = this.model.ended.get(holdId)
    if (!hold) return how ? ['ended', how] : ['not_found']
    if (hold.buyer !== buyer) return ['not_found']
    if (hold.how !== 'live') return ['ask']
    if (hold.isOver) return ['expired']
    this.end(holdId, 'released')
    return ['released']
  }

  join(buyer: string, operation: string): readonly unknown[] {
    const { model } = this
    const place = model.places.get(`${buyer}:${operation}`)
    if (place !== undefined) return ['repeated', place]
    if (model.state === 'scheduled') return ['not_open']
    if (model.state === 'closed') return ['closed']
    if (this.has(buyer) >= model.perBuyer) return ['limit_reached']
    if (!model.line.includes(buyer)) model.line.push(buyer)
    const position = model.line.indexOf(buyer) + 1
    model.places.set(`${buyer}:${operation}`, position)
    return ['joined', position]
  }

  apply(holdId: string, how: 'claimed' | 'settled' | 'released' | 'expired'): readonly unknown[] {
    const hold = this.model.holds.get(holdId)
    if (!hold || hold.how === how) return ['repeated']
    if (how === 'claimed') hold.how = 'claimed'
    else this.end(holdId, how)
    return ['applied']
  }

  /** Ends unpaid holds that are over; answers those that Postgres must decide. */
  tick(): string[] {
    const asks: string[] = []
    for (const [holdId, hold] of this.model.holds) {
      if (!hold.isOver) continue
      if (hold.how === 'live') this.end(holdId, 'expired')
      else if (hold.how === 'paying') asks.push(holdId)
    }
    return asks.sort()
  }

  close(): void {
    this.model.state = 'closed'
    this.model.line = []
  }
}
