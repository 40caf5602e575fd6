import { randomBytes } from 'node:crypto'

/**
 * A new UUIDv7: unique, and ordered by time, so that rows made together lie together in an index.
 * Source: RFC 9562 section 5.7, read 2026-11-22.
 */
export function newId<T extends string = string>(): T {
  const bytes = randomBytes(16)
  bytes.writeUIntBE(Date.now(), 0, 6)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}` as T
}
