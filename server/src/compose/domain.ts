import type { ShowId } from '@livelot/client/contracts'
import { createBuckets } from '#edge/token-bucket'
import { createSandboxProvider } from '#infra/payments/sandbox-provider'
import { Refusal } from '#kernel/errors'
import type { Route } from '#kernel/route'
import { createAuctions, type SavedCards } from '../modules/auctions/index.ts'
import { catalogRoutes } from '../modules/catalog/http.ts'
import { createCatalogService } from '../modules/catalog/service.ts'
import { createCatalogStore } from '../modules/catalog/store.pg.ts'
import { checkoutRoutes } from '../modules/checkout/http.ts'
import { createCheckoutService } from '../modules/checkout/index.ts'
import { createCoupons } from '../modules/coupons/index.ts'
import { createFlashSales } from '../modules/flash-sales/index.ts'
import { createGiveaways, type PrizeGoods } from '../modules/giveaways/index.ts'
import { createInventory } from '../modules/inventory/index.ts'
import { createLedger } from '../modules/ledger/index.ts'
import { liveRoutes } from '../modules/live/http.ts'
import { createLive } from '../modules/live/index.ts'
import { inTransaction } from '../modules/live/store.pg.ts'
import { paymentsRoutes } from '../modules/payments/http.ts'
import { createPaymentsService } from '../modules/payments/index.ts'
import { profilesRoutes } from '../modules/profiles/http.ts'
import { createPasswords } from '../modules/profiles/passwords.ts'
import { createRevocations } from '../modules/profiles/revocations.ts'
import { createProfilesService } from '../modules/profiles/service.ts'
import { createProfilesStore } from '../modules/profiles/store.pg.ts'
import { createAccessTokens } from '../modules/profiles/tokens.ts'
import { settlementRoutes } from '../modules/settlements/http.ts'
import { createSettlements, type SettlementService } from '../modules/settlements/index.ts'
import { createWaitingRooms, waitingRoomOpening } from '../modules/waiting-rooms/index.ts'
import type { Ground } from './ground.ts'

// A person forgets a password a few times an hour; a machine that guesses is slowed to one try in ten seconds.
const triesPerEmail = { burst: 10, perSecond: 0.1 }
const triesPerAddress = { burst: 60, perSecond: 2 }

/** All modules, put together. Every process that needs any of them uses this one composition. */
export async function composeDomain(ground: Ground) {
  const { config, database, redis, bus, teller, log } = ground
  const profiles = await composeProfiles(ground)
  const inventory = createInventory({ database })
  const catalog = createCatalogService({
    store: createCatalogStore(database),
    availableUnits: inventory.availableUnits,
    brandById: async (brandId) => (await profiles.brandsByIds([brandId]))[0] ?? null,
  })
  const live = createLive({
    database,
    redis,
    bus,
    log,
    creators: profiles,
    shelfItems: catalog.shelfItems,
    tokenSecret: config.secrets.authPrivateKey,
  })
  const flashSales = createFlashSales({
    database,
    redis,
    inventory,
    catalog,
    shows: {
      lock: (tx, showId) => inTransaction(tx).lock(showId),
      shelf: (tx, showId) => inTransaction(tx).shelf(showId),
    },
    clock: ground.clock,
    waitingRooms: waitingRoomOpening,
    newcomersWaitMs: () => checkout.newcomersWaitMs(),
    teller,
    log,
    registry: ground.registry,
  })
  live.registerStateContributor(flashSales.service.showFields)
  const waitingRooms = createWaitingRooms({
    database,
    redis,
    sales: { ...flashSales.holds, ofShow: flashSales.service.ofShow },
    teller,
    ticketSecret: config.secrets.authPrivateKey,
    log,
  })
  live.registerStateContributor(waitingRooms.service.showFields)
  const giveaways = createGiveaways({
    database,
    shows: {
      lock: (tx, showId) => inTransaction(tx).lock(showId),
      shelf: (tx, showId) => inTransaction(tx).shelf(showId),
    },
    rooms: live.rooms,
    goods: prizeGoods(catalog, inventory),
    addresses: profiles,
    teller,
    log,
  })
  live.registerStateContributor(giveaways.service.showFields)
  const coupons = createCoupons({
    database,
    shows: {
      byId: live.store.byId,
      shelf: live.store.shelf,
      lock: (tx, showId) => inTransaction(tx).lock(showId),
    },
  })
  live.registerStateContributor(coupons.service.showFields)
  const provider = createSandboxProvider({
    baseUrl: config.payments.url,
    publicUrl: config.payments.publicUrl,
    apiKey: config.secrets.paymentApiKey,
    webhookSecrets: [config.secrets.paymentWebhook],
    onCall: ground.metrics.providerCalled,
  })
  ground.metrics.watchBreaker(provider.isBreakerOpen)
  const ledger = createLedger({ platformFeeBasisPoints: config.payments.platformFeeBasisPoints })
  const payments = createPaymentsService({ database, provider, ledger, log })
  const auctions = createAuctions({
    database,
    redis,
    clock: ground.clock,
    shows: {
      byId: live.store.byId,
      lock: (tx, showId) => inTransaction(tx).lock(showId),
      rules: live.store.rules,
    },
    catalog,
    inventory,
    profiles,
    cards: savedCards(payments),
    deposits: { hold: (wish) => settlements.deposits.hold(wish) },
    teller,
    lotsAtOnceMax: config.auctions.lotsAtOnceMax,
    receiptSecret: config.secrets.authPrivateKey,
    receiptKeysBefore: config.auctions.receiptKeysBefore,
    log,
    registry: ground.registry,
  })
  live.registerStateContributor(auctions.views.showFields)
  const checkout = createCheckoutService({
    database,
    redis,
    bus,
    teller,
    log,
    catalog,
    inventory,
    flashSales: flashSales.holds,
    coupons: coupons.redeeming,
    payments,
    addresses: profiles,
    shows: { ownerOf: (showId) => ownerOf(live, profiles, showId) },
  })
  const settlements: SettlementService = createSettlements({
    database,
    teller,
    log,
    auctions,
    checkouts: checkout.wins,
    catalog,
    payments,
    people: profiles,
    endedAgoMs: (showId) => endedAgoMs(live, showId),
  })
  return {
    profiles,
    inventory,
    catalog,
    live,
    flashSales,
    waitingRooms,
    auctions,
    giveaways,
    coupons,
    payments,
    checkout,
    settlements,
    close: async () => {
      await checkout.close()
      provider.close()
    },
  }
}

