import {
  type Checkout,
  type Client,
  createClient,
  type Room,
  type RoomState,
  type Show,
  type StoredSession,
} from '@livelot/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type DemoPlatform, startDemoPlatform } from './demo-platform.ts'

let demo: DemoPlatform
let creator: Client
let show: Show
let urls: [string, string]

beforeAll(async () => {
  demo = await startDemoPlatform({ apiProcesses: 2 })
  const live = await demo.liveShow()
  creator = live.creator
  show = live.show
  const [first = '', second = ''] = demo.platform.urls.apis
  urls = [first, second]
})
afterAll(() => demo?.[Symbol.asyncDispose]())

async function enter(client: Client): Promise<Room> {
  const room = client.joinRoom(show.showId)
  await room.ready()
  return room
}

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

/** Announces a sale of one thing on the shelf and waits for its opening. */
async function openSale(totalUnits: number): Promise<string> {
  const { items } = await creator.shows.shelf({ showId: show.showId })
  const products = await Promise.all(items.map(({ productId }) => creator.products.get({ productId })))
  const variant = products.flatMap(({ variants }) => variants).find((one) => one.availableUnits >= totalUnits)
  if (!variant) throw new Error('Nothing on the shelf has that many units.')
  const room = await enter(creator)
  const opened = new Set<string>()
  room.on('flash-sale:opened', ({ flashSaleId }) => opened.add(flashSaleId))
  const { flashSaleId } = await creator.flashSales.create({
    showId: show.showId,
    variantId: variant.variantId,
    salePriceMinor: Math.max(1, variant.price.amountMinor - 100),
    totalUnits,
    countdownSeconds: 10,
    runSeconds: 120,
  })
  await stateIs(room, () => opened.has(flashSaleId))
  room.leave()
  return flashSaleId
}

describe('the room over two API processes', () => {
  it('tells one order to all, once, while one of the processes dies and comes back', async () => {
    const viewers = urls.map((baseUrl) => createClient({ baseUrl, storage: 'memory' }))
    const rooms = await Promise.all(viewers.map(enter))
    const logs = rooms.map((room) => {
      const seqs: { seq: number; type: string }[] = []
      room.on('log', ({ seq, type }) => seqs.push({ seq, type }))
      return seqs
    })
    const { items } = await creator.shows.shelf({ showId: show.showId })
    const first = rooms[0]?.state.cursor?.seq ?? 0
    const pin = (nth: number) =>
      creator.shows.pin({ showId: show.showId, productId: items[nth % items.length]?.productId ?? null })
    for (let nth = 0; nth < 10; nth += 1) await pin(nth)
    await demo.platform.kill('api-2')
    for (let nth = 10; nth < 20; nth += 1) await pin(nth)
    await demo.platform.restart('api-2')
    for (let nth = 20; nth < 25; nth += 1) await pin(nth)
    const states = await Promise.all(
      rooms.map((room) => stateIs(room, ({ cursor }) => (cursor?.seq ?? 0) >= first + 25)),
    )
    expect(logs[1]).toEqual(logs[0])
    expect(logs[0]).toEqual(
      Array.from({ length: 25 }, (_, index) => ({ seq: first + index + 1, type: 'show:product-pinned' })),
    )
    expect(states.map(({ pinned }) => pinned?.productId)).toEqual(Array(2).fill(items[24 % items.length]?.productId))
    for (const viewer of viewers) viewer.close()
  })

  it('carries chat from one process to the other and keeps out whom the host bans', async () => {
    const [ada, ben] = await Promise.all([demo.as('Ada', urls[0]), demo.as('Ben', urls[1])])
    const [hers, his] = await Promise.all([enter(ada), enter(ben)])
    const line = await hers.chat('Does it come in red, @Ben?')
    const seen = await stateIs(his, ({ chat }) => chat.some(({ chatLineId }) => chatLineId === line.chatLineId))
    expect(seen.chat.at(-1)).toEqual(line)
    expect(line).toMatchObject({ name: 'Ada', badge: 'none', mentions: ['Ben'] })
    const accountId = ben.account.current?.accountId ?? ''
    await creator.shows.moderate({ showId: show.showId, accountId, action: 'ban' })
    const closed = await stateIs(his, ({ status }) => status === 'closed')
    expect(closed.error?.code).toBe('chat.banned')
    await expect(enter(ben)).rejects.toMatchObject({ code: 'chat.banned' })
    await creator.shows.moderate({ showId: show.showId, accountId, action: 'unban' })
  })
})

