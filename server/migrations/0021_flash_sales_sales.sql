-- Purpose: flash sales, their units and holds. Locks: none on existing tables. expand
CREATE TABLE flash_sales (
  id uuid PRIMARY KEY,
  show_id uuid NOT NULL,
  creator_id uuid NOT NULL REFERENCES creators,
  product_id uuid NOT NULL REFERENCES products,
  variant_id uuid NOT NULL REFERENCES variants,
  product_name text NOT NULL,
  variant_name text NOT NULL,
  picture_url text NOT NULL,
  price_minor bigint NOT NULL CONSTRAINT flash_sales_price_positive CHECK (price_minor > 0),
  prior_price_minor bigint CONSTRAINT flash_sales_prior_price_above CHECK (prior_price_minor > price_minor),
  currency text NOT NULL,
  total_units int NOT NULL CONSTRAINT flash_sales_total_units_in_limits CHECK (total_units BETWEEN 1 AND 10000),
  per_buyer_limit int NOT NULL CONSTRAINT flash_sales_per_buyer_in_limits CHECK (per_buyer_limit BETWEEN 1 AND 20),
  opens_at timestamptz NOT NULL,
  -- Moves to an earlier time when the sale is closed by hand.
  closes_at timestamptz NOT NULL,
  -- When the last hold had ended and the unsold units went back to the stock.
  finished_at timestamptz,
  operation_id uuid NOT NULL,
  request_hash bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT flash_sales_operation_unique UNIQUE (creator_id, operation_id)
);
CREATE INDEX flash_sales_show ON flash_sales (show_id, opens_at);
CREATE INDEX flash_sales_unfinished ON flash_sales (opens_at) WHERE finished_at IS NULL;

-- One row a unit, made with the sale: a buyer takes any free row, so that no row is wanted by all.
CREATE TABLE flash_sale_units (
  flash_sale_id uuid NOT NULL REFERENCES flash_sales,
  unit_no int NOT NULL,
  hold_id uuid,
  PRIMARY KEY (flash_sale_id, unit_no)
);
CREATE INDEX flash_sale_units_free ON flash_sale_units (flash_sale_id, unit_no) WHERE hold_id IS NULL;

-- NOTE: no reference to flash_sales: its check would lock the sale's row at each claim. Units and sale are read by the
-- claim itself.
CREATE TABLE holds (
  id uuid PRIMARY KEY,
  flash_sale_id uuid NOT NULL,
  account_id uuid NOT NULL,
  units int NOT NULL CONSTRAINT holds_units_in_limits CHECK (units BETWEEN 1 AND 20),
  state text NOT NULL CONSTRAINT holds_state_known CHECK (state IN ('live', 'claimed', 'settled', 'released', 'expired')),
  -- Null while only the claim knows the hold; the log of holds brings it.
  expires_at timestamptz,
  operation_id uuid,
  remaining_then int,
  checkout_id uuid,
  -- The units that the claim took; kept when it gave them back.
  unit_numbers int[],
  created_at timestamptz NOT NULL DEFAULT now(),
  changed_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT holds_claim_has_units
    CHECK (state NOT IN ('claimed', 'settled') OR (checkout_id IS NOT NULL AND cardinality(unit_numbers) = units))
);
CREATE INDEX holds_sale_open ON holds (flash_sale_id) WHERE state IN ('live', 'claimed');
CREATE INDEX holds_sale ON holds (flash_sale_id, id DESC);
CREATE INDEX holds_account_live ON holds (account_id) WHERE state = 'live';

-- Units that a buyer has claimed or bought in a sale; the limit is in the row so that a CHECK can hold it.
CREATE TABLE flash_sale_buyers (
  flash_sale_id uuid NOT NULL,
  account_id uuid NOT NULL,
  units int NOT NULL,
  units_max int NOT NULL,
  PRIMARY KEY (flash_sale_id, account_id),
  CONSTRAINT flash_sale_buyers_limit CHECK (units BETWEEN 0 AND units_max)
);

-- How far each sale's log of holds was copied from Redis. `generation` names the log: a rebuilt gate begins a new one.
CREATE TABLE flash_sale_log_cursors (
  flash_sale_id uuid PRIMARY KEY REFERENCES flash_sales,
  generation text NOT NULL DEFAULT '',
  seq bigint NOT NULL DEFAULT 0
);
