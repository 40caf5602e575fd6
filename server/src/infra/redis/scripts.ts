import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { traced } from '../telemetry/trace.ts'
import { type RedisServers, serverOf } from './client.ts'

export interface Script {
  readonly name: string
  readonly text: string
  readonly sha: string
}

const includeLine = /^-- @include ([a-z0-9_]+)$/gm

/**
 * Reads a Lua script; a line `-- @include name` is replaced by infra/redis/lua/name.lua. Redis keeps scripts by their
 * hash, so the text is sent once a server and the hash from then on.
 */
export function loadScript(file: URL): Script {
  const text = readFileSync(file, 'utf8').replace(includeLine, (_line, name: string) =>
    readFileSync(new URL(`./lua/${name}.lua`, import.meta.url), 'utf8').trimEnd(),
  )
  const name = file.pathname.split('/').pop() ?? 'script'
  return { name, text, sha: createHash('sha1').update(text).digest('hex') }
}

/** Runs a script once, on the server that holds its first key; all share that slot. The caller parses the answer. */
export function runScript(
  redis: RedisServers,
  script: Script,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> {
  return traced(`redis ${script.name}`, { kind: 'client' }, () => evaluate(redis, script, keys, args))
}

async function evaluate(
  redis: RedisServers,
  script: Script,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> {
  const server = serverOf(redis, keys[0] ?? '')
  try {
    return await server.evalsha(script.sha, keys.length, ...keys, ...args)
  } catch (error) {
    // NOSCRIPT comes before anything ran, so sending the text is not a repetition.
    if (error instanceof Error && error.message.startsWith('NOSCRIPT'))
      return await server.eval(script.text, keys.length, ...keys, ...args)
    throw error
  }
}
