import { z } from 'zod'

/**
 * Every "no" that Livelot can answer: HTTP status, whether asking again can help, and the sentence for a person.
 * `retry`: never (the answer stays), same (send the same request again, with the same operation id), later (wait first).
 */
export const errorCodes = {
  'request.invalid': { status: 400, retry: 'never', says: 'The request does not have the expected form.' },
  'request.too_large': { status: 413, retry: 'never', says: 'The request is larger than allowed.' },
  'request.too_slow': { status: 408, retry: 'same', says: 'The request took too long to arrive.' },
  'request.not_found': { status: 404, retry: 'never', says: 'There is nothing at this address.' },
  'request.method_not_allowed': { status: 405, retry: 'never', says: 'This address does not take that method.' },
  'request.unsupported_media_type': { status: 415, retry: 'never', says: 'The body must be JSON.' },
  'request.unknown_event': { status: 400, retry: 'never', says: 'There is no event of that name.' },
  'request.rate_limited': { status: 429, retry: 'later', says: 'Too many requests. Wait a moment.' },
  'request.origin_refused': { status: 403, retry: 'never', says: 'Requests from this site are not allowed.' },
  'idempotency.key_missing': { status: 400, retry: 'never', says: 'This command needs an operation id.' },
  'idempotency.key_reused': { status: 422, retry: 'never', says: 'This operation id was used for another request.' },
  'server.internal': { status: 500, retry: 'same', says: 'Something went wrong on our side.' },
  'server.unavailable': { status: 503, retry: 'same', says: 'This part is not available right now.' },
  'server.busy': { status: 503, retry: 'later', says: 'We are very busy. Wait a moment.' },

  'auth.required': { status: 401, retry: 'never', says: 'Sign in first.' },
  'auth.token_expired': { status: 401, retry: 'never', says: 'The session has expired. Refresh it or sign in again.' },
  'auth.forbidden': { status: 403, retry: 'never', says: 'Your account may not do this.' },
  'auth.wrong_credentials': { status: 401, retry: 'never', says: 'The e-mail address or the password is wrong.' },
  'auth.email_taken': { status: 409, retry: 'never', says: 'An account with this e-mail address exists.' },
  'auth.password_common': { status: 422, retry: 'never', says: 'This password is too well known. Choose another.' },

  'profile.not_found': { status: 404, retry: 'never', says: 'There is no such profile.' },
  'product.not_found': { status: 404, retry: 'never', says: 'There is no such product.' },
  'brand.not_found': { status: 404, retry: 'never', says: 'There is no such brand.' },

  'show.not_found': { status: 404, retry: 'never', says: 'There is no such show.' },
  'show.not_live': { status: 409, retry: 'never', says: 'The show is not live.' },
  'show.wrong_state': { status: 409, retry: 'never', says: 'The show is not in a state that allows this.' },
  'show.product_not_on_shelf': { status: 409, retry: 'never', says: 'The product is not on the shelf of this show.' },
  'show.not_joined': { status: 409, retry: 'never', says: 'Join the show first.' },

  'chat.slow_mode': { status: 429, retry: 'later', says: 'Slow mode is on. Wait before you write again.' },
  'chat.muted': { status: 403, retry: 'never', says: 'You are muted in this show.' },
  'chat.banned': { status: 403, retry: 'never', says: 'You are banned from this show.' },
  'chat.word_refused': { status: 422, retry: 'never', says: 'The message holds a word that the host has muted.' },
  'chat.empty': { status: 422, retry: 'never', says: 'The message is empty.' },

  'media.unavailable': { status: 503, retry: 'later', says: 'Live video is not available right now.' },
  'media.full': { status: 503, retry: 'later', says: 'Live video is at its limit. Try again in a moment.' },
  'media.token_invalid': { status: 403, retry: 'never', says: 'The stream token is not valid for this.' },
  'media.token_used': { status: 403, retry: 'never', says: 'The stream token was used before.' },
  'media.no_peer': { status: 409, retry: 'never', says: 'There is no video session of yours here. Join again.' },
  'media.not_allowed': { status: 403, retry: 'never', says: 'This video session may not do that.' },
  'media.unsupported': { status: 422, retry: 'never', says: 'The device has no codec in common with the stream.' },
  'media.not_found': { status: 404, retry: 'never', says: 'There is no such stream or track in your session.' },

  'flash_sale.not_found': { status: 404, retry: 'never', says: 'There is no such flash sale.' },
  'flash_sale.not_open': { status: 409, retry: 'later', says: 'The flash sale has not opened yet.' },
  'flash_sale.closed': { status: 409, retry: 'never', says: 'The flash sale is over.' },
  'flash_sale.sold_out': { status: 409, retry: 'never', says: 'Everything is reserved or sold.' },
  'flash_sale.limit_reached': { status: 409, retry: 'never', says: 'You have the most units that one buyer may have.' },
  'flash_sale.gate_closed': { status: 503, retry: 'later', says: 'The sale is being restored. Try again in a moment.' },
  'flash_sale.not_enough_stock': { status: 409, retry: 'never', says: 'There is less stock than the sale would need.' },
  'flash_sale.wrong_state': { status: 409, retry: 'never', says: 'The flash sale is not in a state that allows this.' },
  'waiting_room.none': { status: 404, retry: 'never', says: 'This sale has no waiting room. Reserve at once.' },
  'waiting_room.not_open': { status: 409, retry: 'later', says: 'The waiting room has not opened yet.' },
  'waiting_room.not_your_turn': { status: 409, retry: 'later', says: 'It is not your turn. Wait in the waiting room.' },
  'waiting_room.full': { status: 503, retry: 'later', says: 'The waiting room holds as many people as it can.' },
  'waiting_room.ticket_invalid': { status: 422, retry: 'never', says: 'This ticket is not for you and this sale.' },
  'hold.not_found': { status: 404, retry: 'never', says: 'There is no such hold of yours.' },
  'hold.expired': { status: 409, retry: 'never', says: 'The hold has run out.' },

  'lot.not_found': { status: 404, retry: 'never', says: 'There is no such lot.' },
  'lot.wrong_state': { status: 409, retry: 'never', says: 'The lot is not in a state that allows this.' },
  'lot.too_many': { status: 409, retry: 'never', says: 'The show has as many lots as it may have.' },
  'lot.terms_refused': { status: 422, retry: 'never', says: 'The prices of the lot do not go together.' },
  'lot.too_many_running': {
    status: 409,
    retry: 'later',
    says: 'As many lots run at once as may. Wait for one to end.',
  },
  'lot.no_pre_bids': { status: 409, retry: 'never', says: 'The host takes no bids before the start.' },
  'auction.not_found': { status: 404, retry: 'never', says: 'There is no such auction.' },
  'auction.gate_closed': { status: 503, retry: 'later', says: 'Bidding is being restored. Try again in a moment.' },
  'auction.not_started': { status: 409, retry: 'later', says: 'Bidding has not started yet.' },
  'auction.closed': { status: 409, retry: 'never', says: 'The hammer has fallen.' },
  'auction.still_running': { status: 409, retry: 'later', says: 'The auction is not over, or not yet recorded.' },
  'auction.wrong_type': { status: 409, retry: 'never', says: 'A Dutch auction takes no bids: buy at its price.' },
  'auction.no_buy_now': { status: 409, retry: 'never', says: 'The lot cannot be bought at a fixed price (any more).' },
  'bid.too_low': { status: 409, retry: 'never', says: 'That is less than the next bid must be.' },
  'bid.own_is_higher': { status: 409, retry: 'never', says: 'You lead with as much or more already.' },
  'bid.raise_too_small': {
    status: 409,
    retry: 'never',
    says: 'You lead. Raise your maximum by at least one increment.',
  },
  'bid.not_eligible': { status: 403, retry: 'never', says: 'You may not bid here (yet).' },
  'bid.over_limit': { status: 409, retry: 'never', says: 'That is above your own limit for this show.' },
  'bid.far_above_price': { status: 409, retry: 'never', says: 'That is far above the price. Confirm it to go on.' },

  'offer.not_found': { status: 404, retry: 'never', says: 'There is no such offer to you.' },
  'offer.over': { status: 409, retry: 'never', says: 'The offer is paid, or the time to pay is over.' },
  'offer.in_payment': { status: 409, retry: 'later', says: 'A payment of this is under way. Wait for its end.' },

  'giveaway.not_found': { status: 404, retry: 'never', says: 'There is no such giveaway.' },
  'giveaway.another_runs': { status: 409, retry: 'later', says: 'Another giveaway of this show is still open.' },
  'giveaway.not_enough_stock': { status: 409, retry: 'never', says: 'There are fewer units in stock than prizes.' },
  'giveaway.closed': { status: 409, retry: 'never', says: 'The giveaway can no longer be entered.' },
  'giveaway.not_eligible': { status: 403, retry: 'never', says: 'You may not enter this giveaway.' },
  'giveaway.full': { status: 409, retry: 'never', says: 'The giveaway has as many entries as it can have.' },
  'giveaway.not_drawn': { status: 409, retry: 'later', says: 'The winners have not been drawn yet.' },
  'prize.not_found': { status: 404, retry: 'never', says: 'There is no prize of yours here.' },
  'prize.expired': { status: 409, retry: 'never', says: 'The time to claim the prize is over.' },

  'coupon.not_found': { status: 404, retry: 'never', says: 'There is no coupon with this code here.' },
  'coupon.ended': { status: 409, retry: 'never', says: 'This coupon is over.' },
  'coupon.used_up': { status: 409, retry: 'never', says: 'This coupon has been used as often as it could be.' },
  'coupon.used_by_you': { status: 409, retry: 'never', says: 'You have used this coupon.' },
  'coupon.below_minimum': { status: 409, retry: 'never', says: 'The items cost less than this coupon asks for.' },
  'coupon.not_for_this': { status: 409, retry: 'never', says: 'This coupon is not for this purchase.' },
  'coupon.code_taken': { status: 409, retry: 'never', says: 'You have a coupon with this code already.' },
  'coupon.too_many': { status: 409, retry: 'never', says: 'The show has as many coupons as it may have.' },

  'card.not_found': { status: 404, retry: 'never', says: 'There is no such saved card of yours.' },
  'card.refused': { status: 422, retry: 'never', says: 'The card could not be saved.' },
  'payment.unavailable': { status: 503, retry: 'later', says: 'The payment provider does not answer right now.' },

  'webhook.not_signed': { status: 401, retry: 'never', says: 'The event is not signed, or not as it should be.' },

  'checkout.not_found': { status: 404, retry: 'never', says: 'There is no such checkout of yours.' },
  'checkout.price_changed': { status: 409, retry: 'never', says: 'The price has changed. Look at it again first.' },
  'checkout.address_missing': { status: 422, retry: 'never', says: 'A delivery address is needed.' },
  'checkout.cannot_ship': { status: 422, retry: 'never', says: 'This cannot be delivered to that country.' },
  'checkout.out_of_stock': { status: 409, retry: 'never', says: 'There is not enough in stock.' },
  'order.not_found': { status: 404, retry: 'never', says: 'There is no such order of yours.' },
  'order.not_refundable': { status: 409, retry: 'never', says: 'This order cannot be refunded.' },
} as const satisfies Record<string, { status: number; retry: 'never' | 'same' | 'later'; says: string }>

export type ErrorCode = keyof typeof errorCodes
export const ErrorCodeSchema = z.enum(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]])

/** Codes that the edge itself may answer on any operation, so that operations list only their own. */
export const edgeErrorCodes = [
  'request.invalid',
  'request.too_large',
  'request.rate_limited',
  'auth.required',
  'auth.token_expired',
  'auth.forbidden',
  'server.internal',
  'server.unavailable',
  'server.busy',
] as const satisfies readonly ErrorCode[]

/** RFC 9457 problem document; the same object, without `status`, is a socket's refusal. Source: RFC 9457, read 2026-11-22. */
export const Problem = z.object({
  type: z.string().meta({ description: 'URI of the error code.' }),
  title: z.string(),
  status: z.int(),
  code: ErrorCodeSchema,
  retry: z.enum(['never', 'same', 'later']),
  details: z.record(z.string(), z.unknown()).optional(),
  incidentId: z.string().optional().meta({ description: 'Quote it to support; the log holds the cause.' }),
  traceId: z.string().optional().meta({ description: 'The trace of this request, where traces are collected.' }),
})
export type Problem = z.infer<typeof Problem>
