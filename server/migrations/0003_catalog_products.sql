-- Purpose: products, variants and their recorded prices. Locks: none on existing tables. expand
CREATE TABLE products (
  id uuid PRIMARY KEY,
  brand_id uuid NOT NULL REFERENCES brands,
  name text NOT NULL,
  description text NOT NULL DEFAULT '',
  category text NOT NULL,
  picture_url text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX products_brand ON products (brand_id, id DESC);
CREATE INDEX products_category ON products (category, id DESC);

CREATE TABLE variants (
  id uuid PRIMARY KEY,
  product_id uuid NOT NULL REFERENCES products,
  sku text NOT NULL CONSTRAINT variants_sku_unique UNIQUE,
  name text NOT NULL,
  price_minor bigint NOT NULL CONSTRAINT variants_price_positive CHECK (price_minor > 0 AND price_minor <= 1000000000000),
  currency text NOT NULL,
  weight_grams int NOT NULL CONSTRAINT variants_weight_positive CHECK (weight_grams > 0),
  position int NOT NULL DEFAULT 0
);
CREATE INDEX variants_product ON variants (product_id, position);

-- Every price a variant was sold at, from when. An honest strike-through reads it; nothing edits it.
CREATE TABLE price_history (
  variant_id uuid NOT NULL REFERENCES variants,
  since timestamptz NOT NULL,
  price_minor bigint NOT NULL,
  currency text NOT NULL,
  PRIMARY KEY (variant_id, since)
);
