import { Redis } from 'ioredis'
import { everywhere, type FaultRow, must } from '../row.ts'
import type { Stage, Trade } from '../stage.ts'
import { meet } from '../strikes.ts'

/** From 5 s on Redis answers everybody else BUSY. */
const slowSeconds = 9
/** Of all our processes together, in the seconds of BUSY: polls and sweeps go on, nothing asks in a loop. */
const busyAnswersMax = 4_000
const backSecondsMax = 10

const spin = `
  local function seconds() local now = redis.call('TIME') return now[1] + now[2] / 1000000 end
  local ends = seconds() + tonumber(ARGV[1])
  while seconds() < ends do end
  return 'done'`

async function busyAnswers(redis: Redis): Promise<number> {
  const [, count] = /errorstat_BUSY:count=(\d+)/.exec(await redis.info('errorstats')) ?? []
  return Number(count ?? 0)
}

/** A script of somebody else holds Redis; answers how often we were told so, and when it ended. */
async function holdRedis({ platform }: Stage) {
  const redis = new Redis(platform.redisUrl)
  try {
    const before = await busyAnswers(redis)
    await redis.eval(spin, 0, slowSeconds)
    const endedAtMs = Date.now()
    return { busy: (await busyAnswers(redis)) - before, endedAtMs }
  } finally {
    redis.disconnect()
  }
}

async function strike(stage: Stage, moment: 'a' | 'j', trade: Trade) {
  if (moment === 'j') await trade.lastSecond()
  else await meet(stage, 'a', 'sale', 'delay', { afterMs: 300 })
  const { busy, endedAtMs } = await holdRedis(stage)
  return { busy, seconds: await stage.served('purchase', endedAtMs) }
}

export const slowScript: FaultRow = {
  number: 10,
  name: 'a Lua script for 9 s, BUSY',
  moments: ['a', 'j'],
  short: [],
  probe: everywhere,
  run: async (stage, moment) => {
    const trade = await stage.openTrade()
    if (moment === 'j') await trade.hasLeft(3_000)
    trade.buy()
    const { busy, seconds } = await strike(stage, moment === 'j' ? 'j' : 'a', trade)
    await trade.finish()
    must(busy <= busyAnswersMax, `${busy} commands were sent to a Redis that is busy`)
    must(seconds <= backSecondsMax, `served again ${seconds} s after the script`)
    return { recoverySeconds: seconds, detail: `${busy} commands answered BUSY` }
  },
}
