import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { freePort } from './ports.mjs'
import { steadyPort } from './services.mjs'

/** A media node listens on one port a core from its base port on; more than this many cores are not worth avoiding. */
const rtcPortCount = 16

/**
 * Chooses the ports of a platform: the given ones, else free ones. The embedded servers keep theirs from start to start.
 * @param {string} dataDir
 * @param {import('./supervisor.d.mts').WantedPorts} ports
 * @param {number} apiCount
 * @returns {Promise<import('./platform-environment.mjs').PlatformPorts>}
 */
export async function choosePorts(dataDir, ports, apiCount) {
  const file = path.join(dataDir, 'ports.json')
  /** @type {{ postgres?: number, redis?: number }} */
  let remembered = {}
  try {
    remembered = JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    // The first start, or a broken file: new ports are as good.
  }
  /** @type {number[]} */
  const taken = Object.values(ports).filter((port) => port !== undefined)
  const take = async (/** @type {number | undefined} */ wanted, count = 1) => {
    const port = wanted ?? (await freePort({ count, avoid: taken }))
    for (let offset = 0; offset < count; offset += 1) taken.push(port + offset)
    return port
  }
  const http = [await take(ports.http)]
  while (http.length < apiCount) http.push(await take(undefined))
  const chosen = {
    http,
    mediaControl: await take(ports.mediaControl),
    sandbox: await take(ports.sandbox),
    rtcBase: await take(ports.rtcBase, rtcPortCount),
    postgres: await take(ports.postgres ?? (await steadyPort(remembered.postgres, taken))),
    redis: await take(ports.redis ?? (await steadyPort(remembered.redis, taken))),
  }
  mkdirSync(dataDir, { recursive: true })
  writeFileSync(file, JSON.stringify({ postgres: chosen.postgres, redis: chosen.redis }))
  return chosen
}
