import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Platform } from '../server/embedded/supervisor.mjs'

const run = promisify(execFile)
const file = fileURLToPath(new URL('raw-orders.ts', import.meta.url))

export interface RawOrders {
  readonly perSecond: number
  /** CPU of the script itself, without Postgres. */
  readonly cpuMs: number
  readonly orders: number
}

/**
 * What the statements of a paid order take by themselves. The platform's own processes are stopped for it and stay down,
 * because they would take up the orders that it writes: it comes after everything else.
 */
export async function measureRawOrders(platform: Platform, flashSaleId: string, orders: number) {
  for (const name of ['api', 'worker', 'payment-sandbox', 'media']) await platform.kill(name)
  const measure = async (together: boolean): Promise<RawOrders> => {
    const { stdout } = await run(process.execPath, ['--conditions=source', file], {
      env: {
        ...process.env,
        DATABASE_URL: platform.databaseUrl,
        POOL_SIZE: platform.env.DATABASE_POOL_SIZE,
        FLASH_SALE_ID: flashSaleId,
        ORDERS: String(orders),
        TOGETHER: together ? '1' : '',
      },
    })
    return JSON.parse(stdout) as RawOrders
  }
  return { alone: await measure(false), together: await measure(true) }
}
