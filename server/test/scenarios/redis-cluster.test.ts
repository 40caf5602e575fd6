import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type {
  AccountId,
  AuctionId,
  CreatorId,
  CreatorProfile,
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
import type { AccountActor } from '#kernel/actor'
import { newId } from '#kernel/ids'
import { isUnavailable } from '#kernel/unavailable'
import { showFeedKey, showStateKey } from '#modules/live'
import { english, factsOf, newBidId, tenDollars } from '../../src/modules/auctions/gate-for-tests.ts'
import { gateKeys as auctionKeys, deskKeys } from '../../src/modules/auctions/keys.ts'
import { createAuctionGate } from '../../src/modules/auctions/store.redis.ts'
import type { SaleRecord } from '../../src/modules/flash-sales/flash-sale.ts'
import { gateKeys as saleKeys, turnsKey } from '../../src/modules/flash-sales/keys.ts'
import { createGate } from '../../src/modules/flash-sales/store.redis.ts'
import { createAudiences } from '../../src/modules/live/audience.ts'
import { createChatLines } from '../../src/modules/live/chat-lines.ts'
import { chatLinesKey, chatSaidKey, chatSlowKey, heartsKey, viewersKey } from '../../src/modules/live/keys.ts'
import type { RoomRules, ShowRecord } from '../../src/modules/live/show.ts'
import { createShowStates } from '../../src/modules/live/show-states.ts'
import { roomKeys } from '../../src/modules/waiting-rooms/keys.ts'
import { createLine } from '../../src/modules/waiting-rooms/store.redis.ts'
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
    'auctions/bind_takeover': deskKeys(showId),
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

interface DeclaredScript {
  readonly header: string
  /** Names of the keys that the header declares. */
  readonly keys: readonly string[]
}

/** Every script of the product; without parts that others include. */
function declaredScripts(): Map<string, DeclaredScript> {
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', 'server/src/*.lua'], {
    cwd: root,
    encoding: 'utf8',
  })
  const scripts = files.split('\n').filter((file) => file !== '' && !file.includes('/testing/'))
  const found = new Map<string, DeclaredScript>()
  for (const file of scripts) {
    const [header = ''] = readFileSync(new URL(file, root), 'utf8').split(']]')
    const [, section] = /^KEYS\n((?: {2}.*\n)+)/m.exec(header) ?? []
    const [, module, name] = /([\w-]+)\/lua\/(\w+)\.lua$/.exec(file) ?? []
    const keys = [...(section ?? '').matchAll(/^ {2}\d+ (\w+)/gm)].map(([, key]) => key ?? '')
    if (section) found.set(`${module}/${name}`, { header, keys })
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

/** An auction that runs, with two who may bid. */
async function startAuction(showId: ShowId) {
  const gate = createAuctionGate(cluster)
  const accounts = [newId<AccountId>(), newId<AccountId>()] as const
  const entrants = accounts.map((accountId, i) => ({
    accountId,
    paddle: i + 1,
    name: `P${i + 1}`,
    limitMinor: null,
    barredFor: null,
    brandIds: [],
  }))
  const desk = await gate.deskBasis(showId)
  expect(desk.isOpen).toBe(false)
  expect(await gate.openDesk(showId, desk, { entrants, commitments: new Map() })).toBe('opened')
  const at = { showId, auctionId: newId<AuctionId>() }
  const { nowMs } = await gate.readLog(at, 0)
  // No bid is decided earlier than the entry before it: written ahead of the clock, that says what time it is.
  const run = { how: 'start' as const, startsInMs: 3_600_000, preBids: [], forgetAuctionIds: [] }
  const facts = factsOf(at, tenDollars(english()))
  const opened = await gate.open(at, { generation: '', seq: 0, readAtMs: nowMs }, { ...facts, run }, newId())
  if (opened.code !== 'opened') throw new Error(opened.code)
  const { startedAtMs } = opened
  const [key = ''] = auctionKeys(showId, at.auctionId)
  await serverOf(cluster, key).hset(key, 'last_at_ms', startedAtMs)
  const bid = (accountId: AccountId, amountMinor: number) =>
    gate.placeBid({ ...at, accountId, bidId: newBidId(), amountMinor, kind: 'max', isSure: false })
  return { gate, at, startedAtMs, accounts, bid }
}

it('keeps all keys of each script in one slot', async () => {
  const declared = declaredScripts()
  const given = keysOfScripts(newId<ShowId>())
  expect(Object.keys(given).sort()).toEqual([...declared.keys()].sort())
  for (const [script, keys] of Object.entries(given)) {
    const names = declared.get(script)?.keys ?? []
    expect(
      keys.map((key, i) => key.split(':').includes(names[i] ?? '')),
      script,
    ).toEqual(names.map(() => true))
    expect(new Set(await Promise.all(keys.map((key) => servers.slotOf(key)))).size, script).toBe(1)
  }
})

/** Texts of the scripts that are sent from now on: a server that does not know one by its hash is sent it whole. */
function recordScripts(): string[] {
  const sent: string[] = []
  for (const node of cluster.nodes()) {
    const send = node.sendCommand.bind(node)
    node.sendCommand = (command, stream) => {
      if (command.name === 'eval') sent.push(String(command.args[0]))
      return send(command, stream)
    }
  }
  return sent
}

async function useSale(showId: ShowId): Promise<void> {
  const gate = createGate(cluster)
  const sale = fiveUnits(showId)
  const [buyer, waiting] = [newId<AccountId>(), newId<AccountId>()]
  await openGate(gate, sale)
  const held = await gate.reserve(sale, buyer, newId<OperationId>(), 1)
  if (held[0] !== 'held') throw new Error(held[0])
  expect((await gate.beginPayment(sale, buyer, held[1]))[0]).toBe('paying')
  const claimed = { holdId: held[1], accountId: buyer, units: 1, how: 'claimed' as const }
  expect((await gate.applyHoldState(sale, claimed))[0]).toBe('applied')
  expect((await gate.joinWaitlist(sale, waiting, newId<OperationId>()))[0]).toBe('joined')
  expect((await gate.release(sale, buyer, held[1]))[0]).toBe('ask')
  expect((await gate.tick(sale, sale.closesAtMs))[0]).toBe('ticked')
}

async function useWaitingRoom(showId: ShowId): Promise<void> {
  const line = createLine(cluster)
  const sale = { ...fiveUnits(showId), waitingRoomCommitment: 'c'.repeat(64) }
  const room = { sale, seed: Buffer.alloc(32, 7) }
  const accountId = newId<AccountId>()
  await openGate(createGate(cluster), sale)
  expect((await line.join(room, { accountId, drawPlace: 1 }))[0]).toMatch(/^(?:waiting|called)$/)
  expect((await line.step(room))[0]).toBe('moved')
  expect((await line.leave(room, accountId))[0]).toBe('left')
}

async function useAuction(showId: ShowId): Promise<void> {
  const { gate, at, accounts, bid } = await startAuction(showId)
  const [accountId] = accounts
  expect((await bid(accountId, 1_000)).code).toBe('leading')
  const purchase = { ...at, accountId, bidId: newBidId(), priceMinor: 9_000 }
  expect((await gate.buy(purchase)).code).toBe('no_buy_now')
  expect((await gate.tick(at)).code).toBe('ticked')
  expect((await gate.readLog(at, 0)).gate).not.toBe('none')
  expect(await gate.bar(showId, accountId, null)).toBe('barred')
  const entrant = {
    accountId: newId<AccountId>(),
    paddle: 9,
    name: 'P9',
    limitMinor: null,
    barredFor: null,
    brandIds: [],
  }
  expect(await gate.enter(showId, entrant)).toBe('entered')
  expect(await gate.bind(showId, { auctionId: at.auctionId, accountId, amountMinor: 1_000 })).toBe('bound')
  expect(await gate.shutOld(at, Date.now())).toBe('stands')
}

async function useRoom(showId: ShowId): Promise<void> {
  const record = { showId, creatorId: newId<CreatorId>(), state: 'live', startsAtMs: 1, mutedWords: [] } as object
  const states = createShowStates({
    redis: cluster,
    bus: { publish: () => undefined, subscribe: () => () => undefined },
    log,
    showById: async () => record as ShowRecord,
    creatorOf: async () => ({}) as CreatorProfile,
    shelfOf: async () => [],
  })
  const epoch = await states.ensure(showId)
  await states.append({ showId, type: 'chat:slow', version: 1, data: {}, fields: { slow: '5' } }, 1)
  expect(await states.positions([showId])).toEqual([{ epoch, seq: 1 }])
  const lines = createChatLines(cluster)
  const standing = { isHost: false, canModerate: false, canChat: true, isBanned: false, isMuted: false }
  const actor = { kind: 'account', accountId: newId<AccountId>(), displayName: 'Ana' } as AccountActor
  const rules = { mutedWords: [], slowModeSeconds: 0 } as unknown as RoomRules
  const { line } = await lines.accept({ showId, text: 'hi', operationId: newId<OperationId>() }, actor, rules, standing)
  await lines.keep(showId, [line])
  expect(await lines.recent(showId)).toEqual([line])
  await lines.remove(showId, line.chatLineId)
  expect(await lines.recent(showId)).toEqual([])
  const audience = await createAudiences(cluster, log).report(showId, 'one', 3, 2)
  expect(audience).toEqual({ viewerCount: 3, heartCount: 2 })
}

it('runs every script of the product', async () => {
  for (const { admin } of servers.masters) await admin.script('FLUSH')
  const sent = recordScripts()
  for (const { showId } of await showsOnEachMaster())
    for (const use of [useSale, useWaitingRoom, useAuction, useRoom]) await use(showId)
  const unsent = [...declaredScripts()].filter(([, { header }]) => !sent.some((text) => text.includes(header)))
  expect(unsent.map(([script]) => script)).toEqual([])
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
  await Promise.all(
    (await showsOnEachMaster()).map(async ({ showId, master }) => {
      const { gate, at, startedAtMs, accounts, bid } = await startAuction(showId)
      const [a, b] = accounts
      expect((await bid(a, 2_000)).code).toBe('leading')
      expect((await bid(b, 1_500)).code).toBe('outbid')
      expect((await bid(b, 5_000)).code).toBe('leading')
      const [key = ''] = auctionKeys(showId, at.auctionId)
      await master.admin.hset(key, 'last_at_ms', startedAtMs + 40_000)
      expect(await gate.tick(at)).toMatchObject({ code: 'ticked', hasClosed: true })
      expect((await gate.figures(at))?.figures).toMatchObject({ state: 'closed', leader: { number: 2 } })
      const read = await gate.readLog(at, 0)
      const entries = read.gate === 'none' ? [] : read.entries
      expect(entries.map(({ what }) => what)).toEqual(['started', 'max', 'max', 'max', 'closed'])
      expect(entries.at(-1)?.outcome).toBe('sold')
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
  // The others have given it up, and serve their own slots all the same.
  await expect.poll(() => there.master.admin.cluster('INFO')).toMatch(/cluster_slots_fail:[1-9]/)
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
