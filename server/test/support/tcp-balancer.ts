import { connect, createServer, type Socket } from 'node:net'

/** One API process as the balancer knows it. */
export interface Upstream {
  readonly port: number
  /** Connections that stand. */
  readonly open: number
  /** Connections that it was given, whether they still stand or not. */
  readonly taken: number
}

export interface TcpBalancer extends AsyncDisposable {
  readonly port: number
  readonly url: string
  readonly upstreams: readonly Upstream[]
  /** Nobody is sent there any more, as after a readiness check that failed; connections that stand go on. */
  takeOut(port: number): void
  putBack(port: number): void
  /** Ends every connection at once, as a balancer that is restarted does. */
  cutAll(): void
}

/** A process that refused a connection is left alone this long, unless no other takes it. */
const sickMs = 1_000

/**
 * The plainest balancer there is: knows nothing but TCP, gives each new connection to the next process in turn, and
 * goes on to the following one where a process refuses. No stickiness, no look into what is carried.
 */
export async function startTcpBalancer(ports: readonly number[]): Promise<TcpBalancer> {
  const upstreams = ports.map((port) => ({ port, open: 0, taken: 0, sickUntilMs: 0, isOut: false }))
  type State = (typeof upstreams)[number]
  const clients = new Set<Socket>()
  let turn = 0

  const inTurn = (): State[] => {
    const from = turn
    turn = (turn + 1) % upstreams.length
    const round = upstreams.map((_, i) => upstreams[(from + i) % upstreams.length] as State).filter((one) => !one.isOut)
    const nowMs = performance.now()
    return [...round.filter((one) => one.sickUntilMs <= nowMs), ...round.filter((one) => one.sickUntilMs > nowMs)]
  }

  const reach = (client: Socket, [next, ...others]: readonly State[]): void => {
    if (!next || client.destroyed) return void client.destroy()
    const upstream = connect({ port: next.port, host: '127.0.0.1', noDelay: true })
    const refused = () => {
      next.sickUntilMs = performance.now() + sickMs
      reach(client, others)
    }
    upstream.once('error', refused)
    upstream.once('connect', () => {
      upstream.off('error', refused)
      next.taken += 1
      next.open += 1
      upstream.on('error', () => client.destroy())
      upstream.on('close', () => {
        next.open -= 1
        client.destroy()
      })
      client.on('close', () => upstream.destroy())
      if (client.destroyed) return void upstream.destroy()
      client.pipe(upstream).pipe(client)
    })
  }

  const server = createServer({ noDelay: true, pauseOnConnect: true }, (client) => {
    clients.add(client)
    client.on('error', () => client.destroy())
    client.on('close', () => clients.delete(client))
    reach(client, inTurn())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const cutAll = () => {
    for (const client of clients) client.destroy()
  }
  const find = (wanted: number): State => {
    const found = upstreams.find((one) => one.port === wanted)
    if (!found) throw new Error(`The balancer knows no port ${wanted}`)
    return found
  }
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    upstreams,
    takeOut: (wanted) => {
      find(wanted).isOut = true
    },
    putBack: (wanted) => {
      find(wanted).isOut = false
    },
    cutAll,
    [Symbol.asyncDispose]: () => {
      cutAll()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
