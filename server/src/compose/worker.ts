import type { Config } from '#config/config'
import { startStatusServer } from '#edge/http/status-server'
import { startLoadMonitor } from '#edge/load'
import { connectMedia } from '#infra/media/client'
import { createMediaGateway } from '#infra/media/gateway'
import { createJobQueue, startJobWorker } from '#infra/queue/queue'
import { buryJob, outboxChannel, startRelay } from '#infra/queue/relay'
import { startSweeper } from '#infra/queue/sweeper'
import { storesAnswer } from '#infra/readiness'
import { watchBacklog } from '#infra/telemetry/backlog'
import { timedJobs, timedSweeps } from '#infra/telemetry/metrics'
import { invariantSweep } from '../invariants/nightly.ts'
import { checkoutJobs } from '../modules/checkout/jobs.ts'
import { checkoutSweeps } from '../modules/checkout/sweeps.ts'
import { liveJobs, liveSweeps, type OnShowEnded } from '../modules/live/jobs.ts'
import { paymentsSweeps } from '../modules/payments/sweeps.ts'
import { settlementJobs } from '../modules/settlements/jobs.ts'
import { settlementSweeps } from '../modules/settlements/sweeps.ts'
import { composeDomain } from './domain.ts'
import { openGround } from './ground.ts'

/** A worker process: outbox relay, jobs, sweeps and the clock of flash sales. Two or more keep each other's place. */
export async function startWorker(config: Config) {
  const ground = await openGround(config, 'worker')
  const { log, registry, database, bus } = ground
  const domain = await composeDomain(ground)
  const { live, flashSales, waitingRooms, auctions, giveaways, checkout, payments, settlements } = domain
  const media = connectMedia({ url: config.media.controlUrl, secret: config.secrets.mediaControl, log })
  const video = createMediaGateway(media)
  const onShowEnded: OnShowEnded = [
    (showId) => flashSales.service.closeSalesOfShow(showId),
    (showId) => video.endShow(showId),
  ]
  const handlers = timedJobs(registry, [
    ...liveJobs(live.states, onShowEnded),
    ...auctions.jobs(),
    ...checkoutJobs(checkout),
    ...settlementJobs(settlements),
  ])
  const queue = createJobQueue(ground.openRedis('queue', 'producer'), log)
  const relay = startRelay({
    database,
    queue,
    handlers,
    log,
    concurrency: config.jobs.concurrency,
    registry: ground.registry,
  })
  const stopListening = bus.subscribe(outboxChannel, relay.wake)
  const worker = startJobWorker({
    redis: ground.openRedis('queue', 'consumer'),
    handlers,
    concurrency: config.jobs.concurrency,
    log,
    bury: (row) => buryJob(database, row),
  })
  const sweeper = startSweeper(
    timedSweeps(registry, [
      ...liveSweeps(live.store, live.states, live.service, onShowEnded),
      ...flashSales.sweeps(),
      ...waitingRooms.sweeps(),
      ...auctions.sweeps(),
      ...giveaways.sweeps(),
      ...checkoutSweeps(checkout),
      ...paymentsSweeps(payments),
      ...settlementSweeps(settlements),
      invariantSweep({ databaseUrl: config.database.url, redis: ground.redis, registry: ground.registry, log }),
    ]),
    log,
  )
  const load = startLoadMonitor((level, delayMs) => log.warn({ level, delayMs }, 'load level changed'))
  ground.metrics.watchLoad(load)
  let isDraining = false
  const status = await startStatusServer({
    ...config.worker,
    registry,
    readiness: async () => ({ ...(await storesAnswer(database, ground.redis)), serving: !isDraining }),
    beforeScrape: watchBacklog({ registry, database, queueDepth: queue.depth, log }),
    log,
  })
  return {
    details: { statusPort: status.port, jobs: handlers.map((handler) => handler.job.name) },
    close: async () => {
      isDraining = true
      stopListening()
      await sweeper.close()
      await relay.close()
      await worker.close()
      await queue.close()
      await status.close()
      load.close()
      media.close()
      await domain.close()
      await ground.close()
    },
  }
}
