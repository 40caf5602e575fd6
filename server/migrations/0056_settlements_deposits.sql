-- Purpose: amounts held on cards of bidders with wins that they did not pay; never taken, always let go.
-- Locks: none on existing tables. expand
CREATE TABLE deposits (
  -- Also the provider's name for it, in the place of a checkout's and an order's id.
  id uuid PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES accounts,
  show_id uuid NOT NULL REFERENCES shows,
  card_id uuid NOT NULL,
  customer_ref text NOT NULL,
  payment_method_ref text NOT NULL,
  amount_minor bigint NOT NULL CONSTRAINT deposits_amount_positive CHECK (amount_minor > 0),
  currency text NOT NULL,
  -- asked → (needs_action →) held → releasing → released; what the bank refused ends as refused.
  state text NOT NULL DEFAULT 'asked' CONSTRAINT deposits_state_known
    CHECK (state IN ('asked', 'needs_action', 'held', 'releasing', 'released', 'refused')),
  look_at timestamptz NOT NULL DEFAULT now() + interval '30 seconds',
  asked_at timestamptz NOT NULL DEFAULT now(),
  held_at timestamptz,
  ended_at timestamptz,
  CONSTRAINT deposits_ended CHECK ((ended_at IS NOT NULL) = (state IN ('released', 'refused')))
);
-- One hold a bidder and show.
CREATE UNIQUE INDEX deposits_one_live ON deposits (account_id, show_id) WHERE state IN ('asked', 'needs_action', 'held');
CREATE INDEX deposits_due ON deposits (look_at) WHERE state NOT IN ('released', 'refused');
