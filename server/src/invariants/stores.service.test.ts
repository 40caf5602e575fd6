import { execFile } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FlashSaleId } from '@livelot/client/contracts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newId } from '#kernel/ids'
import { showFeedKey, showStateKey } from '#modules/live'
import { testApiKey } from '../../sandbox/payments/testing/test-sandbox.ts'
import { type Shop, startShop } from '../../test/support/shop.ts'
import { gateKeys } from '../modules/flash-sales/keys.ts'
import { viewersKey } from '../modules/live/keys.ts'
import type { Sources } from './checker.ts'
import type { ClientJournal } from './client-journal.ts'
import type { MediaReport } from './invariant.ts'
import { openPlanting, type Planting } from './planting-for-tests.ts'

let shop: Shop
let planting: Planting
let saleId: FlashSaleId
const facts = { buyer: '', heldOperation: '', holdId: '', checkoutId: '', orderId: '', paidOperation: '', payer: '' }

beforeAll(async () => {
  shop = await startShop()
  const { world, rows } = shop
  await rows(
    `INSERT INTO shows (id, creator_id, title, state, starts_at, started_at, operation_id, request_hash)
     VALUES ($1, $2, 'Evening sale', 'live', now(), now(), $3, '')`,
    [world.showId, world.creatorId, newId()],
  )
  saleId = await shop.openSale(10)
  const buyer = await shop.newActor()
  const item = await shop.hold(buyer, saleId)
  for (const sweep of shop.flashSales.sweeps()) await sweep.run()
  const [hold] = await rows<{ operationId: string }>('SELECT operation_id AS "operationId" FROM holds')
  const payer = await shop.buyer()
  const operationId = newId<never>()
  const started = await shop.start(payer, shop.listItem(), operationId)
  await shop.checkout.advance(started.checkoutId, 'job')
  await rows('DELETE FROM outbox')
  Object.assign(facts, {
    buyer: buyer.accountId,
    heldOperation: hold?.operationId,
    holdId: item.kind === 'hold' ? item.holdId : '',
    ...{ checkoutId: started.checkoutId, orderId: started.orderId, paidOperation: operationId },
    payer: payer.account.accountId,
  })
  planting = await openPlanting(shop.databaseUrl)
})
afterAll(async () => {
  await planting?.close()
  await shop?.close()
})

const look = (sources: Partial<Sources>, sql = 'SELECT 1') =>
  planting.plant(sql, sources, ({ group, reads }) => group !== 'clock' && (reads.length > 1 || reads[0] !== 'postgres'))
const lookAtRedis = (sql?: string) => look({ redis: shop.redis }, sql)

describe('a gate', () => {
  const keys = () => gateKeys(shop.world.showId, saleId)
  /** What is changed in Redis stands for one look. */
  const changed = async (remaining: number, holds: Record<string, string | null>, sql?: string) => {
    const [gate = '', heldKey = ''] = keys()
    const before = await shop.redis.hgetall(heldKey)
    await shop.redis.hincrby(gate, 'remaining_units', remaining)
    for (const [holdId, text] of Object.entries(holds))
      await (text === null ? shop.redis.hdel(heldKey, holdId) : shop.redis.hset(heldKey, holdId, text))
    try {
      return await lookAtRedis(sql)
    } finally {
      await shop.redis.hincrby(gate, 'remaining_units', -remaining)
      for (const holdId of Object.keys(holds)) await shop.redis.hdel(heldKey, holdId)
      if (Object.keys(before).length > 0) await shop.redis.hset(heldKey, before)
    }
  }

  it('that says what Postgres says breaks no rule', async () => {
    expect((await lookAtRedis()).told).toBe('[]')
  })
  it('[I2] that made a unit is told', async () => {
    const { ids, told } = await changed(1, {})
    expect(ids).toEqual(['I2', 'I3'])
    expect(told).toContain(saleId)
  })
  it('[I3] that forgot a hold is told when it stands still', async () => {
    expect(await changed(1, { [facts.holdId]: null })).toMatchObject({
      ids: ['I3'],
      told: expect.stringContaining(saleId),
    })
  })
  it('[I4] that keeps a hold which Postgres does not know is told', async () => {
    const lost = newId()
    const { ids, told } = await changed(-1, { [lost]: `${facts.buyer}|1|live|0||0` })
    expect(ids).toEqual(['I3', 'I4'])
    expect(told).toContain(lost)
  })
  it('[I3] that offers more than Postgres has left is told', async () => {
    const sql = `UPDATE flash_sale_units SET hold_id = '${newId()}'`
    const { ids, told } = await changed(0, {}, sql)
    expect(ids).toEqual(['I3'])
    expect(told).toContain('never offers more')
  })
  it('that is shut is nobody’s fault', async () => {
    const [gate = ''] = keys()
    const runId = (await shop.redis.hget(gate, 'gate_run_id')) ?? ''
    await shop.redis.hdel(gate, 'gate_run_id')
    expect((await lookAtRedis()).ids).toEqual([])
    await shop.redis.hset(gate, 'gate_run_id', runId)
  })
})

