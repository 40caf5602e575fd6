import { createHash, randomBytes, randomUUID } from 'node:crypto'
import type { Account, Session } from '@livelot/client/contracts'
import type { Client } from 'pg'
import { tokenMaker } from './tokens.ts'

/** Never matches a password: nobody of the crowd signs in. */
const noPassword = '!'
const address = {
  name: 'Bench Buyer',
  line1: '1 Rush Street',
  city: 'Springfield',
  region: 'IL',
  postalCode: '62701',
  country: 'US',
}

let seeded = 0

/** Accounts with an address and an open session each, written in two statements. */
export async function seedBuyers(database: Client, count: number, privateKey: string): Promise<Session[]> {
  const first = seeded
  seeded += count
  const people = Array.from({ length: count }, (_, index) => ({
    accountId: randomUUID(),
    sessionId: randomUUID(),
    email: `buyer-${first + index}@bench.example`,
    name: `Buyer ${first + index}`,
  }))
  await database.query(
    `INSERT INTO accounts (id, email, password_hash, display_name, roles, address)
     SELECT id, email, $4, name, '{buyer}', $5::jsonb FROM unnest($1::uuid[], $2::text[], $3::text[]) AS new (id, email, name)`,
    [column(people, 'accountId'), column(people, 'email'), column(people, 'name'), noPassword, JSON.stringify(address)],
  )
  await database.query(
    `INSERT INTO sessions (id, account_id, token_hash, expires_at)
     SELECT id, account_id, hash, now() + interval '1 day'
     FROM unnest($1::uuid[], $2::uuid[], $3::bytea[]) AS new (id, account_id, hash)`,
    [column(people, 'sessionId'), column(people, 'accountId'), people.map(() => spentTokenHash())],
  )
  const make = tokenMaker(privateKey)
  return people.map((person) => sessionOf(make({ ...person, roles: ['buyer'], creatorId: null }), person, ['buyer']))
}

export interface Stage {
  creator: Session
  productId: string
  variantIds: string[]
}

/** A creator, a brand, and one product with a variant for each of `stocks`, which came in one delivery each. */
export async function seedStage(database: Client, stocks: readonly number[], privateKey: string): Promise<Stage> {
  const [accountId, creatorId, brandId] = [randomUUID(), randomUUID(), randomUUID()]
  const [productId, sessionId] = [randomUUID(), randomUUID()]
  const person = { accountId, sessionId, email: 'creator@bench.example', name: 'Bench Creator' }
  const roles = ['buyer', 'creator'] as const
  await database.query('BEGIN')
  await database.query(
    `INSERT INTO accounts (id, email, password_hash, display_name, roles) VALUES ($1, $2, $3, $4, '{buyer,creator}')`,
    [accountId, person.email, noPassword, person.name],
  )
  await database.query(
    `INSERT INTO sessions (id, account_id, token_hash, expires_at) VALUES ($1, $2, $3, now() + interval '1 day')`,
    [sessionId, accountId, spentTokenHash()],
  )
  await database.query(`INSERT INTO creators (id, account_id, handle, display_name) VALUES ($1, $2, 'bench', $3)`, [
    creatorId,
    accountId,
    person.name,
  ])
  await database.query(`INSERT INTO brands (id, handle, name) VALUES ($1, 'bench-brand', 'Bench Brand')`, [brandId])
  await database.query(
    `INSERT INTO products (id, brand_id, name, category, picture_url) VALUES ($1, $2, 'Rush lamp', 'home', '/rush.png')`,
    [productId, brandId],
  )
  const variantIds: string[] = []
  for (const units of stocks) variantIds.push(await seedVariant(database, productId, variantIds.length, units))
  await database.query('COMMIT')
  const token = tokenMaker(privateKey)({ ...person, roles, creatorId })
  return { creator: sessionOf(token, person, roles, creatorId), productId, variantIds }
}

async function seedVariant(database: Client, productId: string, position: number, units: number): Promise<string> {
  const variantId = randomUUID()
  await database.query(
    `INSERT INTO variants (id, product_id, sku, name, price_minor, currency, weight_grams, position)
     VALUES ($1, $2, $3, 'One size', 4900, 'USD', 500, $4)`,
    [variantId, productId, `RUSH-${position}`, position],
  )
  await database.query(
    `INSERT INTO price_history (variant_id, since, price_minor, currency) VALUES ($1, now() - interval '40 days', 4900, 'USD')`,
    [variantId],
  )
  await database.query('INSERT INTO stock_levels (variant_id, available) VALUES ($1, $2)', [variantId, units])
  await database.query(
    `INSERT INTO stock_movements (variant_id, kind, reference, available_change, held_change, sold_change)
     VALUES ($1, 'received', $2, $3, 0, 0)`,
    [variantId, `bench/${variantId}`, units],
  )
  return variantId
}

/** A refresh token that nobody knows: the sessions end with their access tokens. */
const spentTokenHash = (): Buffer => createHash('sha256').update(randomBytes(32)).digest()

function sessionOf(
  { token, expiresAtMs }: { token: string; expiresAtMs: number },
  person: { accountId: string; email: string; name: string },
  roles: readonly string[],
  creatorId: string | null = null,
): Session {
  const account = {
    accountId: person.accountId,
    email: person.email,
    displayName: person.name,
    roles,
    creatorId,
    brandIds: [],
    address: null,
    createdAtMs: Date.now(),
  } as unknown as Account
  return { accessToken: token, accessTokenExpiresAtMs: expiresAtMs, refreshToken: null, account }
}

const column = <T, K extends keyof T>(rows: readonly T[], name: K): T[K][] => rows.map((row) => row[name])
