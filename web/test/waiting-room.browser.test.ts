import { mkdirSync } from 'node:fs'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { chromiumPath, type TestPlatform, testPlatform } from '../../server/test/support/platform.ts'

const phone: BrowserContextOptions = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }
const dark: BrowserContextOptions = { ...phone, colorScheme: 'dark' }
const desktop: BrowserContextOptions = { viewport: { width: 1440, height: 900 } }
/** Thirty seconds of countdown, and a busy machine. */
const opened = { timeout: 60_000 }

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

/** For people who want to look: kept only where a folder is named. */
async function look(page: Page, name: string): Promise<void> {
  const folder = process.env.LIVELOT_SCREENSHOTS
  if (!folder) return
  mkdirSync(folder, { recursive: true })
  await page.screenshot({ path: `${folder}/${name}.png` })
}

const lineOf = (page: Page) => page.getByRole('region', { name: 'Waiting room' })

it('is switched on by the host, drawn at the opening, honest while one waits, and over with the last payment', {
  timeout: 180_000,
}, async () => {
  const host = await open(desktop, 'mara@demo.livelot', showPath.replace('/shows/', '/studio/'))
  await host.getByRole('tab', { name: 'Flash sale' }).click()
  await host.getByLabel('Sale price').fill('21.50')
  await host.getByLabel('Units', { exact: true }).fill('1')
  await host.getByRole('radio', { name: '30 s' }).check()
  await host.getByRole('radio', { name: 'Waiting room' }).check()
  const [ada, ben] = await Promise.all([
    open(dark, 'ada@demo.livelot', showPath),
    open(desktop, 'ben@demo.livelot', showPath),
  ])
  await look(host, '1-studio')
  await host.getByRole('button', { name: 'Announce the sale' }).click()

  // By keyboard on one page, by touch on the other.
  const join = lineOf(ben).getByRole('button', { name: 'Join the line' })
  await join.focus()
  await ben.keyboard.press('Enter')
  await lineOf(ada).getByRole('button', { name: 'Join the line' }).tap()
  for (const page of [ada, ben]) await lineOf(page).getByText('You are in the draw').waitFor()
  await host.getByText('2 in line').waitFor()
  await look(ada, '2-early-phone-dark')

  const called = (page: Page) => lineOf(page).getByText('It is your turn').waitFor(opened)
  const first = await Promise.any([called(ada).then(() => ada), called(ben).then(() => ben)])
  const second = first === ada ? ben : ada
  await lineOf(second).getByText('You are next').waitFor()
  await lineOf(second).getByText('Drawn as promised: checked on this device.').waitFor()
  await look(first, '3-called')
  await look(second, '3-next')

  await first.getByRole('button', { name: 'Buy $21.50' }).click()
  await first.getByRole('button', { name: /^Pay \$/ }).waitFor()
  await lineOf(second).getByText('None is free. 1 is held by others and may come back.').waitFor()
  await look(second, '4-held')
  // A reload changes nothing: the server knows the place.
  await second.reload()
  await lineOf(second).getByText('You are next').waitFor()

  await first.getByRole('button', { name: 'Give it back' }).click()
  await called(second)
  await second.getByRole('button', { name: 'Buy $21.50' }).click()
  await second.getByRole('button', { name: /^Pay \$/ }).click()
  await second.getByRole('link', { name: 'See the order' }).waitFor(opened)
  // Not a person in line any more, but everybody in the room is told.
  await lineOf(first).getByRole('button', { name: 'Sold out' }).waitFor()
  await lineOf(first).getByText('Every unit is paid for. The wait is over.').waitFor()
  await look(first, '5-over')
  expect(await lineOf(first).getByRole('button').count()).toBe(1)
})
