import { type Client, createClient, type Room, type RoomEvent, type RoomState } from '@livelot/client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FakeServer, lostReply, problem, Refused } from './fake-server.ts'
import {
  account,
  chatLine,
  flashSale,
  flashSaleId,
  frame,
  joined,
  pulse,
  session,
  showId,
  snapshot,
  stockEvent,
} from './samples.ts'

let server: FakeServer
let client: Client
beforeEach(async () => {
  server = await new FakeServer().start()
  server.socket.set('show:join', () => joined())
  server.socket.set('show:leave', () => ({}))
  server.socket.set('clock:sync', () => ({ nowMs: Date.now() + 5_000 }))
  client = createClient({ baseUrl: server.url, storage: 'memory' })
})
afterEach(async () => {
  client.close()
  await server.stop()
})

/** Resolves as soon as the room's state is so; fails by the test's own deadline. */
function stateIs(room: Room, isSo: (state: RoomState) => boolean): Promise<RoomState> {
  return new Promise((resolve) => {
    const look = () => {
      if (!isSo(room.state)) return
      stop()
      resolve(room.state)
    }
    const stop = room.subscribe(look)
    look()
  })
}

const remaining = (state: RoomState) => state.sales[0]?.remainingUnits
const seqsOf = (room: Room): number[] => {
  const seqs: number[] = []
  room.on('log', ({ seq }) => seqs.push(seq))
  return seqs
}
async function enter(): Promise<Room> {
  const room = client.joinRoom(showId)
  await room.ready()
  return room
}

describe('entering', () => {
  it('gives the snapshot as state and the connection status on the way', async () => {
    server.socket.set('show:join', () =>
      joined({ snapshot: snapshot({ seq: 4, pinnedProductId: snapshot().shelf[0]?.productId ?? null }) }),
    )
    const room = client.joinRoom(showId)
    expect(room.state.status).toBe('connecting')
    const statuses: string[] = []
    room.on('status', (status) => statuses.push(status))
    const state = await room.ready()
    expect(statuses).toEqual(['online'])
    expect(state).toMatchObject({ cursor: { epoch: 'e1', seq: 4 }, viewerCount: 3, heartCount: 7 })
    expect(state.pinned?.name).toBe('Lamp')
    expect(server.askedFor('show:join')).toEqual([{ showId }])
  })

  it('closes with the reason when the server says no for good', async () => {
    server.socket.set('show:join', () => Promise.reject(new Refused('chat.banned')))
    const room = client.joinRoom(showId)
    await expect(room.ready()).rejects.toMatchObject({ code: 'chat.banned' })
    expect(room.state).toMatchObject({ status: 'closed', error: { code: 'chat.banned' } })
  })

  it('tries again when the server is busy', async () => {
    let times = 0
    server.socket.set('show:join', () => {
      times += 1
      if (times === 1) throw new Refused('server.busy', { retryAfterMs: 20 })
      return joined()
    })
    await enter()
    expect(times).toBe(2)
  })

  it('carries two rooms over one socket', async () => {
    await enter()
    const other = client.joinRoom(flashSaleId)
    await other.ready()
    expect(server.sockets).toHaveLength(1)
    expect(server.askedFor('show:join').map((request) => request.showId)).toEqual([showId, flashSaleId])
  })
})

