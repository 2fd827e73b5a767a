-- The bank and the policy: a second bucket (allowance), more ways in which credits move, counter-entries; codes, requests
-- and purchases; a server's policy with the log of its changes; and what a server has spent in a month.

-- Of `posted` and `held`, the part that is allowance; the rest is funds.
ALTER TABLE wallets ADD COLUMN allowance INTEGER NOT NULL DEFAULT 0
    CONSTRAINT wallet_allowance_is_never_negative CHECK (allowance >= 0);
ALTER TABLE wallets ADD COLUMN allowance_held INTEGER NOT NULL DEFAULT 0
    CONSTRAINT wallet_buckets_are_never_negative CHECK (
        allowance_held BETWEEN 0 AND allowance AND held >= allowance_held
        AND posted - allowance >= held - allowance_held);
ALTER TABLE wallets ADD COLUMN refilled_since INTEGER NOT NULL DEFAULT 0;  -- when the last period that was filled began

DROP TRIGGER entries_follow_the_wallet;
DROP TRIGGER entries_end_a_hold;
DROP TRIGGER entries_refund_a_capture;
DROP TRIGGER entries_move_the_wallet;
DROP TRIGGER entries_are_never_changed;
DROP TRIGGER entries_are_never_deleted;
DROP TRIGGER wallets_start_empty;
DROP TRIGGER wallets_move_only_by_entries;
DROP TRIGGER jobs_begin_with_a_hold;
DROP TRIGGER jobs_follow_the_edges;
DROP TRIGGER jobs_give_back_what_they_owe;
DROP INDEX entries_one_hold_per_job;
DROP INDEX entries_one_ending_per_job;
DROP INDEX entries_one_refund_per_job;
ALTER TABLE entries RENAME TO entries_before;

CREATE TABLE entries (
    id                   INTEGER PRIMARY KEY,
    wallet_id            INTEGER NOT NULL REFERENCES wallets (id),
    seq                  INTEGER NOT NULL,
    kind                 TEXT    NOT NULL,
    posted_delta         INTEGER NOT NULL,
    held_delta           INTEGER NOT NULL,
    allowance_delta      INTEGER NOT NULL DEFAULT 0,  -- of posted_delta
    allowance_held_delta INTEGER NOT NULL DEFAULT 0,  -- of held_delta
    posted_after         INTEGER NOT NULL,
    held_after           INTEGER NOT NULL,
    allowance_after      INTEGER NOT NULL DEFAULT 0,
    allowance_held_after INTEGER NOT NULL DEFAULT 0,
    job_id               TEXT,
    undoes               INTEGER REFERENCES entries (id),
    key                  TEXT    NOT NULL UNIQUE,   -- idempotency: the same act is one entry, however often it is told
    actor                TEXT    NOT NULL,          -- a Discord user id, or 'stillframe'
    reason               TEXT    NOT NULL,
    at                   INTEGER NOT NULL,          -- Unix time, milliseconds
    UNIQUE (wallet_id, seq),
    CONSTRAINT entry_has_an_actor CHECK (length(trim(actor)) > 0),
    CONSTRAINT entry_has_a_reason CHECK (length(trim(reason)) > 0),
    -- Repeated from wallets: an outer OR IGNORE also rules what a trigger does, but never a row's own CHECK.
    CONSTRAINT entry_held_is_never_negative CHECK (held_after >= 0),
    CONSTRAINT entry_available_is_never_negative CHECK (posted_after >= held_after),
    CONSTRAINT entry_buckets_are_never_negative CHECK (
        allowance_held_after BETWEEN 0 AND allowance_after AND held_after >= allowance_held_after
        AND posted_after - allowance_after >= held_after - allowance_held_after),
    CONSTRAINT entry_of_a_job CHECK ((kind IN ('hold', 'capture', 'release', 'refund')) = (job_id IS NOT NULL)),
    CONSTRAINT entry_undoes_another CHECK ((kind = 'undo') = (undoes IS NOT NULL)),
    CONSTRAINT entry_kind_moves_what_it_says CHECK (
        (kind IN ('grant', 'gift_received', 'code', 'purchase')
            AND posted_delta > 0 AND held_delta = 0 AND allowance_delta = 0 AND allowance_held_delta = 0) OR
        (kind IN ('gift_sent', 'purchase_refund')
            AND posted_delta < 0 AND held_delta = 0 AND allowance_delta = 0 AND allowance_held_delta = 0) OR
        (kind = 'take' AND posted_delta < 0 AND held_delta = 0
            AND allowance_delta BETWEEN posted_delta AND 0 AND allowance_held_delta = 0) OR
        (kind = 'refill' AND posted_delta > 0 AND held_delta = 0
            AND allowance_delta = posted_delta AND allowance_held_delta = 0) OR
        (kind = 'undo' AND posted_delta <> 0 AND held_delta = 0 AND allowance_held_delta = 0) OR
        (kind = 'hold' AND posted_delta = 0 AND held_delta > 0
            AND allowance_delta = 0 AND allowance_held_delta BETWEEN 0 AND held_delta) OR
        (kind = 'capture' AND posted_delta < 0 AND held_delta = posted_delta
            AND allowance_delta = allowance_held_delta AND allowance_delta BETWEEN posted_delta AND 0) OR
        (kind = 'release' AND posted_delta = 0 AND held_delta < 0
            AND allowance_delta = 0 AND allowance_held_delta BETWEEN held_delta AND 0) OR
        (kind = 'refund' AND posted_delta > 0 AND held_delta = 0
            AND allowance_delta BETWEEN 0 AND posted_delta AND allowance_held_delta = 0)
    )
) STRICT;

