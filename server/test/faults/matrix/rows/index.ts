import type { FaultRow } from '../row.ts'
import { emptyRedis } from './empty-redis.ts'
import { freezeApi } from './freeze-api.ts'
import { freezeWorker } from './freeze-worker.ts'
import { killApi } from './kill-api.ts'
import { killRedis } from './kill-redis.ts'
import { killWorker } from './kill-worker.ts'

/** Every row of the matrix that can be run, in its order. */
export const rows: readonly FaultRow[] = [killApi, killWorker, freezeWorker, freezeApi, killRedis, emptyRedis]
