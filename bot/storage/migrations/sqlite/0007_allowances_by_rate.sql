-- Allowances by rate: an entry says on which day it spends of an allowance, a wallet has the sums of its present day,
-- week and month, and what lapses is an entry of its own. And of the starting credits: what a wallet has paid of its
-- funds, and whether it has got them.

ALTER TABLE wallets ADD COLUMN allowance_day TEXT NOT NULL DEFAULT '';       -- the day it spends on, such as 2026-12-01
ALTER TABLE wallets ADD COLUMN allowance_week TEXT NOT NULL DEFAULT '';      -- the first day of that day's week
ALTER TABLE wallets ADD COLUMN allowance_month TEXT NOT NULL DEFAULT '';     -- and of its month
ALTER TABLE wallets ADD COLUMN allowance_role INTEGER;                       -- whose rule was in force last
ALTER TABLE wallets ADD COLUMN allowance_until TEXT NOT NULL DEFAULT '';     -- the first day after that rule's period
-- What of allowances was spent or put on hold from that day, week and month on, and was not given back.
ALTER TABLE wallets ADD COLUMN day_spent INTEGER NOT NULL DEFAULT 0
    CONSTRAINT wallet_day_spent_is_never_negative CHECK (day_spent >= 0);
ALTER TABLE wallets ADD COLUMN week_spent INTEGER NOT NULL DEFAULT 0
    CONSTRAINT wallet_week_spent_is_never_negative CHECK (week_spent >= 0);
ALTER TABLE wallets ADD COLUMN month_spent INTEGER NOT NULL DEFAULT 0
    CONSTRAINT wallet_month_spent_is_never_negative CHECK (month_spent >= 0);
ALTER TABLE wallets ADD COLUMN charged INTEGER NOT NULL DEFAULT 0           -- of funds, for images, less refunds
    CONSTRAINT wallet_charged_is_never_negative CHECK (charged >= 0);
ALTER TABLE wallets ADD COLUMN welcomed INTEGER NOT NULL DEFAULT 1 CHECK (welcomed IN (0, 1));  -- starting credits

-- SQLite can't change a check, so the table is made anew. The triggers of other tables go on to name it.
PRAGMA legacy_alter_table = ON;
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
    allowance_day        TEXT,                      -- on which what it moves of an allowance is spent: 2026-12-01
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
    CONSTRAINT entry_spends_an_allowance_on_a_day CHECK (
        (allowance_day IS NOT NULL) = (kind NOT IN ('refill', 'lapse')
            AND (allowance_delta <> 0 OR allowance_held_delta <> 0))),
    CONSTRAINT entry_kind_moves_what_it_says CHECK (
        (kind = 'hold' AND posted_delta = 0 AND held_delta > 0
            AND allowance_delta = 0 AND allowance_held_delta BETWEEN 0 AND held_delta) OR
        (kind = 'capture' AND posted_delta < 0 AND held_delta = posted_delta
            AND allowance_delta = allowance_held_delta AND allowance_delta BETWEEN posted_delta AND 0) OR
        (kind = 'release' AND posted_delta = 0 AND held_delta < 0
            AND allowance_delta = 0 AND allowance_held_delta BETWEEN held_delta AND 0) OR
        (kind IN ('grant', 'gift_received', 'code', 'purchase')
            AND posted_delta > 0 AND held_delta = 0 AND allowance_delta = 0 AND allowance_held_delta = 0) OR
        (kind IN ('gift_sent', 'purchase_refund')
            AND posted_delta < 0 AND held_delta = 0 AND allowance_delta = 0 AND allowance_held_delta = 0) OR
        (kind = 'take' AND posted_delta < 0 AND held_delta = 0
            AND allowance_delta BETWEEN posted_delta AND 0 AND allowance_held_delta = 0) OR
        (kind = 'refill' AND posted_delta > 0 AND held_delta = 0
            AND allowance_delta = posted_delta AND allowance_held_delta = 0) OR
        (kind = 'lapse' AND posted_delta < 0 AND held_delta = 0
            AND allowance_delta = posted_delta AND allowance_held_delta = 0) OR
        (kind = 'undo' AND posted_delta <> 0 AND held_delta = 0 AND allowance_held_delta = 0) OR
        (kind = 'refund' AND posted_delta > 0 AND held_delta = 0
            AND allowance_delta BETWEEN 0 AND posted_delta AND allowance_held_delta = 0)
    )
) STRICT;

