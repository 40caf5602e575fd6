/** When a fault strikes. Letters are those of the fault matrix; docs and rows use no others. */
export const moments = {
  a: 'before the hold or the bid is decided',
  b: 'hold or bid decided, its answer lost',
  c: 'authorisation in flight',
  d: 'authorised, not recorded',
  e: 'order committed, before the capture',
  f: 'capture sent, its answer lost',
  g: 'captured, not recorded',
  h: 'outbox written, not relayed',
  i: 'a job runs',
  j: 'the last second of an auction',
  k: 'auction closed, not recorded or told',
  l: 'webhook and confirmation at once',
  m: 'a refund in flight',
  n: 'a live show with viewers',
  '-': 'at any time',
} as const

export type Moment = keyof typeof moments
