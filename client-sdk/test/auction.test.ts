import { type AuctionHandle, type AuctionView, type Client, createClient, isRefusal, type Room } from '@livelot/client'
import type { AuctionFigures } from '@livelot/client/contracts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  auction,
  auctionId,
  bidAnswer,
  entry,
  figures,
  frameOf,
  me,
  myBid,
  priceChanged,
  receipt,
  rival,
} from './auction-samples.ts'
import { FakeServer, lostReply, Refused, refusal } from './fake-server.ts'
import { joined, session, showId, snapshot } from './samples.ts'

let server: FakeServer
let client: Client
beforeEach(async () => {
  server = await new FakeServer().start()
  server.socket.set('show:join', () => joined({ snapshot: snapshot({ auctions: [auction()] }) }))
  server.socket.set('show:leave', () => ({}))
  server.socket.set('clock:sync', () => ({ nowMs: Date.now() }))
  client = createClient({ baseUrl: server.url, storage: 'memory' })
})
afterEach(async () => {
  client.close()
  await server.stop()
})

const entryPath = `GET /v1/shows/${showId}/entry`
const bidsPath = `POST /v1/auctions/${auctionId}/bids`

async function enter(): Promise<{ room: Room; handle: AuctionHandle }> {
  const room = client.joinRoom(showId)
  await room.ready()
  return { room, handle: room.auction(auctionId) }
}

/** Resolves as soon as the auction is so; fails by the test's own deadline. */
function viewIs(handle: AuctionHandle, isSo: (view: AuctionView) => boolean): Promise<AuctionView> {
  return new Promise((resolve) => {
    const look = () => {
      const view = handle.state()
      if (view === null || !isSo(view)) return
      stop()
      resolve(view)
    }
    const stop = handle.subscribe(look)
    look()
  })
}
const seqIs = (handle: AuctionHandle, seq: number) => viewIs(handle, (view) => view.figures.ledgerSeq === seq)
const led = (seq: number, over: Partial<AuctionFigures> = {}) => figures(seq, { leader: me, ...over })

describe('the state of an auction', () => {
  it('is the room’s, with what follows from it, and the same object until something changes', async () => {
    const { room, handle } = await enter()
    const view = handle.state()
    expect(view).toEqual({
      ...room.state.auctions[0],
      own: { maximumMinor: null, standing: 'none' },
      nextMinimumMinor: 1_200,
      isInOvertime: false,
      root: null,
    })
    server.tell('show:feed', frameOf(1, { type: 'show:chat-settings-changed', data: { slowModeSeconds: 3 } }))
    await new Promise<void>((resolve) => room.on('log', () => resolve()))
    expect(handle.state()).toBe(view)
    expect(room.auction(auctionId)).toBe(handle)
    expect(room.auction(showId).state()).toBe(null)
  })

  it('moves with the log and tells what happens', async () => {
    const { handle } = await enter()
    const told: unknown[] = []
    handle.on('price-changed', ({ priceMinor }) => told.push(['price', priceMinor]))
    handle.on('extended', ({ endsAtMs, byMs }) => told.push(['extended', endsAtMs, byMs]))
    handle.on('closed', ({ figures: { outcome }, own }) => told.push(['closed', outcome, own.standing]))
    handle.on('proved', ({ root }) => told.push(['proved', root]))
    const late = figures(3, { endsAtMs: 68_000, extensions: 1 })
    const over = { ...late, ledgerSeq: 4, state: 'closed' as const, outcome: 'sold' as const }
    server.tell('show:feed', frameOf(1, priceChanged(figures(2)), priceChanged(late)))
    expect((await seqIs(handle, 3)).isInOvertime).toBe(true)
    const closedData = { auctionId, figures: over, closedAtMs: 68_001, link: 'f'.repeat(40) }
    server.tell('show:feed', frameOf(3, { type: 'auction:closed', data: closedData }))
    server.tell('show:feed', frameOf(4, { type: 'auction:result-proved', data: { auctionId, root: 'r' } }))
    const view = await viewIs(handle, ({ root }) => root !== null)
    expect([view.figures, view.own.standing]).toEqual([over, 'none'])
    expect(told).toEqual([
      ['price', 1_200],
      ['price', 1_300],
      ['extended', 68_000, 8_000],
      ['closed', 'sold', 'none'],
      ['proved', 'r'],
    ])
  })

  it('has a current auction: the last that was started of those that run, else the last of all', async () => {
    const closed = (startedAtMs: number, id: string) =>
      auction({ auctionId: id, startedAtMs, figures: figures(9, { state: 'closed', outcome: 'unsold' }) })
    const [old, last, running] = [closed(1, showId), closed(5, auctionId), auction({ startedAtMs: 2 })]
    server.socket.set('show:join', () => joined({ snapshot: snapshot({ auctions: [last, old] }) }))
    const { room } = await enter()
    expect(room.currentAuction()?.auctionId).toBe(auctionId)
    const data = { auction: { ...running, auctionId: 'b8f2f7f0-6f1c-4b8e-9a39-777777777777' } }
    server.tell('show:feed', frameOf(1, { type: 'auction:started', data }))
    await new Promise<void>((resolve) => room.on('auction:started', () => resolve()))
    expect(room.currentAuction()?.auctionId).toBe('b8f2f7f0-6f1c-4b8e-9a39-777777777777')
  })
})

