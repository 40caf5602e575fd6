-- Purpose: to whom a won lot is offered, one after the other, and how the payment of each went.
-- Locks: auction_results for a moment (an index on a new table). expand
CREATE TABLE auction_offers (
  id uuid PRIMARY KEY,
  auction_id uuid NOT NULL REFERENCES auctions,
  show_id uuid NOT NULL REFERENCES shows,
  account_id uuid NOT NULL REFERENCES accounts,
  -- 0: the winner, at the hammer. Above: runners-up, each at the own last bid.
  depth smallint NOT NULL CONSTRAINT auction_offers_depth_known CHECK (depth BETWEEN 0 AND 3),
  amount_minor bigint NOT NULL CONSTRAINT auction_offers_amount_positive CHECK (amount_minor > 0),
  currency text NOT NULL,
  lot_number int NOT NULL,
  title text NOT NULL,
  picture_url text NOT NULL,
  state text NOT NULL CONSTRAINT auction_offers_state_known
    CHECK (state IN ('charging', 'needs_action', 'payment_failed', 'paid', 'passed_on', 'void')),
  is_open boolean GENERATED ALWAYS AS (state IN ('charging', 'needs_action', 'payment_failed')) STORED,
  -- The last try to pay: its card, its checkout (none where it could not be begun) and why it failed.
  card_id uuid,
  checkout_id uuid,
  failure text,
  -- The bidder had to act; until then nothing counts against the bidder.
  is_bidders_turn boolean NOT NULL DEFAULT false,
  pay_before timestamptz,
  -- Tries that failed by no fault of the bidder's, and when the next one is begun.
  own_faults smallint NOT NULL DEFAULT 0,
  try_again_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  -- A lot goes down the list once, and nobody is asked twice to pay for one auction.
  CONSTRAINT auction_offers_depth_unique UNIQUE (auction_id, depth),
  CONSTRAINT auction_offers_bidder_unique UNIQUE (auction_id, account_id),
  CONSTRAINT auction_offers_try_again CHECK (try_again_at IS NULL OR state = 'payment_failed'),
  CONSTRAINT auction_offers_ended CHECK ((ended_at IS NOT NULL) = (state IN ('paid', 'passed_on', 'void')))
);
-- One bidder at a time may pay, and none after one has paid.
CREATE UNIQUE INDEX auction_offers_one_live ON auction_offers (auction_id)
  WHERE state IN ('charging', 'needs_action', 'payment_failed', 'paid');
CREATE UNIQUE INDEX auction_offers_checkout ON auction_offers (checkout_id) WHERE checkout_id IS NOT NULL;
CREATE INDEX auction_offers_open ON auction_offers (id) WHERE is_open;
CREATE INDEX auction_offers_account ON auction_offers (account_id, id DESC);
-- Results are looked through for lots that nobody was offered, because their job was lost.
CREATE INDEX auction_results_recorded ON auction_results (recorded_at) WHERE winner_account_id IS NOT NULL;