describe('a room', () => {
  const fill = async () => {
    const [state, feed] = [showStateKey(shop.world.showId), showFeedKey(shop.world.showId)]
    await shop.redis.del(state, feed)
    await shop.redis.hset(state, { seq: '3', epoch: 'e' })
    for (const seq of [1, 2, 3]) await shop.redis.xadd(feed, `${seq}-0`, 't', 'test')
    return { state, feed }
  }
  it('[I23] with a gap in its log is told', async () => {
    const { feed } = await fill()
    expect((await lookAtRedis()).ids).toEqual([])
    await shop.redis.xdel(feed, '2-0')
    expect(await lookAtRedis()).toMatchObject({ ids: ['I23'], told: expect.stringContaining(shop.world.showId) })
  })
  it('[I23] whose state is ahead of its log is told', async () => {
    const { state } = await fill()
    await shop.redis.hset(state, 'seq', '4')
    expect(await lookAtRedis()).toMatchObject({ ids: ['I23'], told: expect.stringContaining('"last":3') })
    await fill()
  })
  it('[I24] with viewers of a process that is gone is told', async () => {
    const key = viewersKey(shop.world.showId)
    await shop.redis.hset(key, 'process', `7:${Date.now() + 4_000}`)
    await shop.redis.pexpire(key, 4_000)
    expect((await lookAtRedis()).ids).toEqual([])
    const ghosts = await look({ redis: shop.redis, openSockets: async () => 6 })
    expect(ghosts).toMatchObject({ ids: ['I24'], told: expect.stringContaining('"viewers":7') })
    await shop.redis.persist(key)
    expect(await lookAtRedis()).toMatchObject({ ids: ['I24'], told: expect.stringContaining(shop.world.showId) })
    await shop.redis.del(key)
  })
})

describe('a media node', () => {
  const counts = { routers: 1, transports: 4, producers: 2, consumers: 6 }
  const media = (report: Partial<MediaReport>) => ({
    media: async () => ({ rooms: 1, registry: counts, dumped: counts, ...report }),
  })
  it('[I24] whose workers hold more than it knows is told', async () => {
    expect((await look(media({}))).ids).toEqual([])
    expect(await look(media({ dumped: { ...counts, transports: 5 } }))).toMatchObject({
      ids: ['I24'],
      told: expect.stringContaining('"transports":5'),
    })
  })
  it('[I24] with a room for a show that is over is told, once all is quiet', async () => {
    const ended = `UPDATE shows SET state = 'ended', ended_at = now()`
    const quiet = { graceMs: 0, settleMs: 300 }
    const isMedia = ({ reads }: { reads: readonly string[] }) => reads.includes('media')
    expect((await planting.plant(ended, media({}), isMedia, quiet)).ids).toEqual(['I24'])
    expect((await planting.plant(ended, media({}), isMedia)).ids).toEqual([])
  })
})

describe('secrets', () => {
  it('[I29] in Redis and in the payloads of jobs are told by their key', async () => {
    await shop.redis.hset('{livelot:queue}:jobs:outbox-1', 'data', '{"payload":{"card":"4242424242424242"}}')
    const told = await lookAtRedis()
    expect(told).toMatchObject({ ids: ['I29'], told: expect.stringContaining('outbox-1') })
    expect(told.told).not.toContain('4242')
    await shop.redis.del('{livelot:queue}:jobs:outbox-1')
  })
  it('[I29] in logs are told by file and line', async () => {
    const file = path.join(tmpdir(), `${newId()}.log`)
    await writeFile(file, '{"msg":"ready"}\n{"msg":"signing with my-signing-secret"}\n')
    const sources = { logFiles: [file], secrets: ['my-signing-secret'] }
    expect(await look(sources)).toMatchObject({ ids: ['I29'], told: expect.stringContaining('"line":2') })
    expect((await look({ ...sources, secrets: [] })).ids).toEqual([])
    await rm(file)
  })
})

