-- Allowances by rate: an entry says on which day it spends of an allowance, a wallet has the sums of its present day,
-- week and month, and what lapses is an entry of its own. And of the starting credits: what a wallet has paid of its
-- funds, and whether it has got them.

ALTER TABLE wallets
    ADD COLUMN allowance_day TEXT COLLATE "C" NOT NULL DEFAULT '',    -- the day it spends on, such as 2026-12-01
    ADD COLUMN allowance_week TEXT COLLATE "C" NOT NULL DEFAULT '',   -- the first day of that day's week
    ADD COLUMN allowance_month TEXT COLLATE "C" NOT NULL DEFAULT '',  -- and of its month
    ADD COLUMN allowance_role BIGINT,                                 -- whose rule was in force last
    ADD COLUMN allowance_until TEXT COLLATE "C" NOT NULL DEFAULT '',  -- the first day after that rule's period
    -- What of allowances was spent or put on hold from that day, week and month on, and was not given back.
    ADD COLUMN day_spent BIGINT NOT NULL DEFAULT 0
        CONSTRAINT wallet_day_spent_is_never_negative CHECK (day_spent >= 0),
    ADD COLUMN week_spent BIGINT NOT NULL DEFAULT 0
        CONSTRAINT wallet_week_spent_is_never_negative CHECK (week_spent >= 0),
    ADD COLUMN month_spent BIGINT NOT NULL DEFAULT 0
        CONSTRAINT wallet_month_spent_is_never_negative CHECK (month_spent >= 0),
    ADD COLUMN charged BIGINT NOT NULL DEFAULT 0                      -- of funds, for images, less refunds
        CONSTRAINT wallet_charged_is_never_negative CHECK (charged >= 0),
    ADD COLUMN welcomed BIGINT NOT NULL DEFAULT 1 CHECK (welcomed IN (0, 1));  -- starting credits

ALTER TABLE entries ADD COLUMN allowance_day TEXT COLLATE "C";  -- on which what it moves of an allowance is spent
DROP TRIGGER entries_are_never_changed ON entries;
-- A day of before is named by the midnight when the wallet was last filled, which was one where its server is. The last
-- two hours before noon may be one of east or west; they are taken for east, which counts rather a day more.
UPDATE entries SET allowance_day = to_char(to_timestamp((spent.at
        + CASE WHEN w.refilled_since % 86400000 >= 36000000 THEN 86400000 ELSE 0 END
        - w.refilled_since % 86400000) / 1000) AT TIME ZONE 'UTC', 'YYYY-MM-DD')
FROM wallets AS w, entries AS spent
WHERE w.id = entries.wallet_id AND entries.kind <> 'refill'
    AND (entries.allowance_delta <> 0 OR entries.allowance_held_delta <> 0)
    AND spent.id = coalesce(entries.undoes, (
        SELECT id FROM entries AS hold WHERE hold.job_id = entries.job_id AND hold.kind = 'hold'), entries.id);
CREATE TRIGGER entries_are_never_changed BEFORE UPDATE ON entries FOR EACH ROW
WHEN (NEW.reason <> '(erased)'
    OR (NEW.id, NEW.wallet_id, NEW.seq, NEW.kind, NEW.posted_delta, NEW.held_delta, NEW.allowance_delta,
        NEW.allowance_held_delta, NEW.posted_after, NEW.held_after, NEW.allowance_after, NEW.allowance_held_after,
        NEW.allowance_day, NEW.job_id, NEW.undoes, NEW.key, NEW.actor, NEW.at)
    IS DISTINCT FROM
       (OLD.id, OLD.wallet_id, OLD.seq, OLD.kind, OLD.posted_delta, OLD.held_delta, OLD.allowance_delta,
        OLD.allowance_held_delta, OLD.posted_after, OLD.held_after, OLD.allowance_after, OLD.allowance_held_after,
        OLD.allowance_day, OLD.job_id, OLD.undoes, OLD.key, OLD.actor, OLD.at))
EXECUTE FUNCTION refuse('entries are append-only');

