import type { FaultRow } from '../row.ts'
import { clockJump } from './clock-jump.ts'
import { cpuQuota } from './cpu-quota.ts'
import { cutReply } from './cut-reply.ts'
import { emptyRedis } from './empty-redis.ts'
import { everyFailpointLate, everyFailpointThrows } from './every-failpoint.ts'
import { freezeApi } from './freeze-api.ts'
import { freezeWorker } from './freeze-worker.ts'
import { halfOpen } from './half-open.ts'
import { heldLocks } from './held-locks.ts'
import { holdExpiry } from './hold-expiry.ts'
import { killApi } from './kill-api.ts'
import { killMedia } from './kill-media.ts'
import { killPostgres } from './kill-postgres.ts'
import { killRedis } from './kill-redis.ts'
import { killWorker } from './kill-worker.ts'
import { mediaLoss } from './media-loss.ts'
import { postgresPowerCut } from './postgres-power-cut.ts'
import { providerAnswers } from './provider-answers.ts'
import { providerDown } from './provider-down.ts'
import { reconnectStorm } from './reconnect-storm.ts'
import { redisDiskFull } from './redis-disk-full.ts'
import { rollingRestart } from './rolling-restart.ts'
import { slowReaders } from './slow-readers.ts'
import { slowScript } from './slow-script.ts'
import { webhooks } from './webhooks.ts'

/** Every row of the matrix that can be run, in its order; before them all failpoints at once. */
export const rows: readonly FaultRow[] = [
  everyFailpointThrows,
  everyFailpointLate,
  killApi,
  killWorker,
  freezeWorker,
  freezeApi,
  killRedis,
  emptyRedis,
  redisDiskFull,
  slowScript,
  cutReply,
  killPostgres,
  postgresPowerCut,
  heldLocks,
  providerAnswers,
  providerDown,
  webhooks,
  holdExpiry,
  halfOpen,
  slowReaders,
  clockJump,
  killMedia,
  mediaLoss,
  rollingRestart,
  reconnectStorm,
  cpuQuota,
]
