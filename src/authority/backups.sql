-- The ledger, version 12: when the home was last backed up and where to, and what a restored one keeps clear of.

ALTER TABLE authority ADD COLUMN backed_up_at BIGINT;
ALTER TABLE authority ADD COLUMN backed_up_to TEXT;

-- No CRL has this number or a lower one: after a backup lists were published of which a restored ledger knows nothing.
ALTER TABLE issuers ADD COLUMN crl_floor BIGINT;
