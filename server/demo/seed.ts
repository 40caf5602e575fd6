import { createHash } from 'node:crypto'
import {
  type AccountId,
  type Address,
  type BrandId,
  type CreatorId,
  createLot,
  type OperationId,
  type ProductId,
  type Role,
  type ShowId,
  type VariantId,
} from '@livelot/client/contracts'
import { type Database, statement, type Transaction } from '#infra/postgres/pool'
import type { AccountActor } from '#kernel/actor'
import type { Log } from '#kernel/log'
import type { Domain } from '../src/compose/domain.ts'
import { createPasswords } from '../src/modules/profiles/passwords.ts'
import { demoBrands, demoCreators, demoLots, demoProducts, demoShows } from './index.ts'
import { demoPassword, demoPeople } from './people.ts'

/** Ids are made from names, so that seeding again changes nothing. */
function idOf<T extends string = string>(name: string): T {
  const hex = createHash('sha256').update(`livelot demo ${name}`).digest('hex')
  const variant = ((Number.parseInt(hex.slice(16, 18), 16) & 0x3f) | 0x80).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(18, 20)}-${hex.slice(20, 32)}` as T
}

const pictureUrl = (picture: string) => `/media-files/${picture}`
const run = (tx: Transaction, name: string, text: string, values: unknown[]) =>
  tx.query(statement(`demo.${name}`, text), values)

export interface DemoResult {
  readonly signIns: { readonly who: string; readonly email: string; readonly password: string }[]
  readonly links: { readonly what: string; readonly path: string }[]
}

/** Fills an empty installation so that it looks alive. Repeats: what is there stays as it is. */
export async function seedDemo(database: Database, domain: Domain, log: Log): Promise<DemoResult> {
  const passwordHash = await createPasswords().hash(demoPassword)
  await database.transaction(async (tx) => {
    await seedPeople(tx, passwordHash)
    await seedCatalogue(tx, domain)
  })
  await seedShows(domain)
  await seedCards(domain, log)
  return {
    signIns: demoPeople.map(({ who, email }) => ({ who, email, password: demoPassword })),
    links: [
      { what: 'Home', path: '/' },
      ...(await showLinks(domain)),
      { what: 'Studio', path: '/studio' },
      { what: 'API', path: '/docs' },
    ],
  }
}

async function seedPeople(tx: Transaction, passwordHash: string): Promise<void> {
  for (const person of demoPeople) {
    const accountId = idOf<AccountId>(`account ${person.key}`)
    const roles: readonly Role[] = ['buyer', ...person.roles]
    await run(
      tx,
      'account',
      `INSERT INTO accounts (id, email, password_hash, display_name, roles, address)
       VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
      [
        accountId,
        person.email,
        passwordHash,
        person.displayName,
        roles,
        person.address ? JSON.stringify(person.address satisfies Address) : null,
      ],
    )
  }
  for (const creator of demoCreators)
    await run(
      tx,
      'creator',
      `INSERT INTO creators (id, account_id, handle, display_name, bio, picture_url)
       VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
      [
        idOf<CreatorId>(`creator ${creator.key}`),
        idOf<AccountId>(`account ${creator.key}`),
        creator.handle,
        creator.displayName,
        creator.bio,
        pictureUrl(creator.picture),
      ],
    )
  for (const brand of demoBrands) {
    const brandId = idOf<BrandId>(`brand ${brand.key}`)
    await run(
      tx,
      'brand',
      `INSERT INTO brands (id, handle, name, story, picture_url) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
      [brandId, brand.handle, brand.name, brand.story, pictureUrl(brand.picture)],
    )
    await run(
      tx,
      'brand_member',
      'INSERT INTO brand_members (brand_id, account_id) VALUES ($1, $2) ON CONFLICT DO NOTHING',
      [brandId, idOf<AccountId>('account seller')],
    )
  }
}

