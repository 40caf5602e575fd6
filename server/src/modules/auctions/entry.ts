import {
  type AccountId,
  type BrandId,
  bidTermsVersion,
  type CardId,
  type Currency,
  type Entry,
  type IneligibleReason,
  type Paddle,
  type ShowId,
} from '@livelot/client/contracts'
import type { z } from 'zod'
import { money } from '#kernel/money'
import type { Entrant } from './gate.ts'
import { nonPaymentsForBar, nonPaymentsForDeposit } from './record-limits.ts'

export type Reason = z.infer<typeof IneligibleReason>

/** One bidder of one show as it is kept. */
export interface PaddleRecord {
  readonly showId: ShowId
  readonly accountId: AccountId
  readonly paddle: number
  readonly name: string
  readonly cardId: CardId
  readonly limitMinor: number | null
  readonly termsVersion: number
  readonly brandIds: readonly BrandId[]
  readonly isBarred: boolean
  readonly isTeam: boolean
  readonly isBanned: boolean
  readonly depositMinor: number | null
  readonly depositCurrency: Currency | null
  /** Wins left unpaid lately, here and elsewhere. */
  readonly nonPayments: number
}

/** What stands between an account with a paddle and its next bid; null: nothing. */
export function barredFor(record: PaddleRecord): Reason | null {
  if (record.isTeam) return 'show_team'
  if (record.isBarred || record.isBanned) return 'barred_by_host'
  if (record.nonPayments >= nonPaymentsForBar) return 'non_payer'
  if (record.nonPayments >= nonPaymentsForDeposit && record.depositMinor === null) return 'deposit_required'
  return record.termsVersion < bidTermsVersion ? 'terms_not_accepted' : null
}

export function toEntrant(record: PaddleRecord): Entrant {
  const { accountId, paddle, name, limitMinor, brandIds } = record
  return { accountId, paddle, name, limitMinor, barredFor: barredFor(record), brandIds }
}

export const toPaddle = ({ paddle, name }: Pick<PaddleRecord, 'paddle' | 'name'>): Paddle => ({ number: paddle, name })

export function toEntry(record: PaddleRecord): Entry {
  const { showId, cardId, limitMinor, depositMinor, depositCurrency } = record
  const deposit = depositMinor === null || depositCurrency === null ? null : money(depositMinor, depositCurrency)
  return { showId, paddle: toPaddle(record), cardId, limitMinor, deposit }
}
