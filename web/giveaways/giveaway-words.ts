import type { Giveaway, GiveawayPrize, GiveawayWinner } from '@livelot/client/contracts'

/** What can be won, in a few words. */
export function prizeWords(prize: GiveawayPrize): string {
  if (prize.kind === 'text') return prize.text
  const { productName, variantName } = prize
  return variantName === '' || variantName === productName ? productName : `${productName}, ${variantName}`
}

export function entryWords(entryCount: number): string {
  return entryCount === 1 ? '1 entry' : `${entryCount.toLocaleString('en-US')} entries`
}

/** "Ada", "Ada and Ben", "Ada, Ben and 3 more". */
export function winnerWords(winners: readonly GiveawayWinner[]): string {
  const names = winners.map((winner) => winner.displayName)
  if (names.length <= 1) return names[0] ?? 'Nobody'
  if (names.length === 2) return `${names[0]} and ${names[1]}`
  return `${names[0]}, ${names[1]} and ${names.length - 2} more`
}

/** Said to everybody alike: nobody has won, and why. */
export const voidWords = 'Nothing was drawn: what the server kept was not what the room had been told.'

/** Each change once, for people who do not see the row change. */
export function spokenWords(giveaway: Giveaway, hasWon: boolean): string {
  const { state, title, entryCount, winners } = giveaway
  if (state === 'open') return `Giveaway: ${title}. Free to enter.`
  if (state === 'closed') return `The giveaway is closed with ${entryWords(entryCount)}. The draw comes next.`
  if (state === 'void') return `The giveaway is void. ${voidWords}`
  if (hasWon) return `You have won: ${title}. Claim it within 48 hours.`
  return winners.length === 0 ? 'The giveaway is over. Nobody entered.' : `${winnerWords(winners)} won the giveaway.`
}

/** A result stands in the room for this long; after that it waits behind a small button. */
export const resultShownMs = 120_000

/** Hashes are long; the ends are what people compare. */
export const shortHash = (hash: string): string => `${hash.slice(0, 10)}…${hash.slice(-6)}`
