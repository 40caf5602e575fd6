import dgram from 'node:dgram'
import net from 'node:net'
import { SetupProblem } from './problems.mjs'

/** Below the range that Linux hands out to outgoing connections (from 32768), so that none of them takes our port. */
const lowestPort = 21_000
const highestPort = 31_999

/** @param {number} port @param {string} host @returns {Promise<boolean>} */
export function isTcpPortFree(port, host) {
  return new Promise((resolve) => {
    const server = net.createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)))
  })
}

/** @param {number} port @param {string} host @returns {Promise<boolean>} */
export function isUdpPortFree(port, host) {
  return new Promise((resolve) => {
    const socket = dgram.createSocket('udp4')
    socket.once('error', () => {
      socket.close()
      resolve(false)
    })
    socket.bind({ port, address: host, exclusive: true }, () => socket.close(() => resolve(true)))
  })
}

/**
 * A port that nothing on this machine uses now, for TCP and UDP alike, with as many free neighbours above it as asked.
 * @param {{ host?: string, count?: number, avoid?: Iterable<number> }} [options]
 * @returns {Promise<number>}
 */
export async function freePort({ host = '127.0.0.1', count = 1, avoid = [] } = {}) {
  const avoided = new Set(avoid)
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const first = lowestPort + Math.floor(Math.random() * (highestPort - lowestPort - count))
    const wanted = Array.from({ length: count }, (_, index) => first + index)
    if (wanted.some((port) => avoided.has(port))) continue
    const free = await Promise.all(wanted.flatMap((port) => [isTcpPortFree(port, host), isUdpPortFree(port, host)]))
    if (free.every(Boolean)) return first
  }
  throw new SetupProblem(
    `No free port was found between ${lowestPort} and ${highestPort}: stop some programs, and start again.`,
  )
}

/**
 * @typedef {object} WantedPort
 * @property {string} use What listens there, as the person knows it.
 * @property {string} variable The environment variable that moves it.
 * @property {number} port
 * @property {string} host
 * @property {boolean} [udp] Whether UDP is needed as well as TCP.
 */

/**
 * Throws one sentence when another program holds a port that the platform is about to use.
 * @param {WantedPort[]} wanted
 */
export async function requireFreePorts(wanted) {
  for (const { use, variable, port, host, udp } of wanted) {
    const free = (await isTcpPortFree(port, host)) && (!udp || (await isUdpPortFree(port, host)))
    if (!free) {
      throw new SetupProblem(
        `Port ${port} (${use}) is taken by another program: stop that program, or start with another port, for example ${variable}=${port + 10} npm start.`,
      )
    }
  }
}

/**
 * Reads a port from the environment; a value that is no port is told in one sentence.
 * @param {NodeJS.ProcessEnv} env
 * @param {string} variable
 * @param {number} fallback
 */
export function portFrom(env, variable, fallback) {
  const text = env[variable]
  if (text === undefined || text === '') return fallback
  const port = Number(text)
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new SetupProblem(`${variable}=${text} is not a port: set it to a number from 1 to 65535.`)
  }
  return port
}
