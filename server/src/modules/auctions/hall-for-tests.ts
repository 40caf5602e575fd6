import { generateKeyPairSync } from 'node:crypto'
import {
  type AccountId,
  type Auction,
  type AuctionId,
  AuctionLedger,
  type BidAnswer,
  type BrandId,
  type CardId,
  type CreatorId,
  createLot,
  EnglishTerms,
  type Lot,
  type LotId,
  type Money,
  type OperationId,
  type ProductId,
  type RequestInputOf,
  type ShowId,
  type VariantId,
} from '@livelot/client/contracts'
import { pino } from 'pino'
import type { z } from 'zod'
import type { ClockGuard } from '#infra/clock/guard'
import { createDatabase } from '#infra/postgres/pool'
import { createRedis, whenReady } from '#infra/redis/client'
import type { AccountActor } from '#kernel/actor'
import { newId } from '#kernel/ids'
import { createInventory } from '#modules/inventory'
import { createCatalogService } from '../catalog/service.ts'
import { createCatalogStore } from '../catalog/store.pg.ts'
import { createShowStore, inTransaction } from '../live/store.pg.ts'
import { cardSharers, cardSharersAmong } from '../payments/card-sharing.pg.ts'
import { createPasswords } from '../profiles/passwords.ts'
import { createProfilesService } from '../profiles/service.ts'
import { createProfilesStore } from '../profiles/store.pg.ts'
import { createAccessTokens } from '../profiles/tokens.ts'
import { createAuctions } from './auctions.ts'
import { gateKeys } from './keys.ts'
import type { SavedCards } from './needs.ts'

export const log = pino({ level: 'silent' })
export const operationId = () => newId<OperationId>()

export interface Bidder {
  readonly actor: AccountActor
  readonly accountId: AccountId
  readonly cardId: CardId
}

export interface Told {
  readonly accountId: AccountId
  readonly event: string
  readonly data: unknown
}

const address = { name: 'Ada', line1: '1 Pine St', city: 'Austin', region: 'TX', postalCode: '73301', country: 'US' }
const privateKey = generateKeyPairSync('ed25519').privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64')

/** Terms of an English auction of an hour; tests end it by moving its end. */
export const english = (terms: Partial<z.infer<typeof EnglishTerms>> = {}) =>
  EnglishTerms.parse({ type: 'english', durationSeconds: 3_600, closing: { kind: 'soft' }, ...terms })

