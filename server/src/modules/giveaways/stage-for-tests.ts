import type {
  AccountId,
  Address,
  CreatorId,
  Giveaway,
  GiveawayId,
  OperationId,
  openGiveaway,
  ProductId,
  RequestInputOf,
  ShowId,
  ShowState,
  VariantId,
} from '@livelot/client/contracts'
import { pino } from 'pino'
import { type Stage, startStage } from '#edge/sockets/testing/stage'
import { Viewer } from '#edge/sockets/testing/viewer'
import type { Database, Transaction } from '#infra/postgres/pool'
import type { AccountActor } from '#kernel/actor'
import type { Caller } from '#kernel/caller'
import { newId } from '#kernel/ids'
import type { Live } from '#modules/live'
import { createInventory } from '../inventory/index.ts'
import { createGiveaways, type Giveaways, type GiveawaysOptions } from './giveaways.ts'
import type { GiveawayShows } from './needs.ts'

export const operationId = () => newId<OperationId>()

export const street: Address = { name: 'Ada', line1: '1 Row', city: 'Leeds', postalCode: 'LS1', country: 'GB' }

interface Told {
  readonly accountId: AccountId
  readonly event: string
  readonly data: unknown
}

/** A live show with a product of nine units on its shelf, served by two processes with giveaways. For tests only. */
export async function startGiveawayStage(redisUrl: string) {
  const told: Told[] = []
  const addresses = new Map<AccountId, Address>()
  const processes: Giveaways[] = []
  const variantId = newId<VariantId>()
  const stage: Stage = await startStage({
    redisUrl,
    nodeCount: 2,
    routes: (live, pool) => {
      const giveaways = createGiveaways(partsOf(live, pool))
      live.registerStateContributor(giveaways.service.showFields)
      processes.push(giveaways)
      return giveaways.routes()
    },
  })
  const { database } = stage
  const inventory = createInventory({ database })
  const run = <Row>(sql: string, values: readonly unknown[] = []) =>
    database.query<Row>({ name: '', text: sql }, values)
  const productId = stage.productIds[0] as ProductId
  function partsOf(live: Live, pool: Database): GiveawaysOptions {
    const stock = createInventory({ database: pool })
    return {
      database: pool,
      rooms: live.rooms,
      shows: showsBySql,
      goods: {
        variant: async (id) => ({
          productId: id === variantId ? (stage.productIds[0] as ProductId) : newId<ProductId>(),
          variantId: id,
          productName: 'Tea',
          variantName: 'Tin',
          pictureUrl: '/p',
        }),
        setAside: (tx, unit) => stock.claimStock(tx, { ...unit, units: 1 }),
        handOver: stock.settleStock,
        giveBack: stock.releaseStock,
      },
      addresses: { addressOf: async (accountId) => addresses.get(accountId) ?? null },
      teller: { toAccount: (accountId, event, data) => void told.push({ accountId, event: event.name, data }) },
      log: pino({ level: 'silent' }),
    }
  }
  await run(
    `INSERT INTO variants (id, product_id, sku, name, price_minor, currency, weight_grams)
     VALUES ($1, $2, $1::uuid::text, 'Tin', 1250, 'EUR', 100)`,
    [variantId, productId],
  )
  await database.transaction((tx) => inventory.receive(tx, { variantId, units: 9, reference: `delivery:${variantId}` }))

  const [first, second] = processes as [Giveaways, Giveaways]
  const request = (over: Partial<RequestInputOf<typeof openGiveaway>> = {}) => ({
    showId: stage.showId,
    title: 'A tin for one of you',
    prize: { kind: 'text' as const, text: 'A signed card' },
    winnerCount: 1,
    entrySeconds: 60,
    operationId: operationId(),
    ...(over as object),
  })
  /** Deadlines are moved, not clocks; the guards against doing so are for the platform's own code. */
  const unguarded = (sql: string, values: readonly unknown[]) =>
    database.transaction(async (tx) => {
      await ask(tx, 'SET LOCAL session_replication_role = replica')
      return await ask(tx, sql, values)
    })
  const inRoom = (actor: AccountActor): Caller => ({ actor, ip: '::1', isInRoom: (showId) => showId === stage.showId })
  const endEntries = (giveawayId: GiveawayId) =>
    unguarded(
      `UPDATE giveaways SET opened_at = opened_at - interval '1 hour',
         entries_close_at = entries_close_at - interval '1 hour'
       WHERE id = $1 AND state = 'open' AND entries_close_at > now()`,
      [giveawayId],
    )
  const waitOver = (giveawayId: GiveawayId) =>
    unguarded(`UPDATE giveaway_facts SET happened_at = happened_at - interval '1 minute' WHERE giveaway_id = $1`, [
      giveawayId,
    ])
  let delivered = 0

  return {
    ...stage,
    stage,
    run,
    unguarded,
    told,
    addresses,
    variantId,
    first,
    second,
    request,
    inRoom,
    endEntries,
    waitOver,
    open: (over?: Partial<RequestInputOf<typeof openGiveaway>>): Promise<Giveaway> =>
      first.service.open(request(over) as never, stage.host),
    enter: (giveawayId: GiveawayId, actor: AccountActor, at = first) => at.enter(giveawayId, inRoom(actor)),
    accounts: (names: readonly string[]) => Promise.all(names.map((name) => stage.newAccount(name))),

    /** From open to drawn at once. */
    draw: async ({ giveawayId, showId }: { giveawayId: GiveawayId; showId: ShowId }): Promise<Giveaway> => {
      await endEntries(giveawayId)
      await first.drawing.close(giveawayId, showId)
      await waitOver(giveawayId)
      await first.drawing.draw(giveawayId, showId)
      return await first.service.get(giveawayId)
    },
    prizesOver: (giveawayId: GiveawayId) =>
      run(
        `UPDATE giveaway_prizes SET claim_before = now() - interval '1 second' WHERE giveaway_id = $1 AND state = 'waiting'`,
        [giveawayId],
      ),
    stock: async () =>
      (
        await run<{ available: number; held: number; sold: number }>(
          'SELECT available, held, sold FROM stock_levels WHERE variant_id = $1',
          [variantId],
        )
      )[0],
    /** What the show was told of a giveaway, in order. */
    events: async (giveawayId: GiveawayId) =>
      await run<{ type: string; data: Record<string, unknown> }>(
        `SELECT payload->>'type' AS type, payload->'data' AS data FROM outbox
           WHERE ordered AND (payload->'data'->>'giveawayId' = $1 OR payload->'data'->'giveaway'->>'giveawayId' = $1) ORDER BY id`,
        [giveawayId],
      ),
    /** Brings everything told so far into the show's log, as the relay does. */
    deliver: async () => {
      const rows = await run<{ id: number; payload: never }>(
        'SELECT id, payload FROM outbox WHERE ordered AND id > $1 ORDER BY id',
        [delivered],
      )
      for (const { id, payload } of rows) await stage.nodes[0]?.live.states.append(payload, id)
      delivered = rows.at(-1)?.id ?? delivered
    },
    viewer: (actor?: AccountActor) =>
      new Viewer(stage.nodes[1]?.url ?? '', stage.showId, actor && stage.tokenOf(actor)),
  }
}

export type GiveawayStage = Awaited<ReturnType<typeof startGiveawayStage>>

const ask = <Row>(tx: Transaction, sql: string, values: readonly unknown[] = []): Promise<Row[]> =>
  tx.query<Row>({ name: '', text: sql }, values)

const showsBySql: GiveawayShows = {
  lock: async (tx, showId) => {
    const sql = 'SELECT creator_id AS "creatorId", state FROM shows WHERE id = $1 FOR NO KEY UPDATE'
    const rows = await ask<{ creatorId: CreatorId; state: ShowState }>(tx, sql, [showId])
    return rows[0] ?? null
  },
  shelf: async (tx, showId) => {
    const sql = 'SELECT product_id AS "productId" FROM show_products WHERE show_id = $1'
    return (await ask<{ productId: ProductId }>(tx, sql, [showId])).map((row) => row.productId)
  },
}
