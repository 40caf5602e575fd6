import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { Log } from '#kernel/log'
import { type Database, statement } from './postgres/pool.ts'
import type { Redis } from './redis/client.ts'

/** Refused at start: a server is older than what this program was written for. The sentence says what to do. */
export class ServerTooOld extends Error {
  override readonly name = 'ServerTooOld'
}

const Least = z.object({
  servers: z.object({ postgres: z.object({ least: z.string() }), redis: z.object({ least: z.string() }) }),
})
const file = new URL('../../minimum-versions.json', import.meta.url)

/**
 * The first releases in which scripts cannot break out of Lua (CVE-2025-49844), by line. Debian mends its 7.0.15 in
 * place, from package revision deb12u6 on, which the server does not tell: older lines are not judged.
 */
const luaMended = {
  redis: ['7.2.11', '7.4.6', '8.0.4', '8.2.2'],
  valkey: ['7.2.11', '8.0.6', '8.1.4'],
} as const

const postgresVersion = statement('versions.postgres', `SELECT current_setting('server_version_num')::int AS number`)

/** Refuses to go on with servers that are too old, and warns of a Redis with a known hole. */
export async function checkServerVersions(database: Database, redis: Redis, log: Log): Promise<void> {
  const { servers } = Least.parse(JSON.parse(readFileSync(file, 'utf8')))
  const [row] = await database.query<{ number: number }>(postgresVersion)
  const postgres = `${Math.floor((row?.number ?? 0) / 10_000)}.${(row?.number ?? 0) % 10_000}`
  if (isOlder(postgres, servers.postgres.least))
    throw new ServerTooOld(`Postgres is ${postgres}: Livelot needs ${servers.postgres.least} or newer.`)
  const info = await redis.info('server')
  const told = (name: string) => new RegExp(`^${name}_version:([\\d.]+)`, 'm').exec(info)?.[1]
  const compatible = told('redis') ?? '0'
  if (isOlder(compatible, servers.redis.least))
    throw new ServerTooOld(`Redis is ${compatible}: Livelot needs ${servers.redis.least} or newer, or Valkey.`)
  const valkey = told('valkey')
  const mended = valkey ? luaHole('valkey', valkey) : luaHole('redis', compatible)
  if (mended)
    log.warn(
      { version: valkey ?? compatible, mended },
      'this Redis lets scripts break out of Lua (CVE-2025-49844): update it',
    )
}

/** The release of the same line that is mended, where this one is not. */
export function luaHole(kind: keyof typeof luaMended, version: string): string | null {
  const line = (text: string) => text.split('.').slice(0, 2).join('.')
  const mended = luaMended[kind].find((one) => line(one) === line(version))
  return mended && isOlder(version, mended) ? mended : null
}

export function isOlder(version: string, least: string): boolean {
  const [have, want] = [version, least].map((text) => text.split('.').map(Number)) as [number[], number[]]
  for (const [i, number] of want.entries()) if ((have[i] ?? 0) !== number) return (have[i] ?? 0) < number
  return false
}
