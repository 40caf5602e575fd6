-- Purpose: stock of each variant, and every movement of it. Locks: none on existing tables. expand
-- available: may be sold now; held: taken by a checkout or lent to a flash sale; sold: paid for.
CREATE TABLE stock_levels (
  variant_id uuid PRIMARY KEY REFERENCES variants,
  available int NOT NULL DEFAULT 0 CONSTRAINT stock_levels_available_not_negative CHECK (available >= 0),
  held int NOT NULL DEFAULT 0 CONSTRAINT stock_levels_held_not_negative CHECK (held >= 0),
  sold int NOT NULL DEFAULT 0 CONSTRAINT stock_levels_sold_not_negative CHECK (sold >= 0)
);
-- The row of a product in demand changes at each sale: room in its page keeps the updates off the indexes.
ALTER TABLE stock_levels SET (fillfactor = 50);

-- Why a level is what it is: the levels are the sums of these rows, column by column.
CREATE TABLE stock_movements (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  variant_id uuid NOT NULL REFERENCES variants,
  kind text NOT NULL CONSTRAINT stock_movements_kind_known
    CHECK (kind IN ('received', 'claimed', 'released', 'settled', 'lent', 'returned')),
  reference text NOT NULL,
  available_change int NOT NULL,
  held_change int NOT NULL,
  sold_change int NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT stock_movements_reference_unique UNIQUE (reference, kind)
);
-- What was claimed or lent ends once: it is given back or sold, never both.
CREATE UNIQUE INDEX stock_movements_one_end ON stock_movements (reference)
  WHERE kind IN ('released', 'settled', 'returned');
CREATE INDEX stock_movements_variant ON stock_movements (variant_id, id);

CREATE FUNCTION refuse_change_of_stock_movements() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'stock movements are only added, never changed';
END $$;
CREATE TRIGGER stock_movements_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON stock_movements
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_stock_movements();
