import pg from 'pg'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { chromiumPath, type TestPlatform, testPlatform } from '../support/platform.ts'

const phone: BrowserContextOptions = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }
const desktop: BrowserContextOptions = { viewport: { width: 1440, height: 900 } }
const patience = { timeout: 30_000 }

let platform: TestPlatform
let browser: Browser
let showId = ''
const troubles: string[] = []

beforeAll(async () => {
  platform = await testPlatform()
  const live = platform.demo?.links.find((link) => link.what.startsWith('Live show'))
  showId = live?.path.split('/').pop() ?? ''
  browser = await chromium.launch({
    executablePath: await chromiumPath(),
    args: [
      '--no-sandbox',
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      '--autoplay-policy=no-user-gesture-required',
      '--disable-background-timer-throttling',
      '--disable-renderer-backgrounding',
      '--disable-backgrounding-occluded-windows',
    ],
  })
})
afterAll(async () => {
  await browser?.close()
  await platform?.stop()
})

async function open(who: string, options: BrowserContextOptions): Promise<Page> {
  const page = await (await browser.newContext(options)).newPage()
  page.on('pageerror', (error) => troubles.push(`${who}: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error' && /Content Security Policy|Uncaught/.test(message.text()))
      troubles.push(`${who}: ${message.text()}`)
  })
  return page
}

async function signIn(page: Page, email: string): Promise<void> {
  const { password } = platform.demo?.signIns.find((one) => one.email === email) ?? { password: '' }
  await page.goto(`${platform.urls.http}/sign-in`)
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).first().click()
  await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'), patience)
}

const framesOf = (page: Page): Promise<number> =>
  page
    .locator('.stage-video')
    .evaluate((video) => (video as HTMLVideoElement).getVideoPlaybackQuality().totalVideoFrames)

async function seesMovingVideo(page: Page): Promise<void> {
  await page.locator('.stage[data-video="playing"]').waitFor(patience)
  const before = await framesOf(page)
  await expect.poll(() => framesOf(page), patience).toBeGreaterThan(before + 20)
}

it('carries a sale from the camera to the paid order, before two viewers', async () => {
  const creator = await open('creator', desktop)
  await signIn(creator, 'mara@demo.livelot')
  await creator.goto(`${platform.urls.http}/studio/${showId}`)
  await creator.getByRole('button', { name: 'Turn the camera on' }).click(patience)
  await creator.getByRole('button', { name: 'Go live' }).click(patience)
  await creator.getByText('On air', { exact: true }).waitFor(patience)

  const ada = await open('ada', phone)
  await signIn(ada, 'ada@demo.livelot')
  await ada.goto(`${platform.urls.http}/shows/${showId}`)
  const ben = await open('ben', desktop)
  await signIn(ben, 'ben@demo.livelot')
  await ben.goto(`${platform.urls.http}/shows/${showId}`)
  await Promise.all([seesMovingVideo(ada), seesMovingVideo(ben)])

  await ben.getByRole('textbox', { name: /message|write|say/i }).fill('Is the glaze food safe?')
  await ben.keyboard.press('Enter')
  await ada.getByText('Is the glaze food safe?').first().waitFor(patience)

  await creator.getByRole('tab', { name: 'Flash sale' }).click()
  await creator.getByLabel('Sale price').fill('21.50')
  await creator.getByLabel('Units', { exact: true }).fill('1')
  await creator.getByRole('radio', { name: '10 s' }).check()
  await creator.getByRole('button', { name: 'Announce the sale' }).click()
  const buy = (page: Page) => page.getByRole('button', { name: 'Buy $21.50' })
  await Promise.all([buy(ada).waitFor(patience), buy(ben).waitFor(patience)])

  await buy(ada).click()
  await ben.getByRole('button', { name: 'Join waitlist' }).waitFor(patience)
  const pay = ada.getByRole('button', { name: /^Pay \$/ })
  await pay.click(patience)
  const paidLine = ada.getByText(/^Paid \$[\d.]+ for /)
  await paidLine.waitFor(patience)
  await ben.getByRole('button', { name: 'Sold out' }).waitFor(patience)
  await creator.getByRole('list', { name: 'Newest orders' }).getByText('Hearth Mug').waitFor(patience)

  const charged = /Paid \$([\d.]+)/.exec((await paidLine.textContent()) ?? '')?.[1] ?? ''
  await ada.getByRole('link', { name: 'See the order' }).click()
  await ada.getByRole('heading', { name: /LL-/ }).waitFor(patience)
  await ada.getByText(`$${charged}`).first().waitFor(patience)

  expect(await seesInDatabase()).toEqual([
    { state: 'paid', units: 1, total_minor: String(Math.round(Number(charged) * 100)) },
  ])
  expect(troubles).toEqual([])
})

async function seesInDatabase(): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: platform.databaseUrl })
  await client.connect()
  try {
    return (await client.query('SELECT state, units, total_minor FROM orders')).rows
  } finally {
    await client.end()
  }
}
