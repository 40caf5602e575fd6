import { type Client, createClient, newOperationId } from '@livelot/client'
import { allInMinor, bidTermsVersion, type CardId, getBidTerms } from '@livelot/client/contracts'
import pg from 'pg'
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { chromiumPath, type TestPlatform, testPlatform } from '../support/platform.ts'

const phone: BrowserContextOptions = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }
const desktop: BrowserContextOptions = { viewport: { width: 1440, height: 900 } }
const patience = { timeout: 30_000 }
/** A minute of the lot, and the page waits for its end. */
const untilTheHammer = { timeout: 90_000 }

/** The sandbox’s bank saves it and declines every charge. */
const declinedCard = '4000000000000002'

let platform: TestPlatform
let browser: Browser
let showId = ''
const clients: Client[] = []
const troubles: string[] = []

beforeAll(async () => {
  platform = await testPlatform()
  showId =
    platform.demo?.links
      .find((link) => link.what.startsWith('Live show'))
      ?.path.split('/')
      .pop() ?? ''
  browser = await chromium.launch({ executablePath: await chromiumPath(), args: ['--no-sandbox'] })
})
afterAll(async () => {
  for (const client of clients) client.close()
  await browser?.close()
  await platform?.stop()
})

const passwordOf = (email: string) => platform.demo?.signIns.find((one) => one.email === email)?.password ?? ''

function newClient(): Client {
  const client = createClient({ baseUrl: platform.urls.http, storage: 'memory' })
  clients.push(client)
  return client
}

/** A bidder in Chromium, signed in and in the room. */
async function enter(email: string, options: BrowserContextOptions): Promise<Page> {
  const page = await (await browser.newContext(options)).newPage()
  page.setDefaultTimeout(patience.timeout)
  page.on('pageerror', (error) => troubles.push(`${email}: ${error.message}`))
  await page.goto(`${platform.urls.http}/sign-in?next=${encodeURIComponent(`/shows/${showId}`)}`)
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(passwordOf(email))
  await page.keyboard.press('Enter')
  await page.locator('.watch-lot').waitFor()
  return page
}

/** A card at the provider, as its form would make one of the number. */
async function saveCard(client: Client, number: string): Promise<CardId> {
  const { tokenUrl } = await client.cards.config({})
  const answer = await fetch(tokenUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ number, expMonth: 12, expYear: 2034, cvc: '123' }),
  })
  const { id: cardToken } = (await answer.json()) as { id: string }
  return (await client.cards.save({ cardToken })).cardId
}

/** A third bidder with no page at all: somebody new, with a card and an address. */
async function enterNina(): Promise<Client> {
  const nina = newClient()
  await nina.account.register({ email: 'nina@buyers.test', password: 'candles by the window', displayName: 'Nina' })
  await nina.account.setAddress({
    name: 'Nina Berg',
    line1: '7 Pine Street',
    city: 'Seattle',
    region: 'WA',
    postalCode: '98101',
    country: 'US',
  })
  const cardId = await saveCard(nina, '4242424242424242')
  await nina.bidding.enter({ showId, cardId, acceptedTermsVersion: bidTermsVersion, limitMinor: null })
  return nina
}

/** One tap on the way to the first bid: card and address are saved, so the rules are all that is left. */
async function getPaddle(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Get your paddle to bid' }).click()
  await page.getByRole('button', { name: 'Accept and get my paddle' }).click()
  await page.getByRole('dialog').waitFor({ state: 'hidden' })
}

async function setMaximum(page: Page, dollars: string): Promise<void> {
  await page.getByRole('button', { name: 'Maximum or own amount' }).click()
  await page.getByLabel('Your maximum').fill(dollars)
  await page.getByRole('button', { name: `Set maximum $${dollars}` }).click()
}

/** A click goes to where the frame stood a moment ago; a sheet that opens or grows carries it along. A key finds it. */
const pressInFrame = (button: Locator): Promise<void> => button.press('Enter')

const ticket = (page: Page) => page.locator('.auction')
const bidButton = (page: Page, dollars: string) => page.getByRole('button', { name: `Bid $${dollars} ·` })

