-- Wallets, the append-only ledger that alone moves them, and the jobs that credits are held for.
-- Rules live here, so that no code path, and no hand at a console, can break the books.

CREATE TABLE wallets (
    id        INTEGER PRIMARY KEY,
    guild_id  INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    posted    INTEGER NOT NULL DEFAULT 0,   -- credits owned
    held      INTEGER NOT NULL DEFAULT 0,   -- of which set aside for open jobs
    seq       INTEGER NOT NULL DEFAULT 0,   -- entries applied so far
    UNIQUE (guild_id, member_id),
    CONSTRAINT wallet_held_is_never_negative CHECK (held >= 0),
    CONSTRAINT wallet_available_is_never_negative CHECK (posted >= held)
) STRICT;

CREATE TABLE entries (
    id           INTEGER PRIMARY KEY,
    wallet_id    INTEGER NOT NULL REFERENCES wallets (id),
    seq          INTEGER NOT NULL,
    kind         TEXT    NOT NULL,
    posted_delta INTEGER NOT NULL,
    held_delta   INTEGER NOT NULL,
    posted_after INTEGER NOT NULL,
    held_after   INTEGER NOT NULL,
    job_id       TEXT,
    key          TEXT    NOT NULL UNIQUE,   -- idempotency: the same act is one entry, however often it is told
    actor        TEXT    NOT NULL,          -- a Discord user id, or 'stillframe'
    reason       TEXT    NOT NULL,
    at           INTEGER NOT NULL,          -- Unix time, milliseconds
    UNIQUE (wallet_id, seq),
    CONSTRAINT entry_has_an_actor CHECK (length(trim(actor)) > 0),
    CONSTRAINT entry_has_a_reason CHECK (length(trim(reason)) > 0),
    -- Repeated from wallets: an outer OR IGNORE also rules what a trigger does, but never a row's own CHECK.
    CONSTRAINT entry_held_is_never_negative CHECK (held_after >= 0),
    CONSTRAINT entry_available_is_never_negative CHECK (posted_after >= held_after),
    CONSTRAINT entry_kind_moves_what_it_says CHECK (
        (kind = 'grant'   AND posted_delta > 0 AND held_delta = 0 AND job_id IS NULL) OR
        (kind = 'hold'    AND posted_delta = 0 AND held_delta > 0 AND job_id IS NOT NULL) OR
        (kind = 'capture' AND posted_delta < 0 AND held_delta <= posted_delta AND job_id IS NOT NULL) OR
        (kind = 'release' AND posted_delta = 0 AND held_delta < 0 AND job_id IS NOT NULL) OR
        (kind = 'refund'  AND posted_delta > 0 AND held_delta = 0 AND job_id IS NOT NULL)
    )
) STRICT;

CREATE UNIQUE INDEX entries_one_hold_per_job ON entries (job_id) WHERE kind = 'hold';
CREATE UNIQUE INDEX entries_one_ending_per_job ON entries (job_id) WHERE kind IN ('capture', 'release');
CREATE UNIQUE INDEX entries_one_refund_per_job ON entries (job_id) WHERE kind = 'refund';

CREATE TRIGGER entries_follow_the_wallet BEFORE INSERT ON entries BEGIN
    SELECT raise(ABORT, 'entry out of sequence') WHERE NOT EXISTS (
        SELECT 1 FROM wallets WHERE id = NEW.wallet_id AND seq + 1 = NEW.seq
            AND posted + NEW.posted_delta = NEW.posted_after AND held + NEW.held_delta = NEW.held_after);
END;

-- `kind IN (...) AND kind = ...` because SQLite uses a partial index only where its own WHERE is repeated.
CREATE TRIGGER entries_end_a_hold BEFORE INSERT ON entries WHEN NEW.kind IN ('capture', 'release') BEGIN
    SELECT raise(ABORT, 'no such hold') WHERE NOT EXISTS (
        SELECT 1 FROM entries WHERE job_id = NEW.job_id AND kind = 'hold'
            AND wallet_id = NEW.wallet_id AND held_delta = -NEW.held_delta);
