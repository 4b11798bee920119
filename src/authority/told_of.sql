-- The ledger, version 13: what the log tells of a label, of a revocation or of the CAs is found without reading all of it, so that rows
-- are compared with it before something is signed by them.

CREATE INDEX audit_by_label ON audit (CASE WHEN json_valid(detail) THEN detail ->> '$.label' END)
WHERE CASE WHEN json_valid(detail) THEN detail ->> '$.label' END IS NOT NULL;

CREATE INDEX audit_by_revoked ON audit (CASE WHEN json_valid(detail) THEN detail ->> '$.serial' END) WHERE act = 'revoke';

-- What is done once for each certificate, or each day, is not among the acts that make a CA what it is.
CREATE INDEX audit_by_act ON audit (act)
WHERE act NOT IN ('reserve', 'issue', 'adopt', 'edit', 'deploy', 'backup', 'meet-device', 'name-device', 'fetch-root', 'prove-trust');

-- But for the certificates of CAs, and where serial numbers begin anew.
CREATE INDEX audit_of_cas ON audit (sequence)
WHERE CASE WHEN json_valid(detail) THEN coalesce(detail ->> '$.ca', detail ->> '$.serial_epoch') END IS NOT NULL;