ALTER TABLE entries DROP CONSTRAINT entry_kind_moves_what_it_says;
ALTER TABLE entries ADD CONSTRAINT entry_kind_moves_what_it_says CHECK (
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
    ),
    ADD CONSTRAINT entry_spends_an_allowance_on_a_day CHECK (
        (allowance_day IS NOT NULL) = (kind NOT IN ('refill', 'lapse')
            AND (allowance_delta <> 0 OR allowance_held_delta <> 0)));
CREATE INDEX entries_of_allowances ON entries (wallet_id, allowance_day) WHERE allowance_day IS NOT NULL;

UPDATE wallets AS w SET allowance_day = to_char(to_timestamp((w.refilled_since
        + CASE WHEN w.refilled_since % 86400000 >= 36000000 THEN 86400000 ELSE 0 END
        - w.refilled_since % 86400000) / 1000) AT TIME ZONE 'UTC', 'YYYY-MM-DD') WHERE refilled_since > 0;
UPDATE wallets SET allowance_week = to_char(date_trunc('week', allowance_day::date), 'YYYY-MM-DD'),
    allowance_month = substr(allowance_day, 1, 7) || '-01' WHERE refilled_since > 0;
UPDATE wallets SET
    day_spent = (SELECT coalesce(sum(allowance_held_delta - allowance_delta), 0) FROM entries
        WHERE wallet_id = wallets.id AND entries.allowance_day >= wallets.allowance_day),
    week_spent = (SELECT coalesce(sum(allowance_held_delta - allowance_delta), 0) FROM entries
        WHERE wallet_id = wallets.id AND entries.allowance_day >= wallets.allowance_week),
    month_spent = (SELECT coalesce(sum(allowance_held_delta - allowance_delta), 0) FROM entries
        WHERE wallet_id = wallets.id AND entries.allowance_day >= wallets.allowance_month)
WHERE refilled_since > 0;
UPDATE wallets SET charged = spent.funds FROM (
    SELECT wallet_id, sum(allowance_delta - posted_delta) AS funds FROM entries
    WHERE kind IN ('capture', 'refund') GROUP BY wallet_id) AS spent
WHERE spent.wallet_id = wallets.id;
-- The role by whose rule a wallet was filled last, where the server still has that rule.
UPDATE wallets AS w SET (allowance_role, allowance_until) = (
    SELECT rule.key::bigint, to_char(w.allowance_day::date + CASE rule.value ->> 'every'
        WHEN 'day' THEN interval '1 day' WHEN 'week' THEN interval '7 days' ELSE interval '1 month' END, 'YYYY-MM-DD')
    FROM policies CROSS JOIN LATERAL jsonb_each(policies.body::jsonb -> 'allowances') AS rule
    CROSS JOIN LATERAL (
        SELECT reason, allowance_after - allowance_held_after AS filled FROM entries
        WHERE wallet_id = w.id AND kind = 'refill' ORDER BY seq DESC LIMIT 1) AS last
    WHERE policies.guild_id = w.guild_id AND last.filled = (rule.value ->> 'amount')::bigint
        AND last.reason = 'Allowance for the ' || (rule.value ->> 'every') ORDER BY rule.key LIMIT 1)
WHERE EXISTS (
    SELECT 1 FROM policies CROSS JOIN LATERAL jsonb_each(policies.body::jsonb -> 'allowances') AS rule
    CROSS JOIN LATERAL (
        SELECT reason, allowance_after - allowance_held_after AS filled FROM entries
        WHERE wallet_id = w.id AND kind = 'refill' ORDER BY seq DESC LIMIT 1) AS last
    WHERE policies.guild_id = w.guild_id AND w.allowance > w.allowance_held
        AND last.filled = (rule.value ->> 'amount')::bigint
        AND last.reason = 'Allowance for the ' || (rule.value ->> 'every'));
-- Its midnight becomes the end of its day.
UPDATE wallets SET refilled_since = refilled_since + 86400000 WHERE refilled_since > 0;
ALTER TABLE wallets RENAME COLUMN refilled_since TO allowance_day_ends_at;

