import { type Client, createClient, newOperationId } from '@livelot/client'
import pg from 'pg'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { chromiumPath, type TestPlatform, testPlatform } from '../support/platform.ts'

const desktop = { viewport: { width: 1440, height: 900 } }
const patience = { timeout: 30_000 }

let platform: TestPlatform
let browser: Browser
const clients: Client[] = []
const troubles: string[] = []

beforeAll(async () => {
  platform = await testPlatform()
  browser = await chromium.launch({
    executablePath: await chromiumPath(),
    args: ['--no-sandbox', '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'],
  })
})
afterAll(async () => {
  for (const client of clients) client.close()
  await browser?.close()
  await platform?.stop()
})

const passwordOf = (email: string) => platform.demo?.signIns.find((one) => one.email === email)?.password ?? ''

async function signedIn(email: string): Promise<Client> {
  const client = createClient({ baseUrl: platform.urls.http, storage: 'memory' })
  clients.push(client)
  await client.account.signIn({ email, password: passwordOf(email) })
  return client
}

async function openStudio(showId: string): Promise<Page> {
  const page = await (await browser.newContext(desktop)).newPage()
  page.setDefaultTimeout(patience.timeout)
  page.on('pageerror', (error) => troubles.push(error.message))
  await page.goto(`${platform.urls.http}/sign-in?next=/studio/${showId}`)
  await page.getByLabel('E-mail').fill('mara@demo.livelot')
  await page.getByLabel('Password', { exact: true }).fill(passwordOf('mara@demo.livelot'))
  await page.keyboard.press('Enter')
  return page
}

async function planShow(): Promise<string> {
  const mara = await signedIn('mara@demo.livelot')
  const { items } = await mara.products.list({ limit: 50 })
  const mug = items.find(({ name }) => name === 'Hearth Mug')
  const show = await mara.shows.create({
    title: 'Lots by one hand',
    teaser: 'Three lots.',
    startsAtMs: Date.now() + 3_600_000,
    productIds: mug ? [mug.productId] : [],
    operationId: newOperationId(),
  })
  return show.showId
}

async function inDatabase(sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: platform.databaseUrl })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

const blockOf = (page: Page) => page.getByRole('region', { name: 'On the block' })

async function prepareThreeLots(page: Page): Promise<void> {
  const queue = page.getByRole('region', { name: 'Queue' })
  await page.getByRole('button', { name: 'Prepare a lot' }).click()
  const isFocused = () => page.getByLabel('What is it').evaluate((box) => box === document.activeElement)
  await expect.poll(isFocused, patience).toBe(true)
  await page.getByLabel('What is it').fill('Copper kettle')
  await page.getByLabel('Start price').fill('10')
  await page.getByRole('button', { name: /^Terms: 30 s/ }).click()
  await page.getByRole('radio', { name: '10 s', exact: true }).check()
  await page.getByRole('radio', { name: 'Sudden death' }).check()
  await page.getByRole('button', { name: 'Add lot' }).click()
  await queue.getByRole('heading', { name: 'Copper kettle' }).waitFor()

  await page.getByRole('combobox', { name: 'What is it' }).pressSequentially('hearth')
  await page.getByRole('option', { name: /Hearth Mug/ }).waitFor()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.getByLabel('Start price').fill('20')
  await page.getByRole('button', { name: 'Add lot' }).click()
  await queue.getByRole('heading', { name: /Hearth Mug/ }).waitFor()

  await page.getByLabel('What is it').fill('Walnut spoon')
  await page.getByLabel('Start price').fill('5')
  await page.getByLabel('Reserve', { exact: true }).fill('4')
  await page.keyboard.press('Enter')
  await page.getByText('Not below the start price.').waitFor()
  await page.getByLabel('Reserve', { exact: true }).fill('')
  await page.keyboard.press('Enter')
  await queue.getByRole('heading', { name: 'Walnut spoon' }).waitFor()
  expect(await queue.getByRole('heading', { level: 4 }).allTextContents()).toEqual([
    'Copper kettle',
    expect.stringContaining('Hearth Mug'),
    'Walnut spoon',
  ])
}

