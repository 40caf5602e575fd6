import type {
  AccountId,
  FlashSaleId,
  Hold,
  HoldId,
  Money,
  OperationId,
  ProductId,
  RequestOf,
  ResponseOf,
  reserve,
  ShowId,
  VariantId,
} from '@livelot/client/contracts'
import type { Database, Transaction } from '#infra/postgres/pool'
import { Refusal } from '#kernel/errors'
import { between } from '#kernel/failpoints'
import { money } from '#kernel/money'
import { type ClaimAnswer, type HoldClaim, holdStore } from './claims.pg.ts'
import { type SaleRecord, toHold } from './flash-sale.ts'
import type { GateKeeper } from './gate-keeper.ts'
import type { EndedClaim, HoldEnds } from './hold-ends.ts'
import { saleStore } from './store.pg.ts'
import type { Gate } from './store.redis.ts'

export interface HoldServiceParts {
  readonly database: Database
  readonly gate: Gate
  readonly keeper: GateKeeper
  readonly ends: HoldEnds
  readonly saleOf: (flashSaleId: FlashSaleId) => Promise<SaleRecord | null>
}

/** What checkout needs of a hold: what is bought, for how much, and until when. */
export interface HeldUnits {
  readonly holdId: HoldId
  readonly flashSaleId: FlashSaleId
  readonly variantId: VariantId
  readonly productId: ProductId
  readonly showId: ShowId
  readonly units: number
  readonly unitPrice: Money
  readonly expiresAtMs: number
}

export interface HoldOfBuyer {
  readonly accountId: AccountId
  readonly flashSaleId: FlashSaleId
  readonly holdId: HoldId
}

