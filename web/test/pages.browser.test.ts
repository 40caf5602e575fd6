import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chromiumPath, type TestPlatform, testPlatform } from '../../server/test/support/platform.ts'

const phone: BrowserContextOptions = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }
const desktop: BrowserContextOptions = { viewport: { width: 1440, height: 900 } }
const patience = { timeout: 30_000 }

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

async function open(options: BrowserContextOptions): Promise<{ page: Page; complaints: string[] }> {
  const page = await (await browser.newContext(options)).newPage()
  page.setDefaultTimeout(patience.timeout)
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text())
  })
  return { page, complaints }
}

async function signIn(page: Page, email: string): Promise<void> {
  const { password } = platform.demo?.signIns.find((one) => one.email === email) ?? { password: '' }
  await page.goto(`${platform.urls.http}/sign-in`)
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: /^Account of / }).waitFor()
}

/** What stands in the way of somebody who does not see the page, or taps with a thumb. */
const hurdles = (page: Page) =>
  page.evaluate(() => {
    const controls = [...document.querySelectorAll<HTMLElement>('a, button, input, select, textarea, iframe, video')]
    const shown = controls.filter((control) => control.checkVisibility() && !control.classList.contains('shell-skip'))
    const nameOf = (control: HTMLElement) =>
      control.getAttribute('aria-label') ||
      control.getAttribute('title') ||
      (control as HTMLInputElement).labels?.[0]?.textContent ||
      control.textContent?.trim()
    // A card's link is stretched over the whole card; a radio over its chip.
    const isSmall = (control: HTMLElement) =>
      control.getBoundingClientRect().height < 43.5 &&
      !control.matches('.card-link, [type=radio], [type=checkbox], video')
    return {
      headings: document.querySelectorAll('h1').length,
      unnamed: shown.filter((control) => !nameOf(control)).map((control) => control.outerHTML.slice(0, 100)),
      small: shown.filter(isSmall).map((control) => control.outerHTML.slice(0, 100)),
      overflowPx: Math.max(0, document.documentElement.scrollWidth - window.innerWidth),
    }
  })

describe.each([
  ['a phone', phone],
  ['a desktop', desktop],
])('every page on %s', (_, size) => {
  it.each(['/', '/products', '/sign-in', '/creators/mara', '/nothing-here'])('%s has no hurdles', async (path) => {
    const { page, complaints } = await open(size)
    await page.goto(platform.urls.http + path)
    await page.locator('h1').first().waitFor()
    await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' })
    expect(await hurdles(page)).toEqual({ headings: 1, unnamed: [], small: [], overflowPx: 0 })
    expect(complaints).toEqual([])
    await page.context().close()
  })

  it('the room of a live show has no hurdles', async () => {
    const { page, complaints } = await open(size)
    await page.goto(platform.urls.http + showPath)
    await page.locator('.ticket').waitFor()
    expect(await hurdles(page)).toEqual({ headings: 1, unnamed: [], small: [], overflowPx: 0 })
    expect(complaints).toEqual([])
    await page.context().close()
  })
})

it('sells to somebody who is new here, with the bank’s step, and shows the order', async () => {
  const { page } = await open(phone)
  await page.goto(`${platform.urls.http}/products`)
  await page.getByRole('link', { name: 'Ember Candle' }).click()
  await page.getByRole('button', { name: 'Buy', exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('button', { name: 'Make an account' }).click()
  await page.getByLabel('Name in the chat').fill('Nina')
  await page.getByLabel('E-mail').fill('nina@buyers.test')
  await page.getByLabel('Password', { exact: true }).fill('candles by the window')
  await page.getByRole('button', { name: 'Make the account' }).click()

  await page.getByRole('heading', { name: 'Ember Candle' }).waitFor()
  await page.getByRole('button', { name: 'Buy', exact: true }).click()
  await page.getByLabel('Full name').fill('Nina Berg')
  await page.getByLabel('Street and number').fill('Hauptstr. 1')
  await page.getByLabel('City').fill('Berlin')
  await page.getByLabel('Postal code').fill('10115')
  await page.getByLabel('Country').selectOption('DE')
  await page.getByRole('button', { name: 'Use this address' }).click()

  // Keys, not clicks: the sheet may still be opening and carry the frame along.
  const provider = page.frameLocator('iframe')
  await provider.getByRole('button', { name: '3-D Secure' }).press('Enter')
  await provider.getByRole('button', { name: 'Use this card' }).press('Enter')
  const pay = page.getByRole('button', { name: /^Pay \$/ })
  const price = (await pay.textContent())?.replace('Pay ', '') ?? ''
  await page.getByText('Visa •••• 3155').waitFor()
  await pay.click()
  await page.getByRole('heading', { name: 'Your bank asks' }).waitFor()
  await provider.getByRole('button', { name: 'Approve' }).press('Enter')

  await page.getByRole('heading', { name: 'It is yours' }).waitFor()
  await page.getByText(`Paid ${price} for Ember Candle`).waitFor()
  await page.getByRole('link', { name: 'See the order' }).click()
  await page.getByRole('heading', { name: /^Order LL-/ }).waitFor()
  await page.getByText(price, { exact: true }).waitFor()
  await page.getByText('Germany').waitFor()
})

it('offers the unit that was given back to the first in line', async () => {
  const host = await open(desktop)
  const first = await open(desktop)
  const second = await open(phone)
  await signIn(host.page, 'mara@demo.livelot')
  await signIn(first.page, 'ada@demo.livelot')
  await signIn(second.page, 'ben@demo.livelot')
  await first.page.goto(platform.urls.http + showPath)
  await second.page.goto(platform.urls.http + showPath)

  await host.page.goto(platform.urls.http + showPath.replace('/shows/', '/studio/'))
  await host.page.getByRole('tab', { name: 'Shelf' }).click()
  await host.page.getByRole('button', { name: 'Flash sale of Hearth Mug' }).click()
  await host.page.getByLabel('Sale price').fill('19.50')
  await host.page.getByLabel('Units', { exact: true }).fill('1')
  await host.page.getByRole('radio', { name: '10 s' }).check()
  await host.page.getByRole('button', { name: 'Announce the sale' }).click()

  await first.page.getByRole('button', { name: 'Buy $19.50' }).click()
  await first.page.getByRole('timer').last().waitFor()
  await second.page.getByRole('button', { name: 'Join waitlist' }).click()
  await second.page.getByRole('dialog').getByRole('button', { name: 'Join the waitlist' }).click()
  await second.page.getByText('You are number 1 in line.').waitFor()
  await first.page.getByRole('button', { name: 'Give it back' }).click()
  await second.page.getByRole('button', { name: /^Pay \$/ }).waitFor()
  expect(await second.page.getByRole('dialog').getByRole('heading', { name: 'Hearth Mug' }).count()).toBe(1)
})
