-- The ledger, version 5: what is remembered of each lineage, so that it is renewed and brought to its server as before.

-- By which profile, with which key and for how many days its next certificate is made. No days: as the profile says.
ALTER TABLE lineages ADD COLUMN profile TEXT;
ALTER TABLE lineages ADD COLUMN key_algorithm TEXT;
ALTER TABLE lineages ADD COLUMN key_policy TEXT NOT NULL DEFAULT 'new' CHECK (key_policy IN ('new', 'same'));
ALTER TABLE lineages ADD COLUMN days BIGINT;

-- When a third of the life of its newest certificate is left; never, where no other shall follow.
ALTER TABLE lineages ADD COLUMN due_at BIGINT;

-- A life of whole days that is not the default one was asked for.
UPDATE lineages SET
    profile = (SELECT c.profile FROM certificates c
               WHERE c.label = lineages.label AND c.generation = lineages.generation),
    days = (SELECT (c.not_after + 1 - c.not_before) / 86400 FROM certificates c
            WHERE c.label = lineages.label AND c.generation = lineages.generation
            AND (c.not_after + 1 - c.not_before) % 86400 = 0
            AND (c.not_after + 1 - c.not_before) / 86400 <> 397),
    due_at = (SELECT c.not_after - (c.not_after - c.not_before) / 3 FROM certificates c
              WHERE c.label = lineages.label AND c.generation = lineages.generation);

CREATE INDEX lineages_due ON lineages (due_at) WHERE due_at IS NOT NULL;

-- Where a lineage is brought to, and what became of it the last time. `generation` is the certificate that was brought,
-- `previous` the one that is put back where that fails.
CREATE TABLE deployments (
    label       TEXT    PRIMARY KEY REFERENCES lineages (label),
    out         TEXT,
    combined    TEXT,
    file_owner  TEXT,
    file_group  TEXT,
    file_mode   TEXT,
    hook        TEXT,
    hook_limit  BIGINT,
    verify      TEXT    NOT NULL,
    generation  BIGINT,
    previous    BIGINT,
    outcome     TEXT    CHECK (outcome IN ('pending', 'withdrawn', 'deployed', 'verified', 'failed', 'rolled_back')),
    message     TEXT,
    at          BIGINT
);

CREATE INDEX deployments_unfinished ON deployments (label)
WHERE outcome IN ('pending', 'withdrawn', 'failed', 'rolled_back');
