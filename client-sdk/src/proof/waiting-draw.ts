import { waitingRoomDrawPlace, waitingRoomDrawText } from '../../contracts/index.ts'
import { fromHex, hmacSha256, sha256, toHex } from './sha256.ts'

export interface WaitingDraw {
  /** The seed is the one that the sale was announced with. */
  readonly isSeedPromised: boolean
  /** What the draw gave the account, if it came before the sale opened. */
  readonly place: number
}

/**
 * Works out an early comer's place in a waiting room from the seed that is told when the sale opens, without the server.
 * The place depends on seed, sale and account only, so nobody else can have moved it.
 */
export function verifyWaitingDraw(draw: {
  readonly flashSaleId: string
  readonly accountId: string
  readonly seed: string
  /** As the sale told it when it was announced. */
  readonly seedCommitment: string
}): WaitingDraw {
  const seed = fromHex(draw.seed)
  const text = new TextEncoder().encode(waitingRoomDrawText(draw.flashSaleId, draw.accountId))
  return {
    isSeedPromised: toHex(sha256(seed)) === draw.seedCommitment,
    place: waitingRoomDrawPlace(hmacSha256(seed, text)),
  }
}
