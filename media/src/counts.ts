import type { types } from 'mediasoup'
import type { NodeStats } from '../control.ts'
import type { Peer } from './peer.ts'
import { Publisher } from './publisher.ts'
import type { Room } from './room.ts'
import { Viewer } from './viewer.ts'

type Counts = NodeStats['registry']

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

/** What the node believes to hold. A pipe is two transports, and each track that it carries a consumer and a producer. */
export const registryCounts = (rooms: readonly Room[], peers: readonly Peer[]): Counts => {
  const pipes = rooms.flatMap((room) => room.topology.pipes)
  const carried = sum(pipes.map((pipe) => pipe.carriedCount))
  const publishers = peers.filter((peer) => peer instanceof Publisher)
  const viewers = peers.filter((peer) => peer instanceof Viewer)
  return {
    routers: sum(rooms.map((room) => room.topology.routers.length)),
    transports: peers.length + 2 * pipes.length,
    producers: sum(publishers.map((publisher) => publisher.tracks.length)) + carried,
    consumers: sum(viewers.map((viewer) => viewer.consumerCount)) + carried,
  }
}

/** What the workers say that they hold, routers of no room included. */
export const dumpedCounts = async (workers: readonly types.Worker[], rooms: readonly Room[]): Promise<Counts> => {
  const workerDumps = await Promise.all(workers.map((worker) => worker.dump()))
  const routerDumps = await Promise.all(rooms.flatMap((room) => room.topology.routers).map((router) => router.dump()))
  return {
    routers: sum(workerDumps.map((dump) => dump.routerIds.length)),
    transports: sum(routerDumps.map((dump) => dump.transportIds.length)),
    producers: sum(routerDumps.map((dump) => dump.mapProducerIdConsumerIds.length)),
    consumers: sum(routerDumps.map((dump) => dump.mapConsumerIdProducerId.length)),
  }
}