describe('the ordered log', () => {
  it('folds frames in and leaves doubled ones out', async () => {
    const room = await enter()
    const seqs = seqsOf(room)
    server.tell('show:feed', frame(1, 2))
    server.tell('show:feed', frame(1, 2))
    server.tell('show:feed', frame(2, 4))
    const state = await stateIs(room, (now) => now.cursor?.seq === 4)
    expect(seqs).toEqual([1, 2, 3, 4])
    expect(remaining(state)).toBe(6)
  })

  it('asks for what is missing when a frame was lost, and tells each event once in order', async () => {
    const room = await enter()
    const seqs = seqsOf(room)
    server.socket.set('show:join', () => joined({ snapshot: null, resumed: frame(2, 5) }))
    server.tell('show:feed', frame(1, 1))
    server.tell('show:feed', frame(4, 5))
    await stateIs(room, (now) => now.cursor?.seq === 5)
    expect(server.askedFor('show:join')[1]).toEqual({ showId, cursor: { epoch: 'e1', seq: 1 } })
    expect(seqs).toEqual([1, 2, 3, 4, 5])
  })

  it('keeps frames that come before the answer of the join', async () => {
    server.socket.set('show:join', (_, socket) => {
      socket.emit('show:feed', frame(3, 3))
      socket.emit('show:feed', frame(4, 4))
      return joined({ snapshot: snapshot({ seq: 3, sales: [flashSale({ remainingUnits: 7 })] }) })
    })
    const room = client.joinRoom(showId)
    const seqs = seqsOf(room)
    await stateIs(room, (now) => now.cursor?.seq === 4)
    expect(seqs).toEqual([4])
  })

  it('is ready when it knows what came after the snapshot that it was given', async () => {
    const given = { snapshot: snapshot({ seq: 3 }), resumed: frame(4, 6) }
    server.socket.set('show:join', () => joined(given))
    const room = client.joinRoom(showId)
    const seqs = seqsOf(room)
    await room.ready()
    expect([seqs, room.state.cursor?.seq, remaining(room.state)]).toEqual([[4, 5, 6], 6, 4])
    // Entering again with an older snapshot and what is known of the frame tells nothing twice.
    server.tell('show:feed', frame(7, 7))
    await stateIs(room, (now) => now.cursor?.seq === 7)
    server.socket.set('show:join', () => joined({ ...given, resumed: frame(4, 8) }))
    server.cutSockets()
    await stateIs(room, (now) => now.cursor?.seq === 8)
    expect(seqs).toEqual([4, 5, 6, 7, 8])
  })

  it('takes a snapshot when the log was begun anew', async () => {
    const room = await enter()
    server.tell('show:feed', frame(1, 9))
    await stateIs(room, (now) => now.cursor?.seq === 9)
    server.socket.set('show:join', () => joined({ snapshot: snapshot({ epoch: 'e2', seq: 1 }) }))
    server.tell('show:feed', frame(1, 1, 'e2'))
    const state = await stateIs(room, (now) => now.cursor?.epoch === 'e2')
    expect(server.askedFor('show:join')[1]).toEqual({ showId, cursor: { epoch: 'e1', seq: 9 } })
    expect([state.cursor?.seq, remaining(state)]).toEqual([1, 10])
  })

  it('finds by the pulse that the last frame was lost', async () => {
    const room = await enter()
    server.socket.set('show:join', () => joined({ snapshot: null, resumed: frame(1, 2) }))
    server.tell('show:pulse', pulse(2))
    const state = await stateIs(room, (now) => now.cursor?.seq === 2)
    expect([state.viewerCount, remaining(state)]).toEqual([4, 8])
  })

  it('asks once for what is really missing, not for a frame that arrives after its pulse', async () => {
    const room = await enter()
    const seqs = seqsOf(room)
    server.socket.set('show:join', () => joined({ snapshot: null, resumed: frame(2, 2) }))
    server.tell('show:pulse', pulse(1))
    server.tell('show:feed', frame(1, 1))
    server.tell('show:pulse', pulse(2))
    await stateIs(room, (now) => now.cursor?.seq === 2)
    expect(server.askedFor('show:join').slice(1)).toEqual([{ showId, cursor: { epoch: 'e1', seq: 1 } }])
    expect(seqs).toEqual([1, 2])
  })

  it('skips an event of a newer server and keeps its place', async () => {
    const room = await enter()
    const seqs = seqsOf(room)
    const unknown = { seq: 1, atMs: 1, type: 'auction:opened', version: 1, data: { lot: 1 } }
    const newer = { ...stockEvent(2), version: 2 }
    server.tell('show:feed', { ...frame(1, 3), events: [unknown, newer, stockEvent(3)] })
    const state = await stateIs(room, (now) => now.cursor?.seq === 3)
    expect([seqs, remaining(state)]).toEqual([[3], 7])
  })

  it('does not go back when a lagging server answers with an older snapshot', async () => {
    const room = await enter()
    const seqs = seqsOf(room)
    server.tell('show:feed', frame(1, 5))
    await stateIs(room, (now) => now.cursor?.seq === 5)
    server.socket.set('show:join', () => joined({ snapshot: snapshot({ seq: 3 }) }))
    server.cutSockets()
    await stateIs(room, (now) => now.status === 'reconnecting')
    await room.ready()
    server.tell('show:feed', frame(4, 6))
    await stateIs(room, (now) => now.cursor?.seq === 6)
    expect(seqs).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('holds one order through a storm of lost, doubled and reordered frames', async () => {
    const lastSeq = 60
    const room = await enter()
    const seqs = seqsOf(room)
    server.socket.set('show:join', ({ cursor }) => {
      const from = (cursor as { seq: number }).seq + 1
      return joined({ snapshot: null, resumed: frame(from, Math.max(from - 1, lastSeq)) })
    })
    // Seeded, so that a failure can be played again: a linear congruential generator.
    let seed = 20_261_122
    const random = () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
      return seed / 2 ** 31
    }
    const frames = Array.from({ length: lastSeq }, (_, index) => frame(index + 1, index + 1))
    for (const one of frames.toSorted(() => random() - 0.5)) {
      if (random() < 0.7) server.tell('show:feed', one)
      if (random() < 0.3) server.tell('show:feed', one)
    }
    server.tell('show:pulse', pulse(lastSeq))
    await stateIs(room, (now) => now.cursor?.seq === lastSeq)
    expect(seqs).toEqual(Array.from({ length: lastSeq }, (_, index) => index + 1))
  })
})

describe('connection', () => {
  it('comes back with its cursor and says what happens meanwhile', async () => {
    const room = await enter()
    const statuses: string[] = []
    room.on('status', (status) => statuses.push(status))
    server.tell('show:feed', frame(1, 3))
    await stateIs(room, (now) => now.cursor?.seq === 3)
    server.socket.set('show:join', () => joined({ snapshot: null, resumed: frame(4, 6) }))
    server.cutSockets()
    const lost = await stateIs(room, (now) => now.status === 'reconnecting')
    expect(lost.nextRetryAtMs).toBeGreaterThan(Date.now() - 1_000)
    await room.ready()
    expect(statuses).toEqual(['reconnecting', 'online'])
    expect(server.askedFor('show:join')[1]).toEqual({ showId, cursor: { epoch: 'e1', seq: 3 } })
    expect(room.state.cursor?.seq).toBe(6)
  })

  it('leaves a drained server without a break', async () => {
    const room = await enter()
    const statuses: string[] = []
    room.on('status', (status) => statuses.push(status))
    const first = server.sockets[0]?.id
    server.socket.set('show:join', () => joined({ snapshot: null, resumed: frame(1, 1) }))
    server.tell('connection:limited', { reason: 'drain', retryAfterMs: 50 })
    await stateIs(room, (now) => now.cursor?.seq === 1)
    await server.until(() => server.sockets.every((socket) => socket.id !== first))
    expect(server.sockets).toHaveLength(1)
    expect(statuses).toEqual([])
  })

  it('tries again, on the old socket still, when a balancer sends it to the drained server once more', async () => {
    const room = await enter()
    const statuses: string[] = []
    room.on('status', (status) => statuses.push(status))
    const first = server.sockets[0]?.id
    let refused = 0
    server.handshake = () => {
      refused += 1
      if (refused < 3) throw Object.assign(new Error('refused'), { data: problem('server.busy') })
    }
    server.socket.set('show:join', () => joined({ snapshot: null, resumed: frame(1, 1) }))
    server.tell('connection:limited', { reason: 'drain', retryAfterMs: 50 })
    await stateIs(room, (now) => now.cursor?.seq === 1)
    await server.until(() => server.sockets.every((socket) => socket.id !== first))
    expect([refused, statuses]).toEqual([3, []])
  })

  it('comes back with its cursor after the time that a slow reader is given', async () => {
    const room = await enter()
    server.socket.set('show:join', () => joined({ snapshot: null, resumed: frame(1, 2) }))
    const toldTick = performance.now()
    server.tell('connection:limited', { reason: 'slow-reader', retryAfterMs: 300 })
    await stateIs(room, (now) => now.cursor?.seq === 2)
    expect(performance.now() - toldTick).toBeGreaterThanOrEqual(300)
  })

  it('closes the socket when the last room is left', async () => {
    const room = await enter()
    const gone = new Promise((resolve) => server.sockets[0]?.once('disconnect', resolve))
    room.leave()
    await gone
    expect(room.state.status).toBe('closed')
    expect(server.askedFor('show:leave')).toEqual([{ showId }])
  })

  it('stays in a show that is shown twice, or left and entered at once, on the same socket', async () => {
    const first = await enter()
    const second = await enter()
    first.leave()
    await server.until(() => server.askedFor('clock:sync').length >= 4)
    second.leave()
    const third = await enter()
    server.tell('show:feed', frame(1, 1))
    await stateIs(third, (now) => now.cursor?.seq === 1)
    expect(new Set(server.asked.map(({ socketId }) => socketId)).size).toBe(1)
    expect(server.askedFor('show:leave')).toEqual([])
  })

  it('hands a fresh token in on the open socket before the old one ends', async () => {
    const me = account()
    server.http.set('POST /v1/sessions/refresh', () => ({ body: session({ accessToken: 'token-2', account: me }) }))
    server.socket.set('account:renew-socket', () => ({ expiresAtMs: Date.now() + 600_000 }))
    const tokens: unknown[] = []
    server.handshake = ({ token }) => tokens.push(token)
    await client.account.adopt(session({ accessTokenExpiresAtMs: Date.now() + 61_000, account: me }))
    await enter()
    await server.until(() => server.askedFor('account:renew-socket').length === 1)
    expect(tokens).toEqual(['token-1'])
    expect(server.askedFor('account:renew-socket')).toEqual([{ token: 'token-2' }])
  })

  it('renews a token that the handshake refuses, and takes a new socket when somebody else signs in', async () => {
    const me = account()
    server.http.set('POST /v1/sessions/refresh', () => ({ body: session({ accessToken: 'token-2', account: me }) }))
    const tokens: unknown[] = []
    server.handshake = ({ token }) => {
      tokens.push(token)
      if (token === 'token-1') throw Object.assign(new Error('refused'), { data: problem('auth.token_expired') })
    }
    await client.account.adopt(session({ account: me }))
    const room = await enter()
    await client.account.adopt(session({ accessToken: 'token-3' }))
    await stateIs(room, ({ status }) => status === 'reconnecting')
    await room.ready()
    expect(tokens).toEqual(['token-1', 'token-2', 'token-3'])
  })
})

describe('chat, hearts and own events', () => {
  it('shows each line once, however often it comes, and takes lines back', async () => {
    const [old, own, spam] = [chatLine('hello', 1), chatLine('mine', 2), chatLine('spam', 3)]
    server.socket.set('show:join', () => joined({ chat: [old] }))
    server.socket.set('chat:send', () => ({ line: own }))
    const room = await enter()
    expect(await room.chat('mine')).toEqual(own)
    server.tell('chat:batch', { showId, lines: [old, own, spam], cut: 2, removed: [] })
    server.tell('chat:batch', { showId, lines: [], cut: 1, removed: [spam?.chatLineId] })
    const state = await stateIs(room, (now) => now.chatCut === 3)
    expect(state.chat.map(({ text }) => text)).toEqual(['hello', 'mine'])
  })

  it('sends a line again under its operation id when the reply was lost', async () => {
    const line = chatLine('once')
    let times = 0
    server.socket.set('chat:send', () => {
      times += 1
      return times === 1 ? lostReply : { line }
    })
    const room = await enter()
    const sent = room.chat('once')
    await server.until(() => times === 1)
    server.cutSockets()
    expect(await sent).toEqual(line)
    expect(new Set(server.askedFor('chat:send').map(({ operationId }) => operationId)).size).toBe(1)
  })

  it('collects hearts into one request a second', async () => {
    server.socket.set('heart:add', () => ({}))
    const room = await enter()
    room.heart()
    for (let tap = 0; tap < 30; tap += 1) room.heart()
    await server.until(() => server.askedFor('heart:add').length === 2)
    expect(server.askedFor('heart:add')).toEqual([
      { showId, hearts: 1 },
      { showId, hearts: 20 },
    ])
  })

  it('gives all events in order to an iterator that ends when the room is left', async () => {
    const room = await enter()
    const names: RoomEvent['name'][] = []
    const reading = (async () => {
      for await (const { name } of room.events()) {
        names.push(name)
        if (name === 'log') room.leave()
      }
    })()
    server.tell('show:feed', frame(1, 1))
    await reading
    expect(names).toEqual(['flash-sale:stock-changed', 'log', 'status'])
  })

  it('measures the server clock', async () => {
    await enter()
    await server.until(() => server.askedFor('clock:sync').length >= 3)
    expect(client.clock.synced).toBe(true)
    expect(Math.abs(client.clock.now() - Date.now() - 5_000)).toBeLessThan(100)
    expect(client.clock.countdownTo(client.clock.now() + 90_500)).toMatchObject({ minutes: 1, seconds: 31 })
  })
})

describe('reserve in a room', () => {
  it('goes over the socket while it stands, else over HTTP, under one operation id', async () => {
    const hold = {
      holdId: 'b8f2f7f0-6f1c-4b8e-9a39-111111111111',
      flashSaleId,
      units: 1,
      unitPrice: { amountMinor: 1900, currency: 'EUR' },
      expiresAtMs: 99,
    }
    const room = await enter()
    server.socket.set('flash-sale:reserve', () => {
      server.cutSockets()
      return lostReply
    })
    server.http.set(`POST /v1/flash-sales/${flashSaleId}/holds`, () => ({ body: { hold, remainingUnits: 9 } }))
    expect((await room.reserve(flashSaleId)).hold).toEqual(hold)
    const overHttp = server.seen.map(({ body }) => (body as { operationId: string }).operationId)
    expect(server.askedFor('flash-sale:reserve').map(({ operationId }) => operationId)).toEqual(overHttp)
  })
})
