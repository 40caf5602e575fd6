import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'
import type { Moment } from '../moments.ts'
import { everywhere, type FaultRow, must } from '../row.ts'
import type { Stage } from '../stage.ts'
import { meet } from '../strikes.ts'

/** Held by somebody who is not ours, such as a person at a console. */
const heldMs = 30_000
/** What every purchase must write. */
const lockedOf: Readonly<Partial<Record<Moment, string>>> = { a: 'holds', e: 'checkouts' }
/** Who needs another table may at most find the pool exhausted, which refuses after 5 s. */
const waitMsMax = 6_000
/** Long enough to see a wait that is too long. */
const probeMsMax = 20_000
const probesAtOnce = 40
const tradeFirstMs = 1_500
const backSecondsMax = 10

/** Who looks at the sale meanwhile, once each time: how long until the answer or the refusal. */
async function probeWaits({ crowd }: Stage, flashSaleId: string, untilMs: number): Promise<number[]> {
  const waits: number[] = []
  const lanes = Array.from({ length: probesAtOnce }, async (_, lane) => {
    const buyer = crowd.buyers[lane % crowd.buyers.length]
    while (buyer && Date.now() < untilMs) {
      const startTick = performance.now()
      const options = { attemptsMax: 1, timeoutMs: probeMsMax }
      await buyer.client.flashSales.get({ flashSaleId }, options).catch(() => undefined)
      waits.push(performance.now() - startTick)
      await delay(500)
    }
  })
  await Promise.all(lanes)
  return waits
}

/** Locks a table for half a minute. Answers the longest wait of those who needed another one, and the recovery. */
async function strike(stage: Stage, moment: Moment, flashSaleId: string) {
  const holder = new pg.Client({ connectionString: stage.platform.databaseUrl, application_name: 'fault-bench' })
  await holder.connect()
  try {
    await meet(stage, moment, 'sale', 'delay', { afterMs: 200 })
    await holder.query('BEGIN')
    await holder.query(`LOCK TABLE ${lockedOf[moment]} IN ACCESS EXCLUSIVE MODE`)
    const waits = await probeWaits(stage, flashSaleId, Date.now() + heldMs)
    await holder.query('ROLLBACK')
    const freeAtMs = Date.now()
    const seconds = await stage.served('purchase', freeAtMs)
    return { seconds, waitMs: Math.max(...waits), count: waits.length }
  } finally {
    await holder.end()
  }
}

async function waitingLocks({ rows }: Stage): Promise<number> {
  const [waiting] = await rows<{ n: number }>('SELECT count(*) AS n FROM pg_locks WHERE NOT granted')
  return waiting?.n ?? 0
}

export const heldLocks: FaultRow = {
  number: 15,
  name: 'locks held 30 s',
  moments: ['a', 'e'],
  short: [],
  probe: everywhere,
  run: async (stage, moment) => {
    const trade = await stage.openTrade()
    trade.buy()
    await delay(tradeFirstMs)
    const { seconds, waitMs, count } = await strike(stage, moment, trade.flashSaleId)
    must(waitMs <= waitMsMax, `somebody who looked at the sale waited ${Math.round(waitMs)} ms`)
    await trade.finish()
    must((await waitingLocks(stage)) === 0, 'somebody still waits for a lock')
    must(seconds <= backSecondsMax, `served again ${seconds} s after the lock was gone`)
    return {
      recoverySeconds: seconds,
      detail: `a sale was looked at ${count} times, answered within ${Math.round(waitMs)} ms`,
    }
  },
}
