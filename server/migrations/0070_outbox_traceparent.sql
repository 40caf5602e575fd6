-- Purpose: work that follows a transaction goes on with the trace of the request that made it. The value comes from a
-- setting of the transaction, so that no statement that writes here has to carry it; without tracing it is null.
-- Locks: outbox, for the moment of adding a column without rewriting rows. expand
ALTER TABLE outbox ADD COLUMN traceparent text DEFAULT nullif(current_setting('livelot.traceparent', true), '');
