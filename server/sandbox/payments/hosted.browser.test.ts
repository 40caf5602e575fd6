import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestSandbox, type TestSandbox } from './testing/test-sandbox.ts'

declare global {
  interface Window {
    heard: { origin: string; data: Record<string, unknown> }[]
  }
}

const chromiumPath = process.env.CHROMIUM_BIN ?? '/usr/bin/chromium'
let browser: Browser
beforeAll(async () => {
  browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox'] })
})
afterAll(async () => {
  await browser.close()
})

/** A shop's page on an origin of its own, which keeps the messages that it hears. */
async function startShopSite() {
  const page =
    '<!doctype html><title>Shop</title><script>heard=[];onmessage=(e)=>heard.push({origin:e.origin,data:e.data})</script>'
  const server = http.createServer((_request, response) => {
    response.setHeader('content-type', 'text/html')
    response.end(page)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function openShop(origin: string) {
  const context = await browser.newContext({ viewport: { width: 420, height: 700 } })
  const page = await context.newPage()
  const problems: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text())
  })
  page.on('pageerror', (error) => problems.push(error.message))
  await page.goto(origin)
  return { page, problems, [Symbol.asyncDispose]: () => context.close() }
}

async function frameOf(page: Page, url: string) {
  await page.evaluate((src) => {
    const frame = document.createElement('iframe')
    frame.src = src
    frame.title = 'Payment'
    frame.style.cssText = 'width:400px;height:640px'
    document.body.replaceChildren(frame)
  }, url)
  return page.frameLocator('iframe')
}

async function heardOfType(page: Page, type: string) {
  const found = await page.waitForFunction((wanted) => window.heard.find(({ data }) => data.type === wanted), type)
  return found.jsonValue()
}

const cardFormOf = (sandbox: TestSandbox, origin: string) =>
  `${sandbox.url}/hosted/card?theme=light&origin=${encodeURIComponent(origin)}`

test('a test card becomes a token that the shop hears and its server can use', async () => {
  await using site = await startShopSite()
  await using sandbox = await startTestSandbox({ allowedOrigins: [site.origin] })
  await using shop = await openShop(site.origin)
  const frame = await frameOf(shop.page, cardFormOf(sandbox, site.origin))
  await frame.getByRole('button', { name: 'Succeeds' }).click()
  expect(await frame.getByLabel('Card number').inputValue()).toBe('4242 4242 4242 4242')
  await frame.getByRole('button', { name: 'Use this card' }).click()
  const message = await heardOfType(shop.page, 'livelot-card-token')
  expect(message).toEqual({
    origin: sandbox.url,
    data: {
      type: 'livelot-card-token',
      token: expect.stringMatching(/^tok_[0-9a-f]{32}$/),
      brand: 'visa',
      last4: '4242',
      expMonth: 12,
      expYear: new Date().getFullYear() + 3,
    },
  })
  await frame.getByText('Visa •••• 4242 is ready').waitFor()
  const { height } = (await heardOfType(shop.page, 'livelot-card-height'))?.data ?? {}
  expect(height).toBeGreaterThan(100)

  const customer = (await sandbox.post('/v1/customers', { reference: 'buyer-1' })).body.id
  const attached = await sandbox.post('/v1/payment_methods', { customer, token: message?.data.token })
  expect(attached.body.card.last4).toBe('4242')
  expect(shop.problems).toEqual([])
})

test('the form is filled by keyboard, and says what is wrong beside the field', async () => {
  await using site = await startShopSite()
  await using sandbox = await startTestSandbox({ allowedOrigins: [site.origin] })
  await using shop = await openShop(site.origin)
  const frame = await frameOf(shop.page, cardFormOf(sandbox, site.origin))
  const number = frame.getByLabel('Card number')
  await number.focus()
  const { keyboard } = shop.page
  await keyboard.press('Enter')
  await frame.getByText('Enter the whole card number.').waitFor()
  expect(await number.getAttribute('aria-invalid')).toBe('true')

  await keyboard.type('4111111111111111')
  await keyboard.press('Tab')
  await keyboard.type('1230')
  expect(await frame.getByLabel('Expires').inputValue()).toBe('12 / 30')
  await keyboard.press('Tab')
  await keyboard.type('123')
  await keyboard.press('Enter')
  await frame.getByText('This is not a test card.').waitFor()
  expect(await number.evaluate((field) => field === document.activeElement)).toBe(true)

  await keyboard.press('Control+A')
  await keyboard.type('378282246310005')
  expect(await number.inputValue()).toBe('3782 822463 10005')
  await keyboard.press('Enter')
  const message = await heardOfType(shop.page, 'livelot-card-token')
  expect(message?.data).toMatchObject({ brand: 'amex', last4: '0005' })
})

test('shops that are not allowed can neither frame the form nor hear from it', async () => {
  await using site = await startShopSite()
  await using sandbox = await startTestSandbox()
  await using shop = await openShop(site.origin)
  const refused = shop.page.waitForEvent('console', (message) => message.text().includes('frame-ancestors'))
  await frameOf(shop.page, `${sandbox.url}/hosted/card`)
  await refused
  const answer = await fetch(cardFormOf(sandbox, site.origin))
  expect(answer.status).toBe(403)
  expect(await answer.text()).not.toContain('<form')
})

test('the bank’s page approves in a window of its own and refuses in a frame', async () => {
  await using site = await startShopSite()
  await using sandbox = await startTestSandbox({ allowedOrigins: [site.origin] })
  await using shop = await openShop(site.origin)
  const approved = (await sandbox.createIntent('challenge', 'checkout-1')).body
  const opened = shop.page.waitForEvent('popup')
  await shop.page.evaluate((url) => {
    window.open(url)
  }, approved.nextAction.url)
  const popup = await opened
  await popup.getByText('€25.99').waitFor()
  await popup.getByRole('button', { name: 'Approve' }).click()
  const message = await heardOfType(shop.page, 'livelot-challenge-done')
  expect(message).toEqual({ origin: sandbox.url, data: { type: 'livelot-challenge-done', intent: approved.id } })
  await popup.getByText('You may close this page').waitFor()
  expect((await sandbox.get(`/v1/payment_intents/${approved.id}`)).body.status).toBe('requires_capture')
  await popup.reload()
  await popup.getByText('There is nothing left to confirm.').waitFor()

  await shop.page.evaluate(() => {
    window.heard = []
  })
  const refused = (await sandbox.createIntent('challenge', 'checkout-2')).body
  const frame = await frameOf(shop.page, `${refused.nextAction.url}?origin=${encodeURIComponent(site.origin)}`)
  await frame.getByRole('button', { name: 'Refuse' }).click()
  await frame.getByText('The payment was not confirmed.').waitFor()
  expect((await heardOfType(shop.page, 'livelot-challenge-done'))?.data.intent).toBe(refused.id)
  expect((await sandbox.get(`/v1/payment_intents/${refused.id}`)).body.declineCode).toBe('authentication_failed')
  expect(shop.problems).toEqual([])
})
