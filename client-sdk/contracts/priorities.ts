/**
 * How long an operation is served when a process has more to do than it can: chat goes first, then browsing, then
 * whoever wants to come in; `essential` is what a sale is made of, and is never refused for being busy.
 */
export const priorities = ['chat', 'browsing', 'joining', 'essential'] as const
export type Priority = (typeof priorities)[number]

const chat = ['chat:send', 'heart:add']

/** Reads that nobody needs to finish what they have begun. */
const browsing = [
  'creator:get',
  'product:get',
  'product:list',
  'brand:list',
  'show:get',
  'show:get-shelf',
  'show:list',
  'show:list-mine',
  'show:get-sales-board',
  'lot:list',
  'lot:list-my-pre-bids',
  'coupon:list',
  'auction:get',
  'auction:get-fairness',
  'auction:get-ledger',
  'auction:get-receipt-keys',
  'auction:list-my-bids',
  'auction:list-paddles',
  'flash-sale:get',
  'giveaway:get',
  'giveaway:get-my-entry',
  'giveaway:list-prizes',
  'giveaway:list-my-prizes',
  'giveaway:export',
  'waiting-room:get',
  'order:list',
]

/** New people: rooms, video, accounts and sessions. Somebody who is in stays in. */
const joining = [
  'account:register',
  'account:sign-in',
  'show:join',
  'media:capabilities',
  'media:watch',
  'giveaway:enter',
  'flash-sale:join-waitlist',
]

/** Bids, holds, payments and what they need, and what a host does to run the show. */
const essential = [
  'account:get-me',
  'account:refresh-session',
  'account:renew-socket',
  'account:set-address',
  'account:sign-out',
  'auction:bar-bidder',
  'auction:buy-now',
  'auction:enter',
  'auction:get-my-entry',
  'auction:place-bid',
  'auction:start',
  'card:list',
  'card:remove',
  'card:save',
  'chat:remove-line',
  'checkout:continue',
  'checkout:get',
  'checkout:get-quote',
  'checkout:start',
  'clock:sync',
  'coupon:announce',
  'coupon:create',
  'coupon:end',
  'flash-sale:close',
  'flash-sale:create',
  'flash-sale:list-my-holds',
  'flash-sale:release-hold',
  'flash-sale:reserve',
  'giveaway:claim',
  'giveaway:open',
  'lot:change',
  'lot:create',
  'lot:move',
  'lot:place-pre-bid',
  'lot:remove',
  'media:adopt',
  'media:close',
  'media:close-tracks',
  'media:connect',
  'media:pause',
  'media:produce',
  'media:publish-start',
  'media:request-key-frame',
  'media:restart-ice',
  'media:resume',
  'media:set-layers',
  'order:get',
  'order:refund',
  'payment:get-config',
  'settlement:get-bid-terms',
  'settlement:list-my-wins',
  'settlement:list-of-show',
  'settlement:pay-win',
  'show:create',
  'show:end',
  'show:issue-stream-token',
  'show:leave',
  'show:moderate',
  'show:pin-product',
  'show:set-chat-settings',
  'show:set-shelf',
  'show:start',
  'waiting-room:join',
  'waiting-room:leave',
]

/** The priority of every operation, by name. One that is missing here is not bound. */
export const operationPriorities: ReadonlyMap<string, Priority> = new Map(
  Object.entries({ chat, browsing, joining, essential }).flatMap(([priority, names]) =>
    names.map((name) => [name, priority as Priority] as const),
  ),
)
