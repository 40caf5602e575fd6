import {
  type AuctionHandle,
  type Client,
  createClient,
  isRefusal,
  newOperationId,
  receiptAgainstLedger,
  verifyAuction,
  verifyReceipt,
} from '@livelot/client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type DemoPlatform, startDemoPlatform } from './demo-platform.ts'

let demo: DemoPlatform
beforeAll(async () => {
  demo = await startDemoPlatform({ apiProcesses: 2 })
})
afterAll(() => demo?.[Symbol.asyncDispose]())

async function bidder(name: string, apiUrl: string, showId: string): Promise<Client> {
  const client = await demo.as(name, apiUrl)
  const [card] = (await client.cards.list()).items
  if (!card) throw new Error(`${name} has no card.`)
  await client.bidding.enter({ showId, cardId: card.cardId, acceptedTermsVersion: 1 })
  return client
}

async function handleOf(client: Client, showId: string, auctionId: string): Promise<AuctionHandle> {
  const room = client.joinRoom(showId)
  await room.ready()
  return room.auction(auctionId)
}

const isClosed = (handle: AuctionHandle) =>
  new Promise<void>((resolve) => {
    const look = () => handle.state()?.figures.state === 'closed' && resolve()
    handle.subscribe(look)
    look()
  })

it('takes bids while the process of one bidder dies, tells all the same, and proves it to everybody', async () => {
  const { show, creator } = await demo.liveShow()
  const { showId } = show
  const [first = '', second = ''] = demo.platform.urls.apis
  const [ada, ben] = await Promise.all([bidder('Ada', first, showId), bidder('Ben', second, showId)])
  const { lotId } = await creator.lots.create({
    showId,
    goods: { kind: 'ad-hoc', title: 'Red cup' },
    startPriceMinor: 1_000,
    terms: {
      type: 'english',
      durationSeconds: 20,
      closing: { kind: 'soft', extensionSeconds: 5, overtimeSecondsMax: 5 },
    },
  })
  const { auctionId } = await creator.lots.start({ lotId })
  const guest = createClient({ baseUrl: first, storage: 'memory' })
  const handles = await Promise.all([ada, ben, guest].map((client) => handleOf(client, showId, auctionId)))
  const [hers, his, guests] = handles as [AuctionHandle, AuctionHandle, AuctionHandle]

  expect((await hers.maxBid(3_000)).answer).toBe('leading')
  expect((await his.bid(2_000)).answer).toBe('outbid')
  const tooLow = await his.bid(1_000).catch((error: unknown) => error)
  expect(isRefusal(tooLow, 'bid.too_low') && tooLow.details.nextMinimumMinor).toBe(2_200)

  await demo.platform.kill('api-2')
  const operationId = newOperationId()
  const bidding = his.maxBid(4_000, { operationId, timeoutMs: 60_000 })
  await demo.platform.restart('api-2')
  const taken = await bidding
  expect([taken.answer, taken.bidId, taken.figures.priceMinor]).toEqual(['leading', operationId, 3_200])
  expect(await his.maxBid(4_000, { operationId })).toEqual(taken)

  const proved = new Promise<void>((resolve) => guests.on('proved', () => resolve()))
  await Promise.all([...handles.map(isClosed), proved])
  const figures = handles.map((handle) => handle.state()?.figures)
  expect(figures).toEqual(
    Array(3).fill({ ...figures[0], state: 'closed', outcome: 'sold', priceMinor: 3_200, bidCount: 3 }),
  )
  expect(handles.map((handle) => handle.state()?.own)).toEqual([
    { maximumMinor: 3_000, standing: 'lost' },
    { maximumMinor: 4_000, standing: 'won' },
    { maximumMinor: null, standing: 'none' },
  ])

  const keys = await guest.bidding.receiptKeys()
  const ledger = await guest.bidding.ledger({ auctionId })
  const winner = figures[0]?.leader?.number
  expect(await verifyAuction(ledger, { keys })).toMatchObject({ ok: true, isSigned: true, winner, priceMinor: 3_200 })
  const receipts = [...hers.receipts(), ...his.receipts()]
  expect(receipts.map(({ code }) => code)).toEqual(['leading', 'outbid', 'bid.too_low', 'leading'])
  for (const { receipt } of receipts) {
    expect(await verifyReceipt(receipt, keys)).toMatchObject({ ok: true, isSigned: true })
    expect(receiptAgainstLedger(receipt, ledger)).toEqual({ ok: true, problems: [] })
  }
  guest.close()
})
