import { allOperations, type Hold, moderate, type Operation, reserve } from '@livelot/client/contracts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newId } from '#kernel/ids'
import { sampleRequest } from '../support/sampled-request.ts'
import { openStalls } from './authorisation-sockets.ts'
import { callers, outcomeOf, type Row, readMatrix, writeMatrix } from './authorisation-table.ts'
import { startWorld, type World } from './authorisation-world.ts'

/** What ends a thing that others need is called after everything else. */
const enders = [
  'media:close-tracks',
  'media:adopt',
  'media:close',
  'media:publish-start',
  'auction:bar-bidder',
  'lot:remove',
  'flash-sale:release-hold',
  'flash-sale:close',
  'card:remove',
  'coupon:end',
  'show:end',
]
const inOrder = (operations: readonly Operation[]) =>
  operations.toSorted((a, b) => enders.indexOf(a.name) - enders.indexOf(b.name))
const overHttp = inOrder([...allOperations.values()].filter((one) => one.http))
const overSockets = inOrder([...allOperations.values()].filter((one) => one.socket))

const isWriting = process.env.WRITE_MATRIX === '1'
const matrix = readMatrix()
const found = new Map<string, Row>()

let world: World
let stalls: Awaited<ReturnType<typeof openStalls>>

beforeAll(async () => {
  world = await startWorld()
  stalls = await openStalls(world)
}, 120_000)
afterAll(async () => {
  stalls?.close()
  await world?.close()
  if (isWriting) writeMatrix(new Map([...found].sort(([a], [b]) => a.localeCompare(b))))
})

describe('an id in capital letters', () => {
  it('is the same id: it opens no second gate and gives no second unit', async () => {
    const { flashSaleId } = world.things
    const wish = { flashSaleId, units: 1, operationId: newId() }
    const first = await world.done<{ hold: Hold }>(reserve, wish, 'other creator')
    const loud = {
      ...wish,
      flashSaleId: String(flashSaleId).toUpperCase(),
      operationId: wish.operationId.toUpperCase(),
    }
    expect((await world.done<{ hold: Hold }>(reserve, loud, 'other creator')).hold).toEqual(first.hold)
  })

  it('does not let one moderator ban another', async () => {
    const { people, done, call } = world
    const [ben, teo] = [await people.byEmail('ben@demo.livelot'), await people.byEmail('teo@demo.livelot')]
    const { showId } = world.things
    for (const { accountId } of [ben, teo])
      await done(moderate, { showId, accountId, action: 'add-moderator' }, 'creator')
    const ban = { showId, accountId: teo.accountId.toUpperCase(), action: 'ban' }
    expect((await call(moderate, ban, 'other buyer')).body.code).toBe('auth.forbidden')
    for (const { accountId } of [ben, teo])
      await done(moderate, { showId, accountId, action: 'remove-moderator' }, 'creator')
  })
})

describe('who may do what', () => {
  it('is written down for every operation by each of its ways in, and for no other', () => {
    const rows = [...overHttp.map((one) => `http ${one.name}`), ...overSockets.map((one) => `socket ${one.name}`)]
    if (!isWriting) expect([...matrix.keys()].sort()).toEqual(rows.sort())
  })

  const everybody = async (row: string, ask: (caller: (typeof callers)[number]) => Promise<string>) => {
    const outcomes: Record<string, string> = {}
    // In this order: whoever owns the thing, and may end it, comes last.
    for (const caller of callers) outcomes[caller] = await ask(caller)
    found.set(row, outcomes as Row)
    if (!isWriting) expect(outcomes).toEqual(matrix.get(row))
    expect(Object.values(outcomes).filter((one) => one.startsWith('unfit'))).toEqual([])
  }

  it.each(overSockets.map((one) => [one.name, one] as const))('socket %s', async (name, operation) => {
    await everybody(`socket ${name}`, (caller) => stalls.outcome(operation, caller))
  })

  it.each(overHttp.map((one) => [one.name, one] as const))('http %s', async (name, operation) => {
    const { things, special, call } = world
    await everybody(`http ${name}`, async (caller) => {
      const request = { ...sampleRequest(operation, { ...things, ...special[name] }), ...special[name] }
      const { status, body } = await call(operation, request, caller)
      return outcomeOf(status, String(body.code))
    })
  })
})
