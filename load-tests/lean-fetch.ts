import { Agent, request } from 'node:http'
import type { Fetch, FetchAnswer } from '@livelot/client'

/** One socket for each buyer that is busy, kept open for the next one. */
const agent = new Agent({ keepAlive: true, maxSockets: 8_192 })

/**
 * Fetch on bare sockets. The crowd shares the machine with what it measures: with Node's own fetch a request of the SDK
 * costs it 230 µs of CPU, with this one 105 (2 cores, November 2026).
 */
export const leanFetch: Fetch = (input, init) =>
  new Promise<FetchAnswer>((resolve, reject) => {
    const body = typeof init.body === 'string' ? init.body : null
    const headers: Record<string, string> = { ...(init.headers as Record<string, string>) }
    if (body !== null) headers['content-length'] = String(Buffer.byteLength(body))
    const { signal, method } = init
    const sent = request(input, { agent, method, headers, signal: signal ?? undefined }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const status = response.statusCode ?? 0
        const text = Buffer.concat(chunks).toString()
        resolve({
          ok: status >= 200 && status < 300,
          status,
          headers: { get: (name) => response.headers[name.toLowerCase()]?.toString() ?? null },
          text: () => Promise.resolve(text),
        })
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
