import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { chromiumPath, type TestPlatform, testPlatform } from '../../server/test/support/platform.ts'

const phone: BrowserContextOptions = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }
const desktop: BrowserContextOptions = { viewport: { width: 1440, height: 900 } }
/** Thirty seconds to enter, three until the draw, and a busy machine. */
const drawn = { timeout: 60_000 }

let platform: TestPlatform
let browser: Browser
let showPath = ''

beforeAll(async () => {
  platform = await testPlatform()
  showPath = platform.demo?.links.find((link) => link.what.startsWith('Live show'))?.path ?? ''
  browser = await chromium.launch({ executablePath: await chromiumPath(), args: ['--no-sandbox'] })
})
afterAll(async () => {
  await browser?.close()
  await platform?.stop()
})

async function open(options: BrowserContextOptions, email: string, path: string): Promise<Page> {
  const page = await (await browser.newContext(options)).newPage()
  page.setDefaultTimeout(30_000)
  const { password } = platform.demo?.signIns.find((one) => one.email === email) ?? { password: '' }
  await page.goto(`${platform.urls.http}/sign-in`)
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: /^Account of / }).waitFor()
  await page.goto(platform.urls.http + path)
  return page
}

it('is opened in the studio, entered in one tap, drawn before everybody’s eyes, verified and claimed', async () => {
  const host = await open(desktop, 'mara@demo.livelot', showPath.replace('/shows/', '/studio/'))
  const viewer = await open(phone, 'ada@demo.livelot', showPath)
  await host.getByRole('tab', { name: 'Giveaway' }).click()
  await host.getByLabel('Title').fill('A mug for one of you')
  await host.getByRole('radio', { name: '30 s' }).check()
  await host.getByRole('button', { name: 'Open the giveaway' }).click()

  const row = viewer.getByRole('article', { name: 'Giveaway' })
  await row.getByRole('button', { name: 'Enter free' }).click()
  await row.getByText('No. 1').waitFor()
  await host.locator('.gift-desk-count', { hasText: '1 entry' }).waitFor()
  await host.getByText(/^Committed to [0-9a-f]{10}…/).waitFor()

  await row.getByText('You won: A mug for one of you').waitFor(drawn)
  await row.getByRole('button', { name: 'Claim it', exact: true }).click()
  const sheet = viewer.getByRole('dialog')
  await sheet.getByRole('button', { name: 'Send it here' }).click()
  await sheet.getByText('It is yours.').waitFor()
  await sheet.getByText('Verify this draw').click()
  await sheet.getByRole('button', { name: 'Work it out on this device' }).click()
  await sheet.getByText('The draw is right.').waitFor()
  // Seed, list, draw and winners, and that they are what this page was told before the draw; and its own entry.
  expect(await sheet.locator('.gift-verdict li[data-passed=true]').count()).toBe(8)

  const winners = host.getByRole('region', { name: 'Winners and claims' })
  await winners.getByText('claimed', { exact: true }).waitFor()
  expect(await winners.getByRole('listitem').count()).toBe(1)
  await viewer.goto(`${platform.urls.http}/orders`)
  const prizes = viewer.getByRole('region', { name: 'Prizes' })
  await prizes.getByRole('link', { name: 'A mug for one of you' }).waitFor()
  await prizes.getByText('It is yours.').waitFor()
})
