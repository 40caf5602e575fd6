-- Purpose: coupons of shows, who has used them, and what they take off an order.
-- Locks: orders for a moment (columns with defaults; the checks read the table once). expand
CREATE TABLE coupons (
  id uuid PRIMARY KEY,
  show_id uuid NOT NULL REFERENCES shows,
  creator_id uuid NOT NULL REFERENCES creators,
  code text NOT NULL CONSTRAINT coupons_code_form CHECK (code ~ '^[A-Z0-9]{4,15}$'),
  percent int CONSTRAINT coupons_percent_in_limits CHECK (percent BETWEEN 1 AND 90),
  cap_minor bigint CONSTRAINT coupons_cap CHECK (cap_minor > 0),
  amount_minor bigint CONSTRAINT coupons_amount CHECK (amount_minor > 0),
  currency text NOT NULL,
  minimum_items_minor bigint NOT NULL CONSTRAINT coupons_minimum CHECK (minimum_items_minor >= 0),
  applies_to_flash_sales boolean NOT NULL,
  redemptions_max int NOT NULL CONSTRAINT coupons_redemptions_max_in_limits CHECK (redemptions_max BETWEEN 1 AND 100000),
  -- Moves in the transaction that writes or fails the order; the row is what the last redemption is fought over.
  redemption_count int NOT NULL DEFAULT 0
    CONSTRAINT coupons_limit_holds CHECK (redemption_count BETWEEN 0 AND redemptions_max),
  valid_until timestamptz NOT NULL,
  announced_at timestamptz,
  ended_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT date_trunc('milliseconds', clock_timestamp()),
  operation_id uuid NOT NULL,
  request_hash bytea NOT NULL,
  CONSTRAINT coupons_code_unique UNIQUE (creator_id, code),
  CONSTRAINT coupons_operation_unique UNIQUE (creator_id, operation_id),
  CONSTRAINT coupons_one_kind CHECK ((percent IS NULL) <> (amount_minor IS NULL) AND (cap_minor IS NULL OR percent IS NOT NULL))
) WITH (fillfactor = 70);
CREATE INDEX coupons_show ON coupons (show_id, created_at DESC);

-- A redemption is there while its checkout is paid or may yet be paid; a failed checkout deletes it. No reference to the
-- coupon: its check would lock the row for each of a rush before the counter does.
CREATE TABLE coupon_redemptions (
  coupon_id uuid NOT NULL,
  account_id uuid NOT NULL,
  checkout_id uuid NOT NULL CONSTRAINT coupon_redemptions_checkout_unique UNIQUE,
  redeemed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (coupon_id, account_id)
);

ALTER TABLE orders
  ADD COLUMN coupon_id uuid,
  -- Taken off the items, which stay units times price. Something is always left: an order of nothing is not a charge.
  ADD COLUMN discount_minor bigint NOT NULL DEFAULT 0
    CONSTRAINT orders_discount CHECK (discount_minor = 0 OR (discount_minor > 0 AND discount_minor < items_minor)),
  ADD CONSTRAINT orders_coupon_discounts CHECK ((coupon_id IS NULL) = (discount_minor = 0)),
  ADD CONSTRAINT orders_no_coupon_on_wins CHECK (coupon_id IS NULL OR auction_id IS NULL),
  DROP CONSTRAINT orders_total,
  ADD CONSTRAINT orders_total
    CHECK (total_minor = items_minor - discount_minor + shipping_minor + tax_minor + fees_minor),
  DROP CONSTRAINT orders_tax_in_items,
  ADD CONSTRAINT orders_tax_in_items CHECK (tax_in_items_minor BETWEEN 0 AND items_minor - discount_minor);