INSERT INTO entries (id, wallet_id, seq, kind, posted_delta, held_delta, posted_after, held_after, job_id, key, actor,
                     reason, at)
SELECT id, wallet_id, seq, kind, posted_delta, held_delta, posted_after, held_after, job_id, key, actor, reason, at
FROM entries_before ORDER BY id;
DROP TABLE entries_before;

CREATE UNIQUE INDEX entries_one_hold_per_job ON entries (job_id) WHERE kind = 'hold';
CREATE UNIQUE INDEX entries_one_ending_per_job ON entries (job_id) WHERE kind IN ('capture', 'release');
CREATE UNIQUE INDEX entries_undone_once ON entries (undoes) WHERE kind = 'undo';
CREATE INDEX entries_refunds_of_a_job ON entries (job_id) WHERE kind = 'refund';
CREATE INDEX entries_by_time ON entries (at);
CREATE INDEX entries_gifts ON entries (wallet_id, at) WHERE kind = 'gift_sent';  -- of a day

CREATE TRIGGER entries_follow_the_wallet BEFORE INSERT ON entries BEGIN
    SELECT raise(ABORT, 'entry out of sequence') WHERE NOT EXISTS (
        SELECT 1 FROM wallets WHERE id = NEW.wallet_id AND seq + 1 = NEW.seq
            AND posted + NEW.posted_delta = NEW.posted_after AND held + NEW.held_delta = NEW.held_after
            AND allowance + NEW.allowance_delta = NEW.allowance_after
            AND allowance_held + NEW.allowance_held_delta = NEW.allowance_held_after);
END;

-- `kind IN (...) AND kind = ...` because SQLite uses a partial index only where its own WHERE is repeated.
CREATE TRIGGER entries_end_a_hold BEFORE INSERT ON entries WHEN NEW.kind IN ('capture', 'release') BEGIN
    SELECT raise(ABORT, 'no such hold') WHERE NOT EXISTS (
        SELECT 1 FROM entries WHERE job_id = NEW.job_id AND kind = 'hold' AND wallet_id = NEW.wallet_id
            AND held_delta = -NEW.held_delta AND allowance_held_delta = -NEW.allowance_held_delta);
END;

