import type { OperationId, ShowId } from '@livelot/client/contracts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Stage, type StageNode, startStage } from '#edge/sockets/testing/stage'
import { statement } from '#infra/postgres/pool'
import type { AccountActor } from '#kernel/actor'
import { newId } from '#kernel/ids'
import { type TestRedis, testRedis } from '../../../test/support/services.ts'
import { liveSweeps } from './jobs.ts'
import type { LiveService } from './service.ts'

let redis: TestRedis
let stage: Stage
let nodes: [StageNode, StageNode]
let service: LiveService

beforeAll(async () => {
  redis = await testRedis()
  stage = await startStage({ redisUrl: redis.url, nodeCount: 2 })
  nodes = stage.nodes as [StageNode, StageNode]
  service = nodes[0].live.service
})
afterAll(async () => {
  await stage.close()
  await redis.drop()
})

const request = (title: string, operationId = newId<OperationId>(), startsAtMs = Date.now() + 60_000) => ({
  title,
  teaser: '',
  startsAtMs,
  productIds: [...stage.productIds],
  operationId,
})
const told = statement(
  'test.told',
  `SELECT payload->>'type' AS type, payload->'data' AS data FROM outbox WHERE ordered AND payload->>'showId' = $1 ORDER BY id`,
)
const changed = statement(
  'test.standing_changed',
  `SELECT payload FROM outbox WHERE job = 'live.standing-changed' AND payload->>'showId' = $1`,
)
const toldOf = (showId: ShowId) => stage.database.query<{ type: string; data: unknown }>(told, [showId])
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: { code?: string }) => error.code ?? String(error),
  )

describe('shows', () => {
  it('[LV1] are started and ended once by their creator, however many ask at once', async () => {
    const { showId } = await service.create(request('Once'), stage.host)
    expect(await codeOf(service.end(showId, stage.host))).toBe('show.wrong_state')
    const starts = await Promise.all(Array.from({ length: 8 }, () => service.start(showId, stage.host)))
    expect(new Set(starts.map((show) => show.startedAtMs)).size).toBe(1)
    const other = await stage.newAccount('Other', ['buyer', 'creator'])
    expect(await codeOf(service.end(showId, other))).toBe('show.not_found')
    expect(await codeOf(service.end(showId, await stage.newAccount('Buyer')))).toBe('auth.forbidden')
    const ends = await Promise.all(Array.from({ length: 8 }, () => service.end(showId, stage.host)))
    expect(new Set(ends.map((show) => show.endedAtMs)).size).toBe(1)
    expect(ends[0]).toMatchObject({ state: 'ended', viewerCount: 0 })
    expect(await codeOf(service.start(showId, stage.host))).toBe('show.wrong_state')
    expect((await toldOf(showId)).map(({ type }) => type)).toEqual(['show:started', 'show:ended'])
  })

  it('[LV1] that ended lately are ended for everybody by a sweep, should the job be lost', async () => {
    const over = await service.create(request('Over'), stage.host)
    const running = await service.create(request('Running'), stage.host)
    for (const { showId } of [over, running]) await service.start(showId, stage.host)
    await service.end(over.showId, stage.host)
    const ended: ShowId[] = []
    const { store, states } = nodes[0].live
    const sweeps = liveSweeps(store, states, service, [
      () => Promise.reject(new Error('this one fails')),
      async (showId) => void ended.push(showId),
    ])
    const sweep = sweeps.find((one) => one.name === 'live.end-shows')
    await expect(sweep?.run()).rejects.toThrow('this one fails')
    expect([ended.includes(over.showId), ended.includes(running.showId)]).toEqual([true, false])
  })

  it('[LV2] are made once for one operation id', async () => {
    const operationId = newId<OperationId>()
    const startsAtMs = Date.now() + 60_000
    const shows = await Promise.all(
      Array.from({ length: 20 }, () => service.create(request('Twenty times', operationId, startsAtMs), stage.host)),
    )
    expect(new Set(shows.map((show) => show.showId)).size).toBe(1)
    const [show] = shows
    expect((await service.getShelf(show?.showId as ShowId)).items.map((item) => item.productId)).toEqual(
      stage.productIds,
    )
    const another = service.create(request('Another', operationId, startsAtMs), stage.host)
    expect(await codeOf(another)).toBe('idempotency.key_reused')
  })

  it('[LV3] tell their room only what was committed', async () => {
    const { showId } = await service.create(request('Told'), stage.host)
    expect(await codeOf(service.pin(showId, newId(), stage.host))).toBe('show.product_not_on_shelf')
    expect(await toldOf(showId)).toEqual([])
    await service.pin(showId, stage.productIds[1] ?? null, stage.host)
    await service.pin(showId, stage.productIds[1] ?? null, stage.host)
    expect(await toldOf(showId)).toEqual([{ type: 'show:product-pinned', data: { productId: stage.productIds[1] } }])
  })

  it('[LV7] unpin a product that leaves the shelf', async () => {
    const { showId } = await service.create(request('Unpinned'), stage.host)
    const [first, second] = stage.productIds as [(typeof stage.productIds)[0], (typeof stage.productIds)[0]]
    await service.pin(showId, first, stage.host)
    const { items } = await service.setShelf(showId, [second, second], stage.host)
    expect(items.map((item) => item.productId)).toEqual([second])
    expect((await toldOf(showId)).map(({ type, data }) => [type, data])).toEqual([
      ['show:product-pinned', { productId: first }],
      ['show:shelf-changed', { items }],
      ['show:product-pinned', { productId: null }],
    ])
    expect(await codeOf(service.pin(showId, first, stage.host))).toBe('show.product_not_on_shelf')
  })

  it('[LV12] are listed in pages without a hole or a repetition', async () => {
    const soon = Date.now() + 3_600_000
    const made: string[] = []
    for (const offset of [3, 1, 2, 2, 5])
      made.push((await service.create(request(`In ${offset}`, undefined, soon + offset * 1_000), stage.host)).showId)
    for (const state of ['scheduled', 'live', 'ended'] as const) {
      const all = (await service.list({ state, limit: 100 })).items.map((show) => show.showId)
      const paged: string[] = []
      let cursor: string | undefined
      do {
        const page = await service.list({ state, limit: 2, cursor })
        paged.push(...page.items.map((show) => show.showId))
        cursor = page.nextCursor ?? undefined
      } while (cursor)
      expect(paged).toEqual(all)
      expect(all.length).toBeGreaterThan(0)
    }
    const { items } = await service.list({ state: 'scheduled', limit: 100 })
    expect(items.map((show) => show.startsAtMs)).toEqual(items.map((show) => show.startsAtMs).toSorted((a, b) => a - b))
    expect(items.map((show) => show.showId as string)).toEqual(expect.arrayContaining(made))
    const tooFar = Buffer.from(`[1e300,"${newId()}"]`).toString('base64url')
    for (const cursor of ['bm9uc2Vuc2U', tooFar])
      expect(await codeOf(service.list({ state: 'scheduled', limit: 2, cursor }))).toBe('request.invalid')
    const mine = await service.listMine(stage.host)
    expect(mine.items.length).toBeGreaterThanOrEqual(made.length)
  })
})

