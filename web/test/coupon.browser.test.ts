import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { chromiumPath, type TestPlatform, testPlatform } from '../../server/test/support/platform.ts'

const phone: BrowserContextOptions = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }
const desktop: BrowserContextOptions = { viewport: { width: 1440, height: 900 } }

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

const linesOf = async (sheet: ReturnType<Page['getByRole']>): Promise<Record<string, number>> => {
  const lines = await sheet.locator('.money-lines > div').allTextContents()
  const pairs = lines.map((line) => /^(.*?)(−?)(?:\$([\d.]+)|Free)$/.exec(line))
  return Object.fromEntries(
    pairs.map((found) => [found?.[1] ?? '', Math.round(Number(found?.[3] ?? 0) * 100) * (found?.[2] ? -1 : 1)]),
  )
}

it('goes from the studio to the room, by one tap into the buy sheet, and changes the total before anything is paid', async () => {
  const host = await open(desktop, 'mara@demo.livelot', showPath.replace('/shows/', '/studio/'))
  const viewer = await open(phone, 'ada@demo.livelot', showPath)
  await host.getByRole('tab', { name: 'Coupons' }).click()
  await host.getByLabel('Code', { exact: true }).fill('spring20')
  await host.getByRole('textbox', { name: 'Percent' }).fill('20')
  await host.getByRole('button', { name: 'Make the coupon' }).click()
  await host.getByRole('button', { name: 'Show to the room' }).click()

  const ticket = viewer.getByRole('article', { name: 'Coupon SPRING20' })
  await ticket.getByRole('button', { name: 'Use it' }).click()
  await ticket.getByRole('button', { name: 'In your order' }).waitFor()
  await viewer.getByRole('button', { name: /^Lots and products/ }).click()
  await viewer.getByRole('dialog', { name: 'In this show' }).getByRole('button', { name: /^Buy/ }).first().click()
  const sheet = viewer.getByRole('dialog', { name: 'Your order' })
  await sheet.getByText(/^SPRING20 takes \$/).waitFor()
  const reduced = await linesOf(sheet)
  const pay = await sheet.getByRole('button', { name: /^Pay \$/ }).textContent()

  await sheet.getByRole('button', { name: 'Remove' }).click()
  await sheet.getByLabel('Coupon code').waitFor()
  await expect.poll(() => linesOf(sheet)).not.toHaveProperty('Coupon')
  await expect.poll(() => sheet.getByRole('button', { name: /^Pay \$/ }).textContent()).not.toBe(pay)
  const whole = await linesOf(sheet)
  const items = Object.values(whole)[0] ?? 0
  expect(reduced.Coupon).toBe(-Math.round(items * 0.2))
  expect(reduced.Shipping).toBe(whole.Shipping)
  const off = (whole.Total ?? 0) - (reduced.Total ?? 0)
  expect(off).toBe(-(reduced.Coupon ?? 0) + (whole.Tax ?? 0) - (reduced.Tax ?? 0))

  await sheet.getByLabel('Coupon code').fill('nosuchcode')
  await sheet.getByRole('button', { name: 'Use it' }).click()
  await sheet.getByText('There is no coupon with this code here.').waitFor()
  expect(await sheet.getByLabel('Coupon code').inputValue()).toBe('nosuchcode')
  await sheet.getByLabel('Coupon code').fill('spring20')
  await sheet.getByRole('button', { name: 'Use it' }).click()
  await sheet.getByText(/^SPRING20 takes \$/).waitFor()
  expect(await linesOf(sheet)).toEqual(reduced)
  await sheet.getByRole('button', { name: /^Pay \$/ }).click()
  await viewer.getByText(`Paid ${pay?.replace('Pay ', '')} for`).waitFor()

  const row = host.getByRole('list', { name: 'Coupons of this show' }).getByRole('listitem')
  await row.getByText('1 of 100').waitFor()
  await row.getByRole('button', { name: 'End now' }).click()
  await ticket.waitFor({ state: 'detached' })
})
