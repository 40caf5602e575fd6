/**
 * Epoch milliseconds of a process whose clock cannot be set: the wall clock at its start, and monotonic time since then. For
 * tokens and the like; deadlines of sales and auctions are Redis' and Postgres' alone.
 */
export const nowMs = (): number => Math.round(performance.timeOrigin + performance.now())
