import { execFileSync } from 'node:child_process'
import type { Client } from '@livelot/client'
import { issueStreamToken, type Operation, produceMedia, startPublishing, watchMedia } from '@livelot/client/contracts'
import {
  cameraTrack,
  dtlsParameters,
  microphoneTrack,
  viewerCapabilities,
} from '../../../../../media/test/support/fixtures.ts'
import { everywhere, type FaultRow, must } from '../row.ts'
import type { Stage } from '../stage.ts'
import { bidTimes, eventually, liveStage } from './live.ts'

const backSecondsMax = 10
const bidMsMax = 5_000
const tracks = 2

// The wire forms of media are checked by the operations; here they are only carried.
const ask = (client: Client, operation: Operation, request: object) =>
  client.connection.send(operation, request as never, { timeoutMs: 3_000 }) as Promise<Record<string, unknown>>

const tokenFor = async ({ night }: Stage, client: Client, purpose: 'watch' | 'publish') =>
  (await client.call(issueStreamToken, { showId: night.showId, purpose } as never, { timeoutMs: 3_000 })).streamToken

async function publish(stage: Stage): Promise<void> {
  const { host, showId } = stage.night
  const streamToken = await tokenFor(stage, host, 'publish')
  const { peerId } = await ask(host, startPublishing, { showId, streamToken, dtlsParameters: dtlsParameters() })
  await ask(host, produceMedia, { peerId, tracks: [cameraTrack(), microphoneTrack()] })
}

/** How many tracks a viewer who joins now is given. */
async function tracksSeen(stage: Stage, client: Client): Promise<number> {
  const { showId } = stage.night
  const streamToken = await tokenFor(stage, client, 'watch')
  const request = { showId, streamToken, rtpCapabilities: viewerCapabilities, dtlsParameters: dtlsParameters() }
  const { consumers } = await ask(client, watchMedia, request)
  return (consumers as unknown[]).length
}

/** Creator and viewer join again until there is a picture, as the SDK does when it is told. */
async function pictureBack(stage: Stage, client: Client): Promise<number> {
  const isBack = async () => {
    try {
      await publish(stage)
      return (await tracksSeen(stage, client)) === tracks
    } catch {
      // Not yet.
      return false
    }
  }
  return (await eventually(isBack, backSecondsMax * 1_000, 'the picture is not back')) / 1_000
}

const childrenOf = (pid: number): number[] =>
  execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' })
    .trim()
    .split(/\s+/)
    .map(Number)

export const killMedia: FaultRow = {
  number: 24,
  name: 'kill -9 of media workers, then of their node',
  moments: ['j', 'n'],
  short: [],
  stage: liveStage,
  probe: everywhere,
  run: async (stage, moment) => {
    const viewer = stage.night.bidders[0]?.client
    must(viewer, 'nobody watches')
    await publish(stage)
    must((await tracksSeen(stage, viewer)) === tracks, 'there was no picture before the fault')
    const trade = await stage.openTrade()
    trade.buy()
    if (moment === 'j') await trade.lastSecond()
    const atMs = Date.now()
    const pid = stage.platform.processes.get('media')?.pid ?? 0
    const workers = childrenOf(pid)
    for (const worker of workers) process.kill(worker, 'SIGKILL')
    const afterWorkers = await pictureBack(stage, viewer)
    await stage.kill('media')
    const [bidSeconds] = await Promise.all([
      moment === 'j' ? 0 : stage.served('bid', Date.now()),
      stage.restart('media'),
    ])
    const afterNode = await pictureBack(stage, viewer)
    const endsAtMs = trade.endsAtMs()
    await trade.lotClosed
    must(moment === 'j' || Date.now() >= endsAtMs, 'the lot closed early')
    const bids = bidTimes(stage, atMs)
    must(bids.p99Ms <= bidMsMax, `a bid took ${bids.p99Ms} ms`)
    await trade.finish()
    const detail = `${workers.length} workers: picture after ${afterWorkers.toFixed(1)} s; node: ${afterNode.toFixed(1)} s; ${bids.count} bids, the slowest ${bids.p99Ms} ms, one after ${bidSeconds.toFixed(1)} s`
    return { recoverySeconds: Math.max(afterWorkers, afterNode), detail }
  },
}
