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

export class GateModel {
  state: 'scheduled' | 'open' | 'closed' = 'scheduled'
  remaining: number
  sold = 0
  readonly perBuyer: number
  readonly holds = new Map<string, ModelHold>()
  readonly ended = new Map<string, { how: 'released' | 'expired' | 'settled'; buyer: string }>()
  /** By buyer and operation. */
  readonly answers = new Map<string, { holdId: string; units: number; remaining: number }>()
  readonly places = new Map<string, number>()
  /** Units by buyer, which count to the limit together with what is held. */
  readonly bought = new Map<string, number>()
  line: string[] = []

  constructor(units: number, perBuyer: number) {
    this.remaining = units
    this.perBuyer = perBuyer
  }

  private has(buyer: string): number {
    const held = [...this.holds.values()].filter((hold) => hold.buyer === buyer)
    return held.reduce((sum, hold) => sum + hold.units, 0) + (this.bought.get(buyer) ?? 0)
  }

  /** Ids are made by the script; the model takes them over. */
  private hold(buyer: string, units: number, holdId: string): void {
    this.remaining -= units
    this.holds.set(holdId, { buyer, units, how: 'live', isOver: false })
  }

  private end(holdId: string, how: 'released' | 'expired' | 'settled'): void {
    const hold = this.holds.get(holdId)
    if (!hold) return
    this.holds.delete(holdId)
    this.ended.set(holdId, { how, buyer: hold.buyer })
    if (how === 'settled') {
      this.sold += hold.units
      this.bought.set(hold.buyer, (this.bought.get(hold.buyer) ?? 0) + hold.units)
    } else this.remaining += hold.units
  }

  /** Buyers who should be offered a unit now, in order. */
  private nextOffers(): string[] {
    const offers: string[] = []
    if (this.state !== 'open') return offers
    let free = this.remaining
    const extra = new Map<string, number>()
    while (free > 0 && this.line.length > 0) {
      const buyer = this.line.shift() as string
      if (this.has(buyer) + (extra.get(buyer) ?? 0) >= this.perBuyer) continue
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
    const known = this.answers.get(`${buyer}:${operation}`)
    if (known) {
      if (known.units !== units) return ['key_reused']
      const how = this.holds.get(known.holdId)?.how ?? this.ended.get(known.holdId)?.how
      return ['repeated', known.holdId, known.units, known.remaining, how]
    }
    if (this.state === 'scheduled') return ['not_open']
    if (this.state === 'closed') return ['closed']
    if (units > this.perBuyer - this.has(buyer)) return ['limit_reached', Math.max(0, this.perBuyer - this.has(buyer))]
    if (this.remaining < units || this.line.length > 0) return ['sold_out', Math.max(0, this.remaining)]
    return ['held', units, this.remaining - units]
  }

  held(buyer: string, operation: string, units: number, holdId: string): void {
    this.hold(buyer, units, holdId)
    this.answers.set(`${buyer}:${operation}`, { holdId, units, remaining: Math.max(0, this.remaining) })
  }

  beginPayment(buyer: string, holdId: string): readonly unknown[] {
    const hold = this.holds.get(holdId)
    if (!hold) return [this.ended.get(holdId)?.buyer === buyer ? 'expired' : 'not_found']
    if (hold.buyer !== buyer) return ['not_found']
    if (hold.how !== 'claimed' && hold.isOver) return ['expired']
    if (hold.how === 'live') hold.how = 'paying'
    return ['paying', hold.units]
  }

  release(buyer: string, holdId: string): readonly unknown[] {
    const hold = this.holds.get(holdId)
    const ended = this.ended.get(holdId)
    if (!hold) return ended?.buyer === buyer ? ['ended', ended.how] : ['not_found']
    if (hold.buyer !== buyer) return ['not_found']
    if (hold.how !== 'live') return ['ask']
    if (hold.isOver) return ['expired']
    this.end(holdId, 'released')
    return ['released']
  }

  join(buyer: string, operation: string): readonly unknown[] {
    const place = this.places.get(`${buyer}:${operation}`)
    if (place !== undefined) return ['repeated', place]
    if (this.state === 'scheduled') return ['not_open']
    if (this.state === 'closed') return ['closed']
    if (this.has(buyer) >= this.perBuyer) return ['limit_reached']
    const known = this.line.indexOf(buyer) + 1
    if (known > 0) return ['joined', known]
    const position = this.line.push(buyer)
    this.places.set(`${buyer}:${operation}`, position)
    return ['joined', position]
  }

  apply(holdId: string, how: 'claimed' | 'settled' | 'released' | 'expired'): readonly unknown[] {
    const hold = this.holds.get(holdId)
    if (!hold || hold.how === how) return ['repeated']
    if (how === 'claimed') hold.how = 'claimed'
    else this.end(holdId, how)
    return ['applied']
  }

  /** Ends unpaid holds that are over; answers those that Postgres must decide. */
  tick(): string[] {
    const asks: string[] = []
    for (const [holdId, hold] of this.holds) {
      if (!hold.isOver) continue
      if (hold.how === 'live') this.end(holdId, 'expired')
      else if (hold.how === 'paying') asks.push(holdId)
    }
    return asks.sort()
  }

  close(): void {
    this.state = 'closed'
    this.line = []
  }
}
