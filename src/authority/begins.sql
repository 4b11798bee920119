-- The ledger, version 6: certificates by their begin, so that those that a clock dated ahead are found.

CREATE INDEX certificates_by_begin ON certificates (not_before);
