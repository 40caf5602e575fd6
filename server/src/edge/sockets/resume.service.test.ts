import { flashSaleStockChanged, joinShow, productPinned } from '@livelot/client/contracts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newId } from '#kernel/ids'
import { type TestRedis, testRedis } from '../../../test/support/services.ts'
import { type Stage, type StageNode, startStage } from './testing/stage.ts'
import { Viewer } from './testing/viewer.ts'

let redis: TestRedis
let stage: Stage
let nodes: [StageNode, StageNode]

beforeAll(async () => {
  redis = await testRedis()
  stage = await startStage({ redisUrl: redis.url, nodeCount: 2 })
  nodes = stage.nodes as [StageNode, StageNode]
})
afterAll(async () => {
  await stage.close()
  await redis.drop()
})

/** A small seeded generator, so that a failing run can be played again. Source: Numerical Recipes' LCG constants. */
function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

describe('a viewer who comes back', () => {
  it.each([1, 7, 42])(
    'misses nothing and gets nothing twice, whenever and wherever it returns (seed %i)',
    async (seed) => {
      const random = seeded(seed)
      const node = () => nodes[random() < 0.5 ? 0 : 1]
      const watcher = await new Viewer(nodes[0].url, stage.showId).join()
      const startSeq = watcher.cursor?.seq ?? 0
      let traveller = await new Viewer(node().url, stage.showId).join({
        ...(watcher.cursor as { epoch: string; seq: number }),
      })
      const seen: typeof traveller.seen = []
      const wrong: string[] = []
      const saleIds = [newId(), newId()]
      let appended = 0
      const appendSome = async (count: number) => {
        for (let i = 0; i < count; i++) {
          const isPin = random() < 0.5
          if (isPin) await stage.append(node(), productPinned, { productId: stage.productIds[appended % 3] })
          else {
            const flashSaleId = saleIds[appended % 2]
            await stage.append(node(), flashSaleStockChanged, { flashSaleId, remainingUnits: appended, soldUnits: 0 })
          }
          appended += 1
        }
      }
      const rounds = 12
      for (let round = 0; round < rounds; round++) {
        const writing = appendSome(Math.floor(random() * 25))
        if (random() < 0.5) await writing
        const cursor = traveller.cursor as { epoch: string; seq: number }
        seen.push(...traveller.seen)
        wrong.push(...traveller.wrong)
        traveller.close()
        if (random() < 0.5) await writing
        traveller = await new Viewer(node().url, stage.showId).join(cursor)
        expect(traveller.answer?.snapshot).toBeNull()
        await writing
      }
      await traveller.until(() => traveller.cursor?.seq === startSeq + appended)
      await watcher.until(() => watcher.cursor?.seq === startSeq + appended)
      seen.push(...traveller.seen)
      wrong.push(...traveller.wrong)
      expect({ wrong, watcherWrong: watcher.wrong }).toEqual({ wrong: [], watcherWrong: [] })
      const pins = (events: typeof seen) =>
        events.filter((event) => event.type === productPinned.name && event.seq > startSeq)
      expect(pins(seen)).toEqual(pins(watcher.seen))
      const seqs = seen.map((event) => event.seq)
      expect(seqs).toEqual([...new Set(seqs)].toSorted((a, b) => a - b))
      traveller.close()
      watcher.close()
    },
  )

  it('gets a snapshot after too long an absence, or with a place of another epoch', async () => {
    const viewer = await new Viewer(nodes[0].url, stage.showId).join()
    const cursor = viewer.cursor as { epoch: string; seq: number }
    const awayMax = 201
    for (let i = 0; i < awayMax; i++) await stage.append(nodes[0], productPinned, { productId: null })
    await viewer.until(() => viewer.cursor?.seq === cursor.seq + awayMax)
    for (const place of [cursor, { epoch: 'another', seq: 3 }]) {
      const late = await new Viewer(nodes[1].url, stage.showId).join(place)
      expect(late.answer?.snapshot?.epoch).toBe(cursor.epoch)
      await late.until(() => late.cursor?.seq === cursor.seq + awayMax)
      expect(late.wrong).toEqual([])
      late.close()
    }
    const inTime = await new Viewer(nodes[1].url, stage.showId).join({ ...cursor, seq: cursor.seq + 1 })
    expect(inTime.answer?.resumed?.events.length).toBe(awayMax - 1)
    inTime.close()
    viewer.close()
  })

  it('is told in the answer itself what came after the snapshot was taken', async () => {
    const watcher = await new Viewer(nodes[0].url, stage.showId).join()
    const start = watcher.cursor as { epoch: string; seq: number }
    const first = await new Viewer(nodes[0].url, stage.showId).join()
    const takenAt = first.answer?.snapshot?.seq ?? 0
    for (let i = 0; i < 3; i++) await stage.append(nodes[0], productPinned, { productId: stage.productIds[i] })
    await watcher.until(() => watcher.cursor?.seq === start.seq + 3)
    const late = await new Viewer(nodes[0].url, stage.showId).join()
    const { snapshot, resumed } = joinShow.response.parse(late.answer)
    expect([snapshot?.seq, resumed?.fromSeq, resumed?.toSeq]).toEqual([takenAt, takenAt + 1, start.seq + 3])
    expect(resumed?.events.at(-1)?.data).toEqual({ productId: stage.productIds[2] })
    await stage.append(nodes[0], productPinned, { productId: null })
    await late.until(() => late.cursor?.seq === start.seq + 4)
    expect([late.wrong, late.seqs.slice(-2)]).toEqual([[], [start.seq + 3, start.seq + 4]])
    for (const viewer of [watcher, first, late]) viewer.close()
  })

  it('is made to wait a moment, not told a second time, when another process told it more', async () => {
    const [a, b] = nodes
    const ahead = await new Viewer(a.url, stage.showId).join()
    const behind = await new Viewer(b.url, stage.showId).join()
    await stage.append(a, productPinned, { productId: null })
    const seq = (ahead.cursor?.seq ?? 0) + 1
    const early = new Viewer(b.url, stage.showId)
    await early.join({ epoch: ahead.cursor?.epoch ?? '', seq })
    expect(early.answer?.resumed).toMatchObject({ fromSeq: seq + 1, toSeq: seq, events: [] })
    for (const viewer of [ahead, behind, early]) viewer.close()
  })

  it('finds the state of the show in its snapshot', async () => {
    const [productId] = stage.productIds
    await nodes[0].live.states.ensure(stage.showId)
    await stage.append(nodes[0], productPinned, { productId }, { pinned: productId as string })
    const follower = await new Viewer(nodes[1].url, stage.showId).join()
    await follower.until(() => follower.seen.length > 0 || follower.cursor !== null)
    const snapshot = joinShow.response.parse(follower.answer).snapshot
    expect(snapshot?.show).toMatchObject({ showId: stage.showId, title: 'Teas of spring', state: 'live' })
    expect(snapshot?.shelf.map((item) => item.productId)).toEqual(stage.productIds)
    expect(follower.answer?.rights).toEqual({ isHost: false, canModerate: false, canChat: false })
    follower.close()
  })
})