END;

CREATE TRIGGER entries_refund_a_capture BEFORE INSERT ON entries WHEN NEW.kind = 'refund' BEGIN
    SELECT raise(ABORT, 'refund without capture') WHERE NOT EXISTS (
        SELECT 1 FROM entries WHERE job_id = NEW.job_id AND kind IN ('capture', 'release') AND kind = 'capture'
            AND wallet_id = NEW.wallet_id AND -posted_delta >= NEW.posted_delta);
END;

CREATE TRIGGER entries_move_the_wallet AFTER INSERT ON entries BEGIN
    UPDATE wallets SET posted = NEW.posted_after, held = NEW.held_after, seq = NEW.seq WHERE id = NEW.wallet_id;
END;

CREATE TRIGGER entries_are_never_changed BEFORE UPDATE ON entries BEGIN
    SELECT raise(ABORT, 'entries are append-only');
END;
CREATE TRIGGER entries_are_never_deleted BEFORE DELETE ON entries BEGIN
    SELECT raise(ABORT, 'entries are append-only');
END;

CREATE TRIGGER wallets_start_empty BEFORE INSERT ON wallets WHEN NEW.posted <> 0 OR NEW.held <> 0 OR NEW.seq <> 0
BEGIN
    SELECT raise(ABORT, 'wallets start empty');
END;
CREATE TRIGGER wallets_move_only_by_entries BEFORE UPDATE OF id, posted, held, seq ON wallets
WHEN NEW.id <> OLD.id OR NEW.seq <> OLD.seq + 1 OR NOT EXISTS (
    SELECT 1 FROM entries WHERE wallet_id = OLD.id AND seq = NEW.seq
        AND posted_after = NEW.posted AND held_after = NEW.held)
BEGIN
    SELECT raise(ABORT, 'wallets move only by entries');
END;
CREATE TRIGGER wallets_are_never_deleted BEFORE DELETE ON wallets BEGIN
    SELECT raise(ABORT, 'wallets are never deleted');
END;

CREATE TABLE jobs (
    id              TEXT    PRIMARY KEY,        -- Discord's interaction id: the same click is the same job
    wallet_id       INTEGER NOT NULL REFERENCES wallets (id),
    guild_id        INTEGER NOT NULL,
    channel_id      INTEGER NOT NULL,
    member_id       INTEGER NOT NULL,
    private         INTEGER NOT NULL CHECK (private IN (0, 1)),
    recipe          TEXT    NOT NULL,           -- JSON of bot.domain.recipe.Recipe
    cost            INTEGER NOT NULL CHECK (cost > 0),
    state           TEXT    NOT NULL,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    -- where the answer stands in Discord
    token           TEXT    NOT NULL,           -- the interaction's, good for 15 minutes
    token_until     INTEGER NOT NULL,
    file_limit      INTEGER NOT NULL,           -- bytes, as this interaction said
    message_id      INTEGER,                    -- the answer; NULL until Discord has confirmed it
    -- what the supplier knows
    submitted_at    INTEGER,
    prediction_id   TEXT    UNIQUE,
    output_url      TEXT,
    price_micros    INTEGER,                    -- what it cost us, US$ 0.000001
    -- the image, whole and on our disk
    image_name      TEXT,
    image_sha256    TEXT,
    unsafe          INTEGER CHECK (unsafe IN (0, 1)),
    -- how it ended
    result_id       INTEGER,                    -- the message that shows the image
    result_channel  INTEGER,
    release_reason  TEXT,
    told            INTEGER NOT NULL DEFAULT 0 CHECK (told IN (0, 1)),  -- the card says how it ended
    late_looks      INTEGER NOT NULL DEFAULT 0, -- after a release, for an image that may yet come
    -- who works on it
    next_at         INTEGER NOT NULL,           -- not to be taken up before
    lease_owner     TEXT,
    lease_epoch     INTEGER NOT NULL DEFAULT 0  -- fencing: +1 per claim; each later write names it
) STRICT;

