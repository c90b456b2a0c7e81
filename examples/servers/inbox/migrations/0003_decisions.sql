-- What somebody decided on a refused body, and why.
CREATE TABLE inbox.decisions (
    digest TEXT PRIMARY KEY,
    decision TEXT NOT NULL CHECK (decision IN ('accepted', 'discarded')),
    reason TEXT NOT NULL,
    decided_at BIGINT NOT NULL
);