export type Domain = Awaited<ReturnType<typeof composeDomain>>

/** Every way in, over HTTP and sockets. */
export function routesOf(domain: Domain): Route[] {
  return [
    ...profilesRoutes(domain.profiles),
    ...catalogRoutes(domain.catalog),
    ...liveRoutes(domain.live.service),
    ...domain.flashSales.routes(),
    ...domain.waitingRooms.routes(),
    ...domain.auctions.routes(),
    ...domain.giveaways.routes(),
    ...domain.coupons.routes(),
    ...paymentsRoutes(domain.payments),
    ...checkoutRoutes(domain.checkout),
    ...settlementRoutes(domain.settlements),
  ]
}

/** Who has which card, as bidding asks it. */
function savedCards({ cardOnFile, listCards, cardSharers, cardSharersAmong }: Domain['payments']): SavedCards {
  return {
    owns: async (accountId, cardId) => {
      try {
        await cardOnFile(accountId, cardId)
        return true
      } catch (error) {
        if (error instanceof Refusal) return false
        throw error
      }
    },
    hasAny: async (accountId) => (await listCards(accountId)).length > 0,
    sharers: cardSharers,
    sharersAmong: cardSharersAmong,
  }
}

/** A giveaway's prizes are units of the stock like any other; nobody pays for them. */
function prizeGoods(catalog: Domain['catalog'], inventory: Domain['inventory']): PrizeGoods {
  return {
    variant: catalog.variant,
    setAside: (tx, unit) => inventory.claimStock(tx, { ...unit, units: 1 }),
    handOver: inventory.settleStock,
    giveBack: inventory.releaseStock,
  }
}

async function composeProfiles({ config, database, redis, bus, log }: Ground) {
  const revocations = createRevocations(redis, bus, log)
  await revocations.load()
  const perEmail = createBuckets(triesPerEmail)
  const perAddress = createBuckets(triesPerAddress)
  return createProfilesService({
    store: createProfilesStore(database),
    passwords: createPasswords(),
    tokens: createAccessTokens(config.secrets.authPrivateKey),
    revocations,
    limits: { take: (email, ip) => perAddress.take(ip) || perEmail.take(email) },
  })
}

/** By this process' clock: nothing is decided to the minute by it. */
async function endedAgoMs(live: Domain['live'], showId: ShowId): Promise<number | null> {
  const endedAtMs = (await live.store.byId(showId))?.endedAtMs ?? null
  return endedAtMs === null ? null : Date.now() - endedAtMs
}

async function ownerOf(live: Domain['live'], profiles: Domain['profiles'], showId: ShowId) {
  const show = await live.store.byId(showId)
  if (!show) return null
  const accountId = await profiles.accountOfCreator(show.creatorId)
  return accountId ? { creatorId: show.creatorId, accountId } : null
}
