import { createHash, createHmac, randomBytes } from 'node:crypto'
import { type AccountId, type FlashSaleId, waitingRoomDrawPlace, waitingRoomDrawText } from '@livelot/client/contracts'

/** 256 bits from the system's source: nobody can try all seeds to find the one behind a commitment. */
export function newDraw(): { readonly seed: Buffer; readonly seedCommitment: string } {
  const seed = randomBytes(32)
  return { seed, seedCommitment: createHash('sha256').update(seed).digest('hex') }
}

/** What the draw gives one account, however many others there are. */
export const drawPlace = (seed: Buffer, flashSaleId: FlashSaleId, accountId: AccountId): number =>
  waitingRoomDrawPlace(createHmac('sha256', seed).update(waitingRoomDrawText(flashSaleId, accountId)).digest())
