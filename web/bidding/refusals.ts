import { LivelotError } from '@livelot/client'
import { BidRefusal, type Currency, type IneligibleReason } from '@livelot/client/contracts'
import { sentenceOf } from '../data/sentences.ts'
import { formatBid } from './amounts.ts'

/** What a person can do about a refusal. `enter`: look at card, address, limit and terms; `again`: the same once more. */
export type NextStep = 'enter' | 'confirm' | 'again' | 'none'

export type Refused = { sentence: string; next: NextStep }

const reasons: Record<IneligibleReason, { sentence: string; canMend: boolean }> = {
  not_entered: { sentence: 'You need a paddle to bid here.', canMend: true },
  terms_not_accepted: { sentence: 'The bidding rules have to be accepted first.', canMend: true },
  card_missing: { sentence: 'A card is missing: wins are charged to it.', canMend: true },
  address_missing: { sentence: 'A delivery address is missing.', canMend: true },
  own_lot: { sentence: 'This lot is of your own shop. Nobody bids on what they sell.', canMend: false },
  show_team: { sentence: 'Host and moderators do not bid in their own show.', canMend: false },
  linked_account: {
    sentence: 'Your account belongs together with the seller’s, so it cannot bid here.',
    canMend: false,
  },
  barred_by_host: { sentence: 'The host has muted your paddle. Bids that stand go on standing.', canMend: false },
  non_payer: {
    sentence: 'Three wins were not paid within 30 days, so bidding is off for your account.',
    canMend: false,
  },
  deposit_required: {
    sentence: 'Two wins were not paid within 30 days, so a deposit is held on your card first.',
    canMend: true,
  },
}

/** What stands in the way, and whether the person can do something about it now. */
export function reasonWords(reason: IneligibleReason): { sentence: string; canMend: boolean } {
  return reasons[reason]
}

export function canEnter(missing: readonly IneligibleReason[]): boolean {
  return missing.every((reason) => reasons[reason].canMend)
}

const Details = BidRefusal.partial().catch({})

/** A refused bid in a sentence with its next step. */
export function refusedOf(error: unknown, currency: Currency): Refused {
  if (!(error instanceof LivelotError)) return { sentence: sentenceOf(error), next: 'again' }
  const details = Details.parse(error.details)
  const money = (amountMinor: number | undefined) =>
    amountMinor === undefined ? null : formatBid({ amountMinor, currency })
  switch (error.code) {
    case 'bid.too_low': {
      const next = money(details.nextMinimumMinor)
      return {
        sentence: next ? `The price moved on. The next bid is ${next}.` : 'The price moved on.',
        next: 'none',
      }
    }
    case 'bid.own_is_higher': {
      const own = money(details.maximumMinor)
      return { sentence: own ? `You have bid ${own} here already.` : 'Your own bid is higher already.', next: 'none' }
    }
    case 'bid.raise_too_small': {
      const least = money(details.nextMinimumMinor)
      return {
        sentence: least ? `You lead. Raise your maximum to ${least} or more.` : sentenceOf(error),
        next: 'none',
      }
    }
    case 'bid.over_limit': {
      const left = money(details.limitLeftMinor)
      const sentence = left ? `Above your own limit: ${left} of it is left.` : 'That is above your own limit.'
      return { sentence, next: 'enter' }
    }
    case 'bid.not_eligible': {
      const words = details.reason ? reasons[details.reason] : null
      const next = words && !words.canMend ? 'none' : 'enter'
      return { sentence: words?.sentence ?? 'You may not bid here yet.', next }
    }
    case 'bid.far_above_price':
      return { sentence: 'That is more than ten times the next bid.', next: 'confirm' }
    case 'auction.closed':
      return { sentence: 'The hammer fell before your bid arrived.', next: 'none' }
    case 'auction.not_started':
      return { sentence: 'Bidding has not started yet.', next: 'none' }
    case 'auction.gate_closed':
      return {
        sentence: 'Bidding is being restored. The time that is lost is added to the clock.',
        next: 'again',
      }
    case 'auction.no_buy_now':
      return { sentence: 'It cannot be bought outright any more.', next: 'none' }
    case 'auth.required':
      return { sentence: 'Your session has ended. Sign in to bid.', next: 'enter' }
    default:
      return { sentence: sentenceOf(error), next: error.retry === 'never' ? 'none' : 'again' }
  }
}
