import { createHash } from 'node:crypto'
import { enterGiveaway, type Giveaway, type GiveawayId, giveawayLimits } from '@livelot/client/contracts'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { newId } from '#kernel/ids'
import { type TestRedis, testRedis } from '../../../test/support/services.ts'
import { type GiveawayStage, operationId, startGiveawayStage } from './stage-for-tests.ts'

let redis: TestRedis
let stage: GiveawayStage
beforeAll(async () => {
  redis = await testRedis()
  stage = await startGiveawayStage(redis.url)
})
afterAll(async () => {
  await stage.close()
  await redis.drop()
})

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'done',
    (error: { code?: string; details?: unknown }) => (error.code ? [error.code, error.details] : error),
  )
const numbersOf = async (giveawayId: GiveawayId) =>
  (
    await stage.run<{ entryNo: number }>(
      'SELECT entry_no AS "entryNo" FROM giveaway_entries WHERE giveaway_id = $1 ORDER BY entry_no',
      [giveawayId],
    )
  ).map((row) => row.entryNo)

describe('opening', () => {
  it('[GI1] makes one giveaway for an operation id: its seed committed to, its prizes set aside, its room told', async () => {
    const before = await stage.stock()
    const request = stage.request({ prize: { kind: 'variant', variantId: stage.variantId }, winnerCount: 2 })
    const [one, two] = await Promise.all(
      [stage.first, stage.second].map(({ service }) => service.open(request as never, stage.host)),
    )
    expect(two).toEqual(one)
    expect(one).toEqual({
      giveawayId: expect.any(String),
      showId: stage.showId,
      title: 'A tin for one of you',
      prize: {
        kind: 'variant',
        productId: stage.productIds[0],
        variantId: stage.variantId,
        productName: 'Tea',
        variantName: 'Tin',
        pictureUrl: '/p',
      },
      winnerCount: 2,
      state: 'open',
      openedAtMs: expect.any(Number),
      entriesCloseAtMs: (one?.openedAtMs ?? 0) + 60_000,
      seedCommitment: expect.stringMatching(/^[0-9a-f]{64}$/),
      entryCount: 0,
      entryListHash: null,
      seed: null,
      drawnAtMs: null,
      winners: [],
    })
    const { giveawayId } = one as Giveaway
    expect(await stage.stock()).toEqual({ available: 7, held: 2, sold: 0 })
    expect(await stage.events(giveawayId)).toEqual([{ type: 'giveaway:opened', data: { giveaway: one } }])
    const [fact] = await stage.run<{ kind: string; data: unknown }>(
      'SELECT kind, data FROM giveaway_facts WHERE giveaway_id = $1',
      [giveawayId],
    )
    expect(fact).toEqual({ kind: 'opened', data: { seedCommitment: one?.seedCommitment } })
    const [{ seed } = { seed: Buffer.alloc(0) }] = await stage.run<{ seed: Buffer }>(
      'SELECT seed FROM giveaway_seeds WHERE giveaway_id = $1',
      [giveawayId],
    )
    expect(createHash('sha256').update(seed).digest('hex')).toBe(one?.seedCommitment)
    const other = { ...request, winnerCount: 1 }
    expect(await codeOf(stage.first.service.open(other as never, stage.host))).toEqual(['idempotency.key_reused', {}])
    await stage.draw(one as Giveaway)
    expect(await stage.stock()).toEqual(before)
  })

  it('[GI2] is for the host of a live show, with prizes that are on its shelf and in stock; else nothing moves', async () => {
    const before = await stage.stock()
    const open = (over: object, actor = stage.host) =>
      codeOf(stage.first.service.open(stage.request(over) as never, actor))
    const other = await stage.newAccount('Otto', ['buyer', 'creator'])
    const live = stage.nodes[0]?.live.service
    const planned = await live?.create(
      { title: 'Later', teaser: '', startsAtMs: Date.now(), productIds: [], operationId: operationId() },
      stage.host,
    )
    expect(await open({}, other)).toEqual(['show.not_found', {}])
    expect(await open({}, await stage.newAccount('Ben'))).toEqual(['auth.forbidden', {}])
    expect(await open({ showId: newId() })).toEqual(['show.not_found', {}])
    expect(await open({ showId: planned?.showId })).toEqual(['show.not_live', { state: 'scheduled' }])
    expect(await open({ prize: { kind: 'variant', variantId: newId() } })).toEqual(['show.product_not_on_shelf', {}])
    const goods = { kind: 'variant', variantId: stage.variantId }
    expect(await open({ prize: goods, winnerCount: 10 })).toEqual(['giveaway.not_enough_stock', {}])
    expect(await stage.stock()).toEqual(before)
    const [row] = await stage.run<{ active: number }>(
      `SELECT count(*) AS active FROM giveaways WHERE state IN ('open', 'closed')`,
    )
    expect(row?.active).toBe(0)
  })

  it('[GI3] is refused while another giveaway of the show is not drawn, however many try at once', async () => {
    const tries = await Promise.all(
      Array.from({ length: 6 }, (_, i) =>
        codeOf((i % 2 ? stage.first : stage.second).service.open(stage.request() as never, stage.host)),
      ),
    )
    expect(tries.filter((answer) => answer === 'done')).toHaveLength(1)
    expect(tries.filter((answer) => answer !== 'done')).toEqual(Array(5).fill(['giveaway.another_runs', {}]))
    const [running] = await stage.run<Giveaway>(
      `SELECT id AS "giveawayId", show_id AS "showId" FROM giveaways WHERE state = 'open'`,
    )
    await stage.draw(running as Giveaway)
  })

  it('[GI4] binds everybody: no statement changes the terms, an entry or a fact, or adds to a frozen list', async () => {
    const one = await stage.open()
    const [ada] = await stage.accounts(['Ada'])
    await stage.enter(one.giveawayId, ada as never)
    const id = [one.giveawayId]
    const changes = [
      `UPDATE giveaways SET entries_close_at = entries_close_at + interval '1 minute' WHERE id = $1`,
      `UPDATE giveaways SET title = 'Other' WHERE id = $1`,
      `UPDATE giveaways SET seed_commitment = repeat('0', 64) WHERE id = $1`,
      `UPDATE giveaway_entries SET display_name = 'Eve' WHERE giveaway_id = $1`,
      'DELETE FROM giveaway_entries WHERE giveaway_id = $1',
      `UPDATE giveaway_seeds SET seed = decode(repeat('00', 32), 'hex') WHERE giveaway_id = $1`,
      `UPDATE giveaway_facts SET data = '{}' WHERE giveaway_id = $1`,
      'DELETE FROM giveaway_facts WHERE giveaway_id = $1',
    ]
    for (const sql of changes) await expect(stage.run(sql, id)).rejects.toThrow(/never changed/)
    await stage.endEntries(one.giveawayId)
    await stage.first.drawing.close(one.giveawayId, one.showId)
    const late = `INSERT INTO giveaway_entries (giveaway_id, entry_no, account_id, display_name, salt) VALUES ($1, 2, $1, 'Eve', '')`
    await expect(stage.run(late, id)).rejects.toThrow('the list of entries is frozen')
    expect(await numbersOf(one.giveawayId)).toEqual([1])
    await stage.draw(one)
  })
})

