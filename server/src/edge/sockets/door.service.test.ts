import {
  addHearts,
  allOperations,
  issueStreamToken,
  joinShow,
  leaveShow,
  type Operation,
  protocolVersion,
  renewSocket,
  sendChat,
  syncClock,
} from '@livelot/client/contracts'
import { io } from 'socket.io-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { newId } from '#kernel/ids'
import { type TestRedis, testRedis } from '../../../test/support/services.ts'
import { liveRoutes } from '../../modules/live/http.ts'
import { createDispatch } from './dispatch.ts'
import { revokedChannel, type Stage, type StageNode, startStage } from './testing/stage.ts'
import { Viewer } from './testing/viewer.ts'

let redis: TestRedis
let stage: Stage
let node: StageNode

beforeAll(async () => {
  redis = await testRedis()
  stage = await startStage({ redisUrl: redis.url, routes: (live) => liveRoutes(live.service) })
  node = stage.nodes[0] as StageNode
})
afterAll(async () => {
  await stage.close()
  await redis.drop()
})

/** What the first thing told over a refused handshake is. */
async function refusedWith(auth: unknown, headers: Record<string, string> = {}): Promise<unknown> {
  const socket = io(node.url, {
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
    auth: auth as object,
    extraHeaders: headers,
  })
  const error = await new Promise<Error & { data?: { code?: string } }>((resolve, reject) => {
    socket.on('connect_error', resolve)
    socket.on('connect', () => reject(new Error('was let in')))
  }).finally(() => socket.disconnect())
  return error.data?.code ?? error.message
}

describe('the door', () => {
  it('lets in guests, and accounts with a good token', async () => {
    const guest = await new Viewer(node.url, stage.showId).join()
    expect(guest.answer?.rights).toEqual({ isHost: false, canModerate: false, canChat: false })
    const host = await new Viewer(node.url, stage.showId, stage.tokenOf(stage.host)).join()
    expect(host.answer?.rights).toEqual({ isHost: true, canModerate: true, canChat: true })
    guest.close()
    host.close()
  })

  it('refuses other protocols, unknown fields, bad tokens and other sites', async () => {
    expect(await refusedWith({})).toBe('request.invalid')
    expect(await refusedWith({ protocol: 2 })).toBe('request.invalid')
    expect(await refusedWith({ protocol: protocolVersion, admin: true })).toBe('request.invalid')
    expect(await refusedWith({ protocol: protocolVersion, token: 'made up' })).toBe('auth.required')
    expect(await refusedWith({ protocol: protocolVersion, token: 7 })).toBe('request.invalid')
    expect(await refusedWith({ protocol: protocolVersion }, { origin: 'http://evil.test' })).toBe('websocket error')
    expect(await refusedWith({ protocol: protocolVersion }, { origin: 'http://shop.test' }).catch(String)).toBe(
      'Error: was let in',
    )
  })

  it('has one namespace and one transport', async () => {
    const other = io(`${node.url}/admin`, { transports: ['websocket'], reconnection: false, forceNew: true })
    const error = await new Promise<Error>((resolve) => other.on('connect_error', resolve))
    expect(error.message).toBe('Invalid namespace')
    other.disconnect()
    const polling = await fetch(`${node.url}/socket.io/?EIO=4&transport=polling`)
    expect(polling.status).toBe(400)
  })
})