/** One creator with a live show and one product of a thousand units, on real servers. For tests only. */
export async function openHall(urls: { readonly databaseUrl: string; readonly redisUrl: string }) {
  const told: Told[] = []
  const deposits = new Map<AccountId, Money>()
  const teller = {
    toAccount: (accountId: AccountId, event: { readonly name: string }, data: unknown) =>
      void told.push({ accountId, event: event.name, data }),
  }

  /** The module on connections of its own, as a process has it. */
  const openProcess = async (options: { readonly clock?: ClockGuard; readonly lotsAtOnceMax?: number } = {}) => {
    const database = createDatabase({ url: urls.databaseUrl, poolSizeMax: 12, applicationName: 'test', log })
    const redis = createRedis(urls.redisUrl, { use: 'hot', name: 'test', log })
    await whenReady(redis, 10_000)
    const run = <Row>(sql: string, values: readonly unknown[] = []) =>
      database.query<Row>({ name: '', text: sql }, values)
    const inventory = createInventory({ database })
    const profiles = createProfilesService({
      store: createProfilesStore(database),
      passwords: createPasswords(),
      tokens: createAccessTokens(privateKey),
      revocations: { isRevoked: () => false, revoke: async () => undefined, load: async () => undefined },
      limits: { take: () => 0 },
    })
    const catalog = createCatalogService({
      store: createCatalogStore(database),
      availableUnits: inventory.availableUnits,
      brandById: async (brandId) => (await profiles.brandsByIds([brandId]))[0] ?? null,
    })
    const shows = createShowStore(database)
    const cards: SavedCards = {
      owns: async (accountId, cardId) =>
        (await run('SELECT 1 FROM payment_cards WHERE id = $1 AND account_id = $2', [cardId, accountId])).length === 1,
      hasAny: async (accountId) =>
        (await run('SELECT 1 FROM payment_cards WHERE account_id = $1', [accountId])).length > 0,
      sharers: (accountId) => cardSharers(database, accountId),
      sharersAmong: (accountId, others) => cardSharersAmong(database, accountId, others),
    }
    const auctions = createAuctions({
      database,
      redis,
      lotsAtOnceMax: 50,
      ...options,
      shows: { byId: shows.byId, lock: (tx, showId) => inTransaction(tx).lock(showId), rules: shows.rules },
      catalog,
      inventory,
      profiles,
      cards,
      deposits: { hold: async ({ accountId }) => deposits.get(accountId) ?? null },
      teller,
      receiptSecret: privateKey,
      log,
    })
    const sweeps = new Map(auctions.sweeps().map((one) => [one.name.replace('auctions.', ''), one.run]))
    return {
      database,
      redis,
      run,
      inventory,
      catalog,
      profiles,
      shows,
      auctions: {
        ...auctions,
        /** As a client reads what is streamed to it. */
        exportLedger: async (auctionId: AuctionId): Promise<AuctionLedger> => {
          let text = ''
          for await (const part of (await auctions.exportLedger(auctionId)).parts) text += part
          return AuctionLedger.parse(JSON.parse(text))
        },
      },
      sweep: async (name: 'tick' | 'copy-logs' | 'flush-fairness') => await sweeps.get(name)?.(),
      close: async () => {
        redis.disconnect()
        await database.close()
      },
    }
  }

  const hall = await openProcess()
  const { run, auctions, redis } = hall

  const addAccount = async (roles: AccountActor['roles'] = ['buyer']): Promise<AccountActor> => {
    const accountId = newId<AccountId>()
    await run(
      `INSERT INTO accounts (id, email, password_hash, display_name, roles, address) VALUES ($1, $2, 'none', 'Ada', $3, $4)`,
      [accountId, `${accountId}@hall.test`, roles, JSON.stringify(address)],
    )
    const facts = { sessionId: 'session', displayName: 'Ada', creatorId: null, brandIds: [] }
    return { kind: 'account', accountId, roles, ...facts, expiresAtMs: Number.MAX_SAFE_INTEGER }
  }
  const addCard = async (accountId: AccountId, fingerprint: string = newId()): Promise<CardId> => {
    const cardId = newId<CardId>()
    await run(
      `INSERT INTO payment_cards (id, account_id, provider, customer_ref, payment_method_ref, brand, last4, exp_month,
         exp_year, fingerprint) VALUES ($1, $2, 'test', 'c', $3, 'visa', '4242', 12, 2030, $4)`,
      [cardId, accountId, newId(), fingerprint],
    )
    return cardId
  }
  const addHost = async (): Promise<AccountActor & { readonly creatorId: CreatorId }> => {
    const actor = await addAccount(['buyer', 'creator'])
    const creatorId = newId<CreatorId>()
    await run(`INSERT INTO creators (id, account_id, handle, display_name) VALUES ($1, $2, $3, 'Mara')`, [
      creatorId,
      actor.accountId,
      creatorId,
    ])
    return { ...actor, creatorId }
  }
  const addShow = async (creatorId: CreatorId, state: 'scheduled' | 'live' | 'ended' = 'live'): Promise<ShowId> => {
    const showId = newId<ShowId>()
    await run(
      `INSERT INTO shows (id, creator_id, title, state, starts_at, started_at, ended_at, operation_id, request_hash)
       VALUES ($1, $2, 'Cups', $3, now(), CASE WHEN $3 <> 'scheduled' THEN now() END,
         CASE WHEN $3 = 'ended' THEN now() END, $1, '')`,
      [showId, creatorId, state],
    )
    return showId
  }
  const addVariant = async (units: number) => {
    const ids = { brandId: newId<BrandId>(), productId: newId<ProductId>(), variantId: newId<VariantId>() }
    await run(`INSERT INTO brands (id, handle, name) VALUES ($1, $1::uuid::text, 'Kiln')`, [ids.brandId])
    await run(`INSERT INTO products (id, brand_id, name, category, picture_url) VALUES ($1, $2, 'Cup', 'home', '/p')`, [
      ids.productId,
      ids.brandId,
    ])
    await run(
      `INSERT INTO variants (id, product_id, sku, name, price_minor, currency, weight_grams)
       VALUES ($1, $2, $1::uuid::text, 'Blue', 5000, 'USD', 400)`,
      [ids.variantId, ids.productId],
    )
    const delivery = { variantId: ids.variantId, units, reference: `delivery:${ids.variantId}` }
    await hall.database.transaction((tx) => hall.inventory.receive(tx, delivery))
    return ids
  }
  const enter = (showId: ShowId, { actor, cardId }: Bidder, limitMinor: number | null = null) =>
    auctions.entries.enter({ showId, cardId, acceptedTermsVersion: 1, limitMinor }, actor)

  const host = await addHost()
  const goods = await addVariant(1_000)
  const showId = await addShow(host.creatorId)

  return {
    ...hall,
    ...goods,
    host,
    showId,
    told,
    deposits,
    openProcess,
    addAccount,
    addCard,
    addHost,
    addShow,
    addVariant,
    enter,

    /** Somebody with address and card, and a paddle in the show. */
    bidder: async (inShow: ShowId | null = showId, limitMinor: number | null = null): Promise<Bidder> => {
      const actor = await addAccount()
      const bidder = { actor, accountId: actor.accountId, cardId: await addCard(actor.accountId) }
      if (inShow) await enter(inShow, bidder, limitMinor)
      return bidder
    },
    lot: (request: Partial<RequestInputOf<typeof createLot>> = {}): Promise<Lot> => {
      const { variantId } = goods
      const usual = { showId, goods: { kind: 'variant', variantId }, startPriceMinor: 1_000, terms: english() }
      return auctions.lots.create(createLot.request.parse({ ...usual, operationId: operationId(), ...request }), host)
    },
    start: (lotId: LotId): Promise<Auction> => auctions.starts.start({ lotId, operationId: operationId() }, host),
    bid: (
      auctionId: AuctionId,
      { accountId }: Bidder,
      amountMinor: number,
      kind: 'bid' | 'max' = 'bid',
      bidId = operationId(),
    ): Promise<BidAnswer> =>
      auctions.bids.place({ auctionId, amountMinor, kind, isSure: false, operationId: bidId }, accountId),

    /** The end is moved, not a clock: Redis' own time decides all the same. */
    moveEnd: async (auctionId: AuctionId, inMs: number, inShow: ShowId = showId): Promise<void> => {
      const [auction = ''] = gateKeys(inShow, auctionId)
      await redis.hset(auction, 'ends_at_ms', Date.now() + inMs)
    },
    keysOf: (auctionId: AuctionId) => gateKeys(showId, auctionId),
    /** What the room will be told of, oldest first. */
    toldRoom: async (type: string) => {
      const rows = await run<{ data: Record<string, unknown> }>(
        `SELECT payload -> 'data' AS data FROM outbox
         WHERE job = 'live.append-show-event' AND payload ->> 'type' = $1 ORDER BY id`,
        [type],
      )
      return rows.map((row) => row.data)
    },
    jobs: async (job: string) =>
      (await run<{ payload: unknown }>('SELECT payload FROM outbox WHERE job = $1 ORDER BY id', [job])).map(
        (row) => row.payload,
      ),
    stock: async () =>
      (
        await run<{ available: number; held: number; sold: number }>(
          'SELECT available, held, sold FROM stock_levels WHERE variant_id = $1',
          [goods.variantId],
        )
      )[0],
  }
}

export type Hall = Awaited<ReturnType<typeof openHall>>
