-- Purpose: what was asked of the payment provider, written before it is asked: one attempt a checkout, one live refund
-- an order, and the inbox of the provider's events. Locks: none on existing tables. expand

-- The row is the stored intent: its keys at the provider are made from its ids, so whoever finds it later asks for the
-- same thing with the same key. Another try of the buyer is another checkout and another row.
CREATE TABLE payment_attempts (
  checkout_id uuid PRIMARY KEY,
  order_id uuid NOT NULL,
  provider text NOT NULL,
  customer_ref text NOT NULL,
  payment_method_ref text NOT NULL,
  currency text NOT NULL,
  amount_minor bigint NOT NULL CONSTRAINT payment_attempts_amount CHECK (amount_minor > 0),
  intent_ref text,
  captured_minor bigint NOT NULL DEFAULT 0
    CONSTRAINT payment_attempts_captured CHECK (captured_minor IN (0, amount_minor)),
  refunded_minor bigint NOT NULL DEFAULT 0
    CONSTRAINT payment_attempts_refunded CHECK (refunded_minor BETWEEN 0 AND captured_minor),
  created_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 80);

CREATE TABLE payment_refunds (
  id uuid PRIMARY KEY,
  order_id uuid NOT NULL,
  checkout_id uuid NOT NULL REFERENCES payment_attempts,
  intent_ref text NOT NULL,
  currency text NOT NULL,
  amount_minor bigint NOT NULL CONSTRAINT payment_refunds_amount CHECK (amount_minor > 0),
  reason text NOT NULL,
  requested_by uuid NOT NULL,
  operation_id uuid NOT NULL,
  state text NOT NULL DEFAULT 'pending'
    CONSTRAINT payment_refunds_state CHECK (state IN ('pending', 'succeeded', 'failed')),
  refund_ref text,
  tries int NOT NULL DEFAULT 0,
  look_at timestamptz NOT NULL DEFAULT now(),
  created_at timestamptz NOT NULL DEFAULT now(),
  settled_at timestamptz,
  CONSTRAINT payment_refunds_operation UNIQUE (requested_by, operation_id)
);
-- Refunds are full: an order has at most one that is not failed.
CREATE UNIQUE INDEX payment_refunds_live ON payment_refunds (order_id) WHERE state <> 'failed';
CREATE INDEX payment_refunds_pending ON payment_refunds (created_at) WHERE state = 'pending';

-- Providers tell twice, late and in any order: an event is taken once.
CREATE TABLE payment_events (
  provider text NOT NULL,
  event_ref text NOT NULL,
  type text NOT NULL,
  happened_at timestamptz NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (provider, event_ref)
);
CREATE INDEX payment_events_received ON payment_events USING brin (received_at);