async function seedCatalogue(tx: Transaction, { inventory }: Domain): Promise<void> {
  // Newest first on pages: the last of the list is made first.
  for (const product of [...demoProducts].reverse()) {
    const productId = idOf<ProductId>(`product ${product.key}`)
    await run(
      tx,
      'product',
      `INSERT INTO products (id, brand_id, name, description, category, picture_url)
       VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING`,
      [
        productId,
        idOf<BrandId>(`brand ${product.brandKey}`),
        product.name,
        product.description,
        product.category,
        pictureUrl(product.picture),
      ],
    )
    for (const [position, variant] of product.variants.entries()) {
      const variantId = idOf<VariantId>(`variant ${variant.sku}`)
      const isNew = await run(
        tx,
        'variant',
        `INSERT INTO variants (id, product_id, sku, name, price_minor, currency, weight_grams, position)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING id`,
        [
          variantId,
          productId,
          variant.sku,
          variant.name,
          variant.priceMinor,
          product.currency,
          product.weightGrams,
          position,
        ],
      )
      if (isNew.length === 0) continue
      const former = position === 0 ? product.formerPrices : []
      const prices = former.length > 0 ? former : [{ daysAgo: 90, priceMinor: variant.priceMinor }]
      for (const price of prices)
        await run(
          tx,
          'price',
          `INSERT INTO price_history (variant_id, since, price_minor, currency)
           VALUES ($1, now() - $2 * interval '1 day', $3, $4) ON CONFLICT DO NOTHING`,
          [variantId, price.daysAgo, price.priceMinor, product.currency],
        )
      await inventory.receive(tx, { variantId, units: variant.units, reference: `demo:${variant.sku}` })
    }
  }
}

async function seedShows(domain: Domain): Promise<void> {
  const { profiles, live } = domain
  const { service, store } = live
  for (const show of demoShows) {
    const creatorId = idOf<CreatorId>(`creator ${show.creatorKey}`)
    const operationId = idOf<OperationId>(`operation ${show.key}`)
    const account = await profiles.accountById(idOf<AccountId>(`account ${show.creatorKey}`))
    if (!account || (await store.byOperation(creatorId, operationId))) continue
    const actor: AccountActor = {
      kind: 'account',
      accountId: account.accountId,
      sessionId: operationId,
      displayName: account.displayName,
      roles: account.roles,
      creatorId,
      brandIds: [],
      expiresAtMs: Number.MAX_SAFE_INTEGER,
    }
    const productIds = show.productKeys.map((key) => idOf<ProductId>(`product ${key}`))
    const startsAtMs = Date.now() + show.startsInMinutes * 60_000
    const { title, teaser } = show
    const { showId } = await service.create(
      { title, teaser, startsAtMs, productIds, operationId },
      actor,
      pictureUrl(show.picture),
    )
    await seedLots(domain, show.key, showId, actor)
    if (show.state === 'live') await service.start(showId, actor)
    if (show.pinnedProductKey) await service.pin(showId, idOf<ProductId>(`product ${show.pinnedProductKey}`), actor)
  }
}

async function seedLots({ auctions }: Domain, showKey: string, showId: ShowId, actor: AccountActor): Promise<void> {
  for (const { key, goods, startPriceMinor, terms } of demoLots.filter((lot) => lot.showKey === showKey)) {
    const wish =
      'sku' in goods
        ? { kind: 'variant', variantId: idOf<VariantId>(`variant ${goods.sku}`) }
        : { kind: 'ad-hoc', title: goods.title, pictureUrl: pictureUrl(goods.picture) }
    const operationId = idOf<OperationId>(`operation lot ${key}`)
    await auctions.lots.create(
      createLot.request.parse({ showId, goods: wish, startPriceMinor, terms, operationId }),
      actor,
    )
  }
}

/** Where the demo's shows are; their ids were made when they were scheduled. */
async function showLinks({ live }: Domain): Promise<DemoResult['links']> {
  const links = demoShows.map(async (show) => {
    const creatorId = idOf<CreatorId>(`creator ${show.creatorKey}`)
    const record = await live.store.byOperation(creatorId, idOf<OperationId>(`operation ${show.key}`))
    const what = `${show.state === 'live' ? 'Live' : 'Upcoming'} show “${show.title}”`
    return record ? [{ what, path: `/shows/${record.showId}` }] : []
  })
  return (await Promise.all(links)).flat()
}

/** A card that works for each buyer. The demo stands without it when the provider does not answer. */
async function seedCards({ payments }: Domain, log: Log): Promise<void> {
  for (const person of demoPeople.filter((one) => one.hasCard)) {
    const accountId = idOf<AccountId>(`account ${person.key}`)
    try {
      if ((await payments.listCards(accountId)).length > 0) continue
      const answer = await fetch(payments.cardForm().tokenUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          number: '4242424242424242',
          expMonth: 12,
          expYear: new Date().getUTCFullYear() + 3,
          cvc: '123',
        }),
        signal: AbortSignal.timeout(5_000),
      })
      const { id } = (await answer.json()) as { id: string }
      await payments.saveCard(accountId, id)
    } catch (error) {
      log.warn({ err: error, person: person.key }, 'no demo card saved')
    }
  }
}
