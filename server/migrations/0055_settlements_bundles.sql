-- Purpose: orders that ship together, and at most one order that is or may yet be paid for each won auction.
-- Locks: orders for a moment (nullable columns; indexes over no row yet). expand

-- Everything that one buyer wins in one show, to one address: one parcel. The row is locked while shipping is priced.
CREATE TABLE order_bundles (
  id uuid PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES accounts,
  show_id uuid NOT NULL REFERENCES shows,
  currency text NOT NULL,
  address jsonb NOT NULL,
  address_key text GENERATED ALWAYS AS (md5(address::text)) STORED,
  -- Set when the parcel is packed: what is won after that ships anew.
  closed_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX order_bundles_one_open ON order_bundles (account_id, show_id, currency, address_key)
  WHERE closed_at IS NULL;

ALTER TABLE orders
  ADD COLUMN auction_id uuid,
  ADD COLUMN bundle_id uuid,
  -- What it adds to the weight of its bundle's parcel.
  ADD COLUMN parcel_grams int CONSTRAINT orders_parcel_grams CHECK (parcel_grams >= 0),
  ADD CONSTRAINT orders_bundled CHECK ((bundle_id IS NULL) = (parcel_grams IS NULL));
-- A second order of an auction is refused while the first may still be paid, and for ever once it was.
CREATE UNIQUE INDEX orders_auction_once ON orders (auction_id) WHERE auction_id IS NOT NULL AND state <> 'payment_failed';
CREATE INDEX orders_bundle ON orders (bundle_id) WHERE bundle_id IS NOT NULL;
