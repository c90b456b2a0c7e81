-- Which events a worker has, as an array of keys in JSON: one row for a batch. Others leave
-- them alone until then, and longer while it is at them.
CREATE TABLE inbox.leases (
    until BIGINT NOT NULL,
    first TEXT NOT NULL,
    keys TEXT NOT NULL,
    PRIMARY KEY (until, first)
);
ALTER TABLE inbox.events DROP COLUMN claims;
