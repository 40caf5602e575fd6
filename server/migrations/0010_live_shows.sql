-- Purpose: shows, their shelves, moderators and restricted people. Locks: none on existing tables. expand
CREATE TABLE shows (
  id uuid PRIMARY KEY,
  creator_id uuid NOT NULL REFERENCES creators,
  title text NOT NULL,
  teaser text NOT NULL DEFAULT '',
  cover_url text NOT NULL DEFAULT '',
  state text NOT NULL DEFAULT 'scheduled' CONSTRAINT shows_state_known CHECK (state IN ('scheduled', 'live', 'ended')),
  starts_at timestamptz NOT NULL,
  started_at timestamptz,
  ended_at timestamptz,
  pinned_product_id uuid REFERENCES products,
  slow_mode_seconds int NOT NULL DEFAULT 0 CONSTRAINT shows_slow_mode_range CHECK (slow_mode_seconds BETWEEN 0 AND 600),
  muted_words text[] NOT NULL DEFAULT '{}',
  operation_id uuid NOT NULL,
  request_hash bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT shows_operation_unique UNIQUE (creator_id, operation_id),
  CONSTRAINT shows_times_fit_state CHECK (
    (state = 'scheduled' AND started_at IS NULL AND ended_at IS NULL)
    OR (state = 'live' AND started_at IS NOT NULL AND ended_at IS NULL)
    OR (state = 'ended' AND started_at IS NOT NULL AND ended_at >= started_at))
);
CREATE INDEX shows_live ON shows (id) WHERE state = 'live';
CREATE INDEX shows_scheduled ON shows (starts_at, id) WHERE state = 'scheduled';
CREATE INDEX shows_ended ON shows (ended_at DESC, id DESC) WHERE state = 'ended';
CREATE INDEX shows_creator ON shows (creator_id, id DESC);

CREATE TABLE show_products (
  show_id uuid NOT NULL REFERENCES shows,
  product_id uuid NOT NULL REFERENCES products,
  position int NOT NULL,
  PRIMARY KEY (show_id, product_id)
);

CREATE TABLE show_moderators (
  show_id uuid NOT NULL REFERENCES shows,
  account_id uuid NOT NULL CONSTRAINT show_moderators_account REFERENCES accounts,
  since timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (show_id, account_id)
);

CREATE TABLE show_restrictions (
  show_id uuid NOT NULL REFERENCES shows,
  account_id uuid NOT NULL CONSTRAINT show_restrictions_account REFERENCES accounts,
  kind text NOT NULL CONSTRAINT show_restrictions_kind_known CHECK (kind IN ('mute', 'ban')),
  by_account_id uuid NOT NULL REFERENCES accounts,
  since timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (show_id, account_id, kind)
);
