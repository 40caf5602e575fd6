-- Purpose: the double-entry ledger. A transaction is written whole, in one statement, balances to zero, has one
-- currency, and is never changed: the database itself refuses anything else. Locks: none on existing tables. expand
CREATE TABLE ledger_transactions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL,
  reference text NOT NULL,
  posted_at timestamptz NOT NULL DEFAULT now(),
  -- Makes posting repeatable: the same business fact is posted once.
  CONSTRAINT ledger_transactions_once UNIQUE (kind, reference)
);

CREATE TABLE ledger_entries (
  transaction_id bigint NOT NULL REFERENCES ledger_transactions,
  line int NOT NULL,
  account text NOT NULL CONSTRAINT ledger_entries_account_form CHECK (account ~ '^[a-z0-9-]+(/[a-z0-9-]+)+$'),
  currency text NOT NULL,
  -- Debits are positive, credits negative.
  amount_minor bigint NOT NULL
    CONSTRAINT ledger_entries_amount CHECK (amount_minor <> 0 AND abs(amount_minor) <= 1000000000000),
  PRIMARY KEY (transaction_id, line)
);
CREATE INDEX ledger_entries_account ON ledger_entries (account, currency);

-- Lines are numbered from 1 without a gap within one statement, so a later statement cannot add to a transaction:
-- it would have to use line 1 again.
CREATE FUNCTION ledger_refuse_unbalanced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  wrong bigint;
BEGIN
  SELECT transaction_id INTO wrong FROM added GROUP BY transaction_id
  HAVING sum(amount_minor) <> 0 OR min(currency) <> max(currency) OR min(line) <> 1 OR max(line) <> count(*)
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'ledger transaction % does not balance, mixes currencies or is not whole', wrong
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_entries_balanced';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER ledger_entries_balanced AFTER INSERT ON ledger_entries
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_unbalanced();

CREATE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the ledger is append-only: post a reversal instead'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_append_only';
END $$;
CREATE TRIGGER ledger_transactions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_transactions
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_entries_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entries
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
