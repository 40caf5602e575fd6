import { createHash, createHmac, randomBytes } from 'node:crypto'
import {
  type AccountId,
  type GiveawayEntry,
  type GiveawayId,
  type GiveawayTerms,
  giveawayDraw,
  giveawayEntryText,
  giveawayListText,
} from '@livelot/client/contracts'

const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex')

/** What a seed was committed to by. */
export const commitmentOf = (seed: Buffer): string => sha256(seed)

/** 256 bits from the system's source: nobody can try all seeds to find the one behind a commitment. */
export function newSeed(): { readonly seed: Buffer; readonly seedCommitment: string } {
  const seed = randomBytes(32)
  return { seed, seedCommitment: commitmentOf(seed) }
}

export const newSalt = (): string => randomBytes(16).toString('hex')

/** An entry as it is kept. */
export interface KeptEntry extends GiveawayEntry {
  readonly accountId: AccountId
}

export const entryHashOf = (giveawayId: GiveawayId, entry: KeptEntry): string =>
  sha256(giveawayEntryText(giveawayId, entry.accountId, entry))

export const listHashOf = (terms: GiveawayTerms, entryHashes: readonly string[]): string =>
  sha256(giveawayListText(terms, entryHashes))

/** Numbers of the drawn entries in their order: winners first, then those who are next in turn. */
export function drawEntries(
  seed: Buffer,
  frozen: { readonly entryListHash: string; readonly entryCount: number },
  winnerCount: number,
): number[] {
  const listHash = Buffer.from(frozen.entryListHash, 'hex')
  const wordAt = (index: number): number => {
    const counter = Buffer.alloc(4)
    counter.writeUInt32BE(index)
    return createHmac('sha256', seed).update(listHash).update(counter).digest().readUInt32BE()
  }
  const draw = giveawayDraw(frozen.entryCount, winnerCount)
  let step = draw.next()
  for (let index = 0; !step.done; index += 1) step = draw.next(wordAt(index))
  return step.value
}
