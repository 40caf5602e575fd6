import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { allOperations, allToldEvents, mediaCapabilities } from '@livelot/client/contracts'
import type { Config } from '#config/config'
import { createApp } from '#edge/http/app'
import { answerBrokenRequests } from '#edge/http/broken-requests'
import { buildEventCatalogue, buildOpenApi } from '#edge/http/openapi'
import { startLoadMonitor } from '#edge/load'
import { createGateway } from '#edge/sockets/gateway'
import { connectMedia } from '#infra/media/client'
import { createMediaGateway } from '#infra/media/gateway'
import { startSweeper } from '#infra/queue/sweeper'
import { storesAnswer } from '#infra/readiness'
import { timedSweeps } from '#infra/telemetry/metrics'
import { route } from '#kernel/route'
import { paymentWebhook } from '../modules/payments/http.ts'
import { revokedChannel } from '../modules/profiles/index.ts'
import { composeDomain, routesOf } from './domain.ts'
import { openGround } from './ground.ts'

const version = '0.1.0'
const httpOptions = {
  requestTimeout: 30_000,
  headersTimeout: 10_000,
  keepAliveTimeout: 65_000,
  // How often connections are looked at that are over those times.
  connectionsCheckingInterval: 5_000,
  // Refused in our own form.
  requireHostHeader: false,
}
const demoPictures = fileURLToPath(new URL('../../demo/pictures/', import.meta.url))

/** An API process: REST, sockets and pages. Any number may run; each is stateless. */
export async function startApi(config: Config) {
  const ground = await openGround(config, 'api')
  const { log, registry, bus, redis } = ground
  const domain = await composeDomain(ground)
  const routes = routesOf(domain)
  const media = connectMedia({ url: config.media.controlUrl, secret: config.secrets.mediaControl, log })
  const mediaGateway = createMediaGateway(media)
  let isDraining = false
  const load = startLoadMonitor((level, delayMs) => log.warn({ level, delayMs }, 'load level changed'))
  ground.metrics.watchLoad(load)
  const app = createApp({
    // Over sockets the video side binds its own.
    routes: [...routes, route(mediaCapabilities, async () => mediaGateway.capabilities())],
    authenticate: domain.profiles.authenticate,
    log,
    registry,
    allowedOrigins: config.allowedOrigins,
    publicUrl: config.publicUrl,
    trustProxyHops: config.http.trustProxyHops,
    paceFactor: config.sockets.paceFactor,
    loadLevel: () => load.level,
    paymentOrigin: new URL(config.payments.publicUrl).origin,
    webDistDir: config.web.distDir,
    picturesDir: config.web.demoPicturesDir ?? (config.mode === 'embedded' ? demoPictures : null),
    openApi: buildOpenApi(allOperations.values(), version),
    eventCatalogue: buildEventCatalogue(allOperations.values(), allToldEvents.values()),
    paymentWebhook: paymentWebhook({ service: domain.payments, told: domain.checkout.paymentTold, log }),
    readiness: async () => ({ ...(await storesAnswer(ground.database, redis)), serving: !isDraining }),
    video: () => media.connected,
  })
  const httpServer = createServer(httpOptions, app)
  answerBrokenRequests(httpServer)
  const gateway = createGateway({
    httpServer,
    routes,
    rooms: domain.live.rooms,
    bus,
    redis,
    feedRedis: ground.openRedis('blocking', 'feed'),
    authenticate: domain.profiles.authenticate,
    revokedChannel,
    allowedOrigins: config.allowedOrigins,
    trustProxyHops: config.http.trustProxyHops,
    registry,
    log,
    nowMs: ground.clock.nowMs,
    loadLevel: () => load.level,
    media: {
      gateway: mediaGateway,
      redeemStreamToken: domain.live.service.redeemStreamToken,
    },
    addressLimits: addressLimitsOf(config),
    paceFactor: config.sockets.paceFactor,
  })
  // Workers end auctions too; one API process alone is enough for the hammer to fall.
  const clock = startSweeper(timedSweeps(registry, domain.auctions.clock()), log)
  await new Promise<void>((resolve, reject) => {
    httpServer.once('error', reject)
    httpServer.listen(config.http.port, config.http.host, resolve)
  })
  const { port } = httpServer.address() as AddressInfo
  return {
    details: { port, publicUrl: config.publicUrl },
    close: async () => {
      isDraining = true
      await gateway.drain(config.sockets.drainMs)
      await gateway.close()
      await clock.close()
      await domain.auctions.fairness.flush().catch((error: unknown) => log.warn({ err: error }, 'figures of bids lost'))
      httpServer.closeIdleConnections()
      await new Promise((resolve) => {
        httpServer.close(resolve)
        setTimeout(() => httpServer.closeAllConnections(), 3_000).unref()
      })
      load.close()
      media.close()
      await domain.close()
      await ground.close()
    },
  }
}

/** Connections from one address come at a pace that fits how many it may hold open. */
function addressLimitsOf(config: Config) {
  const openMax = config.sockets.perAddressMax
  return { openMax, burst: Math.max(20, openMax / 2), perSecond: Math.max(2, openMax / 25) }
}
