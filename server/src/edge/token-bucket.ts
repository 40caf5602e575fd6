export interface Buckets {
  /** Takes `cost` from the caller's bucket. Answers 0, or the milliseconds to wait when the bucket is too empty. */
  take(key: string, cost?: number): number
}

interface Bucket {
  level: number
  atMs: number
}

/**
 * Token buckets in this process, by key. Bounded: beyond `keysMax` the longest unused are forgotten, which only makes
 * them full again.
 */
export function createBuckets(options: { burst: number; perSecond: number; keysMax?: number }): Buckets {
  const keysMax = options.keysMax ?? 100_000
  const buckets = new Map<string, Bucket>()
  return {
    take: (key, cost = 1) => {
      const nowMs = performance.now()
      const bucket = buckets.get(key) ?? { level: options.burst, atMs: nowMs }
      const level = Math.min(options.burst, bucket.level + ((nowMs - bucket.atMs) / 1_000) * options.perSecond)
      buckets.delete(key)
      const isAllowed = level >= cost
      buckets.set(key, { level: isAllowed ? level - cost : level, atMs: nowMs })
      if (buckets.size > keysMax) buckets.delete(buckets.keys().next().value as string)
      return isAllowed ? 0 : Math.ceil(((cost - level) / options.perSecond) * 1_000)
    },
  }
}
