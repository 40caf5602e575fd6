import { connect, type Socket } from 'node:net'
import fc from 'fast-check'
import type { Area } from './campaign.ts'
import { type Ground, tellsInternals, wrongProblem } from './ground.ts'

/** Bytes as they go to the HTTP port, of which the parts are sent one after the other. */
export interface BrokenCase {
  readonly parts: readonly string[]
}

const h = 'Host: shop.test\r\n'
const json = `${h}Content-Type: application/json\r\n`
const whole: readonly string[] = [
  `GET / HTTP/1.1\r\n\r\n`,
  `GET /v1/brands HTTP/9.9\r\n${h}\r\n`,
  `GET /v1/brands\r\n\r\n`,
  `get /v1/brands HTTP/1.1\r\n${h}\r\n`,
  `\r\n\r\n\r\n`,
  `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n`,
  '\u0016\u0003\u0001\u0002\u0000\u0001\u0000',
  `CONNECT evil.test:443 HTTP/1.1\r\n${h}\r\n`,
  `TRACE / HTTP/1.1\r\n${h}\r\n`,
  `OPTIONS * HTTP/1.1\r\n${h}\r\n`,
  `GET http://evil.test/v1/brands HTTP/1.1\r\n${h}\r\n`,
  `GET //evil.test/%2e%2e/ HTTP/1.1\r\n${h}\r\n`,
  `GET /v1/shows/%00 HTTP/1.1\r\n${h}\r\n`,
  `GET /v1/shows/%E0%A4%A HTTP/1.1\r\n${h}\r\n`,
  `GET /v1/products?__proto__[x]=1&__proto__=2&constructor=3 HTTP/1.1\r\n${h}\r\n`,
  `GET /../../etc/passwd HTTP/1.1\r\n${h}\r\n`,
  `GET /media-files/..%2f..%2fpackage.json HTTP/1.1\r\n${h}\r\n`,
  `GET /assets/%2e%2e/%2e%2e/package.json HTTP/1.1\r\n${h}\r\n`,
  `GET /v1/brands HTTP/1.1\r\n${h}X: ${'a'.repeat(20_000)}\r\n\r\n`,
  `GET /${'a'.repeat(20_000)} HTTP/1.1\r\n${h}\r\n`,
  `GET /v1/brands HTTP/1.1\r\n${h}${'X: y\r\n'.repeat(3_000)}\r\n`,
  `GET /v1/brands HTTP/1.1\r\n${h}Bad Header: x\r\n\r\n`,
  `GET /v1/brands HTTP/1.1\r\n${h}X: a\u0000b\r\n\r\n`,
  `GET /v1/brands HTTP/1.1\r\n${h}X: a\r\n b\r\n\r\n`,
  `POST /v1/quotes HTTP/1.1\r\n${json}Content-Length: 5\r\nContent-Length: 6\r\n\r\n{"a":1}`,
  `POST /v1/quotes HTTP/1.1\r\n${json}Content-Length: -1\r\n\r\n{}`,
  `POST /v1/quotes HTTP/1.1\r\n${json}Content-Length: 99999999999999999999\r\n\r\n{}`,
  `POST /v1/quotes HTTP/1.1\r\n${json}Content-Length: 2x\r\n\r\n{}`,
  `POST /v1/quotes HTTP/1.1\r\n${json}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  `POST /v1/quotes HTTP/1.1\r\n${json}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
  `POST /v1/quotes HTTP/1.1\r\n${json}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
  `POST /v1/quotes HTTP/1.1\r\n${json}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`,
  `POST /v1/quotes HTTP/1.1\r\n${json}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`,
  `POST /v1/quotes HTTP/1.1\r\n${json}Transfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\n`,
  `POST /v1/quotes HTTP/1.1\r\n${json}Transfer-Encoding: chunked\r\n\r\n2;${'x'.repeat(20_000)}\r\n{}\r\n0\r\n\r\n`,
  `POST /v1/quotes HTTP/1.1\r\n${json}Content-Length: 20\r\n\r\n{"a":`,
  `POST /v1/quotes HTTP/1.1\r\n${json}Expect: 200-maybe\r\nContent-Length: 2\r\n\r\n{}`,
  `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n${h}Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n`,
  `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n${h}Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n`,
  `GET /socket.io/?EIO=3&transport=polling HTTP/1.1\r\n${h}\r\n`,
  `GET /socket.io/?EIO=4&transport=polling&sid=../../x HTTP/1.1\r\n${h}\r\n`,
  `GET /v1/brands HTTP/1.1\r\n${h}Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\n\r\n`,
]

const brokenCases: fc.Arbitrary<BrokenCase> = fc
  .tuple(
    fc.constantFrom(...whole),
    fc.option(fc.tuple(fc.nat(), fc.constantFrom('cut', 'flip', 'insert', 'halves'), fc.nat({ max: 255 }))),
    fc.boolean(),
  )
  .map(([text, change, isTwice]) => ({ parts: changed(text, change, isTwice) }))

function changed(text: string, change: [number, string, number] | null, isTwice: boolean): string[] {
  const follower = isTwice ? `GET /v1/brands HTTP/1.1\r\n${h}\r\n` : ''
  if (!change) return [text + follower]
  const at = change[0] % (text.length + 1)
  const [before, after] = [text.slice(0, at), text.slice(at)]
  const one = String.fromCharCode(change[2])
  if (change[1] === 'cut') return [before]
  if (change[1] === 'flip') return [before + one + after.slice(1) + follower]
  return change[1] === 'insert' ? [before + one + after + follower] : [before, after + follower]
}

/** After this time the caller hangs up: what is not whole by then is never answered. */
const waitMs = 300

/** Bytes that are no HTTP, or nearly: refused with a problem document or left unanswered, and never a fault. */
export function brokenHttpArea(ground: Ground): Area<BrokenCase> {
  const { port } = new URL(ground.platform.urls.http)
  return {
    name: 'broken-http',
    cases: brokenCases,
    lanes: 32,
    judge: async ({ parts }) => {
      const socket = connect(Number(port), '127.0.0.1')
      const text = await exchange(socket, parts)
      return (
        text
          .split(/(?=HTTP\/1\.1 \d{3} )/)
          .filter((one) => one !== '')
          .map((one) => wrongResponse(one, parts))
          .find((wrong) => wrong !== null) ?? null
      )
    },
  }
}

function exchange(socket: Socket, parts: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    const over = setTimeout(() => socket.destroy(), waitMs)
    socket.on('data', (data) => {
      text += data.toString('latin1')
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      clearTimeout(over)
      resolve(text)
    })
    for (const part of parts) socket.write(Buffer.from(part, 'latin1'))
  })
}

function wrongResponse(text: string, parts: readonly string[]): string | null {
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1])
  if (!status) return `no HTTP: ${text.slice(0, 200)}`
  if (status >= 500) return `answered ${text.slice(0, 300)}`
  if (status < 400) return null
  const body = text.split('\r\n\r\n')[1] ?? ''
  // Engine.IO and ws refuse handshakes in a form of their own, which their clients know; it tells nothing of the inside.
  if (parts.join('').includes(' /socket.io/') && !body.includes('urn:')) return tellsInternals(body)
  return wrongProblem(body, status)
}

/** Connections that send a byte now and then, or half a request and no more; all are cut by the server. */
export function openSlow(ground: Ground) {
  const { port } = new URL(ground.platform.urls.http)
  const starts = [
    '',
    'GET /v1/brands HTTP/1.1\r\nHost: x\r\nX: ',
    `POST /v1/quotes HTTP/1.1\r\n${json}Content-Length: 5000\r\n\r\n{"a":"`,
    `POST /v1/quotes HTTP/1.1\r\n${json}Transfer-Encoding: chunked\r\n\r\n5\r\n{"a"`,
  ]
  const open = Array.from({ length: 60 }, (_, i) => {
    const socket = connect(Number(port), '127.0.0.1')
    const ended = new Promise<void>((resolve) => socket.on('close', () => resolve()))
    socket.on('error', () => undefined)
    socket.resume()
    socket.write(starts[i % starts.length] ?? '')
    const drip = setInterval(() => socket.writable && i % 8 > 0 && i % 4 > 0 && socket.write('a'), 1_000)
    return { ended: ended.finally(() => clearInterval(drip)), socket }
  })
  return {
    ended: Promise.all(open.map((one) => one.ended)),
    close: () => {
      for (const one of open) one.socket.destroy()
    },
  }
}
