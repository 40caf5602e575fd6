import { setTimeout as delay } from 'node:timers/promises'
import { flashSaleLimits } from '@livelot/client/contracts'
import { pino } from 'pino'
import { createDatabase } from '#infra/postgres/pool'
import type { AuctionNight } from '../../support/auction-night.ts'
import { statementOf } from '../../support/shop-world.ts'

/** Enough for any run, and so few in one sale that it can be sold out. */
const stockUnits = 1_000_000
const unitsOfSale = 100
const openMsMax = 30_000

/** Goods of the demo with plenty in stock, and sales of them. */
export async function openSales(databaseUrl: string) {
  const db = createDatabase({
    url: databaseUrl,
    poolSizeMax: 1,
    applicationName: 'test',
    log: pino({ level: 'silent' }),
  })
  const rows = <Row>(sql: string, values: unknown[] = []) => db.query<Row>(statementOf(sql), values)
  const [goods] = await rows<{ productId: string; variantId: string }>(
    `SELECT product_id AS "productId", id AS "variantId" FROM variants WHERE sku = 'MC-MUG-SEA'`,
  )
  if (!goods) throw new Error('the demo has no mug')
  const { productId, variantId } = goods
  await rows('UPDATE stock_levels SET available = available + $2 WHERE variant_id = $1', [variantId, stockUnits])
  await rows(
    `INSERT INTO stock_movements (variant_id, kind, reference, available_change, held_change, sold_change)
     VALUES ($1, 'received', 'fault bench', $2, 0, 0)`,
    [variantId, stockUnits],
  )
  await db.close()
  return {
    productId,
    /** Announces a sale, which opens after the shortest countdown. */
    create: async ({ host, showId }: AuctionNight): Promise<string> => {
      const sale = await host.flashSales.create(
        {
          showId,
          variantId,
          salePriceMinor: 1_900,
          totalUnits: unitsOfSale,
          perBuyerLimit: flashSaleLimits.perBuyerMax,
          countdownSeconds: flashSaleLimits.countdownSecondsMin,
          runSeconds: flashSaleLimits.runSecondsMax,
        },
        { timeoutMs: 60_000, attemptsMax: 20 },
      )
      return sale.flashSaleId
    },
    isOpen: async ({ host }: AuctionNight, flashSaleId: string): Promise<void> => {
      const endsAt = performance.now() + openMsMax
      for (;;) {
        const { state } = await host.flashSales.get({ flashSaleId })
        if (state === 'open') return
        if (performance.now() > endsAt) throw new Error(`the sale is ${state}, not open`)
        await delay(100)
      }
    },
    /** What the books of sales wait for. */
    unfinished: async ({ rows: ask }: AuctionNight): Promise<string[]> =>
      (
        await ask<{ what: string }>(`
          SELECT 'a hold is claimed' AS what FROM holds WHERE state = 'claimed'
          UNION ALL SELECT 'a refund is on its way' FROM payment_refunds WHERE state = 'pending'
          UNION ALL SELECT 'an outbox row waits' FROM outbox WHERE not_before < now()`)
      ).map(({ what }) => what),
  }
}
