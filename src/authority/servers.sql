-- The ledger, version 7: for which kind of server a lineage is, by the word of its preset.

ALTER TABLE deployments ADD COLUMN server TEXT;

CREATE INDEX deployments_by_server ON deployments (server, label) WHERE server IS NOT NULL;
