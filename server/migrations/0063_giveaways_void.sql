-- Purpose: a giveaway that cannot be drawn as it was promised ends as void, and does not keep the next one waiting.
-- Locks: giveaways and giveaway_facts while their rows are checked and the small index is built. expand
ALTER TABLE giveaways DROP CONSTRAINT giveaways_state_known,
  ADD CONSTRAINT giveaways_state_known CHECK (state IN ('open', 'closed', 'drawn', 'void'));
ALTER TABLE giveaway_facts DROP CONSTRAINT giveaway_facts_kind_known,
  ADD CONSTRAINT giveaway_facts_kind_known CHECK (kind IN ('opened', 'closed', 'drawn', 'void'));
DROP INDEX giveaways_one_active;
CREATE UNIQUE INDEX giveaways_one_active ON giveaways (show_id) WHERE state IN ('open', 'closed');
