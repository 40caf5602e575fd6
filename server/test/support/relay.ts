import { connect, createServer, type Socket } from 'node:net'

/** Cuts the connection instead of handing over the next reply that has `reply` in it, after a request with `request`. */
interface Cut {
  readonly request: string
  readonly reply: string
  armed: Socket | null
  readonly done: () => void
}

export interface Relay extends AsyncDisposable {
  readonly port: number
  /** From now on connections go to these ports, the first that answers; those that stand are cut. */
  goTo(ports: readonly number[]): void
  /** Resolves when the reply was cut: the other side has done what it was asked, and the asker does not know. */
  cutReply(request: string, reply: string): Promise<void>
}

/**
 * A wire in between that a test can cut: the balancer before several API processes, or the network between a process and
 * Redis. Passes everything on as it comes.
 */
export async function startRelay(first: readonly number[]): Promise<Relay> {
  let ports = first
  const clients = new Set<Socket>()
  const cuts = new Set<Cut>()

  const pass = (client: Socket, upstream: Socket) => {
    client.on('data', (chunk) => {
      for (const cut of cuts) if (chunk.includes(cut.request)) cut.armed = client
      upstream.write(chunk)
    })
    upstream.on('data', (chunk) => {
      for (const cut of cuts) {
        if (cut.armed !== client || !chunk.includes(cut.reply)) continue
        cuts.delete(cut)
        client.destroy()
        cut.done()
        return
      }
      client.write(chunk)
    })
  }
  const reach = (client: Socket, [port, ...others]: readonly number[]) => {
    if (port === undefined) return void client.destroy()
    const upstream = connect(port, '127.0.0.1')
    const refused = () => reach(client, others)
    upstream.setNoDelay(true)
    upstream.once('error', refused)
    upstream.once('connect', () => {
      upstream.off('error', refused)
      upstream.on('error', () => client.destroy())
      upstream.on('close', () => client.destroy())
      client.on('close', () => upstream.destroy())
      if (client.destroyed) return void upstream.destroy()
      pass(client, upstream)
      client.resume()
    })
  }

  const server = createServer({ noDelay: true, pauseOnConnect: true }, (client) => {
    clients.add(client)
    client.on('error', () => client.destroy())
    client.on('close', () => clients.delete(client))
    reach(client, ports)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const cutAll = () => {
    for (const client of clients) client.destroy()
  }
  return {
    port,
    goTo: (next) => {
      ports = next
      cutAll()
    },
    cutReply: (request, reply) =>
      new Promise((done) => {
        cuts.add({ request, reply, armed: null, done })
      }),
    [Symbol.asyncDispose]: () => {
      cutAll()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
