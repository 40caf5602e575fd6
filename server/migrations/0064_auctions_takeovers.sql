-- Purpose: who a lot went on to after its winner did not pay; it counts to the own limit as a win does.
-- Locks: none on existing tables. expand
CREATE TABLE auction_takeovers (
  auction_id uuid NOT NULL REFERENCES auctions,
  account_id uuid NOT NULL REFERENCES accounts,
  amount_minor bigint NOT NULL CONSTRAINT auction_takeovers_amount_positive CHECK (amount_minor > 0),
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (auction_id, account_id)
);
