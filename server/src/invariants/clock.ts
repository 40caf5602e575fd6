import { giveawayLimits } from '@livelot/client/contracts'
import { payWithinMs } from '../modules/checkout/limits.ts'
import { holdMs, paymentExtraMs } from '../modules/flash-sales/limits.ts'
import { type Invariant, type SqlRule, sqlInvariants } from './invariant.ts'

/** A hold's id is a UUIDv7 of the moment at which Redis made it, by Redis' own clock. */
const madeAtMs = `('x' || translate(left(id::text, 13), '-', ''))::bit(48)::bigint`
const msOf = (column: string): string => `round(extract(epoch FROM ${column}) * 1000)::bigint`

/** A Dutch auction ends one step after its floor is reached. */
const lastsMs = `CASE a.terms ->> 'type' WHEN 'english' THEN (a.terms ->> 'durationSeconds')::bigint * 1000 ELSE
  (ceil(greatest(0, a.start_price_minor - (a.terms ->> 'floorMinor')::bigint) / (a.terms ->> 'stepMinor')::numeric) + 1)::bigint
    * (a.terms ->> 'stepSeconds')::bigint * 1000 END`
const closing = (field: string): string => `(a.terms -> 'closing' ->> '${field}')`

const rules: readonly SqlRule[] = [
  [
    'I30',
    `a hold lasts ${holdMs / 1_000} s, and ${paymentExtraMs / 1_000} s more once payment has begun, whatever the clocks of processes say`,
    `SELECT id AS "holdId", ${msOf('expires_at')} - ${madeAtMs} AS "lastsMs" FROM holds WHERE expires_at IS NOT NULL
     AND ${msOf('expires_at')} - ${madeAtMs} NOT IN (${holdMs}, ${holdMs + paymentExtraMs})`,
  ],
  [
    'I30',
    `a checkout at the list price may be paid for ${payWithinMs / 60_000} minutes`,
    `SELECT c.id AS "checkoutId", ${msOf('c.pay_before - c.created_at')} AS "lastsMs" FROM checkouts c
     JOIN orders o ON o.id = c.order_id WHERE c.hold_id IS NULL AND o.auction_id IS NULL
       AND ${msOf('c.pay_before - c.created_at')} <> ${payWithinMs}`,
  ],
  [
    'I30',
    'an auction lasts as its terms say',
    `SELECT a.id AS "auctionId", l.ends_at_ms - l.at_ms AS "lastsMs" FROM auctions a
     JOIN auction_ledger l ON l.auction_id = a.id AND l.seq = 1 WHERE l.ends_at_ms - l.at_ms <> ${lastsMs}`,
  ],
  [
    'I30',
    'a late bid moves the end by the extension, within the overtime; nothing else does but an outage',
    `SELECT l.auction_id AS "auctionId", l.seq, l.ends_at_ms - l.at_ms AS "lastsMs" FROM (
       SELECT *, lag(ends_at_ms) OVER w AS ended, first_value(ends_at_ms) OVER w AS first_end FROM auction_ledger
       WINDOW w AS (PARTITION BY auction_id ORDER BY seq)) l JOIN auctions a ON a.id = l.auction_id
     WHERE l.ends_at_ms <> l.ended AND l.what <> 'resumed' AND (l.what NOT IN ('bid', 'max')
       OR ${closing('kind')} IS DISTINCT FROM 'soft'
       OR l.ends_at_ms <> least(l.at_ms + ${closing('extensionSeconds')}::bigint * 1000,
         l.first_end + ${closing('overtimeSecondsMax')}::bigint * 1000))`,
  ],
  [
    'I30',
    'a prize may be claimed for as long as the rules of giveaways say',
    `SELECT giveaway_id AS "giveawayId", prize_no AS "prizeNo", turn FROM giveaway_prizes
     WHERE abs(${msOf('claim_before - won_at')} - ${giveawayLimits.claimMs}) > 1000`,
  ],
]

export const clockInvariants: readonly Invariant[] = sqlInvariants('clock', rules)
