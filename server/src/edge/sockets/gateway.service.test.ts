import { flashSaleStockChanged, productPinned } from '@livelot/client/contracts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newId } from '#kernel/ids'
import { showFeedKey, showStateKey } from '#modules/live'
import { type TestRedis, testRedis } from '../../../test/support/services.ts'
import { type Stage, startStage } from './testing/stage.ts'
import { Viewer } from './testing/viewer.ts'

let redis: TestRedis
let stage: Stage

beforeAll(async () => {
  redis = await testRedis()
  stage = await startStage({ redisUrl: redis.url, nodeCount: 2 })
})
afterAll(async () => {
  await stage.close()
  await redis.drop()
})

describe('two processes on one show', () => {
  it('give their viewers the identical sequence while both append', async () => {
    const [a, b] = stage.nodes as [Stage['nodes'][0], Stage['nodes'][0]]
    const viewers = [a, a, b, b].map((node) => new Viewer(node.url, stage.showId))
    await Promise.all(viewers.map((viewer) => viewer.join()))
    const startSeq = viewers[0]?.cursor?.seq ?? 0
    const eventsMax = 300
    await Promise.all(
      Array.from({ length: eventsMax }, (_, i) =>
        stage.append(i % 2 ? a : b, productPinned, { productId: stage.productIds[i % 3] }),
      ),
    )
    await Promise.all(viewers.map((viewer) => viewer.until(() => viewer.cursor?.seq === startSeq + eventsMax)))
    const [first] = viewers as [Viewer]
    expect(first.seqs).toEqual(Array.from({ length: eventsMax }, (_, i) => startSeq + 1 + i))
    for (const viewer of viewers) {
      expect(viewer.wrong).toEqual([])
      expect(viewer.seen).toEqual(first.seen)
      viewer.close()
    }
  })

  it('leaves out stock figures that a later one of the same frame replaces', async () => {
    const [a] = stage.nodes as [Stage['nodes'][0]]
    const viewer = await new Viewer(a.url, stage.showId).join()
    const startSeq = viewer.cursor?.seq ?? 0
    const flashSaleId = newId()
    await Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        stage.append(a, flashSaleStockChanged, { flashSaleId, remainingUnits: 99 - i, soldUnits: 0 }),
      ),
    )
    await viewer.until(() => viewer.cursor?.seq === startSeq + 100)
    expect(viewer.wrong).toEqual([])
    const figures = viewer.seen.filter((event) => event.type === flashSaleStockChanged.name)
    expect(figures.length).toBeLessThan(50)
    expect(figures.map((event) => event.seq)).toEqual(figures.map((event) => event.seq).toSorted((a, b) => a - b))
    expect(viewer.seen.at(-1)?.data).toEqual({ flashSaleId, remainingUnits: 0, soldUnits: 0 })
    viewer.close()
  })

  it('go on after an entry that nobody can read, by a snapshot', async () => {
    const [a, b] = stage.nodes as [Stage['nodes'][0], Stage['nodes'][0]]
    const viewers = await Promise.all([a, b].map((node) => new Viewer(node.url, stage.showId).join()))
    const key = showStateKey(stage.showId)
    const seq = await a.redis.hincrby(key, 'seq', 1)
    const epoch = (await a.redis.hget(key, 'epoch')) ?? ''
    await a.redis.xadd(showFeedKey(stage.showId), `${seq}-0`, 'e', epoch, 't', 'x', 'v', '1', 'd', '{broken', 'a', '1')
    await stage.append(b, productPinned, { productId: null })
    for (const viewer of viewers) {
      await viewer.until(() => (viewer.cursor?.seq ?? 0) >= seq + 1)
      expect({ wrong: viewer.wrong, snapshots: viewer.snapshots.length }).toEqual({ wrong: [], snapshots: 2 })
      viewer.close()
    }
  })
})
