import type { Lot } from '@livelot/client/contracts'

/** A queue with what changed and without what was removed. */
export function withLots(before: readonly Lot[], changed: readonly Lot[], removedLotIds: readonly string[]): Lot[] {
  const gone = new Set<string>([...changed.map((lot) => lot.lotId), ...removedLotIds])
  return [...before.filter((lot) => !gone.has(lot.lotId)), ...changed].sort(
    (one, two) => one.position - two.position || one.number - two.number,
  )
}

/** What the room tells has no reserves; the host's own list had them. */
export function withKnownReserves(before: readonly Lot[], changed: readonly Lot[]): Lot[] {
  return changed.map((lot) => {
    const known = before.find(({ lotId }) => lotId === lot.lotId)
    if (lot.terms.type !== 'english' || known?.terms.type !== 'english' || lot.terms.reserveMinor !== null) return lot
    return { ...lot, terms: { ...lot.terms, reserveMinor: known.terms.reserveMinor } }
  })
}
