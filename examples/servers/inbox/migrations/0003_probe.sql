-- With a key: without one, PostgreSQL lets nobody delete from it once all tables are published.
DROP TABLE inbox.probe;
CREATE TABLE inbox.probe (
    written_at BIGINT PRIMARY KEY,
    room BYTEA NOT NULL
);
