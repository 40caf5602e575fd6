import { reserve } from '@livelot/client/contracts'
import { expect, it } from 'vitest'
import { Refusal } from '#kernel/errors'
import { flashSaleRoutes } from './http.ts'

it('lets nobody new ask for a unit while more are paying than can, and says when to come back', async () => {
  let waitMs = 1_500
  const asked: unknown[] = []
  const holds = { reserve: async (request: unknown) => void asked.push(request) }
  const routes = flashSaleRoutes({} as never, holds as never, () => waitMs)
  const ask = async () => {
    const actor = { kind: 'account', accountId: 'buyer' }
    await routes.find(({ operation }) => operation.name === reserve.name)?.handle({ units: 1 }, { actor } as never)
  }
  await expect(ask()).rejects.toEqual(new Refusal('server.busy', { retryAfterMs: 1_500 }))
  expect(asked).toEqual([])
  waitMs = 0
  await ask()
  expect(asked).toEqual([{ units: 1 }])
})
