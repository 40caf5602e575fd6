import type { Moment } from '../moments.ts'
import { everywhere, type FaultRow, must } from '../row.ts'
import type { Stage } from '../stage.ts'
import { meet, type Side, strikeBothSides } from '../strikes.ts'
import { slowest } from './asking.ts'

/** A start after a crash replays the log first. */
const backSecondsMax = 15

/** While a process stands at the moment: first one backend that works for us, then the postmaster, by kill -9. */
async function strike(stage: Stage, moment: Moment, side: Side) {
  await meet(stage, moment, side, 'delay', { afterMs: 300 })
  const [backend] = await stage.rows<{ pid: number }>(
    `SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'livelot-%' ORDER BY state = 'active' DESC, random() LIMIT 1`,
  )
  must(backend, 'none of our processes is connected')
  // Postgres starts all backends anew when one dies by itself; that is a fault of its own before the next.
  process.kill(backend.pid, 'SIGKILL')
  await stage.kill('postgres')
  await stage.restart('postgres')
  const backAtMs = Date.now()
  const isTrading = side === 'sale' || moment === 'a'
  return { seconds: isTrading ? await stage.served(side === 'sale' ? 'purchase' : 'bid', backAtMs) : 0 }
}

export const killPostgres: FaultRow = {
  number: 12,
  name: 'kill -9 one backend, kill -9 postmaster',
  moments: ['a', 'e', 'g', 'k'],
  short: [],
  probe: everywhere,
  run: async (stage, moment) => {
    const struck = await strikeBothSides(stage, moment, (side) => strike(stage, moment, side))
    const recoverySeconds = slowest(struck)
    must(recoverySeconds <= backSecondsMax, `served again ${recoverySeconds} s after Postgres was back`)
    return { recoverySeconds, detail: `${struck.length} times a backend and the postmaster` }
  },
}
