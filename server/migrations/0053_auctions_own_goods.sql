-- Purpose: goods that a creator makes up in a show: unlisted products of a brand of the creator's own; and who shares a
-- card. Locks: products and creators for a moment (a column with a constant default, a nullable one). expand
ALTER TABLE products ADD COLUMN is_listed boolean NOT NULL DEFAULT true;
ALTER TABLE creators ADD COLUMN brand_id uuid REFERENCES brands CONSTRAINT creators_brand_unique UNIQUE;
-- Also of removed cards: taking a card away does not make two people of one.
CREATE INDEX payment_cards_fingerprint ON payment_cards (fingerprint);
CREATE INDEX payment_cards_account_ever ON payment_cards (account_id);
