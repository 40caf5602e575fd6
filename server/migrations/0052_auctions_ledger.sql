-- Purpose: every accepted bid, in the order in which Redis decided, chained, and one result an auction.
-- Locks: none on existing tables. expand
-- NOTE: no reference to auctions: its check would lock the auction's row at each bid. The cursor refers to it.
CREATE TABLE auction_ledger (
  auction_id uuid NOT NULL,
  seq int NOT NULL,
  what text NOT NULL CONSTRAINT auction_ledger_what_known
    CHECK (what IN ('started', 'bid', 'max', 'pre-bid', 'buy', 'resumed', 'closed')),
  -- Milliseconds as they were chained, not as a clock of Postgres would round them.
  at_ms bigint NOT NULL,
  bid_id uuid,
  account_id uuid,
  paddle int,
  amount_minor bigint,
  price_minor bigint NOT NULL,
  leader int,
  leader_account_id uuid,
  ends_at_ms bigint NOT NULL,
  outcome text CONSTRAINT auction_ledger_outcome_known CHECK (outcome IN ('sold', 'bought', 'unsold')),
  link bytea NOT NULL CONSTRAINT auction_ledger_link_is_sha1 CHECK (length(link) = 20),
  hash bytea NOT NULL CONSTRAINT auction_ledger_hash_is_sha256 CHECK (length(hash) = 32),
  -- What a lost gate needs to answer the same bid in the same way again. Not part of the chain.
  answer text CONSTRAINT auction_ledger_answer_known CHECK (answer IN ('leading', 'outbid')),
  time_left_ms bigint NOT NULL,
  figures jsonb NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (auction_id, seq),
  CONSTRAINT auction_ledger_begins_with_started CHECK ((seq = 1) = (what = 'started')),
  CONSTRAINT auction_ledger_bids_are_whole CHECK (
    CASE WHEN what IN ('started', 'resumed', 'closed') THEN num_nonnulls(bid_id, account_id, paddle, amount_minor) = 0
         ELSE num_nulls(bid_id, account_id, paddle, amount_minor) = 0 END),
  CONSTRAINT auction_ledger_outcome_at_close CHECK ((what = 'closed') = (outcome IS NOT NULL))
);
CREATE UNIQUE INDEX auction_ledger_bid_once ON auction_ledger (auction_id, bid_id) WHERE bid_id IS NOT NULL;
CREATE INDEX auction_ledger_account ON auction_ledger (account_id, auction_id) WHERE account_id IS NOT NULL;

-- Entries follow each other without a gap, and none follows the close.
CREATE FUNCTION auction_ledger_refuse_gap() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  wrong uuid;
BEGIN
  SELECT auction_id INTO wrong FROM (
    SELECT auction_id, min(seq) AS first, max(seq) AS last, count(*) AS entries,
      min(seq) FILTER (WHERE what = 'closed') AS closed
    FROM added GROUP BY auction_id
  ) a
  WHERE last - first + 1 <> entries OR closed < last
    OR (first > 1 AND NOT EXISTS (
      SELECT FROM auction_ledger l WHERE l.auction_id = a.auction_id AND l.seq = a.first - 1 AND l.what <> 'closed'))
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'the ledger of auction % would have a gap, or go on after its close', wrong
      USING ERRCODE = 'check_violation', CONSTRAINT = 'auction_ledger_without_gap';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER auction_ledger_without_gap AFTER INSERT ON auction_ledger
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION auction_ledger_refuse_gap();

CREATE FUNCTION auction_records_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the record of an auction is only added to, never changed'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'auction_records_append_only';
END $$;
CREATE TRIGGER auction_ledger_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON auction_ledger
  FOR EACH STATEMENT EXECUTE FUNCTION auction_records_refuse_change();

-- How far each auction's log was copied, and what the next entry is chained to. `generation` names the log in Redis.
CREATE TABLE auction_log_cursors (
  auction_id uuid PRIMARY KEY REFERENCES auctions,
  generation text NOT NULL DEFAULT '',
  seq int NOT NULL DEFAULT 0,
  hash bytea NOT NULL,
  -- Of the last entry.
  bid_count int NOT NULL DEFAULT 0,
  extensions int NOT NULL DEFAULT 0
);
-- It moves twenty times a second while bids come: room in its page keeps the updates off the index.
ALTER TABLE auction_log_cursors SET (fillfactor = 50);

-- The one result of an auction, written with its last entry.
CREATE TABLE auction_results (
  auction_id uuid PRIMARY KEY REFERENCES auctions,
  outcome text NOT NULL CONSTRAINT auction_results_outcome_known CHECK (outcome IN ('sold', 'bought', 'unsold')),
  winner_account_id uuid REFERENCES accounts,
  paddle int,
  -- What the winner pays for the goods; of an unsold lot the price at which bidding ended.
  price_minor bigint NOT NULL,
  close_seq int NOT NULL,
  root bytea NOT NULL,
  root_signature text NOT NULL,
  closed_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT auction_results_winner_fits_outcome CHECK (
    (outcome = 'unsold') = (winner_account_id IS NULL) AND (outcome = 'unsold') = (paddle IS NULL)),
  CONSTRAINT auction_results_close FOREIGN KEY (auction_id, close_seq) REFERENCES auction_ledger (auction_id, seq)
);
CREATE INDEX auction_results_winner ON auction_results (winner_account_id, auction_id) WHERE winner_account_id IS NOT NULL;
CREATE TRIGGER auction_results_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON auction_results
  FOR EACH STATEMENT EXECUTE FUNCTION auction_records_refuse_change();
