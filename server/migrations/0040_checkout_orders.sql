-- Purpose: orders with their history, checkouts, and mail to be sent. Locks: none on existing tables. expand

CREATE SEQUENCE order_numbers;

-- Seven characters that a person can read out (Crockford's base 32: no I, L, O, U). Multiplying by an odd number and
-- xor are one-to-one modulo 2^35, so numbers of a sequence stay unique and do not tell how many orders there were.
CREATE FUNCTION order_number_of(n bigint) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  digits constant text := '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  mixed constant bigint := (((n % 34359738368) * 123456789) % 34359738368) # 22906492245;
BEGIN
  RETURN 'LL-' || substr(digits, (mixed >> 30)::int + 1, 1)
    || substr(digits, ((mixed >> 25) & 31)::int + 1, 1) || substr(digits, ((mixed >> 20) & 31)::int + 1, 1)
    || substr(digits, ((mixed >> 15) & 31)::int + 1, 1) || substr(digits, ((mixed >> 10) & 31)::int + 1, 1)
    || substr(digits, ((mixed >> 5) & 31)::int + 1, 1) || substr(digits, (mixed & 31)::int + 1, 1);
END $$;

-- What was bought is written out: an order stays as it was when names and prices change. Goods and show are ids
-- without foreign keys, because every order of a rush would lock the same product, brand and show rows.
CREATE TABLE orders (
  id uuid PRIMARY KEY,
  order_number text NOT NULL DEFAULT order_number_of(nextval('order_numbers')) CONSTRAINT orders_number_unique UNIQUE,
  checkout_id uuid NOT NULL CONSTRAINT orders_checkout_unique UNIQUE,
  account_id uuid NOT NULL REFERENCES accounts,
  buyer_name text NOT NULL,
  brand_id uuid NOT NULL,
  product_id uuid NOT NULL,
  variant_id uuid NOT NULL,
  show_id uuid,
  product_name text NOT NULL,
  variant_name text NOT NULL,
  brand_name text NOT NULL,
  picture_url text NOT NULL,
  state text NOT NULL DEFAULT 'payment_pending'
    CONSTRAINT orders_state CHECK (state IN ('payment_pending', 'paid', 'payment_failed', 'refunded')),
  version int NOT NULL DEFAULT 1,
  currency text NOT NULL,
  units int NOT NULL CONSTRAINT orders_units CHECK (units > 0),
  unit_price_minor bigint NOT NULL CONSTRAINT orders_unit_price CHECK (unit_price_minor > 0),
  items_minor bigint NOT NULL CONSTRAINT orders_items CHECK (items_minor = units * unit_price_minor),
  shipping_minor bigint NOT NULL CONSTRAINT orders_shipping CHECK (shipping_minor >= 0),
  tax_minor bigint NOT NULL CONSTRAINT orders_tax CHECK (tax_minor >= 0),
  fees_minor bigint NOT NULL CONSTRAINT orders_fees CHECK (fees_minor >= 0),
  total_minor bigint NOT NULL
    CONSTRAINT orders_total CHECK (total_minor = items_minor + shipping_minor + tax_minor + fees_minor),
  -- Tax contained in the prices, where law wants prices with tax; then tax_minor is 0.
  tax_in_items_minor bigint NOT NULL
    CONSTRAINT orders_tax_in_items CHECK (tax_in_items_minor BETWEEN 0 AND items_minor),
  tax_in_shipping_minor bigint NOT NULL
    CONSTRAINT orders_tax_in_shipping CHECK (tax_in_shipping_minor BETWEEN 0 AND shipping_minor),
  refunded_minor bigint NOT NULL DEFAULT 0
    CONSTRAINT orders_refunded CHECK (refunded_minor BETWEEN 0 AND total_minor),
  address jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  paid_at timestamptz,
  CONSTRAINT orders_paid_at CHECK ((state IN ('paid', 'refunded')) = (paid_at IS NOT NULL))
) WITH (fillfactor = 80);
CREATE INDEX orders_account ON orders (account_id, id DESC);
CREATE INDEX orders_show_paid ON orders (show_id, paid_at DESC) WHERE state = 'paid';

-- What happened to an order, in order. Append-only; only allowed steps; the key refuses a version twice.
CREATE TABLE order_events (
  order_id uuid NOT NULL REFERENCES orders,
  version int NOT NULL CONSTRAINT order_events_version CHECK (version > 0),
  from_state text,
  to_state text NOT NULL,
  happened_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (order_id, version),
  CONSTRAINT order_events_step CHECK (
    (version = 1 AND from_state IS NULL AND to_state = 'payment_pending')
    OR (version > 1 AND (from_state, to_state) IN
      (('payment_pending', 'paid'), ('payment_pending', 'payment_failed'), ('paid', 'refunded')))
  )
);
CREATE FUNCTION order_events_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the history of orders is append-only'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'order_events_append_only';
END $$;
CREATE TRIGGER order_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON order_events
  FOR EACH STATEMENT EXECUTE FUNCTION order_events_refuse_change();

-- One attempt to pay one order. `turn` is the fencing token: whoever acts on a checkout takes the next turn, and what
-- an older turn brings home is not recorded. `lease_until` says until when that turn may act.
CREATE TABLE checkouts (
  id uuid PRIMARY KEY,
  order_id uuid NOT NULL REFERENCES orders,
  account_id uuid NOT NULL,
  operation_id uuid NOT NULL,
  fingerprint bytea NOT NULL,
  state text NOT NULL DEFAULT 'created' CONSTRAINT checkouts_state CHECK (state IN
    ('created', 'authorising', 'needs_action', 'authorised', 'capturing', 'canceling', 'paid', 'failed')),
  is_open boolean NOT NULL DEFAULT true CONSTRAINT checkouts_open CHECK (is_open = (state NOT IN ('paid', 'failed'))),
  failure text,
  action_url text,
  flash_sale_id uuid,
  hold_id uuid,
  pay_before timestamptz NOT NULL,
  turn int NOT NULL DEFAULT 0,
  is_first_send boolean NOT NULL DEFAULT false,
  lease_until timestamptz,
  -- When a sweep looks at it if nobody else does before.
  look_at timestamptz NOT NULL,
  -- A command to the provider was left without an answer: after a failure it may still come true.
  is_uncertain boolean NOT NULL DEFAULT false,
  watch_until timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT checkouts_operation_unique UNIQUE (account_id, operation_id),
  CONSTRAINT checkouts_failure CHECK ((failure IS NOT NULL) = (state IN ('canceling', 'failed'))),
  CONSTRAINT checkouts_hold CHECK ((flash_sale_id IS NULL) = (hold_id IS NULL))
) WITH (fillfactor = 70);
-- Neither column changes on the way from created to paid but once, so those updates stay within their page.
CREATE INDEX checkouts_due ON checkouts (look_at) WHERE is_open;
CREATE INDEX checkouts_watched ON checkouts (watch_until) WHERE watch_until IS NOT NULL;

-- Letters to people. Whoever delivers mail takes them from here; each is written once.
CREATE TABLE mail_outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES accounts,
  kind text NOT NULL,
  reference text NOT NULL,
  subject text NOT NULL,
  body text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  sent_at timestamptz,
  CONSTRAINT mail_outbox_once UNIQUE (kind, reference)
);