-- A day of before is named by the midnight when the wallet was last filled, which was one where its server is. The last
-- two hours before noon may be one of east or west; they are taken for east, which counts rather a day more.
INSERT INTO entries
SELECT e.id, e.wallet_id, e.seq, e.kind, e.posted_delta, e.held_delta, e.allowance_delta, e.allowance_held_delta,
    e.posted_after, e.held_after, e.allowance_after, e.allowance_held_after,
    CASE WHEN e.kind <> 'refill' AND (e.allowance_delta <> 0 OR e.allowance_held_delta <> 0) THEN (
        SELECT date((spent.at + CASE WHEN w.refilled_since % 86400000 >= 36000000 THEN 86400000 ELSE 0 END
            - w.refilled_since % 86400000) / 1000, 'unixepoch')
        FROM entries_before AS spent JOIN wallets AS w ON w.id = e.wallet_id
        WHERE spent.id = coalesce(e.undoes, (
            SELECT id FROM entries_before WHERE job_id = e.job_id AND kind = 'hold'), e.id)) END,
    e.job_id, e.undoes, e.key, e.actor, e.reason, e.at
FROM entries_before AS e ORDER BY e.id;
-- With foreign keys on, each row that goes is looked for in `undoes`.
CREATE INDEX entries_before_undoes ON entries_before (undoes);
DROP TABLE entries_before;
PRAGMA legacy_alter_table = OFF;

CREATE UNIQUE INDEX entries_one_hold_per_job ON entries (job_id) WHERE kind = 'hold';
CREATE UNIQUE INDEX entries_one_ending_per_job ON entries (job_id) WHERE kind IN ('capture', 'release');
CREATE UNIQUE INDEX entries_undone_once ON entries (undoes) WHERE kind = 'undo';
CREATE INDEX entries_refunds_of_a_job ON entries (job_id) WHERE kind = 'refund';
CREATE INDEX entries_by_time ON entries (at);
CREATE INDEX entries_gifts ON entries (wallet_id, at) WHERE kind = 'gift_sent';  -- of a day
CREATE INDEX entries_of_allowances ON entries (wallet_id, allowance_day) WHERE allowance_day IS NOT NULL;

UPDATE wallets SET allowance_day = date((refilled_since + CASE WHEN refilled_since % 86400000 >= 36000000 THEN 86400000 ELSE 0 END
        - refilled_since % 86400000) / 1000, 'unixepoch') WHERE refilled_since > 0;
UPDATE wallets SET allowance_week = date(allowance_day, '-6 days', 'weekday 1'),
    allowance_month = date(allowance_day, 'start of month') WHERE refilled_since > 0;
UPDATE wallets SET
    day_spent = (SELECT coalesce(sum(allowance_held_delta - allowance_delta), 0) FROM entries
        WHERE wallet_id = wallets.id AND allowance_day >= wallets.allowance_day),
    week_spent = (SELECT coalesce(sum(allowance_held_delta - allowance_delta), 0) FROM entries
        WHERE wallet_id = wallets.id AND allowance_day >= wallets.allowance_week),
    month_spent = (SELECT coalesce(sum(allowance_held_delta - allowance_delta), 0) FROM entries
        WHERE wallet_id = wallets.id AND allowance_day >= wallets.allowance_month)
WHERE refilled_since > 0;
UPDATE wallets SET charged = (SELECT coalesce(sum(allowance_delta - posted_delta), 0) FROM entries
    WHERE wallet_id = wallets.id AND kind IN ('capture', 'refund'));
-- The role by whose rule a wallet was filled last, where the server still has that rule.
UPDATE wallets SET (allowance_role, allowance_until) = (
    SELECT CAST(rule.key AS INTEGER), date(wallets.allowance_day, CASE json_extract(rule.value, '$.every')
        WHEN 'day' THEN '+1 day' WHEN 'week' THEN '+7 days' ELSE '+1 month' END)
    FROM policies JOIN json_each(policies.body, '$.allowances') AS rule
    JOIN (SELECT reason, allowance_after - allowance_held_after AS filled FROM entries
          WHERE wallet_id = wallets.id AND kind = 'refill' ORDER BY seq DESC LIMIT 1) AS last
    WHERE policies.guild_id = wallets.guild_id AND last.filled = json_extract(rule.value, '$.amount')
        AND last.reason = 'Allowance for the ' || json_extract(rule.value, '$.every') ORDER BY rule.key LIMIT 1)
WHERE allowance > allowance_held AND guild_id IN (SELECT guild_id FROM policies WHERE body LIKE '%allowances%');
UPDATE wallets SET allowance_until = '' WHERE allowance_until IS NULL;
-- Its midnight becomes the end of its day.
UPDATE wallets SET refilled_since = refilled_since + 86400000 WHERE refilled_since > 0;
ALTER TABLE wallets RENAME COLUMN refilled_since TO allowance_day_ends_at;

CREATE TRIGGER entries_follow_the_wallet BEFORE INSERT ON entries BEGIN
    SELECT raise(ABORT, 'entry out of sequence') WHERE NOT EXISTS (
        SELECT 1 FROM wallets WHERE id = NEW.wallet_id AND seq + 1 = NEW.seq
            AND posted + NEW.posted_delta = NEW.posted_after AND held + NEW.held_delta = NEW.held_after
            AND allowance + NEW.allowance_delta = NEW.allowance_after
            AND allowance_held + NEW.allowance_held_delta = NEW.allowance_held_after
            -- What is spent of an allowance is spent on the wallet's day; what is given back goes back to its own day.
            AND (NEW.allowance_day IS NULL OR NEW.kind NOT IN ('hold', 'take') OR NEW.allowance_day = allowance_day));
