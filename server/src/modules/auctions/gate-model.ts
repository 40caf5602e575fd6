/**
 * What the gate of auctions should do, in plain TypeScript: everything is read off the list of what was accepted, from
 * its beginning, each time anew. The property test compares it with the scripts step by step. For tests only.
 */
export interface ModelTerms {
  readonly startPrice: number
  /** From, step. */
  readonly increments: readonly (readonly [number, number])[]
  readonly lastsMs: number
  /** 0: the end stays. */
  readonly extensionMs: number
  readonly overtimeMs: number | null
  readonly reserve: number | null
  readonly isReserveShown: boolean
  readonly buyNow: number | null
  readonly dutch: { readonly floor: number; readonly step: number; readonly stepMs: number } | null
  readonly brand: string
}

export interface ModelBidder {
  readonly account: string
  readonly paddle: number
  readonly name: string
  limit: number | null
  barredFor: string | null
  brand: string | null
}

type Kind = 'bid' | 'max' | 'pre-bid' | 'buy'
export interface ModelBid {
  readonly id: string
  readonly account: string
  readonly kind: Kind
  readonly amount: number
  readonly isSure: boolean
}
type Fact =
  | { readonly what: 'started'; readonly at: number }
  | { readonly what: 'resumed'; readonly at: number }
  | { readonly what: 'closed'; readonly at: number; readonly outcome: 'sold' | 'bought' | 'unsold' }
  | { readonly what: Kind; readonly at: number; readonly bid: ModelBid; readonly price: number }

/** How an auction stands after its facts. */
interface Standing {
  leader: string | null
  maximum: number
  price: number
  end: number
  extensions: number
  bids: number
  closedAt: number | null
  outcome: 'sold' | 'bought' | 'unsold' | null
}

export class AuctionModel {
  readonly terms: ModelTerms
  readonly startedAt: number
  readonly hall: HallModel
  readonly facts: Fact[]
  readonly answers = new Map<string, { bid: ModelBid; answer: Record<string, unknown> }>()
  refusedLate = 0

  constructor(hall: HallModel, terms: ModelTerms, startedAt: number, toldAt: number) {
    this.hall = hall
    this.terms = terms
    this.startedAt = startedAt
    this.facts = [{ what: 'started', at: toldAt }]
    hall.auctions.push(this)
  }

  private step(price: number): number {
    const fitting = this.terms.increments.filter(([from]) => from <= price)
    return (fitting[fitting.length - 1] as readonly [number, number])[1]
  }

  standing(facts: readonly Fact[] = this.facts): Standing {
    const { terms } = this
    const firstEnd = this.startedAt + terms.lastsMs
    let now: Standing = {
      leader: null,
      maximum: 0,
      price: terms.startPrice,
      end: firstEnd,
      extensions: 0,
      bids: 0,
      closedAt: null,
      outcome: null,
    }
    for (const fact of facts) {
      if (fact.what === 'started') continue
      if (fact.what === 'resumed') now.end = Math.max(now.end, fact.at + (terms.extensionMs || 10_000))
      else if (fact.what === 'closed') now = { ...now, closedAt: fact.at, outcome: fact.outcome }
      else if (fact.what === 'buy')
        now = { ...now, leader: fact.bid.account, maximum: fact.bid.amount, price: fact.price, bids: now.bids + 1 }
      else now = this.afterEnd(now, this.afterBid(now, fact.bid), fact)
    }
    return now
  }

  private afterBid(before: Standing, { account, amount, kind }: ModelBid): Standing {
    const after = { ...before, bids: before.bids + 1 }
    const { reserve } = this.terms
    if (before.leader !== null && before.leader !== account && before.maximum >= amount) {
      after.price = Math.min(before.maximum, amount + this.step(amount))
      return after
    }
    if (before.leader !== account) {
      if (kind === 'bid') after.price = amount
      else if (before.leader !== null) after.price = Math.min(amount, before.maximum + this.step(before.maximum))
    }
    after.leader = account
    after.maximum = amount
    if (reserve !== null && amount >= reserve && after.price < reserve) after.price = reserve
    return after
  }

  private afterEnd(before: Standing, after: Standing, { what, at }: Fact): Standing {
    const { extensionMs, overtimeMs } = this.terms
    const hasMoved = after.price !== before.price || after.leader !== before.leader
    if (!hasMoved || what === 'pre-bid' || extensionMs === 0 || before.end - at > 10_000) return after
    const latest = overtimeMs === null ? Infinity : this.startedAt + this.terms.lastsMs + overtimeMs
    const wanted = Math.min(at + extensionMs, latest)
    return wanted > before.end ? { ...after, end: wanted, extensions: before.extensions + 1 } : after
  }

  /** Least amount of the next bid; of a Dutch auction the price that it began with. */
  least(standing = this.standing()): number {
    return standing.leader === null ? this.terms.startPrice : standing.price + this.step(standing.price)
  }

  /** Least amount by which the leader may raise the own maximum. */
  leastRaise({ maximum } = this.standing()): number {
    return Math.max(this.least(), maximum + this.step(maximum))
  }

  priceToBuy(at: number, standing = this.standing()): number | null {
    const { dutch, buyNow, reserve, startPrice } = this.terms
    if (dutch) return Math.max(dutch.floor, startPrice - dutch.step * Math.floor((at - this.startedAt) / dutch.stepMs))
    if (buyNow === null || standing.closedAt !== null || buyNow < this.least(standing)) return null
    const isOver = standing.leader !== null && (reserve === null || standing.price >= reserve)
    return isOver ? null : buyNow
  }

