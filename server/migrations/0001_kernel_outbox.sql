-- Purpose: the outbox. A business transaction writes here what must follow it; a relay hands it on, at least once.
-- Locks: none on existing tables. expand
CREATE TABLE outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  job text NOT NULL,
  payload jsonb NOT NULL,
  ordered boolean NOT NULL DEFAULT false,
  attempts int NOT NULL DEFAULT 0,
  not_before timestamptz NOT NULL DEFAULT '-infinity',
  created_at timestamptz NOT NULL DEFAULT now()
);
-- The table is emptied as fast as it fills: vacuum must keep up with its churn, not with its size.
ALTER TABLE outbox SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

-- Jobs that kept failing: kept for a person to look at, never dropped.
CREATE TABLE dead_jobs (
  id bigint PRIMARY KEY,
  job text NOT NULL,
  payload jsonb NOT NULL,
  error text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
