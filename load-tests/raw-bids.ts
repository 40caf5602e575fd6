import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { scripts } from '../server/src/modules/auctions/auction-scripts.ts'
import { gateKeys } from '../server/src/modules/auctions/keys.ts'

const run = promisify(execFile)

/**
 * One line of Lua in front of the platform's own script: it counts the amount up and takes turns between two bidders, so
 * that each call is a bid that leads. It costs the raw limit one INCR.
 */
const countUp = `
local n = redis.call('INCR', KEYS[8])
ARGV[2] = ARGV[#ARGV - n % 2]
ARGV[3] = string.format('00000000-0000-7000-8000-%012x', n)
ARGV[5] = tostring(tonumber(ARGV[5]) + n)
`

export interface RawLimit {
  readonly bidsPerSecond: number
}

/** What redis-benchmark reaches with the script of bids, one command at a time on each of 50 connections. */
export async function measureRawBids(options: {
  redisUrl: string
  showId: string
  auctionId: string
  accountIds: readonly [string, string]
  fromMinor: number
  bids: number
}): Promise<RawLimit> {
  const { hostname, port, password } = new URL(options.redisUrl)
  const env = { ...process.env, REDISCLI_AUTH: password }
  const cli = async (...args: string[]) =>
    (await run('redis-cli', ['-h', hostname, '-p', port, ...args], { env })).stdout.trim()
  const keys = gateKeys(options.showId as never, options.auctionId as never)
  const counter = `livelot:bench:{${options.showId}}:${options.auctionId}`
  const sha = await cli('SCRIPT', 'LOAD', `${countUp}${scripts.placeBid.text}`)
  const runId = /run_id:(\w+)/.exec(await cli('INFO', 'server'))?.[1] ?? ''
  const args = [runId, '', '', 'bid', String(options.fromMinor), '0', '', ...options.accountIds]
  const call = ['EVALSHA', sha, String(keys.length + 1), ...keys, counter, ...args]
  const first = await cli(...call)
  if (!first.startsWith('leading')) throw new Error(`The script does not take the raw bids: ${first.slice(0, 200)}`)
  // The password of a Redis that lives no longer than the bench; the program takes it in no other way.
  const connect = ['-h', hostname, '-p', port, '-a', password]
  const load = ['-P', '1', '-c', '50', '-n', String(options.bids), '-q', '--csv']
  const { stdout } = await run('redis-benchmark', [...connect, ...load, ...call], { env })
  const last = stdout.trim().split('\n').at(-1) ?? ''
  const rate = Number(/","([\d.]+)","/.exec(last)?.[1])
  if (!(rate > 0)) throw new Error(`redis-benchmark said: ${stdout.slice(-300)}`)
  return { bidsPerSecond: rate }
}
