import type { AccountId, OperationId, ShowId } from '@livelot/client/contracts'

/**
 * State of one show, a hash. Lives as long as the show, and a day longer.
 * Ours: epoch, run (of the Redis server that it was written under), seq, outbox (last applied row), show, shelf, pinned,
 * slow. Of flash sales: sale:<id>, state:<id>, remaining:<id>, sold:<id>. Of auctions: auction:<id>, figures:<id>.
 * Of giveaways: giveaway, the latest of the show. Of coupons: coupon:<id>, empty where it was ended.
 */
export const showStateKey = (showId: ShowId) => `livelot:live:{${showId}}:state`

/** Ordered log of one show, a stream of its last ~5,000 events. Lives as long as the state. */
export const showFeedKey = (showId: ShowId) => `livelot:live:{${showId}}:feed`

/** Last lines of the chat, a list, newest first. Kept for a day after the last line. */
export const chatLinesKey = (showId: ShowId) => `livelot:live:{${showId}}:chat`

/** What one operation of one person was answered with. Kept for two minutes. */
export const chatSaidKey = (showId: ShowId, accountId: AccountId, operationId: OperationId) =>
  `livelot:live:{${showId}}:said:${accountId}:${operationId}`

/** Present while a person must wait in slow mode; lives that long. */
export const chatSlowKey = (showId: ShowId, accountId: AccountId) => `livelot:live:{${showId}}:slow:${accountId}`

/** Viewers by process, a hash. Lives a few seconds after the last report. */
export const viewersKey = (showId: ShowId) => `livelot:live:{${showId}}:viewers`

/** Hearts given in the show, a counter. Kept for a week after the last heart. */
export const heartsKey = (showId: ShowId) => `livelot:live:{${showId}}:hearts`

/** A stream token that was used. Lives as long as such a token can. */
export const streamTokenKey = (showId: ShowId, tokenId: string) => `livelot:live:{${showId}}:stream-token:${tokenId}`

/** Channel of one show's chat among processes. */
export const chatChannel = (showId: ShowId) => `livelot:live:{${showId}}:chat-channel`

/** Channel on which processes learn that rules or the epoch of a show changed. */
export const controlChannel = 'livelot:live:control'
