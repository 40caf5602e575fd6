import { createHash } from 'node:crypto'
import { type AuctionId, ledgerText } from '@livelot/client/contracts'
import type { LoggedEntry } from './gate.ts'

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest()

/** What the first entry is chained to: everything that the auction is run on. */
export const firstHash = (head: string): Buffer => sha256(head)

/** The hash of an entry whose predecessor has `before`. */
export const nextHash = (before: Buffer, auctionId: AuctionId, entry: LoggedEntry): Buffer =>
  sha256(`${before.toString('hex')}\n${ledgerText(auctionId, entry)}`)

/** Hashes of entries that follow each other, the first of which follows `before`. */
export function chainOf(before: Buffer, auctionId: AuctionId, entries: readonly LoggedEntry[]): Buffer[] {
  let hash = before
  return entries.map((entry) => {
    hash = nextHash(hash, auctionId, entry)
    return hash
  })
}
