-- The ledger, version 9: the addresses of this machine in the certificates of its own servers, so that it is noticed when
-- one of them is not its any more.

-- `had` lists the addresses that this machine had when the newest certificate of the lineage last named one of them.
CREATE TABLE own_addresses (
    label      TEXT  PRIMARY KEY REFERENCES lineages (label),
    had        TEXT  NOT NULL,
    follow_ip  TEXT  NOT NULL CHECK (follow_ip IN ('tell', 'follow', 'leave'))
);