describe('requests', () => {
  it.each([
    ['an event that is not there', ['no:such-thing', {}], 'request.unknown_event'],
    ['a told event', ['show:feed', {}], 'request.unknown_event'],
    ['an HTTP operation', ['show:create', {}], 'request.unknown_event'],
    ['the name of an emitter’s own event', ['error', {}], 'request.unknown_event'],
    ['the name of an object’s own part', ['__proto__', {}], 'request.unknown_event'],
    ['no request at all', [leaveShow.name], 'request.invalid'],
    ['null', [leaveShow.name, null], 'request.invalid'],
    ['a list', [leaveShow.name, []], 'request.invalid'],
    ['two requests', [leaveShow.name, {}, {}], 'request.invalid'],
    ['a wrong field', [leaveShow.name, { showId: 'x' }], 'request.invalid'],
    ['an unknown field', [syncClock.name, { extra: 1 }], 'request.invalid'],
    ['bytes', [leaveShow.name, { showId: Buffer.from('00') }], 'request.invalid'],
    ['a wrong number', [addHearts.name, { showId: newId(), hearts: 1e9 }], 'request.invalid'],
  ])('%s is refused with a typed problem', async (_title, [name, ...args], code) => {
    const viewer = await new Viewer(node.url, stage.showId).connected()
    const ack = await viewer.send(name as string, ...(args ?? []))
    expect(ack).toMatchObject({ ok: false, problem: { code } })
    expect(await viewer.ask(syncClock, {})).toEqual({ nowMs: expect.any(Number) })
    viewer.close()
  })

  it('survives packets that are no packets, and closes the connection that sent them', async () => {
    const broken = [
      '4',
      '42',
      '42[',
      '42{}',
      '42[1]x',
      '49',
      '4{"a":1}',
      '451-["x",{"_placeholder":true,"num":0}]',
      '40/x,{',
      'zz',
      '2',
    ]
    for (const text of broken) {
      const socket = new WebSocket(`${node.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`)
      await new Promise((resolve) => socket.once('message', resolve))
      socket.send(`40{"protocol":${protocolVersion}}`)
      await new Promise((resolve) => socket.once('message', resolve))
      const closed = new Promise((resolve) => socket.once('close', resolve))
      socket.send(text)
      socket.send(`42["deep",${'['.repeat(5_000)}${']'.repeat(5_000)}]`)
      socket.send(Buffer.from([1, 2, 3]))
      await closed
    }
    const viewer = await new Viewer(node.url, stage.showId).join()
    viewer.close()
  })

  it('closes on a message above the size limit', async () => {
    const viewer = await new Viewer(node.url, stage.showId).connected()
    viewer.socket.emit(leaveShow.name, { showId: 'x'.repeat(17_000) })
    await viewer.until(() => !viewer.socket.connected)
  })

  it('are limited by operation, and by connection over all', async () => {
    const viewer = await new Viewer(node.url, stage.showId).join()
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => viewer.send(addHearts.name, { showId: stage.showId, hearts: 1 })),
    )
    expect(answers.filter((ack) => ack.ok).length).toBe(addHearts.socket.rate.burst)
    expect(answers.at(-1)).toMatchObject({ ok: false, problem: { code: 'request.rate_limited', retry: 'later' } })
    for (let i = 0; i < 40; i++) viewer.socket.emit(syncClock.name, {})
    await viewer.until(() => !viewer.socket.connected)
    expect(viewer.limited).toEqual(['rate'])
  })

  it('asks for what the operation declares: sign-in or a role', async () => {
    const guest = await new Viewer(node.url, stage.showId).join()
    const chat = { showId: stage.showId, text: 'hi', operationId: newId() }
    expect(await guest.send(sendChat.name, chat)).toMatchObject({ problem: { code: 'auth.required' } })
    const buyer = await new Viewer(node.url, stage.showId, stage.tokenOf(await stage.newAccount('Bo'))).join()
    const publish = { showId: stage.showId, purpose: 'publish' }
    expect(await buyer.send(issueStreamToken.name, publish)).toMatchObject({ problem: { code: 'auth.forbidden' } })
    expect(await buyer.send(issueStreamToken.name, { ...publish, purpose: 'watch' })).toMatchObject({ ok: true })
    guest.close()
    buyer.close()
  })

  it('does not start with an operation that does not say who may call it', () => {
    const undeclared = { ...syncClock, access: undefined } as unknown as Operation
    const options = { log: { error: () => undefined } as never, onAnswer: () => undefined }
    const handle = async () => ({})
    expect(() => createDispatch({ ...options, routes: [{ operation: undeclared, handle }] })).toThrow(/does not say/)
    const twice = { operation: syncClock, handle }
    expect(() => createDispatch({ ...options, routes: [twice, twice] })).toThrow(/bound twice/)
  })

  it('finds every declared socket operation of the rooms bound', async () => {
    const viewer = await new Viewer(node.url, stage.showId).connected()
    for (const one of [joinShow, leaveShow, syncClock, sendChat, addHearts, renewSocket, issueStreamToken]) {
      expect(allOperations.get(one.name)).toBe(one)
      const ack = await viewer.send(one.name, 'nonsense')
      expect(ack).not.toMatchObject({ problem: { code: 'request.unknown_event' } })
    }
    viewer.close()
  })
})

describe('sessions', () => {
  it('ends the sockets of a revoked session, and only those, within two seconds', async () => {
    const account = await stage.newAccount('Cy')
    const phone = await new Viewer(node.url, stage.showId, stage.tokenOf(account)).join()
    const laptop = await new Viewer(node.url, stage.showId, stage.tokenOf({ ...account, sessionId: newId() })).join()
    await node.redis.publish(revokedChannel, JSON.stringify({ sessionId: account.sessionId }))
    await phone.until(() => !phone.socket.connected, 2_000)
    expect(await laptop.ask(syncClock, {})).toEqual({ nowMs: expect.any(Number) })
    laptop.close()
  })

  it('closes at the end of the token, unless it was renewed for the same account', async () => {
    const account = await stage.newAccount('Di')
    const shortly = { ...account, expiresAtMs: Date.now() + 700 }
    const [left, stays] = [shortly, { ...shortly, sessionId: newId() }].map(
      (one) => new Viewer(node.url, stage.showId, stage.tokenOf(one)),
    ) as [Viewer, Viewer]
    await Promise.all([left.join(), stays.join()])
    const later = { ...account, sessionId: newId(), expiresAtMs: Date.now() + 60_000 }
    expect(await stays.ask(renewSocket, { token: stage.tokenOf(later) })).toEqual({ expiresAtMs: later.expiresAtMs })
    const other = stage.tokenOf(await stage.newAccount('Ed'))
    expect(await stays.send(renewSocket.name, { token: other })).toMatchObject({ problem: { code: 'auth.forbidden' } })
    await left.until(() => !left.socket.connected, 3_000)
    expect(stays.socket.connected).toBe(true)
    stays.close()
  })
})
