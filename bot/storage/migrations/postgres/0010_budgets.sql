-- Budgets count what was bought: a server's, in credits, with shares of its channels; and the operator's, in dollars.

ALTER TABLE jobs ADD COLUMN home_channel BIGINT;                        -- whose share it counts to: of a thread, its channel
ALTER TABLE jobs ADD COLUMN list_micros BIGINT NOT NULL DEFAULT 0       -- list price, US$ 0.000001; 0: of before
    CHECK (list_micros >= 0);
ALTER TABLE jobs ADD COLUMN stranger BIGINT NOT NULL DEFAULT 0          -- counts to what unknown servers share
    CHECK (stranger IN (0, 1));

-- Of a month in the server's calendar: credits on hold or spent from one channel.
CREATE TABLE channel_spending (
    guild_id   BIGINT NOT NULL,
    month      TEXT   COLLATE "C" NOT NULL,
    channel_id BIGINT NOT NULL,
    credits    BIGINT NOT NULL DEFAULT 0 CHECK (credits >= 0),
    PRIMARY KEY (guild_id, month, channel_id)
);
ALTER TABLE spending ADD COLUMN untold BIGINT NOT NULL DEFAULT 0        -- the last alert reached no person
    CHECK (untold IN (0, 1));

-- The operator's money, by UTC. A server's month is one row. A day is some rows, so that no order waits for all others.
CREATE TABLE server_costs (
    guild_id BIGINT NOT NULL,
    month    TEXT   COLLATE "C" NOT NULL,     -- such as 2026-12
    micros   BIGINT NOT NULL DEFAULT 0,       -- list prices, and real costs where they are known
    bought   BIGINT NOT NULL DEFAULT 0,       -- credits that members bought on Discord, less what Discord refunded
    PRIMARY KEY (guild_id, month)
);
CREATE TABLE day_costs (
    day             BIGINT NOT NULL,          -- since 1970-01-01
    shard           BIGINT NOT NULL CHECK (shard BETWEEN 0 AND 7),
    micros          BIGINT NOT NULL DEFAULT 0,
    stranger_micros BIGINT NOT NULL DEFAULT 0,  -- of micros
    PRIMARY KEY (day, shard)
);
CREATE TABLE server_budgets (                 -- one server's own, in place of what the settings say for all
    guild_id BIGINT PRIMARY KEY,
    micros   BIGINT CHECK (micros >= 0)       -- a month; NULL: none
);
CREATE TABLE installation (
    name  TEXT COLLATE "C" PRIMARY KEY,
    value TEXT COLLATE "C" NOT NULL
);
INSERT INTO installation SELECT 'before_budgets', '1' WHERE EXISTS (SELECT 1 FROM jobs);  -- see OperatorBudgets

DROP TRIGGER entries_move_the_wallet ON entries;
DROP FUNCTION entry_moves_the_wallet();
CREATE FUNCTION entry_moves_the_wallet() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE wallets SET posted = NEW.posted_after, held = NEW.held_after, seq = NEW.seq,
        allowance = NEW.allowance_after, allowance_held = NEW.allowance_held_after WHERE id = NEW.wallet_id;
    RETURN NULL;
END $$;
CREATE TRIGGER entries_move_the_wallet AFTER INSERT ON entries FOR EACH ROW EXECUTE FUNCTION entry_moves_the_wallet();
DROP TRIGGER jobs_note_the_beginning ON jobs;
DROP FUNCTION job_begins();
CREATE FUNCTION job_begins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO job_steps (job_id, state, epoch, at) VALUES (NEW.id, NEW.state, NEW.lease_epoch, NEW.created_at);
    RETURN NULL;
END $$;
CREATE TRIGGER jobs_note_the_beginning AFTER INSERT ON jobs FOR EACH ROW EXECUTE FUNCTION job_begins();
DROP TRIGGER jobs_note_each_step ON jobs;
DROP FUNCTION job_steps_on();
CREATE FUNCTION job_steps_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO job_steps (job_id, state, epoch, at) VALUES (NEW.id, NEW.state, NEW.lease_epoch, NEW.updated_at);
    RETURN NULL;
END $$;
CREATE TRIGGER jobs_note_each_step AFTER UPDATE OF state ON jobs FOR EACH ROW EXECUTE FUNCTION job_steps_on();

-- SQLite's own, as far as statements of ours use it: for a month of UTC.
CREATE FUNCTION strftime(format TEXT, seconds BIGINT, modifier TEXT) RETURNS TEXT LANGUAGE sql IMMUTABLE AS $$
    SELECT to_char(to_timestamp(seconds) AT TIME ZONE 'UTC', 'YYYY-MM')
$$;

-- Certainly nothing was bought: it was never sent, or the supplier has refused it at once. Anything else counts.
-- Every transaction locks the rows of costs and budgets in the order of these functions, after all others.
CREATE FUNCTION job_reserves_budgets() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.list_micros > 0 THEN
        INSERT INTO day_costs (day, shard, micros, stranger_micros)
        VALUES (NEW.created_at / 86400000, (NEW.member_id >> 22) % 8, NEW.list_micros, NEW.list_micros * NEW.stranger)
        ON CONFLICT (day, shard) DO UPDATE SET micros = day_costs.micros + excluded.micros,
            stranger_micros = day_costs.stranger_micros + excluded.stranger_micros;
        INSERT INTO server_costs (guild_id, month, micros)
        VALUES (NEW.guild_id, strftime('%Y-%m', NEW.created_at / 1000, 'unixepoch'), NEW.list_micros)
        ON CONFLICT (guild_id, month) DO UPDATE SET micros = server_costs.micros + excluded.micros;
    END IF;
    IF NEW.month <> '' THEN
        INSERT INTO spending (guild_id, month, held) VALUES (NEW.guild_id, NEW.month, NEW.cost)
        ON CONFLICT (guild_id, month) DO UPDATE SET held = spending.held + excluded.held;
        INSERT INTO channel_spending (guild_id, month, channel_id, credits)
        VALUES (NEW.guild_id, NEW.month, coalesce(NEW.home_channel, NEW.channel_id), NEW.cost)
        ON CONFLICT (guild_id, month, channel_id) DO UPDATE SET credits = channel_spending.credits + excluded.credits;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER budgets_reserve AFTER INSERT ON jobs FOR EACH ROW EXECUTE FUNCTION job_reserves_budgets();

