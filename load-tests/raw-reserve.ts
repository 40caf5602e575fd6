import type { AddressInfo } from 'node:net'
import express from 'express'
import { createRedis, serverRunId, whenReady } from '../server/src/infra/redis/client.ts'
import { runScript } from '../server/src/infra/redis/scripts.ts'
import { scripts } from '../server/src/modules/flash-sales/gate-scripts.ts'
import { gateKeys } from '../server/src/modules/flash-sales/keys.ts'

/**
 * The raw limit of a reservation over HTTP: bare Express, its JSON parser, and the platform's own script. It believes
 * who the buyer is, checks nothing and tells nobody. Says its port on standard output.
 */
const log = { warn: () => undefined, info: () => undefined } as never
const redis = createRedis(process.env.REDIS_URL ?? '', { use: 'hot', name: 'bench', log })
await whenReady(redis, 5_000)
const app = express()
app.use(express.json())
app.post('/v1/flash-sales/:flashSaleId/holds', async (request, response) => {
  const { flashSaleId } = request.params
  const { units, operationId } = request.body
  const keys = gateKeys(process.env.SHOW_ID as never, flashSaleId as never)
  const buyer = request.get('x-buyer') ?? ''
  const answer = await runScript(redis, scripts.reserve, keys, [serverRunId(redis) ?? '', buyer, operationId, units])
  const [said, holdId, held, expiresAtMs, remainingUnits] = answer as [string, string, number, number, number]
  if (said !== 'held') return void response.status(409).json({ code: said })
  const unitPrice = { amountMinor: 1_900, currency: 'USD' }
  response.status(201).json({ hold: { holdId, flashSaleId, units: held, unitPrice, expiresAtMs }, remainingUnits })
})
const server = app.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`)
})
