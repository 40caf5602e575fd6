import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type {
  AccountId,
  AuctionId,
  BrandId,
  CreatorId,
  FlashSaleId,
  OperationId,
  ProductId,
  ShowId,
  VariantId,
} from '@livelot/client/contracts'
import type { Cluster } from 'ioredis'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { serverOf, serverRunId } from '#infra/redis/client'
import { createRedisCluster, whenClusterReady } from '#infra/redis/cluster'
import { newId } from '#kernel/ids'
import { isUnavailable } from '#kernel/unavailable'
import { showFeedKey, showStateKey } from '#modules/live'
import { english, factsOf, newBidId, tenDollars } from '../../src/modules/auctions/gate-for-tests.ts'
import { gateKeys as auctionKeys, deskKeys } from '../../src/modules/auctions/keys.ts'
import { createAuctionGate } from '../../src/modules/auctions/store.redis.ts'
import type { SaleRecord } from '../../src/modules/flash-sales/flash-sale.ts'
import { gateKeys as saleKeys, turnsKey } from '../../src/modules/flash-sales/keys.ts'
import { createGate } from '../../src/modules/flash-sales/store.redis.ts'
import { chatLinesKey, chatSaidKey, chatSlowKey, heartsKey, viewersKey } from '../../src/modules/live/keys.ts'
import { roomKeys } from '../../src/modules/waiting-rooms/keys.ts'
import { type ClusterMaster, startRedisCluster, type TestCluster } from '../support/redis-cluster.ts'

const log = pino({ level: 'silent' })
const root = new URL('../../../', import.meta.url)

let servers: TestCluster
let cluster: Cluster
beforeAll(async () => {
  servers = await startRedisCluster()
  cluster = createRedisCluster(servers.urls.slice(0, 1), { name: 'test', log })
  await whenClusterReady(cluster, 20_000)
})
afterAll(async () => {
  cluster?.disconnect()
  await servers?.[Symbol.asyncDispose]()
})

/** Keys that each script is called with. A script that is not here fails the test below. */
function keysOfScripts(showId: ShowId): Record<string, readonly string[]> {
  const [sale, auction, account] = [newId<FlashSaleId>(), newId<AuctionId>(), newId<AccountId>()]
  const ofSale = saleKeys(showId, sale)
  const ofAuction = auctionKeys(showId, auction)
  const ofShow = [showStateKey(showId), showFeedKey(showId)]
  const room = roomKeys(showId, sale)
  return {
    'auctions/bar_entrant': deskKeys(showId).slice(0, 1),
    'auctions/buy_lot': ofAuction,
    'auctions/enter_desk': deskKeys(showId),
    'auctions/open_desk': deskKeys(showId),
    'auctions/open_gate': ofAuction,
    'auctions/place_bid': ofAuction,
    'auctions/read_log': ofAuction.slice(0, 4),
    'auctions/shut_gate': ofAuction.slice(0, 1),
    'auctions/tick': ofAuction,
    'flash-sales/apply_hold_state': ofSale,
    'flash-sales/begin_payment': ofSale,
    'flash-sales/join_waitlist': ofSale,
    'flash-sales/read_log': [ofSale[0] ?? '', ofSale[6] ?? ''],
    'flash-sales/rebuild_gate': ofSale,
    'flash-sales/release_hold': ofSale,
    'flash-sales/reserve': [...ofSale, turnsKey(showId, sale)],
    'flash-sales/tick': ofSale,
    'live/accept_chat_line': [chatSaidKey(showId, account, newId<OperationId>()), chatSlowKey(showId, account)],
    'live/append_event': ofShow,
    'live/rebuild_state': ofShow,
    'live/remove_chat_line': [chatLinesKey(showId)],
    'live/report_audience': [viewersKey(showId), heartsKey(showId)],
    'waiting-rooms/join': room,
    'waiting-rooms/leave': room,
    'waiting-rooms/step': room,
  }
}