describe('moderation', () => {
  it('[LV8] is for host and moderators, and never upwards', async () => {
    const { showId } = stage
    const [mod, buyer] = [await stage.newAccount('Mod'), await stage.newAccount('Buyer')]
    const act = (actor: AccountActor, accountId: AccountActor['accountId'], action: 'ban' | 'mute' | 'add-moderator') =>
      codeOf(service.moderate({ showId, accountId, action }, actor))
    expect(await act(mod, buyer.accountId, 'mute')).toBe('auth.forbidden')
    expect(await act(stage.host, mod.accountId, 'add-moderator')).toBe('done')
    expect(await act(mod, buyer.accountId, 'mute')).toBe('done')
    expect(await act(mod, mod.accountId, 'mute')).toBe('auth.forbidden')
    expect(await act(mod, buyer.accountId, 'add-moderator')).toBe('auth.forbidden')
    expect(await act(stage.host, newId(), 'ban')).toBe('profile.not_found')
    const rules = await nodes[1].live.rooms.rules(showId)
    expect({ muted: [...rules.muted], moderators: [...rules.moderators] }).toEqual({
      muted: [buyer.accountId],
      moderators: [mod.accountId],
    })
    // Whoever judges by standing hears of each change; muting changes nothing but the chat.
    const heard = await stage.database.query(changed, [showId])
    expect(heard).toEqual([{ payload: { showId, accountId: mod.accountId } }])
    const settings = { showId, slowModeSeconds: 5, mutedWords: ['a', 'a'] }
    expect(await codeOf(service.setChatSettings(settings, buyer))).toBe('auth.forbidden')
    expect(await service.setChatSettings(settings, mod)).toEqual({ slowModeSeconds: 5, mutedWords: ['a'] })
  })
})

describe('stream tokens', () => {
  it('[LV10] are good once, for their show and their purpose', async () => {
    const { showId } = stage
    const { streamToken, expiresAtMs } = await service.issueStreamToken(showId, 'publish', stage.host)
    expect(expiresAtMs - Date.now()).toBeGreaterThan(58_000)
    expect(expiresAtMs - Date.now()).toBeLessThanOrEqual(61_000)
    const [a, b] = [service, nodes[1].live.service]
    expect(await codeOf(a.redeemStreamToken(streamToken, 'watch', showId))).toBe('media.token_invalid')
    expect(await codeOf(a.redeemStreamToken(streamToken, 'publish', newId()))).toBe('media.token_invalid')
    expect(await codeOf(a.redeemStreamToken(`${streamToken.slice(0, -2)}xx`, 'publish', showId))).toBe(
      'media.token_invalid',
    )
    const tries = await Promise.all(
      Array.from({ length: 20 }, (_, i) => codeOf((i % 2 ? a : b).redeemStreamToken(streamToken, 'publish', showId))),
    )
    expect(tries.filter((code) => code === 'done').length).toBe(1)
    expect(tries.filter((code) => code === 'media.token_used').length).toBe(19)
  })

  it('[LV10] are given to those who may: guests to watch what is live, the creator to send', async () => {
    const guest = { kind: 'guest' } as const
    const { showId } = await service.create(request('Not yet'), stage.host)
    expect(await codeOf(service.issueStreamToken(showId, 'watch', guest))).toBe('show.not_live')
    expect(await codeOf(service.issueStreamToken(showId, 'publish', stage.host))).toBe('done')
    expect(await codeOf(service.issueStreamToken(stage.showId, 'watch', guest))).toBe('done')
    expect(await codeOf(service.issueStreamToken(stage.showId, 'publish', guest))).toBe('auth.required')
    const buyer = await stage.newAccount('Buyer')
    expect(await codeOf(service.issueStreamToken(stage.showId, 'publish', buyer))).toBe('auth.forbidden')
    expect(await codeOf(service.issueStreamToken(newId(), 'watch', guest))).toBe('show.not_found')
  })
})
