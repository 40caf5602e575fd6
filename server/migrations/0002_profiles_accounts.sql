-- Purpose: accounts, sessions, creator and brand profiles. Locks: none on existing tables. expand
CREATE TABLE accounts (
  id uuid PRIMARY KEY,
  email text NOT NULL CONSTRAINT accounts_email_lower CHECK (email = lower(email)),
  password_hash text NOT NULL,
  display_name text NOT NULL,
  roles text[] NOT NULL DEFAULT '{buyer}'
    CONSTRAINT accounts_roles_known CHECK (roles <@ '{buyer,creator,seller,operator}'),
  address jsonb,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT accounts_email_unique UNIQUE (email)
);

CREATE TABLE creators (
  id uuid PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES accounts CONSTRAINT creators_account_unique UNIQUE,
  handle text NOT NULL CONSTRAINT creators_handle_unique UNIQUE,
  display_name text NOT NULL,
  bio text NOT NULL DEFAULT '',
  picture_url text NOT NULL DEFAULT ''
);

CREATE TABLE brands (
  id uuid PRIMARY KEY,
  handle text NOT NULL CONSTRAINT brands_handle_unique UNIQUE,
  name text NOT NULL,
  story text NOT NULL DEFAULT '',
  picture_url text NOT NULL DEFAULT ''
);

CREATE TABLE brand_members (
  brand_id uuid NOT NULL REFERENCES brands,
  account_id uuid NOT NULL REFERENCES accounts,
  PRIMARY KEY (brand_id, account_id)
);
CREATE INDEX brand_members_account ON brand_members (account_id);

-- One row a signed-in device. Refresh tokens rotate: `token_hash` is the newest; the one before is good for a short
-- grace time (its reply may have been lost) and, used later, proves theft: the session ends.
CREATE TABLE sessions (
  id uuid PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES accounts,
  token_hash bytea NOT NULL CONSTRAINT sessions_token_unique UNIQUE,
  previous_token_hash bytea,
  rotated_at timestamptz NOT NULL DEFAULT now(),
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  ended_at timestamptz
);
CREATE INDEX sessions_account ON sessions (account_id) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX sessions_previous_token ON sessions (previous_token_hash) WHERE previous_token_hash IS NOT NULL;
