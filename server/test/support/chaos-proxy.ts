import { connect, createServer, type Socket } from 'node:net'

/** What happens to bytes on their way, each way on its own. */
export interface Way {
  /** Each chunk is held back so long; the rate stays. */
  readonly latencyMs: number
  /** Null where the wire is as fast as the machine. */
  readonly bytesPerSecond: number | null
  /** Nothing arrives, and nobody is told: as when a network falls apart. What is sent arrives when it is whole again. */
  readonly isSilent: boolean
}

export interface Weather {
  readonly toServer: Way
  readonly toClient: Way
  /** Connections are refused; those that stand were cut when it began. */
  readonly isDown: boolean
}

/** Cuts the connection instead of handing over the next reply that has `reply` in it, after a request with `request`. */
interface Cut {
  readonly request: string
  readonly reply: string
  armed: Link | null
  readonly done: () => void
}

export interface ChaosProxy extends AsyncDisposable {
  readonly port: number
  /** How many connections stand. */
  readonly open: number
  /** From now on connections go to these ports, the first that answers; those that stand are cut. */
  goTo(ports: readonly number[]): void
  /** Changes the weather for connections that stand and for those that come. Both ways where one is not named. */
  set(change: { both?: Partial<Way>; toServer?: Partial<Way>; toClient?: Partial<Way>; isDown?: boolean }): void
  /** Good weather again. What was held back arrives. */
  heal(): void
  /** Cuts a share of the connections that stand, all unless told otherwise, as a reset of the peer. Answers how many. */
  reset(share?: number): number
  /** Resolves when the reply was cut: the other side has done what it was asked, and the asker does not know. */
  cutReply(request: string, reply?: string): Promise<void>
}

const fair: Way = { latencyMs: 0, bytesPerSecond: null, isSilent: false }
const goodWeather: Weather = { toServer: fair, toClient: fair, isDown: false }
/** Beyond this the sender is made to wait, as by a full socket. */
const heldBytesMax = 1024 * 1024
/** On a slow wire bytes trickle in so many portions a second. */
const portionsPerSecond = 20

/**
 * A wire in between that a test can spoil: before Redis, Postgres or the payment provider, or as the balancer before
 * several API processes. In good weather everything is passed on as it comes.
 */
