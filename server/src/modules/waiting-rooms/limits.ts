import { waitingRoomLimits } from '@livelot/client/contracts'

export const { earlyMsMax, turnMs } = waitingRoomLimits

/** After a loss of Redis the line rests for as long as clients take to come back with their tickets, jitter included. */
export const settleMs = 3_000

/** The room is told of new counts at most this often. */
export const tellGapMs = 500

/** Keys are kept for this long after the end of the sale, as those of its gate. */
export const keepKeysMs = 3_600_000

/** People in one line: some 200 bytes of Redis' memory each. */
export const lineMax = 200_000

/** People called in one step of a script, which takes about a millisecond for each hundred (guess); the next follows. */
export const callsMax = 200

/** What never changes of this many rooms is kept in memory. */
export const knownRoomsMax = 2_000

/** A ticket is good for as long as the sale can run, and this much more for clocks that differ. */
export const ticketSpareMs = 60_000

/** A room is looked at this often; whoever is called hears of it that much later. */
export const stepEveryMs = 100
/** Rooms that are open are read from Postgres this often. */
export const listEveryMs = 1_000
/** A room whose gate stays shut this long after the end of the sale has nobody left to tell. */
export const forgottenMs = 600_000