describe('client journals', () => {
  type Lines = { -readonly [Name in keyof ClientJournal]: ClientJournal[Name][number][] }
  const honest = (): Lines => {
    const { buyer: actor, heldOperation: operationId, holdId, payer, paidOperation, checkoutId, orderId } = facts
    return {
      intents: [
        { at: 1_000, actor, operationId, kind: 'reserve', intent: { flashSaleId: saleId, units: 1 } },
        { at: 1_000, actor: payer, operationId: paidOperation, kind: 'checkout', intent: {} },
      ],
      answers: [
        { at: 1_001, operationId, answer: 'unknown', result: {} },
        { at: 1_002, operationId, answer: 'ok', result: { holdId } },
        { at: 1_003, operationId: paidOperation, answer: 'ok', result: { checkoutId, orderId, state: 'paid' } },
      ],
      heard: [],
      lost: [],
    }
  }
  const with_ = async (change: (lines: Lines) => void) => {
    const journals = honest()
    change(journals)
    return await look({ journals })
  }
  const other = newId()

  it('that are borne out break no rule', async () => {
    expect((await with_(() => undefined)).told).toBe('[]')
  })
  it('[I10] tell of an answer that is not written', async () => {
    const gone = await with_(({ intents, answers }) => {
      intents.push({
        at: 2_000,
        actor: facts.buyer,
        operationId: other,
        kind: 'reserve',
        intent: { flashSaleId: saleId, units: 1 },
      })
      answers.push({ at: 2_001, operationId: other, answer: 'ok', result: { holdId: other } })
    })
    expect(gone).toMatchObject({ ids: ['I10'], told: expect.stringContaining(other) })
  })
  it('[I10] excuse what an emptied Redis alone knew', async () => {
    const excused = await with_(({ intents, answers, lost }) => {
      intents.push({
        at: 2_000,
        actor: facts.buyer,
        operationId: other,
        kind: 'reserve',
        intent: { flashSaleId: saleId, units: 1 },
      })
      answers.push({ at: 2_001, operationId: other, answer: 'ok', result: { holdId: other } })
      lost.push({ at: 2_500, lost: 'redis', since: 1_500 })
    })
    expect(excused.ids).toEqual([])
  })
  it('[I10] tell of an answer that is written otherwise', async () => {
    const changed = await with_(({ answers }) => {
      answers[2] = {
        operationId: facts.paidOperation,
        answer: 'ok',
        result: { checkoutId: facts.checkoutId, orderId: other },
      }
    })
    expect(changed).toMatchObject({ ids: ['I10'], told: expect.stringContaining(facts.paidOperation) })
  })
  it('[I10] tell of a refusal that is written all the same', async () => {
    const refused = await with_(({ answers }) => {
      answers[2] = { operationId: facts.paidOperation, answer: 'refused', result: { code: 'checkout.out_of_stock' } }
    })
    expect(refused).toMatchObject({ ids: ['I10'], told: expect.stringContaining('was refused, and is written') })
  })
  it('[I6] tell of an operation that was answered in two ways', async () => {
    const twice = await with_(({ answers }) => {
      answers.push({ operationId: facts.heldOperation, answer: 'ok', result: { holdId: other } })
    })
    expect(twice).toMatchObject({ ids: ['I6'], told: expect.stringContaining(facts.heldOperation) })
  })
})

describe('the command', () => {
  const command = fileURLToPath(new URL('../../bin/check-invariants.ts', import.meta.url))
  const privateKey = generateKeyPairSync('ed25519').privateKey.export({ format: 'der', type: 'pkcs8' })
  const run = (...args: string[]) =>
    new Promise<{ code: number; output: string; problem: string }>((resolve) => {
      const env = {
        ...{ DATABASE_URL: shop.databaseUrl, REDIS_URL: shop.redisUrl, PAYMENT_URL: shop.sandbox.url },
        ...{ PAYMENT_API_KEY: testApiKey, PAYMENT_WEBHOOK_SECRET: 'whsec_c2l4dGVlbg==' },
        ...{ MEDIA_CONTROL_SECRET: 'sixteen-letters-or-more', AUTH_PRIVATE_KEY: privateKey.toString('base64') },
      }
      execFile(process.execPath, ['--conditions=source', command, ...args], { env }, (error, output, problem) =>
        resolve({ code: error ? Number(error.code) : 0, output, problem }),
      )
    })

  it('ends with 0 and tells each rule when all of them held', async () => {
    const { code, output } = await run('--without', 'media')
    expect([code, output.match(/BROKEN/g)]).toEqual([0, null])
    expect(output).toMatch(/^I1 +a unit of a flash sale belongs to one hold +held +\d+ ms$/m)
    expect(output).toMatch(/\d+ rules held, 0 broken, 7 not checked\.\n$/)
  })

  it('ends with 1 when one is broken, and says which ids', async () => {
    await shop.rows(`INSERT INTO dead_jobs (id, job, payload, error) VALUES (7, 'dead.job', '{}', 'no')`)
    const { code, output } = await run('--json', '--cheap', '--without', 'media')
    await shop.rows('DELETE FROM dead_jobs')
    const answer = JSON.parse(output)
    expect([code, answer.isHeld]).toEqual([1, false])
    const broken = answer.invariants.filter((one: { outcome: { state: string } }) => one.outcome.state === 'broken')
    expect(broken).toMatchObject([{ id: 'I22', outcome: { count: 1, sample: [{ job: 'dead.job' }] } }])
  })

  it('ends with 2 when it cannot look, or is asked for what there is not', async () => {
    const lost = await run('--provider-journal', '/nowhere/at/all', '--only', 'I8', '--without', 'media')
    expect([lost.code, lost.output.includes('ENOENT')]).toEqual([2, true])
    const wrong = await run('--without', 'everything')
    expect([wrong.code, wrong.problem]).toEqual([2, '--without everything: it is one of redis, provider, media\n'])
  })
})
