import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import * as sdk from '@livelot/client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type DemoPlatform, startDemoPlatform } from './demo-platform.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

/** Runs a block of the README as it stands there, with the names that it leaves to its reader. */
async function runBlock(name: string, given: Record<string, unknown>): Promise<{ client: sdk.Client }> {
  const block = new RegExp(`\`\`\`ts ${name}\\n([\\s\\S]*?)\`\`\``).exec(readme)?.[1]
  if (block === undefined) throw new Error(`The README has no block "${name}".`)
  expect(
    block
      .trim()
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('import ')).length,
  ).toBeLessThanOrEqual(10)
  const code = stripTypeScriptTypes(block.replace(/^import (.*) from '@livelot\/client'$/m, 'const $1 = sdk'))
  const AsyncFunction = (async () => undefined).constructor as FunctionConstructor
  const names = Object.keys(given)
  const run = new AsyncFunction('sdk', ...names, `${code}\nreturn { client }`)
  return await run(sdk, ...names.map((one) => given[one]))
}

let demo: DemoPlatform
beforeAll(async () => {
  demo = await startDemoPlatform()
})
afterAll(() => demo[Symbol.asyncDispose]())

/** Collects what a block prints and resolves when a line of a form comes. */
function printer() {
  const lines: string[] = []
  const waiting = new Set<() => void>()
  return {
    lines,
    print: (line: string) => {
      lines.push(line)
      for (const look of waiting) look()
    },
    line: (form: RegExp) =>
      new Promise<string>((resolve) => {
        const look = () => {
          const found = lines.find((line) => form.test(line))
          if (found === undefined) return
          waiting.delete(look)
          resolve(found)
        }
        waiting.add(look)
        look()
      }),
  }
}

it('runs the viewer of the README', async () => {
  const { show, creator } = await demo.liveShow()
  const { lines, print, line } = printer()
  const { client } = await runBlock('viewer', { baseUrl: demo.baseUrl, print })
  expect(lines).toEqual([expect.stringMatching(new RegExp(`^${show.title}, \\d+ watching$`))])
  const { items } = await creator.shows.shelf({ showId: show.showId })
  const item = items.at(-1)
  if (!item) throw new Error('The demo show has an empty shelf.')
  await creator.shows.pin({ showId: show.showId, productId: null })
  await creator.shows.pin({ showId: show.showId, productId: item.productId })
  expect(await line(new RegExp(`^Now on: ${item.name}$`))).toBe(`Now on: ${item.name}`)
  const room = creator.joinRoom(show.showId)
  await room.chat('Welcome in')
  expect(await line(/Welcome in/)).toMatch(/: Welcome in$/)
  client.close()
})

it('runs the buyer of the README', async () => {
  const { show, creator } = await demo.liveShow()
  const { items } = await creator.shows.shelf({ showId: show.showId })
  const products = await Promise.all(items.map(({ productId }) => creator.products.get({ productId })))
  const variant = products.flatMap(({ variants }) => variants).find(({ availableUnits }) => availableUnits >= 2)
  if (!variant) throw new Error('Nothing on the shelf has two units.')
  const room = creator.joinRoom(show.showId)
  await room.ready()
  const opened = new Map<string, () => void>()
  room.on('flash-sale:opened', ({ flashSaleId }) => opened.get(flashSaleId)?.())
  const sale = await creator.flashSales.create({
    showId: show.showId,
    variantId: variant.variantId,
    salePriceMinor: Math.max(1, Math.floor(variant.price.amountMinor / 2)),
    totalUnits: 2,
    countdownSeconds: 10,
    runSeconds: 60,
  })
  await new Promise<void>((resolve) => opened.set(sale.flashSaleId, resolve))
  const { lines, print } = printer()
  const given = { baseUrl: demo.baseUrl, print, flashSaleId: sale.flashSaleId, ...demo.credentialsOf('Ada') }
  const { client } = await runBlock('buyer', given)
  const [order] = (await client.orders.list()).items
  expect(lines).toEqual([`Order ${order?.orderNumber} is paid`])
  expect(order).toMatchObject({ state: 'paid', units: 1, variantId: variant.variantId, unitPrice: sale.salePrice })
  expect((await client.flashSales.get({ flashSaleId: sale.flashSaleId })).remainingUnits).toBe(1)
  client.close()
})

it('runs the bidder and the proof of the README', async () => {
  const { show, creator } = await demo.liveShow()
  const { showId } = show
  const { lotId } = await creator.lots.create({
    showId,
    goods: { kind: 'ad-hoc', title: 'Blue cup' },
    startPriceMinor: 1_000,
    terms: { type: 'english', durationSeconds: 15, closing: { kind: 'sudden-death' } },
  })
  const { auctionId } = await creator.lots.start({ lotId })
  const room = creator.joinRoom(showId)
  const proved = new Promise<void>((resolve) => room.auction(auctionId).on('proved', () => resolve()))
  const bidder = printer()
  const given = { baseUrl: demo.baseUrl, print: bidder.print, showId, ...demo.credentialsOf('Ada') }
  const { client } = await runBlock('bidder', given)
  expect(bidder.lines).toEqual(['leading'])
  expect(await bidder.line(/^The hammer/)).toBe('The hammer has fallen: won')
  await proved
  const [mine] = (await client.bidding.myBids({ showId })).items
  expect(mine).toMatchObject({ maximumMinor: 1_500, standing: 'won', auction: { auctionId } })
  const { lines, print } = printer()
  const proof = await runBlock('proof', { baseUrl: demo.baseUrl, print, auctionId })
  expect(lines).toEqual([`Paddle ${mine?.auction.figures.leader?.number} won at 1000`])
  for (const one of [client, proof.client]) one.close()
})
