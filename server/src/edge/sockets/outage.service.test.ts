import { setTimeout as delay } from 'node:timers/promises'
import { productPinned } from '@livelot/client/contracts'
import { pino } from 'pino'
import { afterEach, describe, expect, it } from 'vitest'
import { statement } from '#infra/postgres/pool'
import { startRelay } from '#infra/queue/relay'
import { writeShowEvent } from '#modules/live'
import { type OwnRedis, startRedis } from '../../../test/support/services.ts'
import { liveJobs } from '../../modules/live/jobs.ts'
import { type Stage, type StageNode, startStage } from './testing/stage.ts'
import { Viewer } from './testing/viewer.ts'

let redis: OwnRedis
let stage: Stage

afterEach(async () => {
  await stage.close()
  await redis.stop()
})

/** Relays the outbox on a node's connections, as a worker process does. */
function relayOn(node: StageNode) {
  return startRelay({
    database: stage.database,
    queue: { addAll: async () => undefined, close: async () => undefined },
    handlers: liveJobs(node.live.states, []),
    log: pino({ level: 'silent' }),
    pollMs: 50,
  })
}

const orderedRow = statement('stage.ordered_row', 'SELECT 1 FROM outbox WHERE ordered LIMIT 1')

async function outboxEmptied(on: Stage): Promise<void> {
  while ((await on.database.query(orderedRow)).length > 0) await delay(20)
}

describe('when Redis goes away', () => {
  it('kill -9 for three seconds: nothing lost, nothing reordered, everybody in the same state', async () => {
    redis = await startRedis({ appendfsync: 'always' })
    stage = await startStage({ redisUrl: redis.url, nodeCount: 2 })
    const [a, b] = stage.nodes as [StageNode, StageNode]
    const relay = relayOn(a)
    await outboxEmptied(stage)
    const viewers = [a, a, b, b].map((node) => new Viewer(node.url, stage.showId))
    await Promise.all(viewers.map((viewer) => viewer.join()))
    const startSeq = viewers[0]?.cursor?.seq ?? 0
    const pinned: unknown[] = []
    let isWriting = true
    const writing = (async () => {
      for (let i = 0; isWriting; i++) {
        const productId = stage.productIds[i % 3] as (typeof stage.productIds)[0]
        const told = { productId }
        await stage.database.transaction((tx) =>
          writeShowEvent(tx, stage.showId, productPinned, told, { pinned: productId }),
        )
        pinned.push(told)
        await delay(10)
      }
    })()
    await viewers[3]?.until(() => (viewers[3]?.seen.length ?? 0) >= 20)
    await redis.kill()
    await delay(3_000)
    await redis.restart()
    const atRestart = pinned.length
    await Promise.all(viewers.map((viewer) => viewer.until(() => (viewer.cursor?.seq ?? 0) > startSeq + atRestart)))
    isWriting = false
    await writing
    await outboxEmptied(stage)
    const endSeq = startSeq + pinned.length
    const [place] = await a.live.states.positions([stage.showId])
    expect(place?.seq).toBe(endSeq)
    await Promise.all(viewers.map((viewer) => viewer.until(() => viewer.cursor?.seq === endSeq)))
    for (const viewer of viewers) {
      expect(viewer.wrong).toEqual([])
      // One snapshot at the entry; after the restart another, because that server may have forgotten something.
      expect(viewer.snapshots.length).toBe(2)
      expect(viewer.cursor).toEqual(place)
      for (const event of viewer.seen) expect(event.data).toEqual(pinned[event.seq - startSeq - 1])
      viewer.close()
    }
    await relay.close()
  })

  it('emptied while it runs: the state is rebuilt from Postgres under a new epoch and everybody is told', async () => {
    redis = await startRedis({ appendfsync: 'no' })
    stage = await startStage({ redisUrl: redis.url, nodeCount: 2 })
    const [a, b] = stage.nodes as [StageNode, StageNode]
    const viewers = [a, b].map((node) => new Viewer(node.url, stage.showId))
    await Promise.all(viewers.map((viewer) => viewer.join()))
    const before = viewers[0]?.cursor?.epoch
    await a.live.service.pin(stage.showId, stage.productIds[1] ?? null, stage.host)
    await redis.flush()
    await Promise.all(viewers.map((viewer) => viewer.until(() => viewer.cursor?.epoch !== before)))
    for (const viewer of viewers) {
      expect(viewer.snapshots.at(-1)).toMatchObject({ pinnedProductId: stage.productIds[1], show: { state: 'live' } })
    }
    expect(viewers[0]?.cursor?.epoch).toBe(viewers[1]?.cursor?.epoch)
    await stage.append(b, productPinned, { productId: null })
    await Promise.all(viewers.map((viewer) => viewer.until(() => viewer.seen.at(-1)?.data !== undefined)))
    for (const viewer of viewers) {
      expect(viewer.wrong).toEqual([])
      viewer.close()
    }
  })

  it('cut off without a restart: the feed goes on by itself, every event once', async () => {
    redis = await startRedis({ appendfsync: 'no' })
    stage = await startStage({ redisUrl: redis.url, nodeCount: 2 })
    const [a, b] = stage.nodes as [StageNode, StageNode]
    const viewer = await new Viewer(b.url, stage.showId).join()
    const startSeq = viewer.cursor?.seq ?? 0
    for (let i = 0; i < 20; i++) {
      await stage.append(a, productPinned, { productId: stage.productIds[i % 3] })
      if (i % 5 === 0) await a.redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    }
    await viewer.until(() => viewer.cursor?.seq === startSeq + 20)
    expect({ wrong: viewer.wrong, seqs: viewer.seqs, snapshots: viewer.snapshots.length }).toEqual({
      wrong: [],
      seqs: Array.from({ length: 20 }, (_, i) => startSeq + 1 + i),
      snapshots: 1,
    })
    viewer.close()
  })
})
