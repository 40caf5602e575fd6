import type { Server as HttpServer } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { RateLimit } from '@livelot/client/contracts'
import type { Registry } from 'prom-client'
import { Server, type Socket } from 'socket.io'
import type { MediaGateway } from '#infra/media/gateway'
import type { Bus } from '#infra/redis/bus'
import type { Redis } from '#infra/redis/client'
import type { Actor } from '#kernel/actor'
import { newId } from '#kernel/ids'
import type { Log } from '#kernel/log'
import type { Route } from '#kernel/route'
import type { LiveRooms } from '#modules/live'
import { toProblem } from '../errors.ts'
import type { LoadLevel } from '../load.ts'
import { Connection } from './connection.ts'
import { Directory } from './directory.ts'
import { createDispatch, type Dispatch, fromRoute } from './dispatch.ts'
import { Door, type EngineSocket, identify } from './door.ts'
import { type AddressLimits, addressLimits, type Heartbeat, heartbeat, limits } from './limits.ts'
import { type MediaParts, mediaRoutes } from './media.ts'
import { createSocketMetrics, type SocketMetrics } from './metrics.ts'
import { followNews } from './news.ts'
import { faster } from './rate.ts'
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
  /** The time that deadlines of shows are meant in: what clients are told and measure their own clocks by. */
  readonly nowMs?: () => number
  /** How busy this process is, as HTTP is told too. */
  readonly loadLevel: () => LoadLevel
  /** Absent where no media node is configured. */
  readonly media?: { readonly gateway: MediaGateway; readonly redeemStreamToken: MediaParts['redeemStreamToken'] }
  readonly addressLimits?: AddressLimits
  readonly heartbeat?: Heartbeat
  readonly handshakes?: RateLimit
  /** How many times faster than the limits say connections and accounts may send: for load tests. */
  readonly paceFactor?: number
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

/** Socket.IO’s server with our own rooms on it: no adapter, no recovery, no namespace but the main one. */
export function createGateway(options: GatewayOptions): Gateway {
  const { log, bus, loadLevel, nowMs = Date.now } = options
  const directory = new Directory()
  const { allowedOrigins, trustProxyHops, paceFactor = 1 } = options
  const door = new Door({
    allowedOrigins,
    trustProxyHops,
    addressLimits: options.addressLimits ?? addressLimits,
    packets: faster(limits.packets, paceFactor),
    handshakes: faster(options.handshakes ?? limits.handshakes, paceFactor),
  })
  const { redis: hot, feedRedis, rooms: source } = options
  const rooms = new Rooms({ source, bus, hot, feedRedis, processId: newId(), nowMs, loadLevel, log })
  const counts = { sockets: () => directory.size, rooms }
  const metrics = createSocketMetrics(options.registry, counts)
  const dispatch = createDispatch({
    routes: [
      ...options.routes.map(fromRoute),
      ...roomRoutes({ rooms, source, bus, nowMs, authenticate: options.authenticate }),
      ...(options.media ? mediaRoutes(options.media) : []),
    ],
    paceFactor,
    loadLevel,
    log,
    onAnswer: metrics.answered,
  })
  const io = openServer(options, door, metrics)
  io.on('connection', (socket) => welcome(socket, { door, directory, dispatch, metrics, options }))
  const stopNews = followNews(bus, options.revokedChannel, directory)

  return {
    get connectionCount() {
      return directory.size
    },
    drain: async (withinMs) => {
      door.shut()
      await drain(directory, withinMs)
    },
    close: async () => {
      door.shut()
      stopNews()
      rooms.close()
      for (const connection of directory.all()) connection.close()
      await door.closeAll(limits.closeMs)
      // The HTTP server belongs to whoever made it; only what runs on it here is ended.
      io.engine.close()
    },
  }
}

function openServer(options: GatewayOptions, door: Door, metrics: SocketMetrics): Server {
  const { everyMs, answerMs } = options.heartbeat ?? heartbeat
  const io = new Server(options.httpServer, {
    serveClient: false,
    transports: ['websocket'],
    allowUpgrades: false,
    perMessageDeflate: false,
    httpCompression: false,
    maxHttpBufferSize: limits.messageBytesMax,
    connectTimeout: limits.connectTimeoutMs,
    pingInterval: everyMs,
    pingTimeout: answerMs,
    allowRequest: (request, decide) => {
      const reason = door.refusalOf(request)
      if (reason) metrics.refused(reason)
      decide(reason, reason === null)
    },
  })
  io.engine.on('connection', (conn: EngineSocket) => door.arrive(conn))
  io.use((socket, next) => {
    identify(socket, options.authenticate).then(
      (actor) => {
        socket.data.actor = actor
        next()
      },
      (error: unknown) => {
        metrics.refused('handshake')
        next(Object.assign(new Error('refused'), { data: toProblem(error, options.log, { operation: 'handshake' }) }))
      },
    )
  })
  return io
}

async function drain(directory: Directory, withinMs: number): Promise<void> {
  // The rest of the time is for those whom the balancer sends here once more.
  const askedWithinMs = withinMs * limits.drainAskedShare
  for (const connection of directory.all()) connection.warn('drain', Math.floor(Math.random() * askedWithinMs))
  const endsAtMs = performance.now() + withinMs
  while (directory.size > 0 && performance.now() < endsAtMs) await delay(limits.drainSliceEveryMs)
  for (let left = directory.all(); left.length > 0; left = directory.all()) {
    for (const connection of left.slice(0, limits.drainSlice)) connection.close()
    await delay(limits.drainSliceEveryMs)
  }
}

interface WelcomeParts {
  readonly door: Door
  readonly directory: Directory
  readonly dispatch: Dispatch
  readonly metrics: SocketMetrics
  readonly options: GatewayOptions
}

function welcome(socket: Socket, { door, directory, dispatch, metrics, options }: WelcomeParts): void {
  const arrival = door.find(socket.conn)
  // It ended while its token was read.
  if (!arrival) return
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
