-- Purpose: lots of shows, and the auctions that they are run in. Locks: none on existing tables. expand
CREATE TABLE lots (
  id uuid PRIMARY KEY,
  show_id uuid NOT NULL REFERENCES shows,
  creator_id uuid NOT NULL REFERENCES creators,
  number int NOT NULL CONSTRAINT lots_number_from_one CHECK (number >= 1),
  position int NOT NULL CONSTRAINT lots_position_from_one CHECK (position >= 1),
  brand_id uuid NOT NULL REFERENCES brands,
  product_id uuid NOT NULL REFERENCES products,
  variant_id uuid NOT NULL REFERENCES variants,
  title text NOT NULL,
  picture_url text NOT NULL,
  currency text NOT NULL,
  start_price_minor bigint NOT NULL CONSTRAINT lots_start_price_in_limits CHECK (start_price_minor BETWEEN 1 AND 1000000000),
  terms jsonb NOT NULL,
  state text NOT NULL DEFAULT 'prepared'
    CONSTRAINT lots_state_known CHECK (state IN ('prepared', 'running', 'sold', 'unsold')),
  -- The run that is under way, or the last one.
  auction_id uuid,
  -- Goods made up on the spot: the claim that keeps their one unit from ordinary sale while no auction has it.
  unit_reference text,
  -- The row stays, because a number is never given again.
  removed_at timestamptz,
  operation_id uuid NOT NULL,
  request_hash bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT lots_operation_unique UNIQUE (creator_id, operation_id),
  CONSTRAINT lots_number_unique UNIQUE (show_id, number),
  CONSTRAINT lots_state_fits_run CHECK ((state = 'prepared') = (auction_id IS NULL)),
  CONSTRAINT lots_removed_never_ran CHECK (removed_at IS NULL OR state = 'prepared')
);
CREATE INDEX lots_queue ON lots (show_id, position) WHERE removed_at IS NULL;

-- One run of a lot. Everything that bids are judged by is frozen here; what happens then stands in auction_ledger.
CREATE TABLE auctions (
  id uuid PRIMARY KEY,
  lot_id uuid NOT NULL REFERENCES lots,
  show_id uuid NOT NULL REFERENCES shows,
  creator_id uuid NOT NULL REFERENCES creators,
  lot_number int NOT NULL,
  brand_id uuid NOT NULL REFERENCES brands,
  product_id uuid NOT NULL REFERENCES products,
  variant_id uuid NOT NULL REFERENCES variants,
  title text NOT NULL,
  picture_url text NOT NULL,
  currency text NOT NULL,
  start_price_minor bigint NOT NULL,
  -- Not jsonb: the ledger's chain begins with these very characters.
  terms json NOT NULL,
  increments json NOT NULL,
  operation_id uuid NOT NULL,
  requested_at timestamptz NOT NULL DEFAULT now(),
  closed_at timestamptz,
  CONSTRAINT auctions_operation_unique UNIQUE (creator_id, operation_id)
);
CREATE UNIQUE INDEX auctions_one_running ON auctions (lot_id) WHERE closed_at IS NULL;
CREATE INDEX auctions_running ON auctions (id) WHERE closed_at IS NULL;
CREATE INDEX auctions_show ON auctions (show_id, id DESC);

CREATE FUNCTION auctions_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (to_jsonb(NEW) - 'closed_at') <> (to_jsonb(OLD) - 'closed_at') OR OLD.closed_at IS NOT NULL THEN
    RAISE EXCEPTION 'an auction is frozen with its start; all that happens to it is its close, once'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'auctions_frozen';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER auctions_frozen BEFORE UPDATE ON auctions FOR EACH ROW EXECUTE FUNCTION auctions_refuse_change();