DROP TRIGGER entries_follow_the_rules ON entries;
DROP FUNCTION entry_follows_the_rules();
CREATE FUNCTION entry_follows_the_rules() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    broken TEXT;
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM wallets WHERE id = NEW.wallet_id AND seq + 1 = NEW.seq
            AND posted + NEW.posted_delta = NEW.posted_after AND held + NEW.held_delta = NEW.held_after
            AND allowance + NEW.allowance_delta = NEW.allowance_after
            AND allowance_held + NEW.allowance_held_delta = NEW.allowance_held_after
            -- What is spent of an allowance is spent on the wallet's day; what is given back goes back to its own day.
            AND (NEW.allowance_day IS NULL OR NEW.kind NOT IN ('hold', 'take')
                OR NEW.allowance_day = allowance_day)) THEN
        broken := 'entry out of sequence';
    ELSIF NEW.kind IN ('capture', 'release') AND NOT EXISTS (
        SELECT 1 FROM entries WHERE job_id = NEW.job_id AND kind = 'hold' AND wallet_id = NEW.wallet_id
            AND held_delta = -NEW.held_delta AND allowance_held_delta = -NEW.allowance_held_delta
            AND allowance_day IS NOT DISTINCT FROM NEW.allowance_day) THEN
        broken := 'no such hold';
    -- All refunds of a job together, in each bucket, are never more than what was charged from it.
    ELSIF NEW.kind = 'refund' AND NOT EXISTS (
        SELECT 1 FROM entries AS charge, (
            SELECT coalesce(sum(posted_delta), 0) AS posted, coalesce(sum(allowance_delta), 0) AS allowance
            FROM entries WHERE job_id = NEW.job_id AND kind = 'refund') AS earlier
        WHERE charge.job_id = NEW.job_id AND charge.kind IN ('capture', 'release') AND charge.kind = 'capture'
            AND charge.wallet_id = NEW.wallet_id
            AND coalesce(NEW.allowance_day, charge.allowance_day, '') = coalesce(charge.allowance_day, '')
            AND earlier.allowance + NEW.allowance_delta <= -charge.allowance_delta
            AND earlier.posted - earlier.allowance + NEW.posted_delta - NEW.allowance_delta
                <= -(charge.posted_delta - charge.allowance_delta)) THEN
        broken := 'refund without capture';
    ELSIF NEW.kind = 'undo' AND NOT EXISTS (
        SELECT 1 FROM entries WHERE id = NEW.undoes AND wallet_id = NEW.wallet_id AND job_id IS NULL AND kind <> 'undo'
            AND posted_delta = -NEW.posted_delta AND allowance_delta = -NEW.allowance_delta
            AND allowance_day IS NOT DISTINCT FROM NEW.allowance_day) THEN
        broken := 'nothing such to undo';
    END IF;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION '%', broken USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER entries_follow_the_rules BEFORE INSERT ON entries
    FOR EACH ROW EXECUTE FUNCTION entry_follows_the_rules();

-- What is spent of an allowance; and what images were paid for with funds.
CREATE FUNCTION entry_counts_what_is_spent() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moved BIGINT := NEW.allowance_held_delta - NEW.allowance_delta;
BEGIN
    UPDATE wallets SET
        day_spent = day_spent + CASE WHEN NEW.allowance_day >= allowance_day THEN moved ELSE 0 END,
        week_spent = week_spent + CASE WHEN NEW.allowance_day >= allowance_week THEN moved ELSE 0 END,
        month_spent = month_spent + CASE WHEN NEW.allowance_day >= allowance_month THEN moved ELSE 0 END,
        charged = charged + CASE WHEN NEW.kind IN ('capture', 'refund')
            THEN NEW.allowance_delta - NEW.posted_delta ELSE 0 END
    WHERE id = NEW.wallet_id;
    RETURN NULL;
END $$;
CREATE TRIGGER entries_count_what_is_spent AFTER INSERT ON entries FOR EACH ROW
    WHEN (NEW.allowance_day IS NOT NULL OR NEW.kind IN ('capture', 'refund'))
    EXECUTE FUNCTION entry_counts_what_is_spent();