describe('bidding', () => {
  it('goes over the socket and shows the answer before the room tells of it', async () => {
    server.socket.set('auction:place-bid', ({ operationId }) => bidAnswer(operationId, led(2)))
    const { handle } = await enter()
    const answer = await handle.maxBid(1_500)
    const [request] = server.askedFor('auction:place-bid')
    expect(request).toEqual({ auctionId, amountMinor: 1_500, kind: 'max', isSure: false, operationId: answer.bidId })
    expect(handle.state()).toMatchObject({ figures: led(2), own: { maximumMinor: 1_500, standing: 'leading' } })
    expect(handle.receipts()).toMatchObject([
      { bidId: answer.bidId, kind: 'max', amountMinor: 1_500, code: 'leading', payload: { paddle: 7, ledgerSeq: 5 } },
    ])
    expect(server.seen).toEqual([])
  })

  it('never goes back: a frame or an answer that comes late changes nothing', async () => {
    const { handle } = await enter()
    const seqs: number[] = []
    handle.subscribe(() => seqs.push(handle.state()?.figures.ledgerSeq ?? 0))
    let answerFirst = () => {}
    server.socket.set('auction:place-bid', ({ amountMinor, operationId }) =>
      amountMinor === 1_500
        ? new Promise((resolve) => {
            answerFirst = () => resolve(bidAnswer(operationId, led(2)))
          })
        : bidAnswer(operationId, led(4), { maximumMinor: 1_900 }),
    )
    const first = handle.bid(1_500)
    await server.until(() => server.askedFor('auction:place-bid').length === 1)
    await handle.maxBid(1_900)
    answerFirst()
    await first
    server.tell('show:feed', frameOf(1, priceChanged(led(2)), priceChanged(figures(3)), priceChanged(led(4))))
    server.tell('show:feed', frameOf(4, priceChanged(figures(5))))
    const view = await seqIs(handle, 5)
    expect(view.own).toEqual({ maximumMinor: 1_900, standing: 'outbid' })
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b))
  })

  it('tells the bidder who is outbid, once, with what would lead again', async () => {
    server.socket.set('auction:place-bid', ({ operationId }) => bidAnswer(operationId, led(2)))
    const { handle } = await enter()
    const outbid: unknown[] = []
    handle.on('outbid', (news) => outbid.push(news))
    await handle.bid(1_500)
    server.tell('show:feed', frameOf(1, priceChanged(figures(3)), priceChanged(figures(4, { leader: rival }))))
    await seqIs(handle, 4)
    expect(outbid).toEqual([{ priceMinor: 1_300, nextMinimumMinor: 1_400 }])
  })

  it('knows who has won and who has lost', async () => {
    server.socket.set('auction:place-bid', ({ operationId }) => bidAnswer(operationId, led(2)))
    const { handle } = await enter()
    await handle.bid(1_500)
    const over = (leader: typeof me, outcome: 'sold' | 'unsold') => figures(3, { leader, state: 'closed', outcome })
    const data = (now: AuctionFigures) => ({ auctionId, figures: now, closedAtMs: 1, link: '' })
    const standing = async (now: AuctionFigures) => {
      server.tell('show:feed', frameOf(1, { type: 'auction:closed', data: data(now) }))
      return (await seqIs(handle, 3)).own.standing
    }
    expect(await standing(over(me, 'sold'))).toBe('won')
  })

  it.each([
    ['cut', true],
    ['left without a word', false],
  ])('asks again under the same bid id when the answer is %s', async (_, isCut) => {
    let times = 0
    const answer = (operationId: unknown) => {
      times += 1
      if (times > 1) return bidAnswer(operationId, led(2))
      if (isCut) server.cutSockets()
      return lostReply
    }
    server.socket.set('auction:place-bid', ({ operationId }) => answer(operationId))
    server.http.set(bidsPath, ({ body }) => ({
      status: 201,
      body: answer((body as { operationId: string }).operationId) as object,
    }))
    const { handle } = await enter()
    const sentTick = performance.now()
    const { bidId } = await handle.bid(1_500)
    expect(performance.now() - sentTick).toBeLessThan(8_000)
    const asked = [
      ...server.askedFor('auction:place-bid'),
      ...server.seen.map(({ body }) => body as { operationId: string }),
    ]
    expect(asked.map(({ operationId }) => operationId)).toEqual([bidId, bidId])
    expect([handle.receipts().length, handle.state()?.own.standing]).toEqual([1, 'leading'])
  })

  it('waits for a gate that is being restored', async () => {
    let times = 0
    server.socket.set('auction:place-bid', ({ operationId }) => {
      times += 1
      if (times < 3) throw new Refused('auction.gate_closed', { retryAfterMs: 30 })
      return bidAnswer(operationId, led(2))
    })
    const { handle } = await enter()
    expect((await handle.bid(1_500)).answer).toBe('leading')
    expect(new Set(server.askedFor('auction:place-bid').map(({ operationId }) => operationId)).size).toBe(1)
  })

  it('gives a refusal at once, with what would be accepted and the receipt that proves it', async () => {
    server.socket.set('auction:place-bid', ({ operationId }) => {
      throw new Refused('bid.own_is_higher', {
        nextMinimumMinor: 1_600,
        maximumMinor: 2_500,
        receipt: receipt(operationId, { code: 'bid.own_is_higher' }),
      })
    })
    const { handle } = await enter()
    const error = await handle.bid(1_500).catch((one: unknown) => one)
    expect(isRefusal(error, 'bid.own_is_higher') && error.details.nextMinimumMinor).toBe(1_600)
    expect(server.askedFor('auction:place-bid')).toHaveLength(1)
    expect(handle.receipts()).toMatchObject([{ code: 'bid.own_is_higher', payload: { code: 'bid.own_is_higher' } }])
    expect(handle.state()?.own).toEqual({ maximumMinor: 2_500, standing: 'outbid' })
  })

  it('keeps a receipt that it cannot read, and leaves out what is none', async () => {
    let receiptText: unknown = 'not.a.receipt'
    server.socket.set('auction:place-bid', () => {
      throw new Refused('bid.too_low', { receipt: receiptText, maximumMinor: 'much' })
    })
    const { handle } = await enter()
    await handle.bid(1_500).catch(() => undefined)
    receiptText = 7
    await handle.bid(1_600).catch(() => undefined)
    expect(handle.receipts()).toMatchObject([{ amountMinor: 1_500, receipt: 'not.a.receipt', payload: null }])
    expect(handle.state()?.own).toEqual({ maximumMinor: null, standing: 'none' })
  })

  it('says that the fate of a bid is unknown when no answer comes in time', async () => {
    server.socket.set('auction:place-bid', () => lostReply)
    const { handle } = await enter()
    const operationId = 'b8f2f7f0-6f1c-4b8e-9a39-555555555555'
    const error = await handle.maxBid(1_500, { timeoutMs: 60, operationId }).catch((one: unknown) => one)
    expect(error).toMatchObject({
      code: 'client.bid_unknown',
      retry: 'same',
      details: { auctionId, bidId: operationId, amountMinor: 1_500, kind: 'max' },
    })
    expect(handle.receipts()).toEqual([])
  })

  it('ends with the reason of the signal', async () => {
    const controller = new AbortController()
    server.socket.set('auction:place-bid', () => {
      controller.abort(new Error('The page was left.'))
      return lostReply
    })
    const { handle } = await enter()
    await expect(handle.bid(1_500, { signal: controller.signal })).rejects.toThrow('The page was left.')
  })

  it('buys at once, and confirms an amount far above the price', async () => {
    server.socket.set('auction:buy-now', ({ operationId }) =>
      bidAnswer(operationId, led(3, { state: 'closed', outcome: 'bought' })),
    )
    server.socket.set('auction:place-bid', ({ operationId }) => bidAnswer(operationId, led(2)))
    const { handle } = await enter()
    await handle.bid(90_000, { isSure: true })
    const { bidId } = await handle.buyNow(9_000)
    expect(server.askedFor('auction:place-bid')[0]).toMatchObject({ isSure: true })
    expect(server.askedFor('auction:buy-now')).toEqual([{ auctionId, priceMinor: 9_000, operationId: bidId }])
    expect(handle.state()?.own.standing).toBe('won')
  })
})

