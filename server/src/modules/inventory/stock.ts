import type { VariantId } from '@livelot/client/contracts'

/** What moves units between the three levels of a variant. */
export type MovementKind = 'received' | 'claimed' | 'released' | 'settled' | 'lent' | 'returned'

export interface Claim {
  readonly variantId: VariantId
  readonly units: number
  /** What the units are for, for example `checkout:<id>`: one claim, and one end of it, for each reference. */
  readonly reference: string
}

/** The reference of a flash sale's loan. */
export const loanReference = (flashSaleId: string) => `flash-sale:${flashSaleId}`