async function rehearse(page: Page): Promise<void> {
  const block = blockOf(page)
  await block.getByRole('button', { name: 'Rehearse' }).click()
  await block.getByText('Made-up bidders, on this screen only.').waitFor()
  await page.keyboard.press('s')
  await block.getByText(/^[1-9]\d* bids?$/).waitFor()
  await block.getByRole('button', { name: 'Stop the rehearsal' }).click()
  await block.getByText('Lots start once you are live.').waitFor()
  expect(await inDatabase('SELECT count(*)::int AS rows FROM auctions')).toEqual([{ rows: 0 }])
  expect(await inDatabase('SELECT count(*)::int AS rows FROM auction_ledger')).toEqual([{ rows: 0 }])
  expect(await inDatabase('SELECT DISTINCT state FROM lots')).toEqual([{ state: 'prepared' }])
}

it('lets a host run lots alone: prepared, rehearsed, started by a key, sold, unsold, relisted, a bidder muted', async () => {
  const showId = await planShow()
  const page = await openStudio(showId)
  const block = blockOf(page)
  await prepareThreeLots(page)
  await rehearse(page)

  await page.getByRole('button', { name: 'Turn the camera on' }).click()
  await page.getByRole('button', { name: 'Go live' }).click()
  await page.getByText('On air', { exact: true }).waitFor()

  const ada = await signedIn('ada@demo.livelot')
  const room = ada.joinRoom(showId)
  await room.ready()
  const [card] = (await ada.cards.list({})).items
  await ada.bidding.enter({ showId, cardId: card?.cardId ?? '', acceptedTermsVersion: 1 })
  const running = async (lotNumber: number) => {
    const found = () =>
      room.state.auctions.find((one) => one.lotNumber === lotNumber && one.figures.state === 'running')
    await expect.poll(found, patience).toBeDefined()
    return room.auction(found()?.auctionId ?? '')
  }

  await page.keyboard.press('s')
  await (await running(1)).bid(1_200)
  await block.getByText('$12', { exact: true }).waitFor()
  await block.getByText('Ada', { exact: true }).waitFor()
  await page.getByRole('tab', { name: /^Bidders/ }).click()
  await page.getByRole('button', { name: 'Mute bidder Ada' }).click()
  await page.getByText('Muted', { exact: true }).waitFor()
  await block.getByRole('heading', { name: 'Sold $12 Ada, paddle 1' }).waitFor()

  await page.keyboard.press('s')
  const refused = (await running(2)).bid(2_000)
  await expect(refused).rejects.toMatchObject({ code: 'bid.not_eligible', details: { reason: 'barred_by_host' } })
  await page.getByRole('button', { name: 'Let Ada bid again' }).click()
  await page.getByRole('button', { name: 'Mute bidder Ada' }).waitFor()
  await block.getByRole('heading', { name: 'Not sold No bids' }).waitFor()

  await block.getByRole('button', { name: 'Relist' }).click()
  await block.getByRole('button', { name: /^Start lot 2/ }).click()
  await (await running(2)).bid(2_000)
  await block.getByText('$20', { exact: true }).waitFor()
  await page.getByRole('tab', { name: /^Results/ }).click()
  const ran = page.getByRole('list', { name: 'Lots that ran' })
  expect(await ran.getByRole('listitem').allTextContents()).toEqual([
    expect.stringMatching(/^Lot 1Copper kettleAda, paddle 1 · 1 bid\$12/),
  ])

  await page.setViewportSize({ width: 390, height: 844 })
  await page.getByRole('button', { name: 'Sell', exact: true }).click()
  await ran.waitFor()
  expect(await page.getByRole('button', { name: 'Stop the picture' }).isVisible()).toBe(false)
  expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0)
  expect(troubles).toEqual([])
})