-- All refunds of a job together, in each bucket, are never more than what was charged from it.
CREATE TRIGGER entries_refund_a_capture BEFORE INSERT ON entries WHEN NEW.kind = 'refund' BEGIN
    SELECT raise(ABORT, 'refund without capture') WHERE NOT EXISTS (
        SELECT 1 FROM entries AS charge, (
            SELECT coalesce(sum(posted_delta), 0) AS posted, coalesce(sum(allowance_delta), 0) AS allowance
            FROM entries WHERE job_id = NEW.job_id AND kind = 'refund') AS earlier
        WHERE charge.job_id = NEW.job_id AND charge.kind IN ('capture', 'release') AND charge.kind = 'capture'
            AND charge.wallet_id = NEW.wallet_id
            AND earlier.allowance + NEW.allowance_delta <= -charge.allowance_delta
            AND earlier.posted - earlier.allowance + NEW.posted_delta - NEW.allowance_delta
                <= -(charge.posted_delta - charge.allowance_delta));
END;

CREATE TRIGGER entries_undo_what_was BEFORE INSERT ON entries WHEN NEW.kind = 'undo' BEGIN
    SELECT raise(ABORT, 'nothing such to undo') WHERE NOT EXISTS (
        SELECT 1 FROM entries WHERE id = NEW.undoes AND wallet_id = NEW.wallet_id AND job_id IS NULL AND kind <> 'undo'
            AND posted_delta = -NEW.posted_delta AND allowance_delta = -NEW.allowance_delta);
END;

CREATE TRIGGER entries_move_the_wallet AFTER INSERT ON entries BEGIN
    UPDATE wallets SET posted = NEW.posted_after, held = NEW.held_after, seq = NEW.seq,
        allowance = NEW.allowance_after, allowance_held = NEW.allowance_held_after WHERE id = NEW.wallet_id;
END;

-- One thing may go, and only for good: the words of a reason, at the wish of the member whom they are about.
CREATE TRIGGER entries_are_never_changed BEFORE UPDATE ON entries
WHEN NEW.reason <> '(erased)'
    OR (NEW.id, NEW.wallet_id, NEW.seq, NEW.kind, NEW.posted_delta, NEW.held_delta, NEW.allowance_delta,
        NEW.allowance_held_delta, NEW.posted_after, NEW.held_after, NEW.allowance_after, NEW.allowance_held_after,
        NEW.job_id, NEW.undoes, NEW.key, NEW.actor, NEW.at)
    IS NOT (OLD.id, OLD.wallet_id, OLD.seq, OLD.kind, OLD.posted_delta, OLD.held_delta, OLD.allowance_delta,
        OLD.allowance_held_delta, OLD.posted_after, OLD.held_after, OLD.allowance_after, OLD.allowance_held_after,
        OLD.job_id, OLD.undoes, OLD.key, OLD.actor, OLD.at)
BEGIN
    SELECT raise(ABORT, 'entries are append-only');
END;
CREATE TRIGGER entries_are_never_deleted BEFORE DELETE ON entries BEGIN
    SELECT raise(ABORT, 'entries are append-only');
END;

CREATE TRIGGER wallets_start_empty BEFORE INSERT ON wallets
WHEN NEW.posted <> 0 OR NEW.held <> 0 OR NEW.seq <> 0 OR NEW.allowance <> 0 OR NEW.allowance_held <> 0 BEGIN
    SELECT raise(ABORT, 'wallets start empty');
END;
CREATE TRIGGER wallets_move_only_by_entries
BEFORE UPDATE OF id, posted, held, seq, allowance, allowance_held ON wallets
WHEN NEW.id <> OLD.id OR NEW.seq <> OLD.seq + 1 OR NOT EXISTS (
    SELECT 1 FROM entries WHERE wallet_id = OLD.id AND seq = NEW.seq
        AND posted_after = NEW.posted AND held_after = NEW.held
        AND allowance_after = NEW.allowance AND allowance_held_after = NEW.allowance_held)
BEGIN
    SELECT raise(ABORT, 'wallets move only by entries');
END;

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
CREATE TRIGGER jobs_give_back_what_they_owe BEFORE UPDATE OF state ON jobs
WHEN NEW.state = 'delivered' AND NEW.refund > 0 BEGIN
    SELECT raise(ABORT, 'delivered without refund') WHERE NOT EXISTS (
        SELECT 1 FROM entries WHERE job_id = NEW.id AND kind = 'refund' AND posted_delta >= NEW.refund);
