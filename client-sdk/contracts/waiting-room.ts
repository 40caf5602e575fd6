import { z } from 'zod'
import { Hex32 } from './giveaways.ts'
import { FlashSaleId } from './ids.ts'
import { operation, toldEvent } from './operation.ts'
import { EpochMs } from './time.ts'

/** Limits that server, SDK and pages share. */
export const waitingRoomLimits = {
  /** People may come this long before the sale opens; who came a day ago would not be there when called. */
  earlyMsMax: 1_800_000,
  /** A turn: time to reserve for one who was called. Long enough to look up and tap, short enough for a sale of a minute. */
  turnMs: 20_000,
  ticketCharsMax: 400,
} as const

/**
 * gathering (before the sale opens: who comes is drawn by lot) → admitting (the line is called in order, and who comes
 * now stands at its end) → ended (sold out for good, or the sale is over).
 */
export const WaitingRoom = z.strictObject({
  flashSaleId: FlashSaleId,
  state: z.enum(['gathering', 'admitting', 'ended']),
  endReason: z.enum(['sold-out', 'closed']).nullable(),
  /** Secret of the draw, told when the sale opens; its sha256 is the `seedCommitment` that the sale was announced with. */
  seed: Hex32.nullable(),
  /** People who came before the sale opened. */
  earlyCount: z.int().min(0),
  /** People in line now. */
  waitingCount: z.int().min(0),
  /** People who left the line by its front end: called, less those who came back because no unit was free. */
  calledCount: z.int().min(0),
})
export type WaitingRoom = z.infer<typeof WaitingRoom>

/** Signed by the server: account, sale, place and expiry. It gives the place back if the server's memory is lost. */
export const WaitingRoomTicket = z.string().min(1).max(waitingRoomLimits.ticketCharsMax)

/** How one account stands. A smaller `place` is nearer to the front; the place never changes while one waits. */
export const WaitingRoomStanding = z.discriminatedUnion('how', [
  /** Before the draw is told: the place is not known yet. */
  z.strictObject({ how: z.literal('early') }),
  z.strictObject({
    how: z.literal('waiting'),
    place: z.int().min(0),
    /** People before one, when `calledCount` was what the room of the same answer says. */
    before: z.int().min(0),
  }),
  /** A turn: until then units can be reserved. */
  z.strictObject({ how: z.literal('called'), place: z.int().min(0), untilMs: EpochMs }),
])
export type WaitingRoomStanding = z.infer<typeof WaitingRoomStanding>

const path = '/v1/flash-sales/{flashSaleId}/waiting-room'

export const joinWaitingRoom = operation({
  name: 'waiting-room:join',
  summary:
    'Take a place in the line of a flash sale, or learn how one stands. An account has one place, however often it asks.',
  access: ['buyer'],
  http: { method: 'put', path: `${path}/place` },
  socket: { rate: { burst: 5, perSecond: 0.5 } },
  request: z.strictObject({
    flashSaleId: FlashSaleId,
    /** The ticket of an earlier answer. */
    ticket: WaitingRoomTicket.optional(),
  }),
  response: z.strictObject({ ticket: WaitingRoomTicket, standing: WaitingRoomStanding, room: WaitingRoom }),
  errors: [
    'flash_sale.not_found',
    'flash_sale.gate_closed',
    'flash_sale.closed',
    'flash_sale.sold_out',
    'flash_sale.limit_reached',
    'waiting_room.none',
    'waiting_room.not_open',
    'waiting_room.full',
    'waiting_room.ticket_invalid',
  ],
})

export const leaveWaitingRoom = operation({
  name: 'waiting-room:leave',
  summary: 'Give up the place in line, or the turn; it goes to the next at once.',
  access: ['buyer'],
  http: { method: 'delete', path: `${path}/place` },
  request: z.strictObject({ flashSaleId: FlashSaleId }),
  response: z.strictObject({}),
  errors: ['flash_sale.not_found', 'flash_sale.gate_closed', 'waiting_room.none'],
})

export const getWaitingRoom = operation({
  name: 'waiting-room:get',
  summary: 'The waiting room of a flash sale as it stands.',
  access: 'anyone',
  http: { method: 'get', path },
  request: z.strictObject({ flashSaleId: FlashSaleId }),
  response: WaitingRoom,
  errors: ['flash_sale.not_found', 'flash_sale.gate_closed', 'waiting_room.none'],
})

/** Event of the show's ordered log. */
export const waitingRoomChanged = toldEvent({
  name: 'waiting-room:changed',
  version: 1,
  summary: 'The line moved, at most twice a second, or the room changed its state. Only the newest of a frame is sent.',
  data: z.strictObject({ room: WaitingRoom }),
})

/** Told to one account. */
export const waitingRoomCalled = toldEvent({
  name: 'waiting-room:called',
  version: 1,
  summary: 'It is your turn: reserve before untilMs.',
  data: z.strictObject({ flashSaleId: FlashSaleId, untilMs: EpochMs }),
})

// ——— the draw ———

/** Early comers have places below this, later ones at or above it: 48 bits, so that two draws in a crowd hardly ever meet. */
export const waitingRoomDrawEnd = 2 ** 48

/** What an early comer's place is drawn from: HMAC-SHA256 of this with the seed as key. */
export const waitingRoomDrawText = (flashSaleId: string, accountId: string): string =>
  JSON.stringify(['livelot-waiting-room-1', flashSaleId, accountId])

/**
 * The place of an early comer: the first six bytes of that HMAC, big-endian. It depends on nobody else, so nobody who
 * comes, stays away or is added moves it, and each client works its own out as soon as the seed is told.
 */
export function waitingRoomDrawPlace(mac: Uint8Array): number {
  let place = 0
  for (const byte of mac.subarray(0, 6)) place = place * 256 + byte
  return place
}
