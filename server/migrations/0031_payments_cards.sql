-- Purpose: saved cards, as references into the payment provider; card numbers never come here.
-- Locks: none on existing tables. expand
CREATE TABLE payment_customers (
  account_id uuid NOT NULL REFERENCES accounts,
  provider text NOT NULL,
  customer_ref text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (account_id, provider)
);

CREATE TABLE payment_cards (
  id uuid PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES accounts,
  provider text NOT NULL,
  customer_ref text NOT NULL,
  payment_method_ref text NOT NULL,
  brand text NOT NULL,
  last4 text NOT NULL,
  exp_month int NOT NULL,
  exp_year int NOT NULL,
  fingerprint text NOT NULL,
  saved_at timestamptz NOT NULL DEFAULT now(),
  removed_at timestamptz,
  CONSTRAINT payment_cards_method_unique UNIQUE (provider, payment_method_ref)
);
CREATE INDEX payment_cards_account ON payment_cards (account_id) WHERE removed_at IS NULL;
