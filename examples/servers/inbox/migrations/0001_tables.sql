-- For PostgreSQL and SQLite alike. `inbox.` is a schema on PostgreSQL; on SQLite,
-- which has none, it is written `inbox_`, and any name will do for a type. All
-- times are microseconds since 1970.

-- Every event, once: what is stored before the 200 is answered.
CREATE TABLE inbox.events (
    key TEXT PRIMARY KEY,
    body BYTEA NOT NULL,
    received_at BIGINT NOT NULL,
    findings TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'done', 'set-aside')),
    attempts BIGINT NOT NULL DEFAULT 0,
    -- 1 while an attempt goes on, and after one that had no end: the next one is
    -- then made without other events.
    alone BIGINT NOT NULL DEFAULT 0,
    next_attempt_at BIGINT NOT NULL,
    last_error TEXT
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
