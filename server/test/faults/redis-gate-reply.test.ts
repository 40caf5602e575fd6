import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { buyerId, openShop, operationId, type Shop } from '../../src/modules/flash-sales/shop-for-tests.ts'
import { testDatabase, testRedis } from '../support/services.ts'

let proxy: Server
let cutNextReply = false
let shop: Shop
let stores: readonly { drop(): Promise<void> }[]

/** Between us and Redis: lets a request through and, when told, cuts the connection instead of giving its reply. */
function startCuttingProxy(redisUrl: string): Promise<Server> {
  const { hostname, port } = new URL(redisUrl)
  const pipe = (client: Socket) => {
    const upstream = connect(Number(port), hostname)
    const end = () => {
      client.destroy()
      upstream.destroy()
    }
    for (const socket of [client, upstream]) socket.on('error', end).on('close', end)
    client.on('data', (chunk) => upstream.write(chunk))
    upstream.on('data', (chunk) => {
      if (!cutNextReply) return void client.write(chunk)
      cutNextReply = false
      end()
    })
  }
  return new Promise((resolve) => {
    const server = createServer(pipe).listen(0, '127.0.0.1', () => resolve(server))
  })
}

beforeAll(async () => {
  const [database, redis] = await Promise.all([testDatabase(), testRedis()])
  stores = [database, redis]
  proxy = await startCuttingProxy(redis.url)
  const url = new URL(redis.url)
  url.port = String((proxy.address() as { port: number }).port)
  shop = await openShop({ databaseUrl: database.url, redisUrl: url.href })
})
afterAll(async () => {
  await shop.close()
  await new Promise((resolve) => proxy.close(resolve))
  for (const one of stores) await one.drop()
})

it('[FS1] makes one hold where the reply was cut and the buyer asks again', async () => {
  const sale = await shop.openSale(10)
  const request = { flashSaleId: sale.flashSaleId, units: 1, operationId: operationId() }
  const buyer = buyerId()
  cutNextReply = true
  await expect(shop.holds.reserve(request, buyer)).rejects.not.toMatchObject({ name: 'Refusal' })
  await expect.poll(() => shop.redis.status).toBe('ready')
  const answer = await shop.holds.reserve(request, buyer)
  expect(answer).toMatchObject({ hold: { units: 1 }, remainingUnits: 9 })
  expect(await shop.holds.reserve(request, buyer)).toEqual(answer)
  expect(await shop.gate.figures(sale)).toMatchObject({ remainingUnits: 9 })
  expect(await shop.redis.xlen(shop.keysOf(sale.flashSaleId)[6] ?? '')).toBe(1)
})
