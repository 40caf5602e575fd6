import { batched } from '#infra/postgres/batched'
import type { Database } from '#infra/postgres/pool'
import type { Log } from '#kernel/log'
import type { PaymentsService } from '#modules/payments'
import type { Claims } from './claims.ts'
import { batchLimits } from './limits.ts'
import type { CheckoutStore, Turn } from './store.pg.ts'
import { confirmJob } from './work.ts'

export interface PaidParts {
  readonly database: Database
  readonly store: Pick<CheckoutStore, 'settlePaid'>
  readonly payments: Pick<PaymentsService, 'recordCaptureValues'>
  readonly claims: Pick<Claims, 'settle'>
  readonly log: Log
}

interface Paid {
  readonly turn: Turn
  readonly intentRef: string
}

/**
 * Records that checkouts are paid: capture, order, history, posting, letter and units in one transaction. Those that
 * come home at the same time share it; should it fail, each is tried alone, so that a bad one takes nobody along.
 * Answers false where a newer turn was taken.
 */
export function createPaidRecorder({ database, store, payments, claims, log }: PaidParts) {
  const record = (all: readonly Paid[]): Promise<boolean[]> =>
    database.transaction(async (tx) => {
      const captures = all.map(({ turn, intentRef }) => {
        const amount = { amountMinor: turn.totalMinor, currency: turn.currency }
        return { checkoutId: turn.checkoutId, intentRef, amount, sale: turn }
      })
      const turns = all.map(({ turn }) => turn)
      const mine = await store.settlePaid(tx, turns, confirmJob.name, payments.recordCaptureValues(captures))
      // Last, because others wait for these rows until the commit; and in one order, so that nobody waits in a ring.
      for (const turn of turns.filter((one) => mine.has(one.checkoutId)).sort(byClaimedRow))
        await claims.settle(turn, tx)
      return turns.map((turn) => mine.has(turn.checkoutId))
    })

  const together = batched(async (all: readonly Paid[]): Promise<(() => boolean)[]> => {
    try {
      return (await record(all)).map((isMine) => () => isMine)
    } catch (error) {
      if (all.length === 1) throw error
      log.warn({ err: error, checkouts: all.length }, 'paid checkouts could not be recorded together')
      return await Promise.all(all.map(recordAlone))
    }
  }, batchLimits)

  const recordAlone = async (one: Paid): Promise<() => boolean> => {
    try {
      const [isMine] = await record([one])
      return () => isMine === true
    } catch (error) {
      return () => {
        throw error
      }
    }
  }

  return async (one: Paid): Promise<boolean> => (await together(one))()
}

/** Holds before stock, each by the row that a claim lies in. */
function byClaimedRow(one: Turn, other: Turn): number {
  const keyOf = (turn: Turn) => (turn.holdId ? `0${turn.holdId}` : `1${turn.variantId}`)
  return keyOf(one) < keyOf(other) ? -1 : 1
}