END;

-- `kind IN (...) AND kind = ...` because SQLite uses a partial index only where its own WHERE is repeated.
CREATE TRIGGER entries_end_a_hold BEFORE INSERT ON entries WHEN NEW.kind IN ('capture', 'release') BEGIN
    SELECT raise(ABORT, 'no such hold') WHERE NOT EXISTS (
        SELECT 1 FROM entries WHERE job_id = NEW.job_id AND kind = 'hold' AND wallet_id = NEW.wallet_id
            AND held_delta = -NEW.held_delta AND allowance_held_delta = -NEW.allowance_held_delta
            AND allowance_day IS NEW.allowance_day);
END;

-- All refunds of a job together, in each bucket, are never more than what was charged from it.
CREATE TRIGGER entries_refund_a_capture BEFORE INSERT ON entries WHEN NEW.kind = 'refund' BEGIN
    SELECT raise(ABORT, 'refund without capture') WHERE NOT EXISTS (
        SELECT 1 FROM entries AS charge, (
            SELECT coalesce(sum(posted_delta), 0) AS posted, coalesce(sum(allowance_delta), 0) AS allowance
            FROM entries WHERE job_id = NEW.job_id AND kind = 'refund') AS earlier
        WHERE charge.job_id = NEW.job_id AND charge.kind IN ('capture', 'release') AND charge.kind = 'capture'
            AND charge.wallet_id = NEW.wallet_id AND coalesce(NEW.allowance_day, charge.allowance_day, '') = coalesce(charge.allowance_day, '')
            AND earlier.allowance + NEW.allowance_delta <= -charge.allowance_delta
            AND earlier.posted - earlier.allowance + NEW.posted_delta - NEW.allowance_delta
                <= -(charge.posted_delta - charge.allowance_delta));
END;

CREATE TRIGGER entries_undo_what_was BEFORE INSERT ON entries WHEN NEW.kind = 'undo' BEGIN
    SELECT raise(ABORT, 'nothing such to undo') WHERE NOT EXISTS (
        SELECT 1 FROM entries WHERE id = NEW.undoes AND wallet_id = NEW.wallet_id AND job_id IS NULL AND kind <> 'undo'
            AND posted_delta = -NEW.posted_delta AND allowance_delta = -NEW.allowance_delta
            AND allowance_day IS NEW.allowance_day);
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
        NEW.allowance_day, NEW.job_id, NEW.undoes, NEW.key, NEW.actor, NEW.at)
    IS NOT (OLD.id, OLD.wallet_id, OLD.seq, OLD.kind, OLD.posted_delta, OLD.held_delta, OLD.allowance_delta,
        OLD.allowance_held_delta, OLD.posted_after, OLD.held_after, OLD.allowance_after, OLD.allowance_held_after,
        OLD.allowance_day, OLD.job_id, OLD.undoes, OLD.key, OLD.actor, OLD.at)
BEGIN
    SELECT raise(ABORT, 'entries are append-only');
END;
CREATE TRIGGER entries_are_never_deleted BEFORE DELETE ON entries BEGIN
    SELECT raise(ABORT, 'entries are append-only');
END;
CREATE TRIGGER spending_is_refunded AFTER INSERT ON entries WHEN NEW.kind = 'refund' BEGIN
    UPDATE spending SET spent = spent - NEW.posted_delta
    WHERE (guild_id, month) IN (SELECT guild_id, month FROM jobs
                                WHERE id = NEW.job_id AND month <> '' AND state = 'delivered');
END;

-- What is spent of an allowance; and what images were paid for with funds.
CREATE TRIGGER entries_count_what_is_spent AFTER INSERT ON entries
WHEN NEW.allowance_day IS NOT NULL OR NEW.kind IN ('capture', 'refund') BEGIN
    UPDATE wallets SET
        day_spent = day_spent + CASE WHEN NEW.allowance_day >= allowance_day
            THEN NEW.allowance_held_delta - NEW.allowance_delta ELSE 0 END,
        week_spent = week_spent + CASE WHEN NEW.allowance_day >= allowance_week
            THEN NEW.allowance_held_delta - NEW.allowance_delta ELSE 0 END,
        month_spent = month_spent + CASE WHEN NEW.allowance_day >= allowance_month
            THEN NEW.allowance_held_delta - NEW.allowance_delta ELSE 0 END,
        charged = charged + CASE WHEN NEW.kind IN ('capture', 'refund')
            THEN NEW.allowance_delta - NEW.posted_delta ELSE 0 END
    WHERE id = NEW.wallet_id;
END;