describe('after a reload or a lost connection', () => {
  beforeEach(async () => {
    server.http.set(entryPath, () => ({ body: entry() }))
    await client.account.adopt(session())
  })
  const bids = (...items: unknown[]) => server.http.set('GET /v1/me/bids', () => ({ body: { items } }))
  const cutAndReturn = async (room: Room, handle: AuctionHandle, isSo: (view: AuctionView) => boolean) => {
    server.cutSockets()
    await new Promise<void>((resolve) => room.on('status', (status) => status === 'online' && resolve()))
    return await viewIs(handle, isSo)
  }

  it('knows the own maximum and standing again', async () => {
    bids(myBid(led(2), 4_000))
    const { handle } = await enter()
    const view = await viewIs(handle, ({ own }) => own.maximumMinor !== null)
    expect([view.figures, view.own]).toEqual([led(2), { maximumMinor: 4_000, standing: 'leading' }])
  })

  it('asks nothing for guests, and not for bids of somebody who has no paddle', async () => {
    server.http.set(entryPath, () => ({ body: { entry: null, missing: ['not_entered'] } }))
    await enter()
    await server.until(() => server.seen.length === 1)
    const guest = createClient({ baseUrl: server.url, storage: 'memory' })
    const room = guest.joinRoom(showId)
    await room.ready()
    expect(room.currentAuction()?.state()?.own.standing).toBe('none')
    guest.close()
    expect(server.seen.map(({ path }) => path)).toEqual([`/v1/shows/${showId}/entry`])
  })

  it('equals the server again: what was missed, and what was bid elsewhere meanwhile', async () => {
    bids()
    const { room, handle } = await enter()
    server.socket.set('show:join', () =>
      joined({ snapshot: snapshot({ seq: 9, auctions: [auction({ figures: figures(6) })] }) }),
    )
    bids(myBid(figures(6), 2_500))
    const view = await cutAndReturn(room, handle, ({ own }) => own.maximumMinor === 2_500)
    expect([view.figures, view.own.standing]).toEqual([figures(6), 'outbid'])
  })

  it('keeps newer figures than a lagging server’s, and takes any of a platform that was rebuilt', async () => {
    bids()
    const { room, handle } = await enter()
    server.tell('show:feed', frameOf(1, priceChanged(figures(5))))
    await seqIs(handle, 5)
    const older = (epoch: string) =>
      joined({ snapshot: snapshot({ epoch, seq: 1, auctions: [auction({ figures: figures(3) })] }) })
    server.socket.set('show:join', () => older('e1'))
    await cutAndReturn(room, handle, () => true)
    expect(handle.state()?.figures.ledgerSeq).toBe(5)
    server.socket.set('show:join', () => older('e2'))
    expect((await cutAndReturn(room, handle, ({ figures: now }) => now.ledgerSeq === 3)).figures).toEqual(figures(3))
  })

  it('asks for an auction that the room has let go of meanwhile', async () => {
    bids()
    const { room, handle } = await enter()
    const over = figures(8, { state: 'closed', outcome: 'sold' })
    server.socket.set('show:join', () => joined({ snapshot: snapshot({ seq: 50, auctions: [] }) }))
    server.http.set(`GET /v1/auctions/${auctionId}`, () => ({ body: auction({ figures: over }) }))
    const view = await cutAndReturn(room, handle, ({ figures: now }) => now.state === 'closed')
    expect(view.figures).toEqual(over)
  })

  it('learns of a bid that another device of the same person has placed', async () => {
    bids()
    const { handle } = await enter()
    await server.until(() => server.seen.some(({ path }) => path === '/v1/me/bids'))
    bids(myBid(led(3), 7_000))
    server.tell('show:feed', frameOf(1, priceChanged(led(3))))
    const view = await viewIs(handle, ({ own }) => own.maximumMinor !== null)
    expect(view.own).toEqual({ maximumMinor: 7_000, standing: 'leading' })
  })

  it('forgets the bids of the one who signs out', async () => {
    bids(myBid(led(2), 4_000))
    server.http.set('POST /v1/sessions/sign-out', () => ({}))
    const { handle } = await enter()
    await viewIs(handle, ({ own }) => own.standing === 'leading')
    await client.account.signOut()
    expect(handle.state()?.own).toEqual({ maximumMinor: null, standing: 'none' })
  })

  it('goes on when own bids cannot be asked for', async () => {
    server.http.set(entryPath, () => refusal('show.not_found'))
    server.socket.set('auction:place-bid', ({ operationId }) => bidAnswer(operationId, led(2)))
    const { handle } = await enter()
    await handle.bid(1_500)
    expect(handle.state()?.own).toEqual({ maximumMinor: 1_500, standing: 'leading' })
  })
})
