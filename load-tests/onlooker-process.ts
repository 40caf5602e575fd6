import { setTimeout as delay } from 'node:timers/promises'
import { type CrowdCounts, Onlooker } from './onlooker.ts'
import type { CrowdCall, CrowdLook } from './onlookers.ts'

/** A crowd in a process of its own: its reading must not stand in the way of who counts and measures. */
const counts: CrowdCounts = { frames: 0, refused: 0, ended: 0, delaysMs: [], feedText: '' }
const crowd: Onlooker[] = []
/** Everybody in a small crowd follows the log; of a large one, some of each part do: a room tells its first member first. */
const smallCrowd = 200
const readerEvery = 50

// A bench that is ended from outside must not leave this behind.
process.on('disconnect', () => process.exit())
process.on('message', ({ id, call }: { id: number; call: CrowdCall }) => {
  answer(call).then(
    (value) => process.send?.({ id, value }),
    (error: unknown) => process.send?.({ id, error: String(error) }),
  )
})

async function answer(call: CrowdCall): Promise<unknown> {
  if (call.do === 'enter') return await enter(call)
  if (call.do === 'look') return look()
  if (call.do === 'reach') return await reach(call.seq, call.withinMs)
  if (call.do === 'return-to') for (const one of crowd) one.returnPort = call.port
  if (call.do === 'drop') for (const one of crowd) one.drop()
  if (call.do === 'leave') for (const one of crowd.splice(0)) one.close()
  return null
}

/** How long it took each of them, refused tries and all. */
async function enter({ aim, count, perSecond, tokens }: Extract<CrowdCall, { do: 'enter' }>): Promise<number[]> {
  const tookMs: number[] = []
  const begin = performance.now()
  const isReader = (index: number) => count <= smallCrowd || index % readerEvery === 0
  const one = async (index: number) => {
    if (perSecond !== null) await delay(Math.max(0, begin + (index * 1_000) / perSecond - performance.now()))
    const onlooker = new Onlooker({ ...aim, token: tokens?.[index] ?? null }, counts, isReader(index))
    crowd.push(onlooker)
    const startTick = performance.now()
    await onlooker.enter()
    tookMs.push(performance.now() - startTick)
  }
  await Promise.all(Array.from({ length: count }, (_, index) => one(index)))
  return tookMs
}

function look(): CrowdLook {
  const { delaysMs, ...rest } = counts
  counts.delaysMs = []
  return { ...rest, delaysMs, inside: crowd.filter((one) => one.isIn).length }
}

/** When everybody was in, and whoever reads had this place of the log, in epoch milliseconds; null where that never was. */
async function reach(seq: number, withinMs: number): Promise<number | null> {
  const untilTick = performance.now() + withinMs
  while (performance.now() < untilTick) {
    if (crowd.every((one) => one.isIn && (one.seq === seq || !one.isReader))) return Date.now()
    await delay(5)
  }
  return null
}
