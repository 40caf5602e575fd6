import type { Server as HttpServer, IncomingMessage } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { AccountId, allToldEvents, Handshake } from '@livelot/client/contracts'
import type { Registry } from 'prom-client'
import { Server, type Socket } from 'socket.io'
import { z } from 'zod'
import type { MediaGateway } from '#infra/media/gateway'
import type { Bus } from '#infra/redis/bus'
import type { Redis } from '#infra/redis/client'
import { tellChannel } from '#infra/redis/teller'
import { type Actor, guest } from '#kernel/actor'
import { newId } from '#kernel/ids'
import type { Log } from '#kernel/log'
import type { Route } from '#kernel/route'
import type { LiveRooms } from '#modules/live'
import { problemOf, toProblem } from '../errors.ts'
import { Addresses, addressOf } from './addresses.ts'
import { Connection } from './connection.ts'
import { Directory } from './directory.ts'
import { createDispatch, fromRoute } from './dispatch.ts'
import { type AddressLimits, addressLimits, limits } from './limits.ts'
import { startLoadMonitor } from './load.ts'
import { type MediaParts, mediaRoutes } from './media.ts'
import { createSocketMetrics, type SocketMetrics } from './metrics.ts'
import { PacketGate } from './packet-gate.ts'
import { roomRoutes } from './room-routes.ts'
import { Rooms } from './rooms.ts'

export interface GatewayOptions {
  readonly httpServer: HttpServer
  /** Those with a socket way in are bound; the others are HTTP’s. */
  readonly routes: readonly Route[]
  readonly rooms: LiveRooms
  readonly bus: Bus
  readonly redis: Redis
  /** A blocking connection for the feed alone; the gateway closes it. */
  readonly feedRedis: Redis
  readonly authenticate: (token: string) => Promise<Actor>
  /** Channel on which ended sessions are told. */
  readonly revokedChannel: string
  readonly allowedOrigins: readonly string[]
  readonly trustProxyHops: number
  readonly registry: Registry
  readonly log: Log
  /** Absent where no media node is configured. */
  readonly media?: { readonly gateway: MediaGateway; readonly redeemStreamToken: MediaParts['redeemStreamToken'] }
  readonly addressLimits?: AddressLimits
  /** False sends everything through Engine.IO. */
  readonly mayWriteDirectly?: boolean
}

export interface Gateway {
  readonly connectionCount: number
  /**
   * Sends everybody elsewhere: tells each connection to come back at a random moment within `withinMs`, waits for them
   * to go, and closes who is left in slices. New connections are refused meanwhile.
   */
  drain(withinMs: number): Promise<void>
  close(): Promise<void>
}

interface Arrival {
  readonly ip: string
  readonly gate: PacketGate
  /** Set once the socket has entered the namespace. */
  connection: Connection | null
}

type EngineSocket = Socket['conn']

const Told = z.object({ accountId: AccountId, event: z.string(), data: z.unknown() })
const Revoked = z.union([z.object({ sessionId: z.string() }), z.object({ accountId: AccountId })])