it('sells a lot to one of three bidders, from the first tap to the paid order and the checked ledger', async () => {
  const mara = newClient()
  await mara.account.signIn({ email: 'mara@demo.livelot', password: passwordOf('mara@demo.livelot') })
  const [ada, ben, nina] = await Promise.all([
    enter('ada@demo.livelot', phone),
    enter('ben@demo.livelot', desktop),
    enterNina(),
  ])
  const lot = await mara.lots.create({
    showId,
    goods: { kind: 'ad-hoc', title: 'Kiln seconds, box of four', currency: 'USD', weightGrams: 1_200 },
    startPriceMinor: 1_000,
    terms: { type: 'english', durationSeconds: 60, closing: { kind: 'soft', extensionSeconds: 10 } },
    operationId: newOperationId(),
  })
  const { auctionId } = await mara.lots.start({ lotId: lot.lotId, operationId: newOperationId() })

  await Promise.all([getPaddle(ada), getPaddle(ben)])
  await bidButton(ada, '10').click()
  await ticket(ada).getByText('You lead at $10').waitFor()
  await setMaximum(ben, '30')
  await ticket(ben).getByText('You lead at $11').waitFor()
  await ticket(ben).getByText('Your maximum is $30. Only you see it.').waitFor()
  await ticket(ada).getByText('Outbid by Ben').waitFor()
  await bidButton(ada, '12').click()
  await ticket(ada).getByText('$12 counted, but an earlier maximum is higher.').waitFor()
  await ticket(ben).getByText('You lead at $13').waitFor()

  const room = nina.joinRoom(showId)
  await room.ready()
  const handle = room.auction(auctionId)
  // A room is entered with a snapshot that may be a moment old; what is missing comes with the next frame.
  await expect.poll(() => handle.state()?.figures.bidCount, patience).toBe(3)
  const endsAtMs = handle.state()?.figures.endsAtMs ?? Number.NaN
  await expect.poll(() => endsAtMs - nina.clock.now(), untilTheHammer).toBeLessThan(8_000)
  const raised = await handle.maxBid(4_000)
  expect([raised.answer, raised.figures.priceMinor, raised.figures.extensions]).toEqual(['leading', 3_200, 1])
  expect(raised.figures.endsAtMs).toBeGreaterThan(endsAtMs)
  await ticket(ada).getByText('Overtime').waitFor()
  await ticket(ben).getByText('Outbid by Nina').waitFor()
  await bidButton(ben, '34').click()
  await ticket(ben).getByText('$34 counted, but an earlier maximum is higher.').waitFor()
  await setMaximum(ada, '50')
  await ticket(ada).getByText('You lead at $42').waitFor()
  const seenAllIn = await allInOf(auctionId, 4_200)

  await ticket(ada).getByText('Sold to you').waitFor(untilTheHammer)
  await ada.locator('.win-moment').waitFor()
  const told = ticket(ben).getByText(/^Sold to Paddle \d+ · Ada for \$42\. You had bid up to \$34,/)
  await told.waitFor(untilTheHammer)
  await expect.poll(() => handle.state()?.own.standing, patience).toBe('lost')

  const dollars = (seenAllIn / 100).toFixed(2)
  await ticket(ada).getByText(`Paid $${dollars}.`).waitFor()
  expect(await ordersOf(auctionId)).toEqual([{ state: 'paid', total_minor: String(seenAllIn) }])

  await ada.getByRole('button', { name: /^Lots and products/ }).click()
  await ada.getByRole('button', { name: 'My bids' }).click()
  const sheet = ada.getByRole('dialog', { name: 'Your bids in this show' })
  await sheet.getByText('Yours for $42').waitFor()
  expect(await sheet.locator('.receipt').count()).toBe(3)
  await sheet.getByRole('button', { name: 'Check the ledger' }).click()
  await sheet.getByText(/^In order: all \d+ entries stand unbroken/).waitFor()
  expect(await sheet.getByText('agrees with the ledger').count()).toBe(3)
  expect(troubles).toEqual([])
})

it('lets a winner whose card is declined pay with another one, with the bank’s step', async () => {
  const [mara, buyer] = [newClient(), newClient()]
  await mara.account.signIn({ email: 'mara@demo.livelot', password: passwordOf('mara@demo.livelot') })
  await buyer.account.signIn({ email: 'ben@demo.livelot', password: passwordOf('ben@demo.livelot') })
  const cardId = await saveCard(buyer, declinedCard)
  await buyer.bidding.enter({ showId, cardId, acceptedTermsVersion: bidTermsVersion, limitMinor: null })
  const ben = await enter('ben@demo.livelot', phone)
  const lot = await mara.lots.create({
    showId,
    goods: { kind: 'ad-hoc', title: 'Kiln seconds, one bowl', currency: 'USD', weightGrams: 400 },
    startPriceMinor: 1_500,
    terms: { type: 'english', durationSeconds: 15, closing: { kind: 'sudden-death' } },
    operationId: newOperationId(),
  })
  const { auctionId } = await mara.lots.start({ lotId: lot.lotId, operationId: newOperationId() })

  await ticket(ben).getByText('Sudden death').waitFor()
  await bidButton(ben, '15').click()
  await ticket(ben).getByText('Sold to you').waitFor()
  await ticket(ben).getByText('Your bank declined the card.').waitFor()
  await ticket(ben).getByRole('timer').waitFor()
  await ticket(ben).getByRole('button', { name: 'Pay now' }).click()

  const sheet = ben.getByRole('dialog')
  await sheet.getByRole('button', { name: 'Add another card' }).click()
  const provider = ben.frameLocator('iframe')
  await pressInFrame(provider.getByRole('button', { name: '3-D Secure', exact: true }))
  await pressInFrame(provider.getByRole('button', { name: 'Use this card' }))
  await sheet.getByText('Visa •••• 3155').waitFor()
  await sheet.getByRole('button', { name: /^Pay \$/ }).click()
  await sheet.getByRole('heading', { name: 'Your bank asks' }).waitFor()
  await pressInFrame(provider.getByRole('button', { name: 'Approve' }))
  await sheet.getByRole('heading', { name: 'It is yours' }).waitFor()
  const orders = await ordersOf(auctionId)
  expect(orders.map(({ state }) => state)).toEqual(['paid', 'payment_failed'])
  expect(troubles).toEqual([])
})

/** What a bid of this amount costs Ada, as the platform tells it before the hammer. */
async function allInOf(auctionId: string, hammerMinor: number): Promise<number> {
  const ada = newClient()
  await ada.account.signIn({ email: 'ada@demo.livelot', password: passwordOf('ada@demo.livelot') })
  const terms = await ada.call(getBidTerms, { auctionId })
  return allInMinor(hammerMinor, terms)
}

async function ordersOf(auctionId: string): Promise<{ state: string; total_minor: string }[]> {
  const client = new pg.Client({ connectionString: platform.databaseUrl })
  await client.connect()
  try {
    const query = 'SELECT state, total_minor FROM orders WHERE auction_id = $1 ORDER BY state'
    return (await client.query(query, [auctionId])).rows
  } finally {
    await client.end()
  }
}
