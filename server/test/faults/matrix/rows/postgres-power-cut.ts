import { type PoweredDisk, probeImageDisks, putOnImageDisk } from '../disks.ts'
import type { Moment } from '../moments.ts'
import { type FaultRow, must } from '../row.ts'
import type { Stage } from '../stage.ts'
import { meet, type Side, strikeEachSide } from '../strikes.ts'
import { slowest } from './asking.ts'

const diskMebibytes = 1_024
/** A start after a crash replays the log first. */
const backSecondsMax = 15

async function strike(stage: Stage, disk: PoweredDisk, moment: Moment, side: Side) {
  await meet(stage, moment, side, 'delay', { afterMs: 300 })
  await disk.cutPower()
  const backAtMs = Date.now()
  return { seconds: side === 'sale' ? await stage.served('purchase', backAtMs) : 0 }
}

export const postgresPowerCut: FaultRow = {
  number: 13,
  name: 'Postgres power cut',
  moments: ['e', 'g', 'k'],
  short: [],
  probe: probeImageDisks,
  run: async (stage, moment) => {
    await using disk = await putOnImageDisk(stage, 'postgres', diskMebibytes)
    const struck = await strikeEachSide(stage, moment, (side) => strike(stage, disk, moment, side))
    const recoverySeconds = slowest(struck)
    must(recoverySeconds <= backSecondsMax, `served again ${recoverySeconds} s after Postgres was back`)
    // That nothing that was answered is lost is what the invariants ask client and provider journals for.
    return { recoverySeconds, detail: `${struck.length} times, started on a copy of the disk` }
  },
}