/** Socket.IO’s server with our own rooms on it: no adapter, no recovery, no namespace but the main one. */
export function createGateway(options: GatewayOptions): Gateway {
  const { log, bus } = options
  const directory = new Directory()
  const addresses = new Addresses(options.addressLimits ?? addressLimits)
  const arrivals = new WeakMap<EngineSocket, Arrival>()
  const load = startLoadMonitor((level, delayMs) => log.warn({ level, delayMs }, 'load level changed'))
  const rooms = new Rooms({
    source: options.rooms,
    bus,
    hot: options.redis,
    feedRedis: options.feedRedis,
    processId: newId(),
    loadLevel: () => load.level,
    log,
  })
  const counts = { sockets: () => directory.size, rooms: () => rooms.count, loadLevel: () => load.level }
  const metrics = createSocketMetrics(options.registry, counts)
  const dispatch = createDispatch({
    routes: [
      ...options.routes.map(fromRoute),
      ...roomRoutes({
        rooms,
        source: options.rooms,
        bus,
        loadLevel: () => load.level,
        authenticate: options.authenticate,
      }),
      ...(options.media ? mediaRoutes(options.media) : []),
    ],
    log,
    onAnswer: metrics.answered,
  })
  let isDraining = false
  const allowed = new Set(options.allowedOrigins)
  const io = new Server(options.httpServer, {
    serveClient: false,
    transports: ['websocket'],
    allowUpgrades: false,
    perMessageDeflate: false,
    httpCompression: false,
    maxHttpBufferSize: limits.messageBytesMax,
    connectTimeout: limits.connectTimeoutMs,
    allowRequest: (request, decide) => {
      const reason = refusalOf(request, { allowed, addresses, isDraining, trustProxyHops: options.trustProxyHops })
      if (reason) metrics.refused(reason)
      decide(reason, reason === null)
    },
  })
  io.engine.on('connection', (conn: EngineSocket) => {
    arrivals.set(conn, arrive(conn, addressOf(conn.request, options.trustProxyHops), addresses))
    // What is left of the HTTP request is a third of an idle connection's memory.
    ;(conn as { request: unknown }).request = null
  })
  io.use((socket, next) => {
    identify(socket, options.authenticate).then(
      (actor) => {
        socket.data.actor = actor
        next()
      },
      (error: unknown) => {
        metrics.refused('handshake')
        next(Object.assign(new Error('refused'), { data: toProblem(error, log, { operation: 'handshake' }) }))
      },
    )
  })
  io.on('connection', (socket) => welcome(socket, { arrivals, directory, dispatch, metrics, options }))

  const stops = [
    bus.subscribe(tellChannel, (message) => {
      const { accountId, event, data } = Told.parse(JSON.parse(message))
      const told = allToldEvents.get(event)
      if (told) for (const connection of directory.ofAccount(accountId)) connection.tell(told, data)
    }),
    bus.subscribe(options.revokedChannel, (message) => {
      const revoked = Revoked.parse(JSON.parse(message))
      const ended =
        'sessionId' in revoked ? directory.ofSession(revoked.sessionId) : directory.ofAccount(revoked.accountId)
      for (const connection of ended) connection.close()
    }),
  ]

  return {
    get connectionCount() {
      return directory.size
    },
    drain: async (withinMs) => {
      isDraining = true
      for (const connection of directory.all()) connection.warn('drain', Math.floor(Math.random() * withinMs))
      const endsAtMs = performance.now() + withinMs
      while (directory.size > 0 && performance.now() < endsAtMs) await delay(limits.drainSliceEveryMs)
      for (let left = directory.all(); left.length > 0; left = directory.all()) {
        for (const connection of left.slice(0, limits.drainSlice)) connection.close()
        await delay(limits.drainSliceEveryMs)
      }
    },
    close: async () => {
      isDraining = true
      for (const stop of stops) stop()
      load.close()
      rooms.close()
      for (const connection of directory.all()) connection.close()
      // The HTTP server belongs to whoever made it; only what runs on it here is ended.
      io.engine.close()
    },
  }
}

interface DoorState {
  readonly allowed: ReadonlySet<string>
  readonly addresses: Addresses
  readonly isDraining: boolean
  readonly trustProxyHops: number
}

/** Who may not even begin: told as Engine.IO tells it, before anything is kept of them. */
function refusalOf(request: IncomingMessage, { allowed, addresses, isDraining, trustProxyHops }: DoorState) {
  const { origin } = request.headers
  // Browsers always send their origin; programs of other kinds have none, and no cookies to misuse.
  if (origin !== undefined && !allowed.has(origin)) return 'request.origin_refused'
  if (isDraining) return 'server.busy'
  return addresses.mayOpen(addressOf(request, trustProxyHops)) ? null : 'request.rate_limited'
}

function arrive(conn: EngineSocket, ip: string, addresses: Addresses): Arrival {
  const gate = new PacketGate()
  const arrival: Arrival = { ip, gate, connection: null }
  addresses.opened(ip)
  conn.once('close', () => addresses.closed(ip))
  conn.on('packet', ({ type }: { type: string }) => {
    if (type === 'pong' || gate.pass() !== 'out') return
    if (arrival.connection) arrival.connection.limit('rate', 10_000)
    else conn.close()
  })
  return arrival
}

/** Refuses: request.invalid (another protocol, unknown fields), auth.token_expired, auth.required. */
async function identify(socket: Socket, authenticate: GatewayOptions['authenticate']): Promise<Actor> {
  const { token } = Handshake.parse(socket.handshake.auth)
  // The token stays with us no longer than it takes to read it.
  socket.handshake.auth = {}
  return token === undefined ? guest : await authenticate(token)
}

interface WelcomeParts {
  readonly arrivals: WeakMap<EngineSocket, Arrival>
  readonly directory: Directory
  readonly dispatch: ReturnType<typeof createDispatch>
  readonly metrics: SocketMetrics
  readonly options: GatewayOptions
}

function welcome(socket: Socket, { arrivals, directory, dispatch, metrics, options }: WelcomeParts): void {
  const arrival = arrivals.get(socket.conn)
  if (!arrival) {
    options.log.error({ problem: problemOf('server.internal') }, 'a socket came in past the door')
    socket.conn.close()
    return
  }
  const { ip, gate } = arrival
  const connection = new Connection(socket, socket.data.actor as Actor, ip, metrics, options.mayWriteDirectly)
  arrival.connection = connection
  directory.add(connection)
  // One listener for everything: what has no operation is refused like what has a wrong form.
  socket.onAny((event: unknown, ...args: unknown[]) => dispatch(connection, event, args, gate.takeOver()))
  socket.on('disconnect', () => {
    directory.remove(connection)
    connection.ended()
  })
}
