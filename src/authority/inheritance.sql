-- The ledger, version 11: what moved in from another CA. Of a row without a certificate the subject is what its index said, and its
-- begin and its issuing are 0, for no index tells them.

ALTER TABLE certificates ADD COLUMN subject TEXT;
