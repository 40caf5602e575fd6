import { productPinned } from '@livelot/client/contracts'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Stage, type StageNode, startStage } from '#edge/sockets/testing/stage'
import { newId } from '#kernel/ids'
import { type OwnRedis, startRedis } from '../../../test/support/services.ts'
import { showFeedKey, showStateKey, viewersKey } from './keys.ts'

let redis: OwnRedis
let stage: Stage
let nodes: [StageNode, StageNode]

beforeAll(async () => {
  redis = await startRedis({ appendfsync: 'no' })
  stage = await startStage({ redisUrl: redis.url, nodeCount: 2 })
  nodes = stage.nodes as [StageNode, StageNode]
})
afterAll(async () => {
  await stage.close()
  await redis.stop()
})
beforeEach(async () => {
  await nodes[0].redis.flushdb()
})

const pin = (outboxId: number) => {
  const productId = stage.productIds[outboxId % 3] as string
  const { name: type, version } = productPinned
  return { showId: stage.showId, type, version, data: { productId }, fields: { pinned: productId } }
}

describe('the state of a show', () => {
  it('[LV3] takes an outbox row once, in whatever number it is delivered', async () => {
    const { states } = nodes[0].live
    for (const id of [5, 6, 5, 6, 7, 7]) await states.append(pin(id), id)
    const { snapshot, tail } = await states.read(stage.showId)
    expect(tail.map(({ seq, data }) => [seq, data])).toEqual(
      [5, 6, 7].map((id, i) => [i + 1, { productId: stage.productIds[id % 3] }]),
    )
    expect(snapshot).toMatchObject({ seq: 3, pinnedProductId: stage.productIds[7 % 3] })
  })

  it('[LV4] and its log are always of one moment', async () => {
    const [a, b] = nodes
    await a.live.states.ensure(stage.showId)
    const writing = Promise.all(
      Array.from({ length: 200 }, (_, i) => {
        const productId = stage.productIds[i % 3] as string
        return stage.append(i % 2 ? a : b, productPinned, { productId }, { pinned: productId })
      }),
    )
    for (let i = 0; i < 50; i++) {
      const { snapshot, tail } = await b.live.states.read(stage.showId)
      expect(tail.at(-1)?.seq ?? 0).toBe(snapshot.seq)
      if (tail.length > 0) expect(tail.at(-1)?.data).toEqual({ productId: snapshot.pinnedProductId })
    }
    await writing
  })

  it('[LV6] is rebuilt from Postgres by one of many, with what other modules add', async () => {
    nodes[0].live.registerStateContributor(async () => ({ 'extra:1': 'kept' }))
    await nodes[0].live.service.pin(stage.showId, stage.productIds[2] ?? null, stage.host)
    const epochs = await Promise.all(Array.from({ length: 10 }, () => nodes[0].live.states.ensure(stage.showId)))
    expect(new Set(epochs).size).toBe(1)
    const hash = await nodes[0].redis.hgetall(showStateKey(stage.showId))
    expect(hash).toMatchObject({ 'extra:1': 'kept', seq: '0', pinned: stage.productIds[2] })
    expect(await nodes[1].live.states.ensure(stage.showId)).toBe(epochs[0])
    await expect(nodes[0].live.states.ensure(newId())).rejects.toMatchObject({ code: 'show.not_found' })
  })

  it('[LV5] takes nothing under another run of the server until it was rebuilt, and goes on counting', async () => {
    const [a] = nodes
    const { states } = a.live
    await states.append(pin(1), 1)
    const before = await states.read(stage.showId)
    // What a server that was restarted from an older file looks like: the state names another run.
    await a.redis.hset(showStateKey(stage.showId), 'run', 'f'.repeat(40))
    expect(await stage.append(a, productPinned, { productId: null })).toBe(0)
    expect(await a.redis.xlen(showFeedKey(stage.showId))).toBe(1)
    expect(await states.positions([stage.showId])).toEqual([null])
    await states.append(pin(2), 2)
    const after = await states.read(stage.showId)
    expect(after.snapshot.epoch).not.toBe(before.snapshot.epoch)
    expect(after.tail.map(({ seq, epoch }) => [seq, epoch])).toEqual([[2, after.snapshot.epoch]])
  })

  it('[LV3] of a show that does not exist is not made', async () => {
    const showId = newId<typeof stage.showId>()
    await nodes[0].live.states.append({ ...pin(1), showId }, 1)
    expect(await nodes[0].redis.exists(showStateKey(showId))).toBe(0)
  })
})

describe('the audience', () => {
  it('[LV11] forgets a process that no longer reports', async () => {
    const { rooms } = nodes[0].live
    const { showId } = stage
    expect(await rooms.report(showId, 'p1', 3, 2)).toEqual({ viewerCount: 3, heartCount: 2 })
    expect(await rooms.report(showId, 'p2', 4, 0)).toEqual({ viewerCount: 7, heartCount: 2 })
    expect(await rooms.report(showId, 'p1', 1, 5)).toEqual({ viewerCount: 5, heartCount: 7 })
    const [, until] = ((await nodes[0].redis.hget(viewersKey(showId), 'p2')) ?? '').split(':')
    expect(Number(until) - Date.now()).toBeLessThanOrEqual(5_100)
    await nodes[0].redis.hset(viewersKey(showId), 'p2', `4:${Date.now() - 1}`)
    expect(await rooms.report(showId, '', 0, 0)).toEqual({ viewerCount: 1, heartCount: 7 })
    expect(await nodes[0].redis.hkeys(viewersKey(showId))).toEqual(['p1'])
  })
})