  figures(count = this.facts.length): Record<string, unknown> {
    const standing = this.standing(this.facts.slice(0, count))
    const { reserve, isReserveShown, dutch } = this.terms
    const leader = this.hall.bidders.find((one) => one.account === standing.leader)
    const isMet = standing.leader !== null && standing.price >= (reserve ?? 0)
    return {
      state: standing.closedAt === null ? 'running' : 'closed',
      ledgerSeq: count,
      priceMinor: standing.price,
      leader: leader ? { number: leader.paddle, name: leader.name } : null,
      bidCount: standing.bids,
      nextMinimumMinor: this.least(standing),
      endsAtMs: standing.end,
      extensions: standing.extensions,
      isReserveMet: reserve === null || !isReserveShown ? null : isMet,
      buyNowMinor: dutch ? null : this.priceToBuy(0, standing),
      outcome: standing.outcome,
    }
  }

  private answer(code: string, at: number, bid: ModelBid, more: Record<string, unknown> = {}) {
    const standing = this.standing()
    return {
      code,
      isRepeated: false,
      reason: null,
      paddle: this.hall.bidders.find((one) => one.account === bid.account)?.paddle ?? null,
      ledgerSeq: this.facts.length,
      decidedAtMs: at,
      timeLeftMs: standing.closedAt === null ? Math.max(0, standing.end - at) : 0,
      nextMinimumMinor: this.least(),
      maximumMinor: standing.leader === bid.account ? standing.maximum : null,
      limitLeftMinor: null,
      figures: this.figures(),
      outbidAccountId: null,
      ...more,
    }
  }

  /** Reasons against the bid at this moment, the first that counts; null where there is none. */
  refusal(bid: ModelBid, at: number): [string, Record<string, unknown>] | null {
    const bidder = this.hall.bidders.find((one) => one.account === bid.account)
    const standing = this.standing()
    if (!bidder) return ['not_eligible', { reason: 'not_entered' }]
    if (bidder.barredFor) return ['not_eligible', { reason: bidder.barredFor }]
    if (bidder.brand === this.terms.brand) return ['not_eligible', { reason: 'own_lot' }]
    if (bid.kind !== 'pre-bid') {
      if (at < this.startedAt) return ['not_started', {}]
      if (standing.closedAt !== null || at >= standing.end) return ['closed', {}]
    }
    const price = bid.kind === 'buy' ? this.priceToBuy(at) : bid.amount
    if (bid.kind === 'buy') {
      if (price === null) return ['no_buy_now', {}]
      if (bid.amount < price) return ['too_low', { nextMinimumMinor: price }]
    } else {
      if (this.terms.dutch) return ['wrong_type', {}]
      if (standing.leader === bid.account) {
        if (bid.amount <= standing.maximum) return ['own_is_higher', {}]
        const nextMinimumMinor = this.leastRaise()
        if (bid.amount < nextMinimumMinor) return ['raise_too_small', { nextMinimumMinor }]
      }
      if (bid.amount < this.least()) return ['too_low', {}]
      if (bid.kind !== 'pre-bid' && bid.amount > 10 * this.least() && !bid.isSure) return ['far_above_price', {}]
    }
    const others = this.hall.committed(bid.account, this)
    if (bidder.limit !== null && others + (price as number) > bidder.limit)
      return [
        'over_limit',
        { limitLeftMinor: Math.max(0, bidder.limit - others), ...(bid.kind === 'buy' && { nextMinimumMinor: price }) },
      ]
    return null
  }

  /** Decides a bid or purchase; a pre-bid is answered like any other. */
  decide(bid: ModelBid, at: number): Record<string, unknown> {
    const known = this.answers.get(bid.id)
    if (known) {
      const isSame = known.bid.account === bid.account && known.bid.kind === bid.kind && known.bid.amount === bid.amount
      return isSame ? { ...known.answer, isRepeated: true, outbidAccountId: null } : this.answer('key_reused', at, bid)
    }
    const before = this.standing()
    const refused = this.refusal(bid, at)
    if (refused) {
      const over = before.closedAt ?? before.end
      if (refused[0] === 'closed' && at - over <= 10_000) this.refusedLate += 1
      return this.answer(refused[0], at, bid, refused[1])
    }
    const price = bid.kind === 'buy' ? (this.priceToBuy(at) as number) : 0
    this.facts.push({ what: bid.kind, at, bid, price })
    const own = this.facts.length
    if (bid.kind === 'buy') this.facts.push({ what: 'closed', at, outcome: 'bought' })
    const hasNewLeader = this.standing().leader !== before.leader
    const answer = this.answer(this.standing().leader === bid.account ? 'leading' : 'outbid', at, bid, {
      ledgerSeq: own,
      timeLeftMs: Math.max(0, before.end - at),
      maximumMinor: bid.amount,
      outbidAccountId: hasNewLeader ? before.leader : null,
    })
    this.answers.set(bid.id, { bid, answer })
    return answer
  }

  /** Answers whether this has closed it. */
  tick(at: number): boolean {
    const { end, closedAt, leader, price } = this.standing()
    if (closedAt !== null || at < end) return false
    const isSold = leader !== null && price >= (this.terms.reserve ?? 0)
    this.facts.push({ what: 'closed', at, outcome: isSold ? 'sold' : 'unsold' })
    return true
  }
}

/** All auctions and bidders of a show. */
export class HallModel {
  readonly bidders: ModelBidder[] = []
  readonly auctions: AuctionModel[] = []

  /** What an account has bound itself to, outside of one auction. */
  committed(account: string, except: AuctionModel | null = null): number {
    const amounts = this.auctions.map((auction) => {
      const { leader, outcome, price, maximum } = auction.standing()
      if (auction === except && outcome === null) return 0
      if (leader !== account || outcome === 'unsold') return 0
      return outcome === null ? maximum : price
    })
    return amounts.reduce((sum, amount) => sum + amount, 0)
  }
}