export async function startChaosProxy(first: readonly number[]): Promise<ChaosProxy> {
  let ports = first
  let weather = goodWeather
  const links = new Set<Link>()
  const cuts = new Set<Cut>()

  const onRequest = (link: Link, chunk: Buffer) => {
    for (const cut of cuts) if (chunk.includes(cut.request)) cut.armed = link
  }
  const isCutOff = (link: Link, chunk: Buffer): boolean => {
    for (const cut of cuts) {
      if (cut.armed !== link || !chunk.includes(cut.reply)) continue
      cuts.delete(cut)
      link.cut()
      cut.done()
      return true
    }
    return false
  }
  const reach = (client: Socket, [port, ...others]: readonly number[]) => {
    if (port === undefined) return void client.destroy()
    const upstream = connect(port, '127.0.0.1')
    const refused = () => reach(client, others)
    upstream.setNoDelay(true)
    upstream.once('error', refused)
    upstream.once('connect', () => {
      upstream.off('error', refused)
      if (client.destroyed || weather.isDown) {
        upstream.destroy()
        return void client.resetAndDestroy()
      }
      const link: Link = createLink({
        client,
        upstream,
        weather,
        onRequest,
        isCutOff,
        onClose: () => links.delete(link),
      })
      links.add(link)
    })
  }

  const server = createServer({ noDelay: true, pauseOnConnect: true, allowHalfOpen: true }, (client) => {
    client.on('error', () => client.destroy())
    if (weather.isDown) client.resetAndDestroy()
    else reach(client, ports)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const change = (to: Weather) => {
    weather = to
    for (const link of links) {
      if (to.isDown) link.cut()
      else link.follow(to)
    }
  }
  const cutAll = () => {
    for (const link of links) link.cut()
  }
  return {
    port,
    get open() {
      return links.size
    },
    goTo: (next) => {
      ports = next
      cutAll()
    },
    set: ({ both, toServer, toClient, isDown }) =>
      change({
        toServer: { ...weather.toServer, ...both, ...toServer },
        toClient: { ...weather.toClient, ...both, ...toClient },
        isDown: isDown ?? weather.isDown,
      }),
    heal: () => change(goodWeather),
    reset: (share = 1) => {
      const chosen = [...links].slice(0, Math.ceil(links.size * share))
      for (const link of chosen) link.cut()
      return chosen.length
    },
    cutReply: (request, reply = '') =>
      new Promise((done) => {
        cuts.add({ request, reply, armed: null, done })
      }),
    [Symbol.asyncDispose]: () => {
      cutAll()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

interface Link {
  follow(weather: Weather): void
  cut(): void
}

interface LinkParts {
  readonly client: Socket
  readonly upstream: Socket
  readonly weather: Weather
  readonly onRequest: (link: Link, chunk: Buffer) => void
  readonly isCutOff: (link: Link, chunk: Buffer) => boolean
  readonly onClose: () => void
}

function createLink({ client, upstream, weather, onRequest, isCutOff, onClose }: LinkParts): Link {
  const cut = () => {
    client.resetAndDestroy()
    upstream.destroy()
  }
  const link: Link = {
    cut,
    follow: (now) => {
      toServer.follow(now.toServer)
      toClient.follow(now.toClient)
    },
  }
  const toServer = createPipe(client, upstream, weather.toServer, (chunk) => {
    onRequest(link, chunk)
    return true
  })
  const toClient = createPipe(upstream, client, weather.toClient, (chunk) => !isCutOff(link, chunk))
  upstream.on('error', cut)
  client.on('error', cut)
  for (const socket of [client, upstream])
    socket.on('close', () => {
      toServer.close()
      toClient.close()
      // One end may stand long after the other, in bad weather: it is still there to be told, or cut.
      if (client.destroyed && upstream.destroyed) onClose()
    })
  // Each end learns that the other is gone only as the weather lets it.
  upstream.on('close', () => toClient.end())
  client.on('close', () => toServer.end())
  client.resume()
  return link
}

interface Held {
  /** Null is the end of the stream. */
  readonly chunk: Buffer | null
  readonly dueAtMs: number
}

/** One way of one connection: chunks in their order, each when it is due. */
function createPipe(from: Socket, to: Socket, first: Way, isPassedOn: (chunk: Buffer) => boolean) {
  const held: Held[] = []
  let way = first
  let heldBytes = 0
  let freeAtMs = 0
  let timer: NodeJS.Timeout | undefined

  const deliver = (chunk: Buffer | null): void => {
    if (chunk === null) return void (to.destroyed || to.end())
    heldBytes -= chunk.length
    if (heldBytes < heldBytesMax) from.resume()
    if (isPassedOn(chunk) && to.writable && !to.write(chunk)) {
      from.pause()
      to.once('drain', () => from.resume())
    }
  }
  const pump = (): void => {
    clearTimeout(timer)
    if (way.isSilent) return
    for (let next = held[0]; next; next = held[0]) {
      const waitMs = Math.max(next.dueAtMs, freeAtMs) - performance.now()
      if (waitMs > 0) {
        timer = setTimeout(pump, waitMs)
        return
      }
      held.shift()
      if (next.chunk !== null && way.bytesPerSecond !== null)
        freeAtMs = Math.max(freeAtMs, performance.now()) + (next.chunk.length / way.bytesPerSecond) * 1_000
      deliver(next.chunk)
    }
  }
  const hold = (chunk: Buffer | null): void => {
    const dueAtMs = performance.now() + way.latencyMs
    const portion = way.bytesPerSecond === null ? Infinity : Math.ceil(way.bytesPerSecond / portionsPerSecond)
    if (chunk === null || chunk.length <= portion) held.push({ chunk, dueAtMs })
    else
      for (let at = 0; at < chunk.length; at += portion) held.push({ chunk: chunk.subarray(at, at + portion), dueAtMs })
    heldBytes += chunk?.length ?? 0
    if (heldBytes > heldBytesMax) from.pause()
    pump()
  }
  from.on('data', hold)
  from.on('end', () => hold(null))
  return {
    follow: (now: Way): void => {
      way = now
      if (way.bytesPerSecond === null) freeAtMs = 0
      pump()
    },
    /** The sender is gone. */
    end: (): void => {
      if (!from.readableEnded) hold(null)
    },
    close: (): void => {
      if (from.destroyed && to.destroyed) clearTimeout(timer)
    },
  }
}
