-- For SQLite and PostgreSQL alike: SQLite takes any name for a type. All times
-- are microseconds since 1970.

-- Every event, once: what is stored before the 200 is answered.
CREATE TABLE events (
    key TEXT PRIMARY KEY,
    body BYTEA NOT NULL,
    received_at BIGINT NOT NULL,
    findings TEXT NOT NULL,
    redeliveries BIGINT NOT NULL DEFAULT 0,
    state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'done', 'set-aside')),
    attempts BIGINT NOT NULL DEFAULT 0,
    next_attempt_at BIGINT NOT NULL,
    last_error TEXT
);

-- One index for each state, so that none grows with the events that are done
-- but the one which pruning reads.
CREATE INDEX events_pending ON events (next_attempt_at, received_at) WHERE state = 'pending';
CREATE INDEX events_set_aside ON events (received_at) WHERE state = 'set-aside';
CREATE INDEX events_done ON events (received_at) WHERE state = 'done';

-- Other content under the key of an event.
CREATE TABLE conflicts (
    key TEXT NOT NULL,
    digest TEXT NOT NULL,
    body BYTEA NOT NULL,
    received_at BIGINT NOT NULL,
    times BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (key, digest)
);

-- Bodies that are no event, or one that breaks an error rule.
CREATE TABLE refused (
    digest TEXT PRIMARY KEY,
    body BYTEA NOT NULL,
    received_at BIGINT NOT NULL,
    codes TEXT NOT NULL,
    problem TEXT NOT NULL,
    salvaged TEXT NOT NULL,
    times BIGINT NOT NULL DEFAULT 1
);

-- What the example's handler makes of the events: the latest outcome of each
-- stamp, and how many events were applied to it.
CREATE TABLE stamps (
    stamp TEXT PRIMARY KEY,
    outcome TEXT NOT NULL,
    tx_id TEXT NOT NULL,
    hash TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    events BIGINT NOT NULL
);
