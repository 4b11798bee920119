-- The ledger, version 4: changes of root. One at a time is under way: begun, then cut over, then retired; or abandoned before the cut.

CREATE TABLE rotations (
    id            INTEGER PRIMARY KEY,
    old_root      BIGINT  NOT NULL REFERENCES issuers (id),
    new_root      BIGINT  NOT NULL REFERENCES issuers (id),
    begun_at      BIGINT  NOT NULL,
    cut_over_at   BIGINT,
    retired_at    BIGINT,
    abandoned_at  BIGINT,
    -- Whether every chain under `live/` is the one that this step calls for: 0 until they were all looked at.
    settled       BIGINT  NOT NULL
);

CREATE UNIQUE INDEX rotations_under_way ON rotations ((1)) WHERE retired_at IS NULL AND abandoned_at IS NULL;

-- Which certificates of an issuer are still good.
CREATE INDEX certificates_by_issuer ON certificates (issuer, not_after);
