-- Purpose: rules of the list of invariants that the schema can hold by itself, and did not. server/docs/invariants.md says
-- which is held where. Locks: the named tables for a moment (each check reads its table once). expand

-- Units only come in by being received; every other movement takes them from one level to another.
ALTER TABLE stock_movements ADD CONSTRAINT stock_movements_conserve CHECK (CASE kind
  WHEN 'received' THEN available_change >= 0 AND held_change = 0 AND sold_change = 0
  ELSE available_change + held_change + sold_change = 0 END);

-- A live hold that never ends would keep its units for ever, and no sweep would find it.
ALTER TABLE holds ADD CONSTRAINT holds_live_ends CHECK (state <> 'live' OR expires_at IS NOT NULL);

-- What the provider gave back once settles one refund of ours, and a settled refund says which that was.
CREATE UNIQUE INDEX payment_refunds_ref_once ON payment_refunds (refund_ref) WHERE refund_ref IS NOT NULL;
ALTER TABLE payment_refunds ADD CONSTRAINT payment_refunds_settled
  CHECK (state <> 'succeeded' OR (refund_ref IS NOT NULL AND settled_at IS NOT NULL));

-- Nobody has paid for a won lot without a checkout.
ALTER TABLE auction_offers ADD CONSTRAINT auction_offers_paid_by CHECK (state <> 'paid' OR checkout_id IS NOT NULL);

-- Since when: a bid of somebody who joined the brand later was no bid of the seller's. Who is a member now counts as one
-- who always was.
ALTER TABLE brand_members ADD COLUMN since timestamptz NOT NULL DEFAULT '-infinity';
ALTER TABLE brand_members ALTER COLUMN since SET DEFAULT now();
