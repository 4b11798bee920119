-- The ledger, version 1. Times are seconds since 1970 in UTC; serials and fingerprints are lower-case hexadecimal text.

CREATE TABLE authority (
    name          TEXT   NOT NULL,
    serial_epoch  BIGINT NOT NULL,
    established   BIGINT NOT NULL
);

-- A CA that signs, has signed, or was imported with what it signed. A root that signs itself has no certificate until
-- it has signed; an imported one may never have had a key here.
CREATE TABLE issuers (
    id           INTEGER PRIMARY KEY,
    role         TEXT    NOT NULL CHECK (role IN ('root', 'issuing', 'cross')),
    ordinal      BIGINT  NOT NULL,
    signed_by    BIGINT  REFERENCES issuers (id),
    subject      BLOB    NOT NULL,
    certificate  BLOB,
    UNIQUE (role, ordinal)
);

-- One row for each serial number: reserved first, with the bytes that will be signed, then issued, with the whole
-- certificate. A row imported from an index has neither.
CREATE TABLE certificates (
    id             INTEGER PRIMARY KEY,
    issuer         BIGINT  NOT NULL REFERENCES issuers (id),
    serial         TEXT    NOT NULL,
    profile        TEXT    NOT NULL,
    label          TEXT,
    generation     BIGINT,
    names          TEXT    NOT NULL,
    not_before     BIGINT  NOT NULL,
    not_after      BIGINT  NOT NULL,
    key_sha256     TEXT,
    sha256         TEXT,
    tbs            BLOB,
    certificate    BLOB,
    reserved_at    BIGINT  NOT NULL,
    issued_at      BIGINT,
    revoked_at     BIGINT,
    revocation_reason TEXT,
    UNIQUE (serial, issuer)
);

CREATE INDEX certificates_by_label ON certificates (label, generation);
CREATE INDEX certificates_by_end ON certificates (not_after);
CREATE INDEX certificates_by_key ON certificates (key_sha256);
CREATE INDEX certificates_revoked ON certificates (id) WHERE revoked_at IS NOT NULL;
CREATE UNIQUE INDEX certificates_by_generation ON certificates (label, generation) WHERE generation IS NOT NULL;

-- The lineages kept in the home: which generation is the newest issued, and which one `live` points at.
CREATE TABLE lineages (
    label       TEXT   PRIMARY KEY,
    names       TEXT   NOT NULL,
    generation  BIGINT NOT NULL,
    published   BIGINT NOT NULL
);

CREATE INDEX lineages_unpublished ON lineages (label) WHERE generation <> published;

CREATE TABLE audit (
    sequence  INTEGER PRIMARY KEY,
    at        BIGINT  NOT NULL,
    act       TEXT    NOT NULL,
    detail    TEXT    NOT NULL,
    hash      BLOB    NOT NULL
);
