-- Purpose: giveaways, their entries, what proves their draws, and the prizes. Locks: none on existing tables. expand
CREATE TABLE giveaways (
  id uuid PRIMARY KEY,
  show_id uuid NOT NULL,
  creator_id uuid NOT NULL REFERENCES creators,
  title text NOT NULL,
  prize jsonb NOT NULL,
  winner_count int NOT NULL CONSTRAINT giveaways_winner_count_in_limits CHECK (winner_count BETWEEN 1 AND 10),
  state text NOT NULL DEFAULT 'open' CONSTRAINT giveaways_state_known CHECK (state IN ('open', 'closed', 'drawn')),
  opened_at timestamptz NOT NULL,
  entries_close_at timestamptz NOT NULL,
  seed_commitment text NOT NULL CONSTRAINT giveaways_commitment_form CHECK (seed_commitment ~ '^[0-9a-f]{64}$'),
  entry_count int NOT NULL DEFAULT 0,
  -- What the room was last told, and when.
  told_entry_count int NOT NULL DEFAULT 0,
  entry_count_told_at timestamptz NOT NULL DEFAULT '-infinity',
  operation_id uuid NOT NULL,
  request_hash bytea NOT NULL,
  CONSTRAINT giveaways_operation_unique UNIQUE (creator_id, operation_id),
  CONSTRAINT giveaways_entry_time_in_limits
    CHECK (entries_close_at - opened_at BETWEEN interval '30 seconds' AND interval '30 minutes')
);
CREATE UNIQUE INDEX giveaways_one_active ON giveaways (show_id) WHERE state <> 'drawn';
CREATE INDEX giveaways_show ON giveaways (show_id, opened_at DESC);
-- The row changes with each batch of entries: room in its page keeps the updates off the indexes.
ALTER TABLE giveaways SET (fillfactor = 50);

-- What was promised at the opening stays: nobody moves the end, the prize or the commitment of an open giveaway.
CREATE FUNCTION giveaways_refuse_change_of_terms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the terms of a giveaway are never changed';
END $$;
CREATE TRIGGER giveaways_terms_stay BEFORE UPDATE OF id, show_id, creator_id, title, prize, winner_count, opened_at,
  entries_close_at, seed_commitment ON giveaways FOR EACH ROW EXECUTE FUNCTION giveaways_refuse_change_of_terms();

-- Secret until the draw, which alone reads it; apart from the giveaways so that no list or view shows it by mistake.
CREATE TABLE giveaway_seeds (
  giveaway_id uuid PRIMARY KEY REFERENCES giveaways,
  seed bytea NOT NULL CONSTRAINT giveaway_seeds_length CHECK (octet_length(seed) = 32)
);

-- What happened, once each: the seed was committed to, the list of entries was frozen, the winners were drawn.
CREATE TABLE giveaway_facts (
  giveaway_id uuid NOT NULL REFERENCES giveaways,
  kind text NOT NULL CONSTRAINT giveaway_facts_kind_known CHECK (kind IN ('opened', 'closed', 'drawn')),
  happened_at timestamptz NOT NULL DEFAULT date_trunc('milliseconds', clock_timestamp()),
  data jsonb NOT NULL,
  PRIMARY KEY (giveaway_id, kind)
);

-- Numbered from 1 without a gap. NOTE: no references: their checks would lock a row for each entry of a rush; the
-- giveaway is locked by the batch itself.
CREATE TABLE giveaway_entries (
  giveaway_id uuid NOT NULL,
  entry_no int NOT NULL,
  account_id uuid NOT NULL,
  display_name text NOT NULL,
  salt text NOT NULL,
  entered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (giveaway_id, entry_no),
  CONSTRAINT giveaway_entries_one_each UNIQUE (giveaway_id, account_id)
);

CREATE FUNCTION giveaways_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'entries, seeds and facts of giveaways are only added, never changed';
END $$;
CREATE TRIGGER giveaway_facts_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON giveaway_facts
  FOR EACH STATEMENT EXECUTE FUNCTION giveaways_refuse_rewriting();
CREATE TRIGGER giveaway_seeds_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON giveaway_seeds
  FOR EACH STATEMENT EXECUTE FUNCTION giveaways_refuse_rewriting();
CREATE TRIGGER giveaway_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON giveaway_entries
  FOR EACH STATEMENT EXECUTE FUNCTION giveaways_refuse_rewriting();

CREATE FUNCTION giveaways_refuse_late_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM added JOIN giveaway_facts f ON f.giveaway_id = added.giveaway_id AND f.kind = 'closed') THEN
    RAISE EXCEPTION 'the list of entries is frozen';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER giveaway_entries_frozen AFTER INSERT ON giveaway_entries
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION giveaways_refuse_late_entries();

-- Who may have which prize. `turn` 0 is the winner's, 1 to 3 are theirs to whom it went on. A claimed row is the
-- warehouse's (or the host's) order to send it; nothing is charged.
CREATE TABLE giveaway_prizes (
  giveaway_id uuid NOT NULL REFERENCES giveaways,
  prize_no int NOT NULL,
  turn int NOT NULL CONSTRAINT giveaway_prizes_turn_in_limits CHECK (turn BETWEEN 0 AND 3),
  entry_no int NOT NULL,
  account_id uuid NOT NULL,
  state text NOT NULL DEFAULT 'waiting'
    CONSTRAINT giveaway_prizes_state_known CHECK (state IN ('waiting', 'claimed', 'expired')),
  won_at timestamptz NOT NULL DEFAULT date_trunc('milliseconds', clock_timestamp()),
  claim_before timestamptz NOT NULL,
  reminded_at timestamptz,
  claimed_at timestamptz,
  address jsonb,
  PRIMARY KEY (giveaway_id, prize_no, turn),
  CONSTRAINT giveaway_prizes_one_each UNIQUE (giveaway_id, account_id),
  CONSTRAINT giveaway_prizes_claim_is_whole
    CHECK ((state = 'claimed') = (claimed_at IS NOT NULL) AND (claimed_at IS NULL) = (address IS NULL))
);
-- One prize belongs to one person at a time.
CREATE UNIQUE INDEX giveaway_prizes_one_owner ON giveaway_prizes (giveaway_id, prize_no) WHERE state <> 'expired';
CREATE INDEX giveaway_prizes_waiting ON giveaway_prizes (claim_before) WHERE state = 'waiting';
CREATE INDEX giveaway_prizes_account ON giveaway_prizes (account_id, won_at DESC);
