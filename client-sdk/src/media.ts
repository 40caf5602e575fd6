export type { MediaSource } from '../contracts/index.ts'
export {
  type BroadcastEvents,
  type BroadcastOptions,
  type BroadcastSession,
  type BroadcastState,
  type BroadcastTracks,
  broadcast,
} from './media/broadcast.ts'
export { type Prefetched, prefetch } from './media/prefetch.ts'
export type { StreamStats } from './media/statistics.ts'
export {
  type WatchEvents,
  type WatchOptions,
  type WatchSession,
  type WatchState,
  type WatchStats,
  watch,
} from './media/watch.ts'
