/** A fault that somebody could make, and the test that has to notice it. */
export interface PlantedBug {
  readonly what: string
  /** Where it is made; the text must stand there exactly once, so that the bug fails loudly when the code moves. */
  readonly file: string
  readonly find: string
  readonly put: string
  readonly caughtBy: { readonly project: 'unit' | 'service'; readonly file: string; readonly test: string }
}

const service = (file: string, test: string) => ({ project: 'service' as const, file, test })
const modules = 'server/src/modules'
const gate = `${modules}/flash-sales/gate.service.test.ts`
const rush = 'server/test/races/flash-sale.test.ts'
const auctionGate = `${modules}/auctions/gate.service.test.ts`
const checkout = `${modules}/checkout/checkout.service.test.ts`
const checkoutRaces = 'server/test/races/checkout-advance.test.ts'
const profiles = `${modules}/profiles/profiles.service.test.ts`

const money: readonly PlantedBug[] = [
  {
    what: 'A checkout charges the total that the client names',
    file: `${modules}/checkout/buying.ts`,
    find: 'if (price.totalMinor !== request.expectedTotal.amountMinor || currency !== request.expectedTotal.currency)',
    put: 'price.totalMinor = request.expectedTotal.amountMinor\n    if (currency !== request.expectedTotal.currency)',
    caughtBy: service(checkout, '[CH2] refuses without a trace'),
  },
  {
    what: 'A repeated checkout is not looked up by its operation id',
    file: `${modules}/checkout/buying.ts`,
    find: '        if (!earlier) throw error\n        if (!earlier.fingerprint',
    put: '        if (error) throw error\n        if (!earlier?.fingerprint',
    caughtBy: service(checkout, '[CH3] gives a repeat the same checkout'),
  },
  {
    what: 'One operation id may make two checkouts',
    file: 'server/migrations/0040_checkout_orders.sql',
    find: '  CONSTRAINT checkouts_operation_unique UNIQUE (account_id, operation_id),\n',
    put: '',
    caughtBy: service(checkoutRaces, '[CH3] make one order of one tap at the list price'),
  },
  {
    what: 'A refund is booked each time that it is settled',
    file: `${modules}/payments/refund-store.pg.ts`,
    find: "WHERE id = $1 AND state = 'pending' RETURNING checkout_id, amount_minor",
    put: 'WHERE id = $1 RETURNING checkout_id, amount_minor',
    caughtBy: service(checkoutRaces, '[OR2] [PA5] give the money back once'),
  },
  {
    what: "The signature of the payment provider's events is not checked",
    file: 'server/src/infra/payments/sandbox-webhook.ts',
    find: 'if (!verifiers.some((verifier) => isSigned(verifier, text, signed)))',
    put: 'if (verifiers.every((verifier) => isSigned(verifier, text, signed)) && !signed)',
    caughtBy: service(`${modules}/payments/payments.service.test.ts`, '[PA2] are refused without a good signature'),
  },
  {
    what: 'An event of the payment provider counts each time it comes',
    file: 'server/migrations/0032_payments_attempts.sql',
    find: 'DEFAULT now(),\n  PRIMARY KEY (provider, event_ref)',
    put: 'DEFAULT now()',
    caughtBy: service(`${modules}/payments/payments.service.test.ts`, '[PA2] are taken once'),
  },
  {
    what: "Anybody may read anybody's order",
    file: `${modules}/checkout/orders.ts`,
    find: "row && (row.accountId === account.accountId || account.roles.includes('operator'))",
    put: 'row && account',
    caughtBy: service(`${modules}/checkout/orders.service.test.ts`, '[OR1] tell what was bought'),
  },
  {
    what: 'A coupon is redeemed more often than it may be',
    file: `${modules}/coupons/store.pg.ts`,
    find: '\n       AND c.redemption_count < c.redemptions_max',
    put: '',
    caughtBy: service(`${modules}/coupons/redeeming.service.test.ts`, '[CP9] of the last ones'),
  },
]

const stock: readonly PlantedBug[] = [
  {
    what: 'The lock on the units of a flash sale is dropped while they are claimed',
    file: `${modules}/flash-sales/claims.pg.ts`,
    find: 'ORDER BY unit_no LIMIT cardinality($2::uuid[]) FOR UPDATE SKIP LOCKED',
    put: 'ORDER BY unit_no LIMIT cardinality($2::uuid[])',
    caughtBy: service(checkoutRaces, '[CH5] go to as many buyers as there are units'),
  },
  {
    what: 'Stock is taken without a look at what is left',
    file: `${modules}/inventory/store.pg.ts`,
    find: 'WHERE variant_id = $1 AND available >= $2 AND NOT EXISTS',
    put: 'WHERE variant_id = $1 AND NOT EXISTS',
    caughtBy: service(`${modules}/inventory/inventory.service.test.ts`, '[IN1] gives the last unit'),
  },
  {
    what: 'The gate of a flash sale admits more than there are units',
    file: `${modules}/flash-sales/lua/reserve.lua`,
    find: "if gate.remaining < units or redis.call('ZCARD', k.waitlist) > 0 then",
    put: "if redis.call('ZCARD', k.waitlist) > 0 then",
    caughtBy: service(rush, '[FS1] gives the last unit to exactly one'),
  },
  {
    what: 'The gate of a flash sale forgets the limit of a buyer',
    file: `${modules}/flash-sales/lua/reserve.lua`,
    find: "if units > units_left then return { 'limit_reached', math.max(0, units_left) } end\n",
    put: '',
    caughtBy: service(rush, '[FS1] keeps one buyer within the limit'),
  },
  {
    what: 'A hold that has run out can still be paid for',
    file: `${modules}/flash-sales/lua/begin_payment.lua`,
    find: "if hold.how ~= 'claimed' and now_ms() >= hold.expires then return { 'expired' } end\n",
    put: '',
    caughtBy: service(gate, '[FS2] begins payment'),
  },
  {
    what: "A buyer can pay for another buyer's hold",
    file: `${modules}/flash-sales/lua/begin_payment.lua`,
    find: "if hold.buyer ~= ARGV[2] then return { 'not_found' } end\n",
    put: '',
    caughtBy: service(gate, '[FS2] begins payment'),
  },
]

