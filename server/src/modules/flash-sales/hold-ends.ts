import { waitlistOffered } from '@livelot/client/contracts'
import type { Queryable } from '#infra/postgres/pool'
import { between } from '#kernel/failpoints'
import type { Log } from '#kernel/log'
import type { Teller } from '#kernel/teller'
import { type HoldRow, holdStore } from './claims.pg.ts'
import { type Offer, type SaleRecord, toHold } from './flash-sale.ts'
import type { Gate } from './store.redis.ts'

type Ending = Pick<HoldRow, 'holdId' | 'accountId' | 'units'>

/** A claim that has ended for good in Postgres. */
export type EndedClaim = Ending & Pick<HoldRow, 'flashSaleId'> & { readonly how: 'settled' | 'released' }

export interface HoldEndsParts {
  readonly database: Queryable
  readonly gate: Gate
  readonly teller: Teller
  readonly log: Log
  readonly saleOf: (flashSaleId: SaleRecord['flashSaleId']) => Promise<SaleRecord | null>
}

/** Ends of holds that Postgres decides: Postgres first, then the gate, so that the gate never admits more than the truth. */
export function createHoldEnds({ database, gate, teller, log, saleOf }: HoldEndsParts) {
  const tellOffers = (sale: SaleRecord, offers: readonly Offer[]): void => {
    for (const { accountId, holdId, expiresAtMs } of offers)
      teller.toAccount(accountId, waitlistOffered, { hold: toHold(sale, { holdId, units: 1, expiresAtMs }) })
  }

  const apply = async (sale: SaleRecord, hold: Ending, how: Exclude<HoldRow['state'], 'live'>): Promise<void> => {
    const answer = await between('flash-sales.gate.syncing', 'flash-sales.gate.synced', () =>
      gate.applyHoldState(sale, { ...hold, how }),
    )
    if (answer[0] === 'applied') tellOffers(sale, answer[1])
  }

  const endUnclaimed = async (
    sale: SaleRecord,
    hold: Ending,
    how: 'released' | 'expired',
  ): Promise<HoldRow['state']> => {
    const { flashSaleId } = sale
    const ended = await holdStore.endUnclaimed(database, { ...hold, flashSaleId }, how)
    const state = ended ? how : ((await holdStore.byId(database, hold.holdId))?.state ?? 'live')
    if (state !== 'live') await apply(sale, hold, state)
    return state
  }

  return {
    tellOffers,
    apply,

    /** The time of a hold is over whose payment had begun: ends it unless a checkout has claimed it. */
    expire: async (sale: SaleRecord, hold: Ending): Promise<void> => {
      await endUnclaimed(sale, hold, 'expired')
    },

    /** Gives a hold back whose payment had begun. Answers how it stands now. */
    release: (sale: SaleRecord, hold: Ending): Promise<HoldRow['state']> => endUnclaimed(sale, hold, 'released'),

    /**
     * Brings the gate in line with how Postgres ended a claim. Best effort: never throws, a sweep repairs what was
     * missed. Repeats: nothing changes.
     */
    sync: async (ended: EndedClaim): Promise<void> => {
      try {
        const sale = await saleOf(ended.flashSaleId)
        if (sale) await apply(sale, ended, ended.how)
      } catch (error) {
        log.warn({ err: error, holdId: ended.holdId }, 'the gate did not learn of a hold; a sweep will tell it')
      }
    },
  }
}

export type HoldEnds = ReturnType<typeof createHoldEnds>
