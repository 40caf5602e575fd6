import { setTimeout as delay } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { probeMemoryDisks, putOnMemoryDisk } from '../disks.ts'
import { type FaultRow, must } from '../row.ts'
import type { Stage } from '../stage.ts'
import { meet } from '../strikes.ts'

const diskMebibytes = 96
const fullMs = 8_000
const settledMs = 1_500
const backSecondsMax = 10

/** Redis says MISCONF only where it writes its file once a second; it ends itself where each answer is durable. */
async function writeOnceASecond({ platform }: Stage): Promise<void> {
  const redis = new Redis(platform.redisUrl)
  try {
    await redis.config('SET', 'appendfsync', 'everysec')
  } finally {
    redis.disconnect()
  }
}

/** What a write of ours would be told. */
async function answerOf({ platform }: Stage): Promise<string> {
  const redis = new Redis(platform.redisUrl, { retryStrategy: null, maxRetriesPerRequest: 0 })
  try {
    return await redis.set('fault-bench', '1', 'PX', 1)
  } catch (error) {
    return String((error as Error).message)
  } finally {
    redis.disconnect()
  }
}

export const redisDiskFull: FaultRow = {
  number: 9,
  name: 'Redis disk full',
  moments: ['a', 'i'],
  short: [],
  probe: probeMemoryDisks,
  run: async (stage, moment) => {
    await using disk = await putOnMemoryDisk(stage, 'redis', diskMebibytes)
    const isRefusing = moment === 'a'
    if (isRefusing) await writeOnceASecond(stage)
    const trade = await stage.openTrade()
    trade.buy()
    await meet(stage, moment, 'sale', 'delay', { afterMs: 300 })
    disk.fill()
    const fromMs = Date.now() + settledMs
    await delay(fullMs)
    const { crowd } = stage
    const answer = await answerOf(stage)
    if (isRefusing) must(answer.includes('MISCONF'), `a write was answered ${answer}`)
    else must(!stage.platform.processes.get('redis')?.isRunning, 'Redis runs though it cannot keep what it promises')
    const toMs = Date.now()
    const paid = crowd.purchases.filter((one) => one.askedAtMs > fromMs && one.endedAtMs < toMs)
    must(
      paid.every((one) => one.ending !== 'paid'),
      `${paid.length} purchases were made while nothing could be reserved`,
    )
    disk.empty()
    await stage.revive()
    const emptiedAtMs = Date.now()
    const recoverySeconds = await stage.served('purchase', emptiedAtMs)
    await trade.finish()
    must(recoverySeconds <= backSecondsMax, `served again ${recoverySeconds} s after there was room`)
    return { recoverySeconds, detail: isRefusing ? 'MISCONF for 8 s' : 'Redis ended itself, and came back with room' }
  },
}
