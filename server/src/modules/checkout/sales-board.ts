import { type Currency, type SalesBoard, type ShowId, salesBoardChanged } from '@livelot/client/contracts'
import { type Queryable, statement } from '#infra/postgres/pool'
import type { Redis } from '#infra/redis/client'
import type { AccountActor } from '#kernel/actor'
import { Refusal } from '#kernel/errors'
import type { Log } from '#kernel/log'
import { money } from '#kernel/money'
import type { Teller } from '#kernel/teller'
import { boardEveryMs, boardLinesMax } from './limits.ts'
import type { ShowOwners } from './needs.ts'

const selectTotals = statement(
  'checkout.select_board_totals',
  `SELECT currency, count(*) AS orders, sum(units) AS units, sum(items_minor - discount_minor)::bigint AS "itemsMinor"
   FROM orders WHERE show_id = $1 AND state = 'paid' GROUP BY currency ORDER BY currency`,
)
const selectLines = statement(
  'checkout.select_board_lines',
  `SELECT order_number AS "orderNumber", product_name AS "productName", units, items_minor - discount_minor AS "itemsMinor", currency,
     buyer_name AS "buyerName", (extract(epoch FROM paid_at) * 1000)::bigint AS "paidAtMs"
   FROM orders WHERE show_id = $1 AND state = 'paid' ORDER BY paid_at DESC, id DESC LIMIT $2`,
)

export interface SalesBoardParts {
  readonly database: Queryable
  readonly redis: Redis
  readonly shows: ShowOwners
  readonly teller: Teller
  readonly log: Log
}

interface LineRow {
  readonly orderNumber: string
  readonly productName: string
  readonly units: number
  readonly itemsMinor: number
  readonly currency: Currency
  readonly buyerName: string
  readonly paidAtMs: number
}

/** What a show has sold: paid orders that were not refunded. */
export function createSalesBoard({ database, redis, shows, teller, log }: SalesBoardParts) {
  const read = async (showId: ShowId): Promise<SalesBoard> => {
    const [totals, lines] = await Promise.all([
      database.query<{ currency: Currency; orders: number; units: number; itemsMinor: number }>(selectTotals, [showId]),
      database.query<LineRow>(selectLines, [showId, boardLinesMax]),
    ])
    return {
      showId,
      paidOrders: totals.reduce((sum, one) => sum + one.orders, 0),
      paidUnits: totals.reduce((sum, one) => sum + one.units, 0),
      gmv: totals.map((one) => money(one.itemsMinor, one.currency)),
      lines: lines.map(({ itemsMinor, currency, ...line }) => ({ ...line, items: money(itemsMinor, currency) })),
    }
  }

  const dirty = new Set<ShowId>()
  let timer: NodeJS.Timeout | undefined
  let flushing: Promise<void> | undefined

  const tellOwner = async (showId: ShowId): Promise<void> => {
    // One telling an interval over all processes: whoever sets the key tells, the others keep the show for the next.
    const mayTell = await redis.set(boardKey(showId), '1', 'PX', boardEveryMs, 'NX')
    if (mayTell === null) return
    dirty.delete(showId)
    const owner = await shows.ownerOf(showId)
    if (owner) teller.toAccount(owner.accountId, salesBoardChanged, await read(showId))
  }

  const flush = async (): Promise<void> => {
    for (const showId of [...dirty]) {
      try {
        await tellOwner(showId)
      } catch (error) {
        // The page reads the board again when it reconnects or the next order is paid.
        dirty.delete(showId)
        log.debug({ err: error, showId }, 'a sales board was not told')
      }
    }
    timer = dirty.size > 0 ? setTimeout(run, boardEveryMs) : undefined
  }
  const run = () => {
    flushing = flush()
  }

  return {
    /** Refuses: show.not_found, for everybody but the show's creator and operators. */
    get: async (account: AccountActor, showId: ShowId): Promise<SalesBoard> => {
      const owner = await shows.ownerOf(showId)
      const isSeen = owner && (owner.creatorId === account.creatorId || account.roles.includes('operator'))
      if (!isSeen) throw new Refusal('show.not_found')
      return await read(showId)
    },

    /** Orders of the show changed: its creator is told soon, at most twice a second. */
    changed: (showId: string): void => {
      dirty.add(showId as ShowId)
      timer ??= setTimeout(run, boardEveryMs / 10)
    },

    close: async (): Promise<void> => {
      clearTimeout(timer)
      await flushing
      clearTimeout(timer)
    },
  }
}

const boardKey = (showId: string) => `livelot:checkout:{${showId}}:board-told`

export type SalesBoards = ReturnType<typeof createSalesBoard>
