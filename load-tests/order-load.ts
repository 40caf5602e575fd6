import { setTimeout as delay } from 'node:timers/promises'
import { type Buyer, buyOne, type Purchase } from './crowd.ts'

/** Buyers who come back for one unit after the other: each account is busy with one purchase at a time. */
export interface Crowd {
  /** Somebody who is not busy; null where everybody is. */
  take(): Buyer | null
  giveBack(buyer: Buyer): void
}

export function crowdOf(buyers: readonly Buyer[]): Crowd {
  const idle = [...buyers]
  let head = 0
  return {
    take: () => {
      if (head >= idle.length) return null
      const buyer = idle[head] as Buyer
      head += 1
      if (head > 4_096) {
        idle.splice(0, head)
        head = 0
      }
      return buyer
    },
    giveBack: (buyer) => void idle.push(buyer),
  }
}

export interface OrderLoad {
  readonly elapsedMs: number
  readonly offered: number
  readonly paid: readonly Purchase[]
  readonly busy: readonly Purchase[]
  readonly failed: readonly Purchase[]
}

function collect() {
  const load = { paid: [] as Purchase[], busy: [] as Purchase[], failed: [] as Purchase[] }
  const add = (purchase: Purchase) => {
    if (purchase.ending === 'paid') load.paid.push(purchase)
    else if (purchase.ending === 'busy') load.busy.push(purchase)
    else load.failed.push(purchase)
  }
  return { load, add }
}

/** So many buyers, each begins the next purchase when the last one has ended. */
export async function closedLoad(options: {
  crowd: Crowd
  flashSaleId: string
  lanes: number
  forMs: number
}): Promise<OrderLoad> {
  const { crowd, flashSaleId, lanes, forMs } = options
  const { add, load } = collect()
  const startTick = performance.now()
  let offered = 0
  const lane = async () => {
    while (performance.now() - startTick < forMs) {
      const buyer = crowd.take()
      if (!buyer) return
      offered += 1
      add(await buyOne(buyer, flashSaleId))
      crowd.giveBack(buyer)
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return { ...load, offered, elapsedMs: performance.now() - startTick }
}

/** So many taps a second, whatever becomes of those before. Answers when every one of them has its answer. */
export async function openLoad(options: {
  crowd: Crowd
  /** Taps go to them in turn: one sale has no more than 10,000 units. */
  flashSaleIds: readonly string[]
  perSecond: number
  forMs: number
}): Promise<OrderLoad> {
  const { crowd, flashSaleIds, perSecond, forMs } = options
  const { add, load } = collect()
  const startTick = performance.now()
  const running = new Set<Promise<void>>()
  let offered = 0
  while (performance.now() - startTick < forMs) {
    const due = Math.floor(((performance.now() - startTick) / 1_000) * perSecond)
    while (offered < due) {
      const buyer = crowd.take()
      if (!buyer) break
      offered += 1
      const flashSaleId = flashSaleIds[offered % flashSaleIds.length] ?? ''
      const one: Promise<void> = buyOne(buyer, flashSaleId, true).then((purchase) => {
        add(purchase)
        crowd.giveBack(buyer)
        running.delete(one)
      })
      running.add(one)
    }
    await delay(5)
  }
  const elapsedMs = performance.now() - startTick
  await Promise.all(running)
  return { ...load, offered, elapsedMs }
}
