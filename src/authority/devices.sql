-- The ledger, version 2: the devices that came to the onboarding page.

-- A device is known by a random word in its cookie, of which only the SHA-256 is kept.
CREATE TABLE devices (
    id          INTEGER PRIMARY KEY,
    key_sha256  TEXT    NOT NULL UNIQUE,
    name        TEXT,
    address     TEXT    NOT NULL,
    platform    TEXT    NOT NULL,
    user_agent  TEXT    NOT NULL,
    first_seen  BIGINT  NOT NULL,
    last_seen   BIGINT  NOT NULL
);

-- What a device did about a root, which is named by the SHA-256 of its certificate.
CREATE TABLE device_roots (
    device      BIGINT  NOT NULL REFERENCES devices (id),
    root        TEXT    NOT NULL,
    fetched_at  BIGINT,
    trusted_at  BIGINT,
    PRIMARY KEY (device, root)
);
