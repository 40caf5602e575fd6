import { syncClock } from '@livelot/client/contracts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type ChaosProxy, startChaosProxy } from '../../../test/support/chaos-proxy.ts'
import { type TestRedis, testRedis } from '../../../test/support/services.ts'
import { heartbeat } from './limits.ts'
import { type Stage, type StageNode, startStage } from './testing/stage.ts'
import { Viewer } from './testing/viewer.ts'

/** As the real one, at a fiftieth of its time. */
const quick = { everyMs: heartbeat.everyMs / 50, answerMs: heartbeat.answerMs / 50 }

let redis: TestRedis
let stage: Stage
let node: StageNode
let mast: ChaosProxy
beforeAll(async () => {
  redis = await testRedis()
  stage = await startStage({ redisUrl: redis.url, gateway: { heartbeat: quick } })
  node = stage.nodes[0] as StageNode
  mast = await startChaosProxy([Number(new URL(node.url).port)])
})
afterAll(async () => {
  await closeStage()
  await mast[Symbol.asyncDispose]()
  await redis.drop()
})

let isClosed = false
const closeStage = async () => {
  if (isClosed) return
  isClosed = true
  await stage.close()
}
const counted = async () => (await node.live.rooms.report(stage.showId, '', 0, 0)).viewerCount

it('finds a third of its connections gone without a word within 45 seconds, and counts no ghosts', async () => {
  expect(heartbeat.everyMs + heartbeat.answerMs).toBeLessThanOrEqual(45_000)
  const stayed = await Promise.all(Array.from({ length: 14 }, () => new Viewer(node.url, stage.showId).join()))
  const mastUrl = `http://127.0.0.1:${mast.port}`
  const gone = await Promise.all(Array.from({ length: 6 }, () => new Viewer(mastUrl, stage.showId).join()))
  await expect.poll(counted).toBe(20)
  const reasons = gone.map(
    ({ socket }) => new Promise<string>((resolve) => socket.once('disconnect', (reason) => resolve(reason))),
  )
  const goneTick = performance.now()
  mast.set({ both: { isSilent: true } })
  await expect.poll(() => node.gateway.connectionCount, { interval: 5 }).toBe(14)
  expect(performance.now() - goneTick).toBeLessThan(45_000 / 50)
  // The far end finds out by itself too: nothing reaches it that could tell.
  expect(new Set(await Promise.all(reasons))).toEqual(new Set(['ping timeout']))
  await expect.poll(counted).toBe(14)
  for (const viewer of stayed) {
    expect(await viewer.ask(syncClock, {})).toEqual({ nowMs: expect.any(Number) })
    viewer.close()
  }
  for (const viewer of gone) viewer.close()
  // Nobody of them has said goodbye, and yet the process can stop at once.
  const stopTick = performance.now()
  await closeStage()
  expect(performance.now() - stopTick).toBeLessThan(8_000)
})