CREATE INDEX jobs_open ON jobs (next_at) WHERE state NOT IN ('delivered', 'released');
CREATE INDEX jobs_by_wallet ON jobs (wallet_id, created_at);
CREATE INDEX jobs_waiting ON jobs (member_id, created_at) WHERE state = 'held';
CREATE INDEX jobs_in_hand ON jobs (member_id, created_at) WHERE state IN ('held', 'submitting', 'running');
-- Ended, but not done with: a card still to be changed, or an image that may yet come. `next_at` says when.
CREATE INDEX jobs_aftercare ON jobs (next_at) WHERE state = 'released' AND (told = 0 OR late_looks > 0);

CREATE TABLE job_edges (
    from_state TEXT NOT NULL,
    to_state   TEXT NOT NULL,
    PRIMARY KEY (from_state, to_state)
) STRICT, WITHOUT ROWID;

INSERT INTO job_edges VALUES
    ('held', 'submitting'), ('held', 'released'),
    ('submitting', 'held'),                     -- certainly nothing was accepted
    ('submitting', 'running'), ('submitting', 'released'),
    ('running', 'stored'), ('running', 'released'),
    ('stored', 'posting'), ('stored', 'released'),
    ('posting', 'delivered'), ('posting', 'released');

CREATE TABLE job_steps (
    id       INTEGER PRIMARY KEY,
    job_id   TEXT    NOT NULL REFERENCES jobs (id),
    state    TEXT    NOT NULL,
    epoch    INTEGER NOT NULL,
    at       INTEGER NOT NULL
) STRICT;
CREATE INDEX job_steps_by_job ON job_steps (job_id);

CREATE TRIGGER jobs_begin_with_a_hold BEFORE INSERT ON jobs BEGIN
    SELECT raise(ABORT, 'job without hold') WHERE NEW.state <> 'held' OR NOT EXISTS (
        SELECT 1 FROM entries WHERE job_id = NEW.id AND kind = 'hold'
            AND wallet_id = NEW.wallet_id AND held_delta = NEW.cost);
END;
CREATE TRIGGER jobs_follow_the_edges BEFORE UPDATE OF state ON jobs BEGIN
    SELECT raise(ABORT, 'no such job transition') WHERE NOT EXISTS (
        SELECT 1 FROM job_edges WHERE from_state = OLD.state AND to_state = NEW.state);
    SELECT raise(ABORT, 'delivered without capture') WHERE NEW.state = 'delivered' AND NOT EXISTS (
        SELECT 1 FROM entries WHERE job_id = NEW.id AND kind IN ('capture', 'release') AND kind = 'capture');
    SELECT raise(ABORT, 'released without release') WHERE NEW.state = 'released' AND NOT EXISTS (
        SELECT 1 FROM entries WHERE job_id = NEW.id AND kind IN ('capture', 'release') AND kind = 'release');
END;
CREATE TRIGGER jobs_keep_their_terms BEFORE UPDATE OF id, wallet_id, cost, created_at ON jobs BEGIN
    SELECT raise(ABORT, 'the terms of a job never change');
END;
CREATE TRIGGER jobs_note_the_beginning AFTER INSERT ON jobs BEGIN
    INSERT INTO job_steps (job_id, state, epoch, at) VALUES (NEW.id, NEW.state, NEW.lease_epoch, NEW.created_at);
END;
CREATE TRIGGER jobs_note_each_step AFTER UPDATE OF state ON jobs BEGIN
    INSERT INTO job_steps (job_id, state, epoch, at) VALUES (NEW.id, NEW.state, NEW.lease_epoch, NEW.updated_at);
END;
CREATE TRIGGER jobs_are_never_deleted BEFORE DELETE ON jobs BEGIN
    SELECT raise(ABORT, 'jobs are never deleted');
END;
