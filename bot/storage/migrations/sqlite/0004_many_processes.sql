-- What several processes need to share one database: who is alive, duties that one of them has at a time, what the
-- supplier allows all of them together, and what they tell each other. On SQLite there is one process; it has the same.

-- A process renews its row before `until`. The jobs and the duties of one that has not are free for the others.
CREATE TABLE processes (
    id    TEXT    PRIMARY KEY,
    about TEXT    NOT NULL,                    -- what and where it is, for people
    until INTEGER NOT NULL                     -- by clock_ms
) STRICT;

-- Rounds that one process at a time goes.
CREATE TABLE duties (
    name  TEXT PRIMARY KEY,
    owner TEXT NOT NULL                        -- the process
) STRICT;

-- When the next request of a kind may go out to the supplier, whoever sends it.
CREATE TABLE buckets (
    name    TEXT    PRIMARY KEY,
    free_at INTEGER NOT NULL                   -- Unix time, microseconds, by clock_ms
) STRICT;

-- What one process has found out, for the others: why sales are closed, which commands Discord knows.
CREATE TABLE facts (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- How many images are on their way at the supplier, or about to be.
CREATE INDEX jobs_at_supplier ON jobs (state, lease_owner)
    WHERE state IN ('submitting', 'running') OR (state = 'held' AND lease_owner IS NOT NULL);