/** Every script of the product with the names of the keys that its header declares; without parts that others include. */
function declaredKeys(): Map<string, readonly string[]> {
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', 'server/src/*.lua'], {
    cwd: root,
    encoding: 'utf8',
  })
  const scripts = files.split('\n').filter((file) => file !== '' && !file.includes('/testing/'))
  const found = new Map<string, readonly string[]>()
  for (const file of scripts) {
    const section = /^KEYS\n((?: {2}.*\n)+)/m.exec(readFileSync(new URL(file, root), 'utf8'))?.[1]
    const [, module, name] = /([\w-]+)\/lua\/(\w+)\.lua$/.exec(file) ?? []
    if (section)
      found.set(
        `${module}/${name}`,
        [...section.matchAll(/^ {2}\d+ (\w+)/gm)].map(([, key]) => key ?? ''),
      )
  }
  return found
}

/** Two shows on each master, in the order of the masters. */
async function showsOnEachMaster(): Promise<{ showId: ShowId; master: ClusterMaster }[]> {
  const found = servers.masters.map((master) => ({ master, shows: [] as ShowId[] }))
  while (found.some(({ shows }) => shows.length < 2)) {
    const showId = newId<ShowId>()
    const { options } = serverOf(cluster, showStateKey(showId))
    found.find(({ master }) => master.service.port === options.port)?.shows.push(showId)
  }
  return found.flatMap(({ master, shows }) => shows.slice(0, 2).map((showId) => ({ showId, master })))
}

const fiveUnits = (showId: ShowId): SaleRecord => ({
  flashSaleId: newId<FlashSaleId>(),
  showId,
  creatorId: newId<CreatorId>(),
  productId: newId<ProductId>(),
  variantId: newId<VariantId>(),
  productName: 'Cup',
  variantName: 'Blue',
  pictureUrl: '/p',
  priceMinor: 3_000,
  priorPriceMinor: null,
  currency: 'USD',
  totalUnits: 5,
  perBuyerLimit: 1,
  opensAtMs: Date.now() - 1_000,
  closesAtMs: Date.now() + 600_000,
  finishedAtMs: null,
  waitingRoomCommitment: null,
})

type Gate = ReturnType<typeof createGate>

/** Opens a sale as the gate keeper does, with nothing in Postgres yet, or with what the log of its lost gate told. */
async function openGate(gate: Gate, sale: SaleRecord, remainingUnits = 5) {
  const status = await gate.readLog(sale, { generation: '', seq: 0 })
  const [, nowMs] = status
  const basis =
    status[0] === 'no_gate'
      ? { generation: '', seq: 0, readAtMs: nowMs }
      : { generation: status[3], seq: status[4], readAtMs: nowMs }
  const contents = { sale, saleJson: '{}', remainingUnits, soldUnits: 0, open: [], ended: [], buyers: new Map() }
  return (await gate.rebuild(sale, basis, contents, newId()))[0]
}

const reserve = (gate: Gate, sale: SaleRecord) => gate.reserve(sale, newId<AccountId>(), newId<OperationId>(), 1)

it('keeps all keys of each script in one slot', async () => {
  const declared = declaredKeys()
  const given = keysOfScripts(newId<ShowId>())
  expect(Object.keys(given).sort()).toEqual([...declared.keys()].sort())
  for (const [script, keys] of Object.entries(given)) {
    const names = declared.get(script) ?? []
    expect(
      keys.map((key, i) => key.split(':').includes(names[i] ?? '')),
      script,
    ).toEqual(names.map(() => true))
    expect(new Set(await Promise.all(keys.map((key) => servers.slotOf(key)))).size, script).toBe(1)
  }
})

it('sells flash sales of shows on all masters, each to the last unit and no further', async () => {
  const gate = createGate(cluster)
  const shows = await showsOnEachMaster()
  const runIds = new Set(shows.map(({ showId }) => serverRunId(cluster, showStateKey(showId))))
  expect(runIds.size).toBe(3)
  const sold = await Promise.all(
    shows.map(async ({ showId, master }) => {
      const sale = fiveUnits(showId)
      expect(await openGate(gate, sale)).toBe('opened')
      const answers = await Promise.all(Array.from({ length: 8 }, () => reserve(gate, sale)))
      const codes = answers.map(([code]) => code).sort()
      expect(codes).toEqual([...Array(5).fill('held'), ...Array(3).fill('sold_out')])
      const buyer = newId<AccountId>()
      const held = answers.find(([code]) => code === 'held')
      const hold = held?.[0] === 'held' ? await gate.hold(sale, held[1]) : null
      if (held?.[0] !== 'held' || hold === null || hold === 'shut') throw new Error('unreachable')
      expect(await gate.release(sale, hold.accountId, held[1])).toEqual(['released', []])
      expect((await gate.reserve(sale, buyer, newId<OperationId>(), 1))[0]).toBe('held')
      expect(await gate.figures(sale)).toEqual({ state: 'open', remainingUnits: 0, soldUnits: 0 })
      expect((await gate.holds(sale))?.size).toBe(5)
      const read = await gate.readLog(sale, { generation: '', seq: 0 })
      expect(read[0] === 'read' && read[7].map(({ what }) => what)).toEqual([
        ...Array(5).fill('held'),
        'released',
        'held',
      ])
      return await master.admin.exists(saleKeys(showId, sale.flashSaleId)[0] ?? '')
    }),
  )
  expect(sold).toEqual([1, 1, 1, 1, 1, 1])
})

it('runs auctions of shows on all masters from the first bid to the hammer', async () => {
  const gate = createAuctionGate(cluster)
  await Promise.all(
    (await showsOnEachMaster()).map(async ({ showId, master }) => {
      const [a, b] = [newId<AccountId>(), newId<AccountId>()]
      const entrants = [a, b].map((accountId, i) => ({
        accountId,
        paddle: i + 1,
        name: `P${i + 1}`,
        limitMinor: null,
        barredFor: null,
        brandIds: [] as BrandId[],
      }))
      const desk = await gate.deskBasis(showId)
      expect(desk.isOpen).toBe(false)
      expect(await gate.openDesk(showId, desk, { entrants, commitments: new Map() })).toBe('opened')
      const at = { showId, auctionId: newId<AuctionId>() }
      const { nowMs } = await gate.readLog(at, 0)
      const run = { how: 'start' as const, startsInMs: 3_600_000, preBids: [], forgetAuctionIds: [] }
      const facts = factsOf(at, tenDollars(english()))
      const opened = await gate.open(at, { generation: '', seq: 0, readAtMs: nowMs }, { ...facts, run }, newId())
      if (opened.code !== 'opened') throw new Error(opened.code)
      const [key = ''] = auctionKeys(showId, at.auctionId)
      // No bid is decided earlier than the entry before it, so this says what time it is.
      const clock = (ms: number) => master.admin.hset(key, 'last_at_ms', opened.startedAtMs + ms)
      await clock(0)
      const bid = (accountId: AccountId, amountMinor: number) =>
        gate.placeBid({ ...at, accountId, bidId: newBidId(), amountMinor, kind: 'max', isSure: false })
      expect((await bid(a, 2_000)).code).toBe('leading')
      expect((await bid(b, 1_500)).code).toBe('outbid')
      expect((await bid(b, 5_000)).code).toBe('leading')
      await clock(40_000)
      expect(await gate.tick(at)).toMatchObject({ code: 'ticked', hasClosed: true })
      expect((await gate.figures(at))?.figures).toMatchObject({
        state: 'closed',
        leader: { number: 2 },
      })
      const read = await gate.readLog(at, 0)
      expect(read.gate === 'none' ? [] : read.entries.map(({ what }) => what)).toEqual([
        'started',
        'max',
        'max',
        'max',
        'closed',
      ])
    }),
  )
})

it('keeps a gate shut that came to another master, until it is written for that one', async () => {
  const gate = createGate(cluster)
  const [first, , other] = (await showsOnEachMaster()) as [
    { showId: ShowId; master: ClusterMaster },
    unknown,
    { master: ClusterMaster },
  ]
  const sale = fiveUnits(first.showId)
  expect(await openGate(gate, sale)).toBe('opened')
  expect((await reserve(gate, sale))[0]).toBe('held')
  await servers.moveSlot(await servers.slotOf(showStateKey(first.showId)), first.master, other.master)
  const answers: string[] = []
  const ask = async () => {
    const [code] = await reserve(gate, sale).catch((error: unknown) => [isUnavailable(error) ? 'unavailable' : error])
    answers.push(String(code))
    return code
  }
  await expect.poll(ask).toBe('gate_closed')
  expect(answers.every((code) => code === 'unavailable' || code === 'gate_closed')).toBe(true)
  expect(await openGate(gate, sale, 4)).toBe('opened')
  expect((await reserve(gate, sale))[0]).toBe('held')
  expect(await gate.figures(sale)).toMatchObject({ remainingUnits: 3 })
})

it('goes on selling on the other masters while one is away, and knows it for another server afterwards', async () => {
  const gate = createGate(cluster)
  const shows = await showsOnEachMaster()
  const [there, away] = [shows[0], shows[4]]
  if (!there || !away) throw new Error('unreachable')
  const [standing, lost] = [fiveUnits(there.showId), fiveUnits(away.showId)]
  expect([await openGate(gate, standing), await openGate(gate, lost)]).toEqual(['opened', 'opened'])
  const stateKey = showStateKey(away.showId)
  const before = serverRunId(cluster, stateKey)
  await away.master.service.kill()
  await expect.poll(() => serverRunId(cluster, stateKey)).toBeNull()
  await expect(reserve(gate, lost)).rejects.toSatisfy(isUnavailable)
  expect((await reserve(gate, standing))[0]).toBe('held')
  await away.master.service.stop()
  await away.master.service.start()
  await expect.poll(() => serverRunId(cluster, stateKey), { timeout: 20_000 }).toMatch(/^[0-9a-f]{40}$/)
  expect(serverRunId(cluster, stateKey)).not.toBe(before)
  await expect.poll(async () => (await reserve(gate, lost))[0], { timeout: 20_000 }).toBe('gate_closed')
  expect(await openGate(gate, lost)).toBe('opened')
  expect((await reserve(gate, lost))[0]).toBe('held')
})
