import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ChaosProxy, startChaosProxy } from './chaos-proxy.ts'

let server: Server
let proxy: ChaosProxy
let atServer: { readonly socket: Socket; text: string }[]
let clients: Socket[]

/** Answers each line with the same line in capitals. */
beforeEach(async () => {
  atServer = []
  clients = []
  server = createServer((socket) => {
    const seen = { socket, text: '' }
    atServer.push(seen)
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      seen.text += chunk.toString()
      socket.write(chunk.toString().toUpperCase())
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  proxy = await startChaosProxy([portOf(server)])
})
afterEach(async () => {
  for (const client of clients) client.destroy()
  await proxy[Symbol.asyncDispose]()
  for (const { socket } of atServer) socket.destroy()
  server.close()
})

const portOf = (one: Server) => (one.address() as { port: number }).port

async function dial() {
  const socket = connect(proxy.port, '127.0.0.1')
  clients.push(socket)
  const heard = { socket, text: '', isClosed: false, error: null as string | null }
  socket.on('data', (chunk) => {
    heard.text += chunk.toString()
  })
  socket.on('error', (error: NodeJS.ErrnoException) => {
    heard.error = error.code ?? null
  })
  socket.on('close', () => {
    heard.isClosed = true
  })
  await new Promise<void>((resolve) => {
    socket.once('connect', resolve)
    socket.once('close', () => resolve())
  })
  return heard
}

const echoed = (heard: { text: string }, text: string) => expect.poll(() => heard.text, { interval: 5 }).toBe(text)

describe('in good weather', () => {
  it('passes everything on in its order, and the end of the stream after it', async () => {
    const heard = await dial()
    const lines = Array.from({ length: 500 }, (_, index) => `line ${index};`)
    for (const line of lines) heard.socket.write(line)
    await echoed(heard, lines.join('').toUpperCase())
    heard.socket.end()
    await expect.poll(() => heard.isClosed).toBe(true)
    expect(heard.error).toBeNull()
  })

  it('goes on to the next port where the first does not answer', async () => {
    const gone = createServer().listen(0, '127.0.0.1')
    await once(gone, 'listening')
    const port = portOf(gone)
    await new Promise((resolve) => gone.close(resolve))
    proxy.goTo([port, portOf(server)])
    const heard = await dial()
    heard.socket.write('hello')
    await echoed(heard, 'HELLO')
  })
})

describe('in bad weather', () => {
  it('holds each chunk back, on either way alone, and keeps the order', async () => {
    proxy.set({ toClient: { latencyMs: 150 } })
    const heard = await dial()
    const sentAt = performance.now()
    heard.socket.write('a')
    await expect.poll(() => atServer[0]?.text, { interval: 5 }).toBe('a')
    const reachedMs = performance.now() - sentAt
    heard.socket.write('b')
    await echoed(heard, 'AB')
    const answeredMs = performance.now() - sentAt
    expect(reachedMs).toBeLessThan(answeredMs)
    expect(answeredMs).toBeGreaterThanOrEqual(150)
  })

  it('lets bytes trickle on a slow wire', async () => {
    proxy.set({ toServer: { bytesPerSecond: 2_000 } })
    const heard = await dial()
    const sentAt = performance.now()
    heard.socket.write('x'.repeat(1_000))
    await expect.poll(() => heard.text.length, { interval: 5 }).toBeGreaterThan(0)
    expect(heard.text.length).toBeLessThan(1_000)
    await echoed(heard, 'X'.repeat(1_000))
    expect(performance.now() - sentAt).toBeGreaterThanOrEqual(400)
  })

  it('is silent without telling anybody, and delivers when it is whole again', async () => {
    const heard = await dial()
    heard.socket.write('before;')
    await echoed(heard, 'BEFORE;')
    proxy.set({ both: { isSilent: true } })
    heard.socket.write('meanwhile;')
    // Another connection over a wire of its own shows that time has passed.
    await using other = await startChaosProxy([portOf(server)])
    const beside = connect(other.port, '127.0.0.1')
    clients.push(beside)
    beside.write('beside')
    await expect.poll(() => atServer.at(-1)?.text).toBe('beside')
    expect([atServer[0]?.text, heard.text, heard.isClosed]).toEqual(['before;', 'BEFORE;', false])
    proxy.heal()
    await echoed(heard, 'BEFORE;MEANWHILE;')
  })

  it('is silent on one way only: the server hears, and the client does not', async () => {
    const heard = await dial()
    proxy.set({ toClient: { isSilent: true } })
    heard.socket.write('heard')
    await expect.poll(() => atServer[0]?.text).toBe('heard')
    expect(heard.text).toBe('')
    proxy.heal()
    await echoed(heard, 'HEARD')
  })

  it('is down: cuts what stands, refuses what comes, and is up again', async () => {
    const heard = await dial()
    heard.socket.write('a')
    await echoed(heard, 'A')
    proxy.set({ isDown: true })
    await expect.poll(() => [heard.isClosed, proxy.open]).toEqual([true, 0])
    const late = await dial()
    await expect.poll(() => late.isClosed).toBe(true)
    proxy.heal()
    const back = await dial()
    back.socket.write('b')
    await echoed(back, 'B')
  })

  it('resets a share of the connections', async () => {
    const all = [await dial(), await dial(), await dial(), await dial()]
    for (const one of all) one.socket.write('a')
    for (const one of all) await echoed(one, 'A')
    expect(proxy.reset(0.5)).toBe(2)
    await expect.poll(() => all.filter((one) => one.isClosed).length).toBe(2)
    expect(all.filter((one) => one.isClosed).map((one) => one.error)).toEqual(['ECONNRESET', 'ECONNRESET'])
    await expect.poll(() => proxy.open).toBe(2)
  })

  it('cuts the reply to one request after the server has had it', async () => {
    const [asker, other] = [await dial(), await dial()]
    const cut = proxy.cutReply('order-7', 'ORDER')
    other.socket.write('order-6')
    await echoed(other, 'ORDER-6')
    asker.socket.write('order-7')
    await cut
    await expect.poll(() => asker.isClosed).toBe(true)
    expect([asker.text, atServer[0]?.text]).toEqual(['', 'order-7'])
    expect(other.isClosed).toBe(false)
  })
})
