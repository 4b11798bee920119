-- The ledger, version 10: how often a clock was accepted, so that who waits for that sees it; and the lineages that shall have
-- no other certificate, whose links are not counted among the others.

ALTER TABLE authority ADD COLUMN clocks BIGINT NOT NULL DEFAULT 0;

CREATE INDEX lineages_ended ON lineages (label) WHERE due_at IS NULL;
