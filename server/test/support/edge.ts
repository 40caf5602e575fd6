import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import { Registry } from 'prom-client'
import { createApp } from '#edge/http/app'
import { createBuckets } from '#edge/token-bucket'
import { createDatabase } from '#infra/postgres/pool'
import { createBus } from '#infra/redis/bus'
import { createRedis, whenReady } from '#infra/redis/client'
import { catalogRoutes } from '../../src/modules/catalog/http.ts'
import { createCatalogService } from '../../src/modules/catalog/service.ts'
import { createCatalogStore } from '../../src/modules/catalog/store.pg.ts'
import { profilesRoutes } from '../../src/modules/profiles/http.ts'
import { createPasswords } from '../../src/modules/profiles/passwords.ts'
import { createRevocations } from '../../src/modules/profiles/revocations.ts'
import { createProfilesService } from '../../src/modules/profiles/service.ts'
import { createProfilesStore } from '../../src/modules/profiles/store.pg.ts'
import { createAccessTokens } from '../../src/modules/profiles/tokens.ts'
import { testDatabase, testRedis } from './services.ts'

/** A fresh signing key in the form that AUTH_PRIVATE_KEY has. */
export function newSigningKey(): string {
  const { privateKey } = generateKeyPairSync('ed25519')
  return privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64')
}

/**
 * The HTTP edge with accounts and catalogue on a database and Redis of its own: for tests of the edge itself and of
 * these two modules. `process()` makes a second process's view of the same accounts.
 */
export async function startEdge() {
  const [database, redisServer] = await Promise.all([testDatabase(), testRedis()])
  const log = pino({ level: 'silent' })
  const privateKey = newSigningKey()
  const db = createDatabase({ url: database.url, poolSizeMax: 4, applicationName: 'test', log })
  const connections: ReturnType<typeof createRedis>[] = []
  const openRedis = async (use: 'hot' | 'blocking') => {
    const redis = createRedis(redisServer.url, { use, name: 'test', log })
    connections.push(redis)
    await whenReady(redis, 5_000)
    return redis
  }
  const newProfiles = async () => {
    const redis = await openRedis('hot')
    const bus = createBus(redis, await openRedis('blocking'), log)
    const revocations = createRevocations(redis, bus, log)
    await revocations.load()
    return createProfilesService({
      store: createProfilesStore(db),
      passwords: createPasswords(),
      tokens: createAccessTokens(privateKey),
      revocations,
      limits: { take: (email) => perEmail.take(email) },
    })
  }
  const perEmail = createBuckets({ burst: 10, perSecond: 0.1 })
  const profiles = await newProfiles()
  const catalog = createCatalogService({
    store: createCatalogStore(db),
    availableUnits: async () => new Map(),
    brandById: async (brandId) => (await profiles.brandsByIds([brandId]))[0] ?? null,
  })
  const app = createApp({
    routes: [...profilesRoutes(profiles), ...catalogRoutes(catalog)],
    authenticate: profiles.authenticate,
    log,
    registry: new Registry(),
    allowedOrigins: ['http://shop.test'],
    publicUrl: 'http://shop.test',
    trustProxyHops: 0,
    paymentOrigin: 'http://pay.test',
    webDistDir: '/nonexistent',
    picturesDir: null,
    openApi: { paths: {} },
    eventCatalogue: {},
    paymentWebhook: (_request, response) => void response.status(204).end(),
    readiness: async () => ({ postgres: true }),
  })
  const server = createServer(app)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(baseUrl + path, {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) }
  }
  return {
    baseUrl,
    call,
    db,
    profiles,
    catalog,
    newProfiles,
    privateKey,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      for (const connection of connections) connection.disconnect()
      await db.close()
      await Promise.all([database.drop(), redisServer.drop()])
    },
  }
}

export type Edge = Awaited<ReturnType<typeof startEdge>>
