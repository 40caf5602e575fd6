-- Purpose: which sales have a waiting room, and the secret seeds of their draws. Locks: flash_sales, for an added
-- column without a default. expand
ALTER TABLE flash_sales ADD COLUMN waiting_room_commitment text
  CONSTRAINT flash_sales_waiting_room_commitment_form CHECK (waiting_room_commitment ~ '^[0-9a-f]{64}$');

-- Apart from the sales so that no list or view shows a seed by mistake. A room is ended once the whole line was told so.
CREATE TABLE waiting_rooms (
  flash_sale_id uuid PRIMARY KEY REFERENCES flash_sales,
  seed bytea NOT NULL CONSTRAINT waiting_rooms_seed_length CHECK (octet_length(seed) = 32),
  ended_at timestamptz,
  end_reason text CONSTRAINT waiting_rooms_end_reason_known CHECK (end_reason IN ('sold-out', 'closed')),
  CONSTRAINT waiting_rooms_ended_with_reason CHECK ((ended_at IS NULL) = (end_reason IS NULL))
);
CREATE INDEX waiting_rooms_open ON waiting_rooms (flash_sale_id) WHERE ended_at IS NULL;

-- What was promised when the sale was announced stays: nobody changes the seed of a draw or its commitment.
CREATE FUNCTION waiting_rooms_refuse_change_of_draw() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the draw of a waiting room is never changed';
END $$;
CREATE TRIGGER waiting_rooms_seed_stays BEFORE UPDATE OF flash_sale_id, seed ON waiting_rooms
  FOR EACH ROW EXECUTE FUNCTION waiting_rooms_refuse_change_of_draw();
CREATE TRIGGER flash_sales_commitment_stays BEFORE UPDATE OF waiting_room_commitment ON flash_sales
  FOR EACH ROW EXECUTE FUNCTION waiting_rooms_refuse_change_of_draw();