describe('a sale from hold to order', () => {
  it('tells the sell-out to everybody, offers what comes back to the next in line, and tells the way to the paid order', async () => {
    const [ada, ben] = await Promise.all([demo.as('Ada', urls[0]), demo.as('Ben', urls[1])])
    const flashSaleId = await openSale(1)
    const [hers, his] = await Promise.all([enter(ada), enter(ben)])
    const { hold } = await hers.reserve(flashSaleId)
    await stateIs(his, ({ sales }) => sales.find((sale) => sale.flashSaleId === flashSaleId)?.remainingUnits === 0)
    await expect(his.reserve(flashSaleId)).rejects.toMatchObject({ code: 'flash_sale.sold_out' })
    expect((await ben.flashSales.joinWaitlist({ flashSaleId })).position).toBe(1)
    const offered = new Promise<string>((resolve) =>
      ben.on('flash-sale:waitlist-offered', (told) => resolve(told.hold.holdId)),
    )
    await ada.flashSales.release({ flashSaleId, holdId: hold.holdId })
    const holdId = await offered

    const told: Checkout['state'][] = []
    const paid = new Promise<void>((resolve) =>
      his.on('checkout:changed', ({ checkout }) => {
        told.push(checkout.state)
        if (checkout.state === 'paid') resolve()
      }),
    )
    const item = { kind: 'hold' as const, flashSaleId, holdId }
    const quote = await ben.checkout.quote({ item })
    const [card] = (await ben.cards.list()).items
    const request = { item, cardId: card?.cardId ?? '', expectedTotal: quote.total }
    const operationId = crypto.randomUUID()
    const started = await Promise.all(Array.from({ length: 5 }, () => ben.checkout.start({ ...request, operationId })))
    expect(new Set(started.map(({ checkoutId }) => checkoutId)).size).toBe(1)
    const checkout = await ben.checkout.wait(started[0]?.checkoutId ?? '')
    await paid
    expect([checkout.state, checkout.total, told.at(-1)]).toEqual(['paid', quote.total, 'paid'])
    const sold = await stateIs(hers, ({ sales }) =>
      sales.some((one) => one.flashSaleId === flashSaleId && one.soldUnits === 1),
    )
    expect(sold.sales.find((one) => one.flashSaleId === flashSaleId)?.remainingUnits).toBe(0)
  })
})

describe('the session on an open socket', () => {
  it('goes on as a guest when the session was ended elsewhere', async () => {
    const told: (string | null)[] = []
    let kept: StoredSession | null = null
    const storage = {
      load: () => kept,
      save: (stored: StoredSession | null) => {
        kept = stored
      },
    }
    const here = createClient({
      baseUrl: urls[1],
      storage,
      onSessionChanged: (account) => told.push(account?.displayName ?? null),
    })
    await here.account.signIn(demo.credentialsOf('Ada'))
    const room = await enter(here)
    expect(room.state.rights.canChat).toBe(true)
    const elsewhere = createClient({ baseUrl: urls[0], storage })
    await elsewhere.account.signOut()
    const state = await stateIs(room, ({ rights, status }) => status === 'online' && !rights.canChat)
    expect([state.rights, told, here.account.current]).toEqual([
      { isHost: false, canModerate: false, canChat: false },
      ['Ada', null],
      null,
    ])
    here.close()
    elsewhere.close()
  })
})
