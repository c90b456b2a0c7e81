-- How many events the next attempt may have together with this one; 0 for as many as
-- a batch has. An attempt that had no end halves it.
ALTER TABLE inbox.events RENAME COLUMN alone TO batch_limit;

-- They follow from the body and from when it came.
ALTER TABLE inbox.events DROP COLUMN findings;

-- Who processes an event asks about it.
DROP INDEX inbox_events_asked;

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
    (SELECT COUNT(*) FROM inbox.refused
        WHERE digest NOT IN (SELECT digest FROM inbox.decisions)) AS refused;

-- What waits for somebody.
CREATE VIEW inbox.waiting AS
    SELECT 'set_aside' AS kind, key, NULL AS digest, attempts AS times, received_at,
        last_error AS reason, body, NULL AS earlier
    FROM inbox.events WHERE state = 'set-aside'
    UNION ALL
    SELECT 'conflicts', c.key, c.digest, c.times, c.received_at, NULL, c.body, e.body
    FROM inbox.conflicts AS c LEFT JOIN inbox.events AS e ON e.key = c.key
    UNION ALL
    SELECT 'refused', NULL, digest, times, received_at, codes, NULL, NULL
    FROM inbox.refused WHERE digest NOT IN (SELECT digest FROM inbox.decisions);
