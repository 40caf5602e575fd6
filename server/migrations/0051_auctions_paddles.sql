-- Purpose: who may bid in a show, bids before the start, and wins that were not paid.
-- Locks: none on existing tables. expand
CREATE TABLE show_paddle_counters (
  show_id uuid PRIMARY KEY REFERENCES shows,
  last_paddle int NOT NULL
);

-- One bidder of one show. The paddle number is public and stands for the account in every ledger of the show.
CREATE TABLE show_paddles (
  show_id uuid NOT NULL REFERENCES shows,
  account_id uuid NOT NULL REFERENCES accounts,
  paddle int NOT NULL CONSTRAINT show_paddles_paddle_from_one CHECK (paddle >= 1),
  name text NOT NULL,
  -- Of payments; whose it is was asked there.
  card_id uuid NOT NULL,
  limit_minor bigint CONSTRAINT show_paddles_limit_in_limits CHECK (limit_minor BETWEEN 1 AND 1000000000),
  terms_version int NOT NULL,
  -- Own brands, and those of accounts with a card in common: lots of these are out of reach.
  brand_ids uuid[] NOT NULL,
  -- By the host; as a moderator of the show; as somebody banned from its room.
  is_barred boolean NOT NULL DEFAULT false,
  is_team boolean NOT NULL DEFAULT false,
  is_banned boolean NOT NULL DEFAULT false,
  deposit_minor bigint CONSTRAINT show_paddles_deposit_positive CHECK (deposit_minor > 0),
  deposit_currency text,
  entered_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (show_id, account_id),
  CONSTRAINT show_paddles_paddle_unique UNIQUE (show_id, paddle),
  CONSTRAINT show_paddles_deposit_has_currency CHECK ((deposit_minor IS NULL) = (deposit_currency IS NULL))
);

CREATE TABLE bid_terms_acceptances (
  account_id uuid NOT NULL REFERENCES accounts,
  version int NOT NULL,
  accepted_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (account_id, version)
);

-- Bids before the start; one open row a bidder and lot, the others are its history. `id` is the bid's id in the ledger.
CREATE TABLE pre_bids (
  id uuid PRIMARY KEY,
  lot_id uuid NOT NULL REFERENCES lots,
  account_id uuid NOT NULL REFERENCES accounts,
  maximum_minor bigint NOT NULL CONSTRAINT pre_bids_maximum_in_limits CHECK (maximum_minor BETWEEN 1 AND 1000000000),
  placed_at timestamptz NOT NULL DEFAULT date_trunc('milliseconds', clock_timestamp()),
  state text NOT NULL DEFAULT 'open' CONSTRAINT pre_bids_state_known CHECK (state IN ('open', 'raised', 'used', 'void')),
  auction_id uuid REFERENCES auctions,
  operation_id uuid NOT NULL,
  CONSTRAINT pre_bids_operation_unique UNIQUE (account_id, operation_id),
  CONSTRAINT pre_bids_used_in_a_run CHECK (state <> 'used' OR auction_id IS NOT NULL)
);
CREATE UNIQUE INDEX pre_bids_one_open ON pre_bids (lot_id, account_id) WHERE state = 'open';
CREATE INDEX pre_bids_auction ON pre_bids (auction_id) WHERE auction_id IS NOT NULL;

-- A win that its winner did not pay in time.
CREATE TABLE auction_non_payments (
  account_id uuid NOT NULL REFERENCES accounts,
  auction_id uuid NOT NULL REFERENCES auctions,
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (account_id, auction_id)
);
CREATE INDEX auction_non_payments_auction ON auction_non_payments (auction_id);

-- How long answers to bids took, in buckets, and how many came too late; added up by all processes.
CREATE TABLE show_bid_latencies (
  show_id uuid NOT NULL REFERENCES shows,
  bucket smallint NOT NULL,
  bids bigint NOT NULL,
  PRIMARY KEY (show_id, bucket)
);
CREATE TABLE show_late_refusals (
  show_id uuid PRIMARY KEY REFERENCES shows,
  bids bigint NOT NULL
);
