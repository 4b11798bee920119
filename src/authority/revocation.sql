-- The ledger, version 3: the CRLs that say what is revoked. Why and since when stands with each certificate.

-- A certificate that is revoked is listed by the CRLs made up to this time, and by one after it.
ALTER TABLE certificates ADD COLUMN listed_until BIGINT;
UPDATE certificates SET listed_until = CASE WHEN not_after > revoked_at THEN not_after ELSE revoked_at END
WHERE revoked_at IS NOT NULL;

-- All that a CRL says, so that making one reads no certificate.
CREATE INDEX certificates_listed ON certificates (issuer, listed_until, serial, revoked_at, revocation_reason)
WHERE listed_until IS NOT NULL;

-- How often an issuer's revocations changed, by which one sees whether its newest CRL has them all.
ALTER TABLE issuers ADD COLUMN revocations BIGINT NOT NULL DEFAULT 0;

-- One row for each CRL number: reserved first, with the hash of the bytes that will be signed, then signed. Only an
-- issuer's newest keeps its bytes.
CREATE TABLE crls (
    issuer       BIGINT  NOT NULL REFERENCES issuers (id),
    number       BIGINT  NOT NULL,
    this_update  BIGINT  NOT NULL,
    next_update  BIGINT  NOT NULL,
    revocations  BIGINT  NOT NULL,
    tbs_sha256   TEXT    NOT NULL,
    crl          BLOB,
    signed_at    BIGINT,
    PRIMARY KEY (issuer, number)
);

CREATE INDEX crls_signed ON crls (issuer, number) WHERE signed_at IS NOT NULL;