END;

-- A server's orders of some days.
CREATE INDEX jobs_by_server ON jobs (guild_id, created_at);

-- What a server has spent in a month of its own calendar, and what is on hold for it.
ALTER TABLE jobs ADD COLUMN month TEXT NOT NULL DEFAULT '';             -- such as 2026-11, in the server's time zone
ALTER TABLE jobs ADD COLUMN running_limit INTEGER;                       -- of its member, when it was ordered
CREATE TABLE spending (
    guild_id INTEGER NOT NULL,
    month    TEXT    NOT NULL,
    held     INTEGER NOT NULL DEFAULT 0 CHECK (held >= 0),
    spent    INTEGER NOT NULL DEFAULT 0 CHECK (spent >= 0),
    alerted  INTEGER NOT NULL DEFAULT 0,      -- percent of the budget that was last told
    alerted_of INTEGER NOT NULL DEFAULT 0,    -- and of which budget: of another one, it is told anew
    PRIMARY KEY (guild_id, month)
) STRICT;
CREATE TRIGGER spending_begins AFTER INSERT ON jobs WHEN NEW.month <> '' BEGIN
    INSERT INTO spending (guild_id, month, held) VALUES (NEW.guild_id, NEW.month, NEW.cost)
    ON CONFLICT (guild_id, month) DO UPDATE SET held = held + excluded.held;
END;
CREATE TRIGGER spending_ends AFTER UPDATE OF state ON jobs WHEN NEW.month <> '' AND NEW.state IN ('delivered', 'released')
BEGIN
    -- A refund for a smaller image comes just before its delivery, any other one after.
    UPDATE spending SET held = held - NEW.cost, spent = spent + CASE WHEN NEW.state = 'delivered' THEN NEW.cost - (
        SELECT coalesce(sum(posted_delta), 0) FROM entries WHERE job_id = NEW.id AND kind = 'refund') ELSE 0 END
    WHERE guild_id = NEW.guild_id AND month = NEW.month;
END;
CREATE TRIGGER spending_is_refunded AFTER INSERT ON entries WHEN NEW.kind = 'refund' BEGIN
    UPDATE spending SET spent = spent - NEW.posted_delta
    WHERE (guild_id, month) IN (SELECT guild_id, month FROM jobs
                                WHERE id = NEW.job_id AND month <> '' AND state = 'delivered');
END;

-- A server's policy: one document, and every change of one rule in it.
CREATE TABLE policies (
    guild_id INTEGER PRIMARY KEY,
    body     TEXT    NOT NULL                 -- JSON of bot.domain.policy.Policy
) STRICT;
CREATE TABLE policy_log (
    id       INTEGER PRIMARY KEY,
    guild_id INTEGER NOT NULL,
    rule     TEXT    NOT NULL,
    before   TEXT    NOT NULL,                -- JSON
    after    TEXT    NOT NULL,                -- JSON
    actor    INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    undoes   INTEGER UNIQUE REFERENCES policy_log (id)
) STRICT;
CREATE INDEX policy_log_by_rule ON policy_log (guild_id, rule, id);
CREATE INDEX policy_log_of_a_server ON policy_log (guild_id, id);

-- Members who may not order for a while; the newest row decides. Credits are kept.
CREATE TABLE blocks (
    id        INTEGER PRIMARY KEY,
    guild_id  INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    blocked   INTEGER NOT NULL CHECK (blocked IN (0, 1)),
    until     INTEGER,                        -- Unix milliseconds; NULL: until somebody lifts it
    reason    TEXT    NOT NULL,
    actor     TEXT    NOT NULL,
    at        INTEGER NOT NULL
) STRICT;
CREATE INDEX blocks_of_a_member ON blocks (guild_id, member_id, id);

-- What the content filter refused, for the cool-down.
CREATE INDEX jobs_refused ON jobs (member_id, updated_at) WHERE release_reason = 'content_refused';

-- What was sent to the supplier in a period, to be held against its bill.
CREATE INDEX jobs_sent ON jobs (submitted_at) WHERE submitted_at IS NOT NULL;