/** Verbs on holds: buyers' taps, and the door that checkout uses. */
export function createHoldService({ database, gate, keeper, ends, saleOf }: HoldServiceParts) {
  const knownSale = async (flashSaleId: FlashSaleId): Promise<SaleRecord> => {
    const sale = await saleOf(flashSaleId)
    if (!sale) throw new Refusal('flash_sale.not_found')
    return sale
  }
  const saleOfHold = async (flashSaleId: FlashSaleId): Promise<SaleRecord> => {
    const sale = await saleOf(flashSaleId)
    if (!sale) throw new Refusal('hold.not_found')
    return sale
  }

  /** The gate is shut: somebody must rebuild it, unless the sale is over for good and its gate was forgotten. */
  const isOverForGood = async ({ flashSaleId }: SaleRecord): Promise<boolean> => {
    const sale = await saleStore.byId(database, flashSaleId)
    if (!sale || sale.finishedAtMs !== null) return true
    keeper.requestRebuild(flashSaleId)
    return false
  }
  const gateShut = async (sale: SaleRecord): Promise<Refusal> =>
    (await isOverForGood(sale))
      ? new Refusal('flash_sale.closed')
      : new Refusal('flash_sale.gate_closed', { retryAfterMs: 1_000 })

  const heldUnits = (sale: SaleRecord, hold: { holdId: HoldId; units: number; expiresAtMs: number }): HeldUnits => {
    const { flashSaleId, variantId, productId, showId } = sale
    const unitPrice = money(sale.priceMinor, sale.currency)
    return { ...hold, flashSaleId, variantId, productId, showId, unitPrice }
  }

  return {
    /** A sale by id from memory; of what may change, its end, nothing is to be used. */
    saleOf,

    /** What a buyer is told while the gate is shut; asks for its rebuild. */
    refusalWhileShut: gateShut,

    /**
     * Holds units for 120 seconds. Refuses as the operation lists. Atomic: one script decides, and no database is read.
     * Repeats: the same operation id gives the same hold, hold.expired where that has ended.
     */
    reserve: async (request: RequestOf<typeof reserve>, accountId: AccountId): Promise<ResponseOf<typeof reserve>> => {
      const sale = await knownSale(request.flashSaleId)
      const answer = await between('flash-sales.hold.reserving', 'flash-sales.hold.reserved', () =>
        gate.reserve(sale, accountId, request.operationId, request.units),
      )
      switch (answer[0]) {
        case 'held':
        case 'repeated': {
          const [, holdId, units, expiresAtMs, remainingUnits, how] = answer
          if (how === 'released' || how === 'expired') throw new Refusal('hold.expired')
          return { hold: toHold(sale, { holdId, units, expiresAtMs }), remainingUnits }
        }
        case 'sold_out':
          throw new Refusal('flash_sale.sold_out', { remainingUnits: answer[1] })
        case 'limit_reached':
          throw new Refusal('flash_sale.limit_reached', { unitsLeft: answer[1] })
        case 'not_your_turn':
          throw new Refusal('waiting_room.not_your_turn')
        case 'not_open':
          throw new Refusal('flash_sale.not_open', { opensAtMs: answer[1] })
        case 'closed':
          throw new Refusal('flash_sale.closed')
        case 'key_reused':
          throw new Refusal('idempotency.key_reused')
        case 'gate_closed':
          throw await gateShut(sale)
        default:
          return answer satisfies never
      }
    },

    /** Gives a hold back. Refuses: hold.not_found, hold.expired, flash_sale.gate_closed. Repeats: changes nothing. */
    release: async ({ accountId, flashSaleId, holdId }: HoldOfBuyer): Promise<Record<string, never>> => {
      const sale = await saleOfHold(flashSaleId)
      const answer = await gate.release(sale, accountId, holdId)
      switch (answer[0]) {
        case 'released':
          ends.tellOffers(sale, answer[1])
          return {}
        case 'ended':
          return released(answer[1])
        case 'ask': {
          const hold = await gate.hold(sale, holdId)
          if (hold === 'shut') throw new Refusal('flash_sale.gate_closed', { retryAfterMs: 1_000 })
          if (hold === null) throw new Refusal('hold.not_found')
          return released(await ends.release(sale, { holdId, accountId, units: hold.units }))
        }
        case 'expired':
          throw new Refusal('hold.expired')
        case 'not_found':
          throw new Refusal('hold.not_found')
        case 'gate_closed':
          if (await isOverForGood(sale)) throw new Refusal('hold.not_found')
          throw new Refusal('flash_sale.gate_closed', { retryAfterMs: 1_000 })
        default:
          return answer satisfies never
      }
    },

    /** Stands in line for units that come back. Refuses as the operation lists. Repeats: the same position. */
    joinWaitlist: async (
      flashSaleId: FlashSaleId,
      operationId: OperationId,
      accountId: AccountId,
    ): Promise<{ position: number }> => {
      const sale = await knownSale(flashSaleId)
      const answer = await gate.joinWaitlist(sale, accountId, operationId)
      switch (answer[0]) {
        case 'joined':
          ends.tellOffers(sale, answer[2])
          return { position: answer[1] }
        case 'repeated':
          return { position: answer[1] }
        case 'not_your_turn':
          throw new Refusal('waiting_room.not_your_turn')
        case 'not_open':
          throw new Refusal('flash_sale.not_open', { opensAtMs: answer[1] })
        case 'closed':
          throw new Refusal('flash_sale.closed')
        case 'limit_reached':
          throw new Refusal('flash_sale.limit_reached')
        case 'gate_closed':
          throw await gateShut(sale)
        default:
          return answer satisfies never
      }
    },

    /** Live holds of one buyer, as Postgres knows them: a tenth of a second old. */
    listMine: async (accountId: AccountId): Promise<{ items: Hold[] }> => {
      const rows = await saleStore.liveHoldsOf(database, accountId)
      return { items: rows.map((row) => toHold(row, row)) }
    },

    /**
     * Payment of a hold begins: its time is extended, once. From now on it ends only by claim, release or Postgres.
     * Refuses: hold.not_found, hold.expired, flash_sale.gate_closed. Repeats: the same answer.
     */
    beginPayment: async ({ accountId, flashSaleId, holdId }: HoldOfBuyer): Promise<HeldUnits> => {
      const sale = await saleOfHold(flashSaleId)
      const answer = await between('flash-sales.payment.beginning', 'flash-sales.payment.begun', () =>
        gate.beginPayment(sale, accountId, holdId),
      )
      switch (answer[0]) {
        case 'paying':
          return heldUnits(sale, { holdId, units: answer[1], expiresAtMs: answer[2] })
        case 'expired':
          throw new Refusal('hold.expired')
        case 'not_found':
          throw new Refusal('hold.not_found')
        case 'gate_closed':
          if (await isOverForGood(sale)) throw new Refusal('hold.expired')
          throw new Refusal('flash_sale.gate_closed', { retryAfterMs: 1_000 })
        default:
          return answer satisfies never
      }
    },

    /** The hold as it stands, changing nothing; by Postgres while the gate is shut. Refuses: hold.not_found. */
    peekHold: async ({ accountId, flashSaleId, holdId }: HoldOfBuyer): Promise<HeldUnits> => {
      const sale = await saleOfHold(flashSaleId)
      const atGate = await gate.hold(sale, holdId).catch(() => 'shut' as const)
      const hold = atGate === 'shut' ? await holdStore.openById(database, flashSaleId, holdId) : atGate
      if (hold?.accountId !== accountId || hold.expiresAtMs === null) throw new Refusal('hold.not_found')
      return heldUnits(sale, { holdId, units: hold.units, expiresAtMs: hold.expiresAtMs })
    },

    /**
     * Takes a hold's units for a checkout, in its transaction. Atomic: one statement. On every answer but `claimed` the
     * transaction must be given up. Repeats: the same checkout is answered `claimed`.
     */
    claimHold: (tx: Transaction, claim: HoldClaim): Promise<ClaimAnswer> => holdStore.claim(tx, claim),

    /**
     * The same for many holds of one unit each, all or none: false, or an error, where one cannot be claimed; then each is
     * to be tried alone, in another transaction.
     */
    claimSingles: (tx: Transaction, all: readonly HoldClaim[]): Promise<boolean> => holdStore.claimSingles(tx, all),

    /** These holds are paid for. Answers those that were claimed. After the commit comes syncHold. */
    settleHolds: (tx: Transaction, holdIds: readonly HoldId[]): Promise<ReadonlySet<HoldId>> =>
      holdStore.settle(tx, holdIds),

    /** Payment failed: the units are free again. False where it is not claimed. After the commit comes syncHold. */
    releaseClaim: (tx: Transaction, holdId: HoldId): Promise<boolean> => holdStore.release(tx, holdId),

    /** Tells the gate how Postgres ended a claim. Never throws; a sweep repairs what was missed. */
    syncHold: (ended: EndedClaim): Promise<void> => ends.sync(ended),
  }
}

export type HoldService = ReturnType<typeof createHoldService>

/** How a hold that was to be given back stands. */
function released(state: 'live' | 'claimed' | 'settled' | 'released' | 'expired'): Record<string, never> {
  if (state === 'released') return {}
  throw new Refusal(state === 'expired' ? 'hold.expired' : 'hold.not_found')
}
