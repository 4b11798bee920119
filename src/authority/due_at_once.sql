-- The ledger, version 8: what was revoked is due at once, and not from a date on that a clock gave which was ahead.

UPDATE lineages SET due_at = 0 FROM certificates c
WHERE c.revoked_at IS NOT NULL AND c.label = lineages.label AND c.generation = lineages.generation
AND lineages.due_at > 0;

-- So is what a revoked CA has issued.
UPDATE lineages SET due_at = 0 FROM certificates c
WHERE c.issuer IN (SELECT i.id FROM issuers i JOIN certificates o ON o.certificate = i.certificate
                   WHERE o.revoked_at IS NOT NULL)
AND c.label = lineages.label AND c.generation = lineages.generation AND lineages.due_at > 0;