describe('entering', () => {
  let one: Giveaway
  beforeEach(async () => {
    one = await stage.open()
    return async () => void (await stage.draw(one))
  })

  it('[GI5] needs the room: over a socket that has joined it, and no other way', async () => {
    const [ada] = await stage.accounts(['Ada'])
    const viewer = await stage.viewer(ada).connected()
    const ask = async () => {
      const ack = await viewer.send(enterGiveaway.name, { giveawayId: one.giveawayId, operationId: operationId() })
      return ack.ok ? ack.value : ack.problem.code
    }
    expect(await ask()).toBe('show.not_joined')
    await viewer.join()
    expect(await ask()).toEqual({
      entry: { entryNo: 1, displayName: 'Ada', salt: expect.stringMatching(/^[0-9a-f]{32}$/) },
      entryCount: 1,
    })
    viewer.close()
    const guest = await stage.viewer().join()
    const refused = await guest.send(enterGiveaway.name, { giveawayId: one.giveawayId, operationId: operationId() })
    expect(refused).toMatchObject({ ok: false, problem: { code: 'auth.required' } })
    guest.close()
    const overHttp = stage.first.enter(one.giveawayId, { actor: ada as never, ip: '::1' })
    expect(await codeOf(overHttp)).toEqual(['show.not_joined', {}])
    expect(await codeOf(stage.enter(newId(), ada as never))).toEqual(['giveaway.not_found', {}])
  })

  it('[GI6] is once for each account, and never for the team of the show or whoever is banned', async () => {
    const [ada, mod, bad] = await stage.accounts(['Ada', 'Mo', 'Bo'])
    const operator = await stage.newAccount('Op', ['buyer', 'operator'])
    const live = stage.nodes[0]?.live.service
    const moderate = (accountId: string, action: 'add-moderator' | 'ban') =>
      live?.moderate({ showId: stage.showId, accountId: accountId as never, action }, stage.host)
    await moderate(mod?.accountId ?? '', 'add-moderator')
    await moderate(bad?.accountId ?? '', 'ban')
    const answers = await Promise.all(
      [ada, stage.host, mod, bad, operator, ada].map((actor, i) =>
        codeOf(stage.enter(one.giveawayId, actor as never, i % 2 ? stage.first : stage.second)),
      ),
    )
    expect(answers).toEqual([
      'done',
      ['giveaway.not_eligible', { reason: 'team' }],
      ['giveaway.not_eligible', { reason: 'team' }],
      ['giveaway.not_eligible', { reason: 'banned' }],
      ['giveaway.not_eligible', { reason: 'team' }],
      'done',
    ])
    const again = await stage.enter(one.giveawayId, ada as never)
    expect(again).toEqual(await stage.enter(one.giveawayId, ada as never, stage.second))
    expect(await numbersOf(one.giveawayId)).toEqual([1])
    expect((await stage.first.service.myEntry(one.giveawayId, ada?.accountId as never)).entry).toEqual(again.entry)
  })

  it('[GI7] is written before it is answered, numbered without a gap over all processes, in a rush too', async () => {
    const people = Array.from({ length: 300 }, (_, i) => ({
      ...stage.host,
      accountId: newId(),
      creatorId: null,
      displayName: `P${i}`,
      roles: ['buyer'],
    }))
    const taps = people.flatMap((person, i) => {
      const at = i % 2 ? stage.first : stage.second
      const tap = async () => {
        const { entry, entryCount } = await stage.enter(one.giveawayId, person as never, at)
        const [kept] = await stage.run<{ displayName: string }>(
          'SELECT display_name AS "displayName" FROM giveaway_entries WHERE giveaway_id = $1 AND entry_no = $2',
          [one.giveawayId, entry.entryNo],
        )
        expect(kept?.displayName).toBe(person.displayName)
        expect(entryCount).toBeGreaterThanOrEqual(entry.entryNo)
        return entry.entryNo
      }
      return i % 10 === 0 ? [tap(), tap()] : [tap()]
    })
    const answered = await Promise.all(taps)
    const all = Array.from({ length: 300 }, (_, i) => i + 1)
    expect([...new Set(answered)].toSorted((a, b) => a - b)).toEqual(all)
    expect(await numbersOf(one.giveawayId)).toEqual(all)
    expect((await stage.first.service.get(one.giveawayId)).entryCount).toBe(300)
  })

  it('[GI8] ends with the time, by the clock of Postgres, and with the last place of the list', async () => {
    const [ada, ben] = await stage.accounts(['Ada', 'Ben'])
    await stage.run('UPDATE giveaways SET entry_count = $2 WHERE id = $1', [one.giveawayId, giveawayLimits.entriesMax])
    expect(await codeOf(stage.enter(one.giveawayId, ada as never))).toEqual(['giveaway.full', {}])
    await stage.run('UPDATE giveaways SET entry_count = 0 WHERE id = $1', [one.giveawayId])
    const { entry } = await stage.enter(one.giveawayId, ada as never)
    await stage.endEntries(one.giveawayId)
    expect(await codeOf(stage.enter(one.giveawayId, ben as never))).toEqual(['giveaway.closed', {}])
    expect((await stage.enter(one.giveawayId, ada as never)).entry).toEqual(entry)
    expect(await numbersOf(one.giveawayId)).toEqual([1])
  })

  it('[GI9] tells the room of counts at most twice a second, and of none twice', async () => {
    const people = await stage.accounts(['Ada', 'Ben', 'Cyd'])
    for (const person of people) await stage.enter(one.giveawayId, person)
    const steps = await Promise.all(
      Array.from({ length: 6 }, (_, i) =>
        (i % 2 ? stage.first : stage.second).drawing.tellCount(one.giveawayId, one.showId),
      ),
    )
    expect(steps.filter(Boolean)).toHaveLength(1)
    const [dan] = await stage.accounts(['Dan'])
    await stage.enter(one.giveawayId, dan as never)
    expect(await stage.first.drawing.tellCount(one.giveawayId, one.showId)).toBe(false)
    await expect.poll(() => stage.first.drawing.tellCount(one.giveawayId, one.showId), { timeout: 3_000 }).toBe(true)
    expect(await stage.first.drawing.tellCount(one.giveawayId, one.showId)).toBe(false)
    const counts = (await stage.events(one.giveawayId)).filter(({ type }) => type === 'giveaway:entries-changed')
    expect(counts.map(({ data }) => data.entryCount)).toEqual([3, 4])
  })
})
