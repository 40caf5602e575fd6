import { EventEmitter, once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import { testWebhookSecret } from './test-sandbox.ts'

export type ReceivedWebhook = {
  readonly id: string
  readonly type: string
  readonly object: { readonly id: string; readonly status: string }
  readonly headers: http.IncomingHttpHeaders
  readonly rawBody: string
}

export type TestShop = AsyncDisposable & {
  readonly url: string
  readonly received: ReceivedWebhook[]
  /** Resolves when so many webhooks were taken in all. */
  waitFor(count: number): Promise<readonly ReceivedWebhook[]>
}

/** A shop that takes webhooks. Each must carry a good signature; `statusFor` decides the answer by the delivery's number. */
export async function startTestShop(statusFor: (delivery: number) => number = () => 204): Promise<TestShop> {
  const verifier = new Webhook(testWebhookSecret)
  const arrivals = new EventEmitter()
  const received: ReceivedWebhook[] = []
  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const rawBody = Buffer.concat(chunks).toString('utf8')
    const headers = request.headers as Record<string, string>
    const event = verifier.verify(rawBody, headers) as { id: string; type: string; data: { object: never } }
    received.push({ id: event.id, type: event.type, object: event.data.object, headers, rawBody })
    response.writeHead(statusFor(received.length)).end()
    arrivals.emit('arrival')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/webhooks`,
    received,
    waitFor: async (count) => {
      while (received.length < count) await once(arrivals, 'arrival')
      return received
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
