import { createHash, createHmac } from 'node:crypto'
import {
  type Client,
  createClient,
  type Room,
  verifyWaitingDraw,
  type WaitingPlace,
  type WaitingView,
} from '@livelot/client'
import { type WaitingRoom, waitingRoomDrawEnd, waitingRoomDrawText } from '@livelot/client/contracts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FakeServer, Refused } from './fake-server.ts'
import { account, flashSale, flashSaleId, joined, session, showId, snapshot } from './samples.ts'

const own = account()
const seed = createHash('sha256').update('the seed').digest()
const seedHex = seed.toString('hex')
const seedCommitment = createHash('sha256').update(seed).digest('hex')
const macHex = createHmac('sha256', seed).update(waitingRoomDrawText(flashSaleId, own.accountId)).digest('hex')
const ownDraw = Number.parseInt(macHex.slice(0, 12), 16)

const waitingRoom = (over: Partial<WaitingRoom> = {}): WaitingRoom => ({
  flashSaleId: flashSaleId as WaitingRoom['flashSaleId'],
  state: 'gathering',
  endReason: null,
  seed: null,
  earlyCount: 400,
  waitingCount: 400,
  calledCount: 0,
  ...over,
})
const admitting = (over: Partial<WaitingRoom> = {}) => waitingRoom({ state: 'admitting', seed: seedHex, ...over })
const waitingAt = (before: number, over: Partial<WaitingRoom> = {}, place = ownDraw) => ({
  ticket: `ticket ${before}`,
  standing: { how: 'waiting', place, before },
  room: admitting(over),
})

let server: FakeServer
let client: Client
let room: Room
let place: WaitingPlace
let seq = 0
const sale = flashSale({ state: 'scheduled', waitingRoom: { seedCommitment } })
const entered = (waiting: WaitingRoom, over: Record<string, unknown> = {}) =>
  joined({ snapshot: snapshot({ nowMs: Date.now(), sales: [sale], waitingRooms: [waiting], ...over }) })

beforeEach(async () => {
  server = await new FakeServer().start()
  seq = 0
  server.socket.set('show:join', () => entered(waitingRoom()))
  server.socket.set('clock:sync', () => ({ nowMs: Date.now() }))
  server.socket.set('waiting-room:join', () => ({
    ticket: 'early ticket',
    standing: { how: 'early' },
    room: waitingRoom(),
  }))
  client = createClient({ baseUrl: server.url, storage: 'memory' })
  await client.account.adopt(session({ account: own }))
  room = client.joinRoom(showId)
  await room.ready()
  place = room.waiting(flashSaleId)
})
afterEach(async () => {
  client.close()
  await server.stop()
})

function tell(type: string, data: unknown): void {
  seq += 1
  const event = { seq, atMs: 1_000, type, version: 1, data }
  server.tell('show:feed', { showId, epoch: 'e1', fromSeq: seq, toSeq: seq, nowMs: 1_000, events: [event] })
}
const tellRoom = (told: WaitingRoom) => tell('waiting-room:changed', { room: told })

/** Resolves as soon as the place is so; fails by the test's own deadline. */
function placeIs(isSo: (view: WaitingView) => boolean): Promise<WaitingView> {
  return new Promise((resolve) => {
    const look = () => {
      if (!isSo(place.getState())) return
      stop()
      resolve(place.getState())
    }
    const stop = place.subscribe(look)
    look()
  })
}
const stageIs = (stage: WaitingView['stage']) => placeIs((view) => view.stage === stage)

