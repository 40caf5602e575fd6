import { type Database, statement } from './postgres/pool.ts'
import type { Redis } from './redis/client.ts'

const one = statement('health.postgres', 'SELECT 1')
/** A store that takes longer to say that it is there is of no use to a request. */
const answerMs = 2_000

/** Whether the stores answer, in time. Never throws. */
export async function storesAnswer(database: Database, redis: Redis): Promise<{ postgres: boolean; redis: boolean }> {
  const [postgres, hot] = await Promise.all([answers(database.query(one)), answers(redis.ping())])
  return { postgres, redis: hot }
}

async function answers(asked: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), answerMs)
  })
  const told = asked.then(
    () => true,
    () => false,
  )
  try {
    return await Promise.race([told, late])
  } finally {
    clearTimeout(timer)
  }
}
