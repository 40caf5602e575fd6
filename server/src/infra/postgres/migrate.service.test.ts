import { pino } from 'pino'
import { expect, it } from 'vitest'
import { testDatabase } from '../../../test/support/services.ts'
import { migrate } from './migrate.ts'
import { createDatabase, statement } from './pool.ts'

const log = pino({ level: 'silent' })

async function withDatabase(work: (url: string, run: (sql: string) => Promise<unknown[]>) => Promise<void>) {
  await using database = await testDatabase()
  const db = createDatabase({ url: database.url, poolSizeMax: 2, applicationName: 'test', log })
  try {
    await work(database.url, (sql) => db.query(statement(`test.${sql.slice(0, 50)}`, sql)))
  } finally {
    await db.close()
  }
}

it('does nothing the second time, however many start at once', async () => {
  await withDatabase(async (url) => {
    const runs = await Promise.all([migrate(url, log), migrate(url, log), migrate(url, log)])
    expect(runs).toEqual([{ applied: [] }, { applied: [] }, { applied: [] }])
  })
})

it('refuses a database that a newer version has migrated', async () => {
  await withDatabase(async (url, run) => {
    await run(`INSERT INTO migrations (name, hash) VALUES ('9999_future_thing.sql', 'x')`)
    await expect(migrate(url, log)).rejects.toThrow('migrated by a newer Livelot (9999_future_thing.sql)')
  })
})

it('refuses migrations that were edited after they were applied', async () => {
  await withDatabase(async (url, run) => {
    await run(`UPDATE migrations SET hash = 'other' WHERE name = '0001_kernel_outbox.sql'`)
    await expect(migrate(url, log)).rejects.toThrow('changed after they had been applied (0001_kernel_outbox.sql)')
  })
})

it('applies what is missing again after a lost row, or not at all: a failed migration leaves nothing', async () => {
  await withDatabase(async (url, run) => {
    await run(`DELETE FROM migrations WHERE name = '0003_catalog_products.sql'`)
    await expect(migrate(url, log)).rejects.toThrow('Migration 0003_catalog_products.sql failed')
    const rows = await run(`SELECT 1 FROM migrations WHERE name = '0003_catalog_products.sql'`)
    expect(rows).toEqual([])
  })
})