describe('the own place in line', () => {
  it('is none until it is taken, then in the draw, then worked out here when the seed is told, then the server’s', async () => {
    expect(place).toBe(room.waiting(flashSaleId))
    expect(place.getState()).toMatchObject({ stage: 'none', before: null, draw: 'hidden' })
    await place.join()
    expect(place.getState()).toMatchObject({ stage: 'early', before: null, isEstimate: false })
    server.socket.set('waiting-room:join', () => waitingAt(77, { calledCount: 5 }))
    tellRoom(admitting({ calledCount: 5, waitingCount: 395 }))
    const guessed = await placeIs(({ isEstimate }) => isEstimate)
    expect(guessed.before).toBe(Math.max(0, Math.round((ownDraw / waitingRoomDrawEnd) * 400) - 5))
    expect(await stageIs('waiting')).toMatchObject({ before: 77, isEstimate: false, draw: 'proved' })
    expect(server.askedFor('waiting-room:join')).toEqual([{ flashSaleId }, { flashSaleId, ticket: 'early ticket' }])
  })

  it('moves up by what everybody is told, without a question, and asks when it must have been called', async () => {
    server.socket.set('waiting-room:join', () => waitingAt(3, { calledCount: 10 }))
    tellRoom(admitting({ calledCount: 10 }))
    await place.join()
    tellRoom(admitting({ calledCount: 12 }))
    await placeIs(({ before }) => before === 1)
    expect(server.askedFor('waiting-room:join')).toHaveLength(1)
    const untilMs = Date.now() + 20_000
    server.socket.set('waiting-room:join', () => ({
      ticket: 'spent',
      standing: { how: 'called', place: ownDraw, untilMs },
      room: admitting({ calledCount: 14 }),
    }))
    tellRoom(admitting({ calledCount: 14 }))
    expect(await stageIs('called')).toMatchObject({ untilMs, before: null })
  })

  it('hears its turn, has all when it has reserved, and misses the turn that it lets pass', async () => {
    server.socket.set('waiting-room:join', () => waitingAt(0))
    await place.join()
    const turn = (lastsMs: number) => ({
      ticket: 'spent',
      standing: { how: 'called', place: ownDraw, untilMs: client.clock.now() + lastsMs },
      room: admitting({ calledCount: 1 }),
    })
    server.socket.set('waiting-room:join', () => turn(60_000))
    server.tell('waiting-room:called', { flashSaleId, untilMs: 1 })
    await stageIs('called')
    server.socket.set('waiting-room:join', () => Promise.reject(new Refused('flash_sale.limit_reached')))
    place.reserved()
    await stageIs('done')
    place.released()
    expect(place.getState().stage).toBe('none')
    server.socket.set('waiting-room:join', () => turn(50))
    await place.join()
    await stageIs('missed')
    server.socket.set('waiting-room:join', () => waitingAt(90, {}, waitingRoomDrawEnd + 5))
    expect((await place.join()).stage).toBe('waiting')
    expect(place.getState()).toMatchObject({ before: 90, draw: 'hidden' })
  })

  it('is back in line where the units went to others during the turn', async () => {
    const untilMs = Date.now() + 60_000
    server.socket.set('waiting-room:join', () => ({
      ticket: 'called',
      standing: { how: 'called', place: ownDraw, untilMs },
      room: admitting({ calledCount: 1 }),
    }))
    await place.join()
    server.socket.set('waiting-room:join', () => waitingAt(0))
    tell('flash-sale:stock-changed', { flashSaleId, remainingUnits: 0, soldUnits: 4 })
    expect(await stageIs('waiting')).toMatchObject({ before: 0, unitsLeft: 0, unitsHeld: 6 })
  })

  it('ends for everybody with the room, and asks no more', async () => {
    await place.join()
    tellRoom(admitting({ state: 'ended', endReason: 'sold-out', waitingCount: 0 }))
    expect(await stageIs('ended')).toMatchObject({ room: { endReason: 'sold-out' } })
    place.called()
    place.returned()
    expect(server.askedFor('waiting-room:join')).toHaveLength(1)
  })
})

describe('a place that was disturbed', () => {
  it('is brought back by its ticket when the platform has lost its memory, and equals the server’s after that', async () => {
    server.socket.set('waiting-room:join', () => waitingAt(5))
    await place.join()
    server.socket.set('waiting-room:join', () => waitingAt(6))
    server.socket.set('show:join', () => entered(admitting(), { epoch: 'e2' }))
    server.cutSockets()
    await placeIs(({ before }) => before === 6)
    expect(server.askedFor('waiting-room:join').at(-1)).toEqual({ flashSaleId, ticket: 'ticket 5' })
  })

  it('outlasts a gate that is shut for a while, and a ticket that is not taken', async () => {
    server.socket.set('waiting-room:join', () => waitingAt(5))
    await place.join()
    server.socket.set('waiting-room:join', ({ ticket }) => {
      if (ticket !== undefined) throw new Refused('waiting_room.ticket_invalid')
      return waitingAt(8)
    })
    place.called()
    await placeIs(({ before }) => before === 8)
    let times = 0
    server.socket.set('waiting-room:join', () => {
      times += 1
      if (times < 6) throw new Refused('flash_sale.gate_closed', { retryAfterMs: 5 })
      return waitingAt(9)
    })
    place.called()
    await placeIs(({ before }) => before === 9)
  })

  it('takes no answer that was on its way when it was left', async () => {
    const late = Promise.withResolvers<unknown>()
    server.socket.set('waiting-room:join', () => late.promise)
    server.http.set(`DELETE /v1/flash-sales/${flashSaleId}/waiting-room/place`, () => ({ status: 200, body: {} }))
    void place.join()
    await server.until(() => server.askedFor('waiting-room:join').length === 1)
    await place.leave()
    server.socket.set('waiting-room:join', () => waitingAt(8))
    await place.join()
    late.resolve(waitingAt(1))
    await place.join()
    expect(place.getState()).toMatchObject({ stage: 'waiting', before: 8 })
  })

  it('is none, with the reason, where the server says no; and another account has none of it', async () => {
    server.socket.set('waiting-room:join', () => Promise.reject(new Refused('waiting_room.none')))
    expect(await place.join()).toMatchObject({ stage: 'none', error: { code: 'waiting_room.none' } })
    server.socket.set('waiting-room:join', () => waitingAt(5))
    await place.join()
    server.http.set('DELETE /v1/session', () => ({ status: 200, body: {} }))
    await client.account.signOut().catch(() => undefined)
    expect(place.getState().stage).toBe('none')
  })
})

it('a draw is checked without the server: seed against promise, place against seed', () => {
  const draw = { flashSaleId, accountId: own.accountId, seed: seedHex, seedCommitment }
  expect(verifyWaitingDraw(draw)).toEqual({ isSeedPromised: true, place: ownDraw })
  expect(verifyWaitingDraw({ ...draw, seedCommitment: seedHex }).isSeedPromised).toBe(false)
})
