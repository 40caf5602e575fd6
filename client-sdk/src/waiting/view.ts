import {
  type FlashSale,
  type joinWaitingRoom,
  type ResponseOf,
  type WaitingRoom,
  waitingRoomDrawEnd,
} from '../../contracts/index.ts'
import type { LivelotError } from '../errors.ts'
import { verifyWaitingDraw, type WaitingDraw } from '../proof/waiting-draw.ts'

export type WaitingAnswer = ResponseOf<typeof joinWaitingRoom>

/**
 * none: not in line. joining: asked, not answered yet. early: the draw comes with the opening. waiting, called: as the
 * server says. missed: the turn passed without a reservation. done: one has all that a buyer may have. ended: for everybody.
 */
export type WaitingStage = 'none' | 'joining' | 'early' | 'waiting' | 'called' | 'missed' | 'done' | 'ended'

/** The own place in one waiting room as a page shows it. The same object until something changes. */
export interface WaitingView {
  readonly flashSaleId: string
  readonly stage: WaitingStage
  /** The room as everybody sees it; null where the show has not told of it. */
  readonly room: WaitingRoom | null
  /** People before one, at most; null where it is not known. */
  readonly before: number | null
  /** `before` was worked out from the draw and the size of the crowd; the server's count follows within seconds. */
  readonly isEstimate: boolean
  /** End of the turn, by the server's time. */
  readonly untilMs: number | null
  /** Units that nobody holds or has bought. */
  readonly unitsLeft: number
  /** Units that others hold and may yet give back. */
  readonly unitsHeld: number
  /** hidden before the opening and for late comers; proved where seed and place are what was promised. */
  readonly draw: 'hidden' | 'proved' | 'wrong'
  /** Why the server did not let one in; null otherwise. */
  readonly error: LivelotError | null
}

/** What is known of the own place. */
export interface OwnPlace {
  readonly stage: WaitingStage
  readonly answer: WaitingAnswer | null
  readonly error: LivelotError | null
}

export function viewOfPlace(
  flashSaleId: string,
  own: OwnPlace,
  sale: FlashSale | null,
  room: WaitingRoom | null,
  accountId: string | null,
): WaitingView {
  const stage = room?.state === 'ended' && own.stage !== 'done' ? 'ended' : own.stage
  const drawn = drawOf(sale, room, accountId)
  const { before, isEstimate } = beforeOf(stage, own.answer, room, drawn)
  const standing = own.answer?.standing
  return {
    flashSaleId,
    stage,
    room,
    before,
    isEstimate,
    untilMs: stage === 'called' && standing?.how === 'called' ? standing.untilMs : null,
    unitsLeft: sale?.remainingUnits ?? 0,
    unitsHeld: sale ? Math.max(0, sale.totalUnits - sale.soldUnits - sale.remainingUnits) : 0,
    draw: judge(drawn, own.answer),
    error: own.error,
  }
}

function drawOf(sale: FlashSale | null, room: WaitingRoom | null, accountId: string | null): WaitingDraw | null {
  if (!sale?.waitingRoom || !room?.seed || accountId === null) return null
  const { flashSaleId } = sale
  return verifyWaitingDraw({ flashSaleId, accountId, seed: room.seed, seedCommitment: sale.waitingRoom.seedCommitment })
}

/** An early comer's place must be the draw's; of others the seed alone can be checked. */
function judge(drawn: WaitingDraw | null, answer: WaitingAnswer | null): WaitingView['draw'] {
  if (drawn === null || answer === null || answer.standing.how === 'early') return 'hidden'
  if (!drawn.isSeedPromised) return 'wrong'
  const { place } = answer.standing
  if (place >= waitingRoomDrawEnd) return 'hidden'
  return place === drawn.place ? 'proved' : 'wrong'
}

type Before = Pick<WaitingView, 'before' | 'isEstimate'>

/**
 * Everybody who leaves the line by its front end was before one, so that the count of the answer falls by theirs. Draws
 * are spread evenly: until the answer comes, the share of the crowd before one is the share of the numbers below one's own.
 */
function beforeOf(
  stage: WaitingStage,
  answer: WaitingAnswer | null,
  room: WaitingRoom | null,
  drawn: WaitingDraw | null,
): Before {
  if (stage === 'early' && room?.state === 'admitting' && drawn !== null) {
    const ahead = Math.round((drawn.place / waitingRoomDrawEnd) * room.earlyCount) - room.calledCount
    return { before: Math.max(0, ahead), isEstimate: true }
  }
  if (stage !== 'waiting' || answer?.standing.how !== 'waiting') return { before: null, isEstimate: false }
  return { before: Math.max(0, answer.standing.before - calledSince(answer, room)), isEstimate: false }
}

/** The feed may be older than the answer. */
export const calledSince = (answer: WaitingAnswer, room: WaitingRoom | null): number =>
  Math.max(0, (room?.calledCount ?? 0) - answer.room.calledCount)
