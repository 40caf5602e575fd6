/** Buckets grow by a quarter of a doubling: a figure read from them is at most 19 % above the true one. */
const perDoubling = 4
const firstUpToMs = 0.1
const bucketsMax = 80

/** The bucket that a time falls into: the first whose upper end is not below it. */
export function bucketOf(ms: number): number {
  if (!(ms > firstUpToMs)) return 0
  return Math.min(bucketsMax, Math.ceil(perDoubling * Math.log2(ms / firstUpToMs) - 1e-9))
}

/** Upper end of a bucket, in tenths of a millisecond and never below the truth. */
export function upToMs(bucket: number): number {
  return Math.ceil(firstUpToMs * 2 ** (bucket / perDoubling) * 10 - 1e-9) / 10
}

/** The time that `share` of all bids were not above; null without bids. */
export function quantileMs(buckets: ReadonlyMap<number, number>, share: number): number | null {
  const total = [...buckets.values()].reduce((sum, bids) => sum + bids, 0)
  if (total === 0) return null
  const wanted = Math.ceil(total * share)
  let seen = 0
  for (const bucket of [...buckets.keys()].sort((a, b) => a - b)) {
    seen += buckets.get(bucket) ?? 0
    if (seen >= wanted) return upToMs(bucket)
  }
  return null
}
