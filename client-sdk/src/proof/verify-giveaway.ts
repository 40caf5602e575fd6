import {
  type GiveawayEntry,
  GiveawayExport,
  giveawayDraw,
  giveawayEntryText,
  giveawayListText,
} from '../../contracts/index.ts'
import { fromHex, hmacSha256, joined, sha256, sha256Hex, toHex } from './sha256.ts'

export interface GiveawayCheck {
  readonly name:
    | 'form'
    | 'commitment'
    | 'entry-list'
    | 'draw'
    | 'winners'
    | 'seen-commitment'
    | 'seen-list'
    | 'own-entry'
  readonly ok: boolean
  /** What was looked at, in a sentence. */
  readonly says: string
}

export interface GiveawayVerdict {
  /** Every check holds. */
  readonly ok: boolean
  readonly checks: readonly GiveawayCheck[]
}

/** What somebody knows from another source than the export: it is what a made-up export cannot agree with. */
export interface SeenGiveaway {
  /** As the room told it when the giveaway opened. */
  readonly seedCommitment?: string | null
  /** As the room told it before the draw. */
  readonly entryListHash?: string | null
  /** As the server answered when one entered. */
  readonly ownEntry?: (GiveawayEntry & { readonly accountId: string }) | null
}

/**
 * Works a draw out again from its export, without the server: that the seed is the one that was committed to, that the
 * list of entries is the one that was frozen, and that exactly these winners follow. Without `seen` it proves that the
 * export agrees with itself; what one saw in the room ties it to what was promised there. Never throws.
 */
export function verifyGiveaway(exported: unknown, seen: SeenGiveaway = {}): GiveawayVerdict {
  const parsed = GiveawayExport.safeParse(exported)
  const form: GiveawayCheck = {
    name: 'form',
    ok: parsed.success,
    says: 'The export holds everything that a draw followed from.',
  }
  if (!parsed.success) return { ok: false, checks: [form] }
  const checks = [form, ...checksOf(parsed.data), ...seenChecks(parsed.data, seen)]
  return { ok: checks.every((check) => check.ok), checks }
}

function checksOf(one: GiveawayExport): GiveawayCheck[] {
  const expected = drawAgain(one)
  const isWinner = (index: number): boolean => {
    const winner = one.winners[index]
    if (!winner || winner.entryNo !== expected[index]) return false
    return (
      one.entryHashes[winner.entryNo - 1] === sha256Hex(giveawayEntryText(one.giveawayId, winner.accountId, winner))
    )
  }
  const winnerCount = Math.min(one.winnerCount, one.entryHashes.length)
  return [
    {
      name: 'commitment',
      ok: toHex(sha256(fromHex(one.seed))) === one.seedCommitment,
      says: 'The seed is the one that was committed to before anybody entered.',
    },
    {
      name: 'entry-list',
      ok: sha256Hex(giveawayListText(one, one.entryHashes)) === one.entryListHash,
      says: 'Terms and entries are those whose hash was told before the seed.',
    },
    {
      name: 'draw',
      ok: String(one.drawOrder) === String(expected),
      says: 'The order of the draw follows from the seed and the list of entries.',
    },
    {
      name: 'winners',
      ok: one.winners.length === winnerCount && one.winners.every((_, index) => isWinner(index)),
      says: 'The winners are the first of that order, and their entries are in the list.',
    },
  ]
}

function drawAgain({ seed, entryListHash, entryHashes, winnerCount }: GiveawayExport): number[] {
  const key = fromHex(seed)
  const listHash = fromHex(entryListHash)
  const wordAt = (index: number): number => {
    const counter = new Uint8Array(4)
    new DataView(counter.buffer).setUint32(0, index)
    return new DataView(hmacSha256(key, joined(listHash, counter)).buffer).getUint32(0)
  }
  const draw = giveawayDraw(entryHashes.length, winnerCount)
  let step = draw.next()
  for (let index = 0; !step.done; index += 1) step = draw.next(wordAt(index))
  return step.value
}

function seenChecks(one: GiveawayExport, { seedCommitment, entryListHash, ownEntry }: SeenGiveaway): GiveawayCheck[] {
  const checks: GiveawayCheck[] = []
  if (seedCommitment)
    checks.push({
      name: 'seen-commitment',
      ok: seedCommitment === one.seedCommitment,
      says: 'The commitment is the one that the room was told at the opening.',
    })
  if (entryListHash)
    checks.push({
      name: 'seen-list',
      ok: entryListHash === one.entryListHash,
      says: 'The list is the one whose hash the room was told before the draw.',
    })
  if (ownEntry)
    checks.push({
      name: 'own-entry',
      ok:
        one.entryHashes[ownEntry.entryNo - 1] ===
        sha256Hex(giveawayEntryText(one.giveawayId, ownEntry.accountId, ownEntry)),
      says: 'Your own entry is in the list, unchanged.',
    })
  return checks
}