-- One-time codes. Only a hash is kept: who reads the database can't redeem them.
CREATE TABLE codes (
    id         INTEGER PRIMARY KEY,
    guild_id   INTEGER NOT NULL,
    sha256     TEXT    NOT NULL UNIQUE,
    hint       TEXT    NOT NULL,              -- its first characters, to tell it by
    amount     INTEGER NOT NULL CHECK (amount > 0),
    uses       INTEGER NOT NULL CHECK (uses > 0),
    used       INTEGER NOT NULL DEFAULT 0 CHECK (used BETWEEN 0 AND uses),
    expires_at INTEGER,
    withdrawn  INTEGER NOT NULL DEFAULT 0 CHECK (withdrawn IN (0, 1)),
    reason     TEXT    NOT NULL,
    actor      INTEGER NOT NULL,
    at         INTEGER NOT NULL
) STRICT;
CREATE INDEX codes_of_a_server ON codes (guild_id, id);

-- Codes are not to be guessed: how many a member has tried in vain since then.
CREATE TABLE code_tries (
    member_id  INTEGER PRIMARY KEY,
    since      INTEGER NOT NULL,
    wrong      INTEGER NOT NULL
) STRICT;

-- "Ask for credits": one open request of a member in a server.
CREATE TABLE requests (
    id         TEXT    PRIMARY KEY,           -- the interaction's id
    guild_id   INTEGER NOT NULL,
    member_id  INTEGER NOT NULL,
    amount     INTEGER NOT NULL CHECK (amount > 0),
    words      TEXT    NOT NULL,
    state      TEXT    NOT NULL CHECK (state IN ('open', 'approved', 'denied')),
    given      INTEGER,
    decided_by INTEGER,
    channel_id INTEGER,
    message_id INTEGER,
    locale     TEXT    NOT NULL,              -- the member's, for the answer
    at         INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX requests_one_open ON requests (guild_id, member_id) WHERE state = 'open';

-- Purchases that Discord has refunded, each once: what could be taken back, and what was spent by then.
CREATE TABLE purchase_refunds (
    entitlement_id INTEGER PRIMARY KEY,
    taken          INTEGER NOT NULL CHECK (taken >= 0),
    missing        INTEGER NOT NULL CHECK (missing >= 0),
    at             INTEGER NOT NULL
) STRICT;

-- Giving to many: the list is fixed when it is shown, so that what was agreed to is what is given, and so that Give can
-- be pressed twice, and takes up again what a restart has cut off.
CREATE TABLE batches (
    id         TEXT    PRIMARY KEY,           -- the interaction's id
    guild_id   INTEGER NOT NULL,
    amount     INTEGER NOT NULL CHECK (amount > 0),
    reason     TEXT    NOT NULL,
    actor      INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    begun      INTEGER NOT NULL DEFAULT 0 CHECK (begun IN (0, 1))  -- 0: only asked, and forgotten after a day
) STRICT;
CREATE INDEX batches_only_asked ON batches (at) WHERE begun = 0;
CREATE TABLE batch_members (
    batch_id   TEXT    NOT NULL REFERENCES batches (id),
    member_id  INTEGER NOT NULL,
    PRIMARY KEY (batch_id, member_id)
) STRICT;

-- Privacy: what a member has here is found by the member, and goes at the member's wish or when its time is over.
ALTER TABLE jobs ADD COLUMN erased_at INTEGER;                          -- the time to keep its image was over
ALTER TABLE jobs ADD COLUMN forgotten_at INTEGER;                       -- its member's words, links and files are erased
CREATE INDEX wallets_by_member ON wallets (member_id);
CREATE INDEX proposals_by_member ON proposals (member_id);
CREATE INDEX templates_by_member ON templates (member_id);
CREATE INDEX reports_by_member ON reports (member_id);
CREATE INDEX requests_by_member ON requests (member_id);
CREATE INDEX blocks_by_member ON blocks (member_id);
CREATE INDEX tray_by_file ON tray (sha256);
CREATE INDEX tray_by_age ON tray (added_at);