CREATE FUNCTION job_corrects_budgets() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    more BIGINT := coalesce(NEW.price_micros, NEW.list_micros) - coalesce(OLD.price_micros, NEW.list_micros);
BEGIN
    UPDATE day_costs SET micros = micros + more, stranger_micros = stranger_micros + more * NEW.stranger
    WHERE day = NEW.created_at / 86400000 AND shard = (NEW.member_id >> 22) % 8;
    UPDATE server_costs SET micros = micros + more
    WHERE guild_id = NEW.guild_id AND month = strftime('%Y-%m', NEW.created_at / 1000, 'unixepoch');
    RETURN NULL;
END $$;
CREATE TRIGGER budgets_are_corrected AFTER UPDATE OF price_micros ON jobs FOR EACH ROW
    WHEN (NEW.list_micros > 0 AND NEW.price_micros IS DISTINCT FROM OLD.price_micros)
    EXECUTE FUNCTION job_corrects_budgets();

CREATE FUNCTION job_was_sent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE spending SET
        held = held + CASE NEW.state WHEN 'held' THEN NEW.cost ELSE -NEW.cost END,
        spent = spent + CASE NEW.state WHEN 'held' THEN -NEW.cost ELSE NEW.cost END
    WHERE guild_id = NEW.guild_id AND month = NEW.month;
    RETURN NULL;
END $$;
CREATE TRIGGER budgets_count_what_was_bought AFTER UPDATE OF state ON jobs FOR EACH ROW
    WHEN (NEW.month <> '' AND (NEW.state = 'submitting' OR NEW.state = 'held')) EXECUTE FUNCTION job_was_sent();

CREATE FUNCTION job_bought_nothing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.list_micros > 0 THEN
        UPDATE day_costs SET
            micros = micros - NEW.list_micros, stranger_micros = stranger_micros - NEW.list_micros * NEW.stranger
        WHERE day = NEW.created_at / 86400000 AND shard = (NEW.member_id >> 22) % 8;
        UPDATE server_costs SET micros = micros - NEW.list_micros
        WHERE guild_id = NEW.guild_id AND month = strftime('%Y-%m', NEW.created_at / 1000, 'unixepoch');
    END IF;
    UPDATE spending SET
        held = held - CASE OLD.state WHEN 'held' THEN NEW.cost ELSE 0 END,
        spent = spent - CASE OLD.state WHEN 'held' THEN 0 ELSE NEW.cost END
    WHERE guild_id = NEW.guild_id AND month = NEW.month;
    UPDATE channel_spending SET credits = credits - NEW.cost
    WHERE guild_id = NEW.guild_id AND month = NEW.month AND channel_id = coalesce(NEW.home_channel, NEW.channel_id);
    RETURN NULL;
END $$;
CREATE TRIGGER budgets_give_back AFTER UPDATE OF state ON jobs FOR EACH ROW
    WHEN (NEW.state = 'released' AND NEW.prediction_id IS NULL AND (NEW.submitted_at IS NULL
        OR NEW.release_reason IN ('rejected', 'closed', 'content_refused', 'unreachable')))
    EXECUTE FUNCTION job_bought_nothing();

CREATE FUNCTION entry_grows_budgets() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO server_costs (guild_id, month, bought)
    SELECT guild_id, strftime('%Y-%m', NEW.at / 1000, 'unixepoch'), NEW.posted_delta FROM wallets WHERE id = NEW.wallet_id
    ON CONFLICT (guild_id, month) DO UPDATE SET bought = server_costs.bought + excluded.bought;
    RETURN NULL;
END $$;
CREATE TRIGGER budgets_grow_by_what_is_bought AFTER INSERT ON entries FOR EACH ROW
    WHEN (NEW.kind IN ('purchase', 'purchase_refund')) EXECUTE FUNCTION entry_grows_budgets();

-- What the jobs of before count for. What they cost the operator is not counted: no list price was written down.
CREATE TEMP TABLE counted ON COMMIT DROP AS
SELECT guild_id, month, channel_id, sum(CASE WHEN state = 'held' THEN cost ELSE 0 END) AS held, sum(CASE
    WHEN state = 'held' OR (state = 'released' AND prediction_id IS NULL AND (submitted_at IS NULL
        OR release_reason IN ('rejected', 'closed', 'content_refused', 'unreachable'))) THEN 0 ELSE cost END) AS spent
FROM jobs WHERE month <> '' GROUP BY guild_id, month, channel_id;
INSERT INTO channel_spending SELECT guild_id, month, channel_id, held + spent FROM counted;
UPDATE spending SET (held, spent) = (
    SELECT coalesce(sum(counted.held), 0), coalesce(sum(counted.spent), 0) FROM counted
    WHERE counted.guild_id = spending.guild_id AND counted.month = spending.month);
INSERT INTO server_costs (guild_id, month, bought)
SELECT w.guild_id, strftime('%Y-%m', e.at / 1000, 'unixepoch'), sum(e.posted_delta)
FROM entries e JOIN wallets w ON w.id = e.wallet_id WHERE e.kind IN ('purchase', 'purchase_refund') GROUP BY 1, 2;
