import { ago, type Invariant, type SqlRule, sqlInvariants, standing } from './invariant.ts'

const noEnd = `NOT EXISTS (SELECT FROM stock_movements e WHERE e.reference = m.reference
  AND e.kind IN ('released', 'settled', 'returned'))`
const openClaims = (prefix: string): string =>
  `SELECT m.reference, substr(m.reference, ${prefix.length + 1}) AS subject, m.variant_id
   FROM stock_movements m WHERE m.kind IN ('claimed', 'lent') AND starts_with(m.reference, '${prefix}') AND ${noEnd}`

const rules: readonly SqlRule[] = [
  [
    'I1',
    'a unit of a flash sale belongs to one hold',
    `SELECT h.flash_sale_id AS "flashSaleId", n AS "unit", array_agg(h.id) AS "holdIds"
     FROM holds h CROSS JOIN unnest(h.unit_numbers) AS n WHERE h.state IN ('claimed', 'settled')
     GROUP BY h.flash_sale_id, n HAVING count(*) > 1`,
  ],
  [
    'I1',
    'units and holds say the same of each other',
    `SELECT u.flash_sale_id AS "flashSaleId", u.unit_no AS "unit", u.hold_id AS "holdId" FROM flash_sale_units u
     WHERE u.hold_id IS NOT NULL AND NOT EXISTS (
       SELECT FROM holds h WHERE h.id = u.hold_id AND h.flash_sale_id = u.flash_sale_id
         AND h.state IN ('claimed', 'settled') AND u.unit_no = ANY (h.unit_numbers))
     UNION ALL
     SELECT h.flash_sale_id, n, h.id FROM holds h CROSS JOIN unnest(h.unit_numbers) AS n
     WHERE h.state IN ('claimed', 'settled') AND NOT EXISTS (
       SELECT FROM flash_sale_units u
       WHERE u.flash_sale_id = h.flash_sale_id AND u.unit_no = n AND u.hold_id = h.id)`,
  ],
  [
    'I1',
    'a flash sale has as many units as it was made with, a finished one those that it has sold',
    `SELECT s.id AS "flashSaleId", s.total_units AS "made", count(u.unit_no) AS "there"
     FROM flash_sales s LEFT JOIN flash_sale_units u ON u.flash_sale_id = s.id
     GROUP BY s.id HAVING (s.finished_at IS NULL AND count(u.unit_no) <> s.total_units)
       OR (s.finished_at IS NOT NULL AND count(u.unit_no) <> count(u.hold_id))`,
  ],
  [
    'I2',
    'stock levels are the sums of their movements, column by column',
    `SELECT variant_id AS "variantId", l.available, l.held, l.sold, m.available AS "movedAvailable", m.held AS "movedHeld",
       m.sold AS "movedSold"
     FROM stock_levels l FULL JOIN (
       SELECT variant_id, sum(available_change) AS available, sum(held_change) AS held, sum(sold_change) AS sold
       FROM stock_movements GROUP BY variant_id) m USING (variant_id)
     WHERE (coalesce(l.available, 0), coalesce(l.held, 0), coalesce(l.sold, 0))
       <> (coalesce(m.available, 0), coalesce(m.held, 0), coalesce(m.sold, 0))`,
  ],
  [
    'I2',
    'no stock level is below zero',
    `SELECT variant_id AS "variantId", available, held, sold FROM stock_levels WHERE least(available, held, sold) < 0`,
  ],
  [
    'I2',
    'units only come in by being received, and what was taken ends with nothing held',
    `SELECT reference, array_agg(kind) AS kinds FROM stock_movements GROUP BY reference
     HAVING bool_or(kind <> 'received' AND available_change + held_change + sold_change <> 0)
       OR (bool_or(kind IN ('released', 'settled', 'returned')) AND sum(held_change) <> 0)`,
  ],
  [
    'I2',
    'the schema refuses to change a movement and to end a claim twice',
    `${standing('trigger', [['stock_movements', 'stock_movements_append_only']])}
     UNION ALL ${standing('index', [
       ['stock_movements', 'stock_movements_one_end'],
       ['stock_movements', 'stock_movements_reference_unique'],
     ])}`,
    'cheap',
  ],
  [
    'I4',
    'a hold ends when its time is over',
    ({ graceMs }) =>
      `SELECT id AS "holdId", flash_sale_id AS "flashSaleId", expires_at AS "expiresAt" FROM holds
       WHERE state = 'live' AND (expires_at IS NULL OR expires_at < ${ago(Math.max(graceMs, 5_000))})`,
    'cheap',
  ],
  [
    'I4',
    'a hold is claimed while its checkout is open, and settled when that is paid',
    `SELECT h.id AS "holdId", h.state, c.id AS "checkoutId", c.state AS "checkoutState"
     FROM holds h LEFT JOIN checkouts c ON c.id = h.checkout_id AND c.hold_id = h.id
     WHERE (h.state = 'claimed' AND c.is_open IS DISTINCT FROM true)
       OR (h.state = 'settled' AND c.state IS DISTINCT FROM 'paid')`,
  ],
  [
    'I4',
    'stock is set aside only for what is open',
    ({ graceMs }) => `
     SELECT t.reference FROM (${openClaims('checkout:')}) t LEFT JOIN checkouts c ON c.id::text = t.subject
       WHERE c.is_open IS DISTINCT FROM true
     UNION ALL
     SELECT t.reference FROM (${openClaims('flash-sale:')}) t LEFT JOIN flash_sales s ON s.id::text = t.subject
       WHERE s.id IS NULL OR s.finished_at IS NOT NULL
     UNION ALL
     SELECT t.reference FROM (${openClaims('giveaway:')}) t
       LEFT JOIN giveaways g ON g.id::text = split_part(t.subject, ':', 1)
       WHERE g.id IS NULL OR (g.state IN ('drawn', 'void') AND NOT EXISTS (
         SELECT FROM giveaway_prizes p WHERE p.giveaway_id = g.id AND p.state = 'waiting'
           AND p.prize_no::text = split_part(t.subject, ':', 2)))
     UNION ALL
     SELECT t.reference FROM (${openClaims('auction:')}) t LEFT JOIN auction_results r ON r.auction_id::text = t.subject
       WHERE NOT EXISTS (SELECT FROM auctions a WHERE a.id::text = t.subject) OR (r.recorded_at < ${ago(graceMs)}
         AND NOT EXISTS (SELECT FROM auction_offers o WHERE o.auction_id = r.auction_id AND o.is_open))`,
  ],
  [
    'I5',
    'nobody has more units of a flash sale than its limit',
    `SELECT h.flash_sale_id AS "flashSaleId", h.account_id AS "accountId", sum(h.units) AS "units"
     FROM holds h JOIN flash_sales s ON s.id = h.flash_sale_id WHERE h.state IN ('claimed', 'settled')
     GROUP BY h.flash_sale_id, h.account_id, s.per_buyer_limit HAVING sum(h.units) > s.per_buyer_limit`,
  ],
  [
    'I5',
    'what is counted against a limit is what the buyer has',
    `SELECT flash_sale_id AS "flashSaleId", account_id AS "accountId", b.units AS "counted", h.units AS "held"
     FROM flash_sale_buyers b FULL JOIN (
       SELECT flash_sale_id, account_id, sum(units) AS units FROM holds WHERE state IN ('claimed', 'settled')
       GROUP BY flash_sale_id, account_id) h USING (flash_sale_id, account_id)
     WHERE coalesce(b.units, 0) <> coalesce(h.units, 0)
     UNION ALL
     SELECT c.id, NULL, c.redemption_count, count(r.coupon_id)
     FROM coupons c LEFT JOIN coupon_redemptions r ON r.coupon_id = c.id
     GROUP BY c.id HAVING count(r.coupon_id) <> c.redemption_count OR c.redemption_count > c.redemptions_max`,
  ],
]

export const stockInvariants: readonly Invariant[] = sqlInvariants('stock', rules)
