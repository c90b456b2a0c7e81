-- What the API's record says of an event; NULL as long as it was not asked.
ALTER TABLE inbox.events ADD COLUMN confirmation TEXT;
-- Since when the record does not say what the event does.
ALTER TABLE inbox.events ADD COLUMN silent_since BIGINT;

-- Without the events that nobody asks about.
CREATE INDEX inbox_events_asked ON inbox.events (next_attempt_at, received_at) WHERE state = 'pending' AND confirmation IS NOT NULL;

-- Which event had the effect of a hash and its transaction. Kept for longer than the
-- event: both are public, and come again under any `_id`.
CREATE TABLE inbox.effects (
    hash TEXT NOT NULL,
    tx_id TEXT NOT NULL,
    key TEXT NOT NULL,
    PRIMARY KEY (hash, tx_id)
);
CREATE INDEX inbox_effects_key ON inbox.effects (key);
