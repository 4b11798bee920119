-- The ledger, version 14: why a CA that was adopted does not issue: its key was not found, or one that is newer issues.

ALTER TABLE issuers ADD COLUMN set_aside TEXT CHECK (set_aside IN ('keyless', 'superseded'));