const auctions: readonly PlantedBug[] = [
  {
    what: 'A bid is taken after the end of its auction',
    file: `${modules}/auctions/lua/gate_bids.lua`,
    find: "if gate.state ~= 'closed' and now < gate.ends_at then return nil end",
    put: "if gate.state ~= 'closed' then return nil end",
    caughtBy: service(`${modules}/auctions/gate-close.service.test.ts`, '[AU16] decides by the clock of Redis alone'),
  },
  {
    what: 'A bid below the next minimum is taken',
    file: `${modules}/auctions/lua/gate_bids.lua`,
    find: '  if bid.amount < least then return decision(gate, bid, now, low, { next_minimum = least }) end\n',
    put: '',
    caughtBy: service(auctionGate, '[AU1] needs the start price first'),
  },
  {
    what: 'A seller bids on the own lot',
    file: `${modules}/auctions/lua/gate_bids.lua`,
    find: "then return 'own_lot' end",
    put: 'then return nil end',
    caughtBy: service(auctionGate, '[AU11] refuses who has not entered'),
  },
  {
    what: 'A repeated bid is decided anew',
    file: `${modules}/auctions/lua/place_bid.lua`,
    find: 'if again then return again end\n',
    put: '',
    caughtBy: service(auctionGate, '[AU14] answers a bid that comes again'),
  },
  {
    what: "An entry of an auction's ledger is not linked to the one before",
    file: `${modules}/auctions/lua/gate.lua`,
    find: "table.concat({ gate.link .. '\\n' .. gate.id,",
    put: 'table.concat({ gate.id,',
    caughtBy: service(auctionGate, '[AU17] links every entry'),
  },
  {
    what: 'The kept ledger of an auction is not chained',
    file: `${modules}/auctions/chain.ts`,
    find: "before.toString('hex')",
    put: "before.toString('hex').slice(64)",
    caughtBy: service(`${modules}/auctions/ledger-proof.service.test.ts`, 'is found without fault by the SDK'),
  },
  {
    what: 'A giveaway is entered without having joined its room',
    file: `${modules}/giveaways/entering.ts`,
    find: "if (!caller.isInRoom?.(giveaway.showId)) throw new Refusal('show.not_joined')",
    put: 'caller.isInRoom?.(giveaway.showId)',
    caughtBy: service(`${modules}/giveaways/entering.service.test.ts`, '[GI5] needs the room'),
  },
]

const access: readonly PlantedBug[] = [
  {
    what: 'An access token for another audience is taken',
    file: `${modules}/profiles/tokens.ts`,
    find: '          audience,\n          requiredClaims',
    put: '          requiredClaims',
    caughtBy: service(profiles, '[PR6] refuses tokens of another key'),
  },
  {
    what: 'The access token of an ended session goes on working',
    file: `${modules}/profiles/service.ts`,
    find: "if (revocations.isRevoked(actor.sessionId)) throw new Refusal('auth.required')",
    put: 'revocations.isRevoked(actor.sessionId)',
    caughtBy: service(profiles, '[PR5] stops the access tokens'),
  },
  {
    what: 'A stolen refresh token does not end its session',
    file: `${modules}/profiles/service.ts`,
    find: 'await store.endStolenSession(laterHashes(refreshToken))',
    put: 'laterHashes(refreshToken) && null',
    caughtBy: service(profiles, '[PR4] ends the session when a spent token'),
  },
  {
    what: 'A stream token is good twice',
    file: `${modules}/live/stream-tokens.ts`,
    find: "if (first !== 'OK') throw new Refusal('media.token_used')",
    put: "if (first === 'NO') throw new Refusal('media.token_used')",
    caughtBy: service(`${modules}/live/live.service.test.ts`, '[LV10] are good once'),
  },
  {
    what: "A creator may close another creator's flash sale",
    file: `${modules}/flash-sales/service.ts`,
    find: "if (sale.creatorId !== creatorOf(actor).creatorId) throw new Refusal('flash_sale.not_found')",
    put: 'creatorOf(actor)',
    caughtBy: service('server/test/scenarios/authorisation.test.ts', 'flash-sale:close'),
  },
  {
    what: "Anybody may follow anybody's checkout",
    file: `${modules}/checkout/view-store.pg.ts`,
    find: 'if (row?.accountId !== accountId) return null',
    put: 'if (!row || !accountId) return null',
    caughtBy: service('server/test/fuzz/checkout-steps.test.ts', '[CH3] [CH5] [OR2] keeps every promise of a checkout'),
  },
]

export const plantedBugs: readonly PlantedBug[] = [...money, ...stock, ...auctions, ...access]
