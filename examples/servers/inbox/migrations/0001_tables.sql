-- For PostgreSQL and SQLite alike. `inbox.` is a schema on PostgreSQL; on SQLite,
-- which has none, it is written `inbox_`, and any name will do for a type. All
-- times are microseconds since 1970.

-- Every event, once: what is stored before the 200 is answered.
CREATE TABLE inbox.events (
    key TEXT PRIMARY KEY,
    body BYTEA NOT NULL,
    received_at BIGINT NOT NULL,
    state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'done', 'set-aside')),
    attempts BIGINT NOT NULL DEFAULT 0,
    -- How many events the next attempt may have together with this one; 0 for as many as
    -- a batch has. An attempt that had no end halves it.
    batch_limit BIGINT NOT NULL DEFAULT 0,
    -- How often a worker has taken it: what another one has taken meanwhile is no longer its.
    claims BIGINT NOT NULL DEFAULT 0,
    next_attempt_at BIGINT NOT NULL,
    last_error TEXT,
    -- What the API's record says of it; NULL as long as it was not asked.
    confirmation TEXT,
    -- Since when the record does not say what the event does.
    silent_since BIGINT
);

-- One index for each state, so that none grows with the events that are done
-- but the one which pruning reads.
CREATE INDEX inbox_events_pending ON inbox.events (next_attempt_at, received_at) WHERE state = 'pending';
CREATE INDEX inbox_events_set_aside ON inbox.events (received_at) WHERE state = 'set-aside';
CREATE INDEX inbox_events_done ON inbox.events (received_at) WHERE state = 'done';

-- How often the same event came again. Not in `events`, where a worker's lock
-- would keep the answer waiting.
CREATE TABLE inbox.redeliveries (
    key TEXT PRIMARY KEY REFERENCES inbox.events (key) ON DELETE CASCADE,
    times BIGINT NOT NULL
);

-- Other content under the key of an event.
CREATE TABLE inbox.conflicts (
    key TEXT NOT NULL,
    digest TEXT NOT NULL,
    body BYTEA NOT NULL,
    received_at BIGINT NOT NULL,
    times BIGINT NOT NULL,
    PRIMARY KEY (key, digest)
);

-- Bodies that are no event, or one that breaks an error rule.
CREATE TABLE inbox.refused (
    digest TEXT PRIMARY KEY,
    body BYTEA NOT NULL,
    received_at BIGINT NOT NULL,
    codes TEXT NOT NULL,
    problem TEXT NOT NULL,
    salvaged TEXT NOT NULL,
    times BIGINT NOT NULL
);

-- Written, and deleted at once, to learn whether there is room.
CREATE TABLE inbox.probe (
    written_at BIGINT NOT NULL,
    room BYTEA NOT NULL
);

-- When pruning last looked at the clock, and until when it rests.
CREATE TABLE inbox.clock (
    id BIGINT PRIMARY KEY,
    seen_at BIGINT NOT NULL,
    rests_until BIGINT NOT NULL
);

-- What the example's handler makes of the events: the latest outcome of each
-- stamp, and how many events were applied to it.
CREATE TABLE inbox.stamps (
    stamp TEXT PRIMARY KEY,
    outcome TEXT NOT NULL,
    tx_id TEXT NOT NULL,
    hash TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    events BIGINT NOT NULL
);

-- Which event had the effect of a hash and its transaction. Kept for longer than the
-- event: both are public, and come again under any `_id`.
CREATE TABLE inbox.effects (
    hash TEXT NOT NULL,
    tx_id TEXT NOT NULL,
    key TEXT NOT NULL,
    PRIMARY KEY (hash, tx_id)
);
CREATE INDEX inbox_effects_key ON inbox.effects (key);

-- What somebody decided on a refused body, and why.
CREATE TABLE inbox.decisions (
    digest TEXT PRIMARY KEY,
    decision TEXT NOT NULL CHECK (decision IN ('accepted', 'discarded')),
    reason TEXT NOT NULL,
    decided_at BIGINT NOT NULL
);

-- How much there is. Not how many are done: counting a week's events takes a while.
CREATE VIEW inbox.status AS SELECT
    (SELECT COUNT(*) FROM inbox.events WHERE state = 'pending') AS unprocessed,
    (SELECT MIN(received_at) FROM inbox.events WHERE state = 'pending') AS oldest_received_at,
    (SELECT COUNT(*) FROM inbox.events
        WHERE state = 'done' AND received_at > {now} - 60000000) AS done_of_last_minute,
    (SELECT COUNT(*) FROM inbox.events
        WHERE state = 'pending' AND received_at > {now} - 60000000) AS unprocessed_of_last_minute,
    (SELECT COUNT(*) FROM inbox.events WHERE state = 'set-aside') AS set_aside,
    (SELECT COUNT(*) FROM inbox.conflicts) AS conflicts,
    (SELECT COUNT(*) FROM inbox.refused AS r WHERE NOT EXISTS
        (SELECT 1 FROM inbox.decisions AS d WHERE d.digest = r.digest)) AS refused;

-- What somebody is shown of an event, and of a refused body.
CREATE VIEW inbox.shown_event AS
    SELECT e.key, state, received_at, COALESCE(times, 0) AS redeliveries, attempts,
        CASE state WHEN 'pending' THEN next_attempt_at END AS next_attempt_at,
        last_error, confirmation, body AS event, body AS findings
    FROM inbox.events AS e LEFT JOIN inbox.redeliveries AS r ON r.key = e.key;
CREATE VIEW inbox.shown_refused AS
    SELECT r.digest, times, received_at, decision, reason, decided_at, problem, salvaged, body
    FROM inbox.refused AS r LEFT JOIN inbox.decisions AS d ON d.digest = r.digest;

-- What waits for somebody.
CREATE VIEW inbox.waiting AS
    SELECT 'set_aside' AS kind, key, NULL AS digest, attempts AS times, received_at,
        last_error AS reason, body, NULL AS earlier, NULL AS salvaged
    FROM inbox.events WHERE state = 'set-aside'
    UNION ALL
    SELECT 'conflicts', c.key, c.digest, c.times, c.received_at, NULL, c.body, e.body, NULL
    FROM inbox.conflicts AS c LEFT JOIN inbox.events AS e ON e.key = c.key
    UNION ALL
    SELECT 'refused', NULL, digest, times, received_at, codes, NULL, NULL, salvaged
    FROM inbox.refused AS r WHERE NOT EXISTS
        (SELECT 1 FROM inbox.decisions AS d WHERE d.digest = r.digest);
