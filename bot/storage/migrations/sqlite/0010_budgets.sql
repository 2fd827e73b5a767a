-- Budgets count what was bought: a server's, in credits, with shares of its channels; and the operator's, in dollars.

ALTER TABLE jobs ADD COLUMN home_channel INTEGER;                       -- whose share it counts to: of a thread, its channel
ALTER TABLE jobs ADD COLUMN list_micros INTEGER NOT NULL DEFAULT 0      -- list price, US$ 0.000001; 0: of before
    CHECK (list_micros >= 0);
ALTER TABLE jobs ADD COLUMN stranger INTEGER NOT NULL DEFAULT 0         -- counts to what unknown servers share
    CHECK (stranger IN (0, 1));

-- Of a month in the server's calendar: credits on hold or spent from one channel.
CREATE TABLE channel_spending (
    guild_id   INTEGER NOT NULL,
    month      TEXT    NOT NULL,
    channel_id INTEGER NOT NULL,
    credits    INTEGER NOT NULL DEFAULT 0 CHECK (credits >= 0),
    PRIMARY KEY (guild_id, month, channel_id)
) STRICT;
ALTER TABLE spending ADD COLUMN untold INTEGER NOT NULL DEFAULT 0       -- the last alert reached no person
    CHECK (untold IN (0, 1));

-- The operator's money, by UTC. A server's month is one row. A day is some rows, so that no order waits for all others.
CREATE TABLE server_costs (
    guild_id INTEGER NOT NULL,
    month    TEXT    NOT NULL,                -- such as 2026-12
    micros   INTEGER NOT NULL DEFAULT 0,      -- list prices, and real costs where they are known
    bought   INTEGER NOT NULL DEFAULT 0,      -- credits that members bought on Discord, less what Discord refunded
    PRIMARY KEY (guild_id, month)
) STRICT;
CREATE TABLE day_costs (
    day             INTEGER NOT NULL,         -- since 1970-01-01
    shard           INTEGER NOT NULL CHECK (shard BETWEEN 0 AND 7),
    micros          INTEGER NOT NULL DEFAULT 0,
    stranger_micros INTEGER NOT NULL DEFAULT 0,  -- of micros
    PRIMARY KEY (day, shard)
) STRICT;
CREATE TABLE server_budgets (                 -- one server's own, in place of what the settings say for all
    guild_id INTEGER PRIMARY KEY,
    micros   INTEGER CHECK (micros >= 0)      -- a month; NULL: none
) STRICT;
CREATE TABLE installation (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
INSERT INTO installation SELECT 'before_budgets', '1' WHERE EXISTS (SELECT 1 FROM jobs);  -- see OperatorBudgets

-- Certainly nothing was bought: it was never sent, or the supplier has refused it at once. Anything else counts.
DROP TRIGGER spending_begins;
DROP TRIGGER spending_ends;
DROP TRIGGER spending_is_refunded;
CREATE TRIGGER budgets_reserve AFTER INSERT ON jobs BEGIN
    INSERT INTO day_costs (day, shard, micros, stranger_micros)
    SELECT NEW.created_at / 86400000, (NEW.member_id >> 22) % 8, NEW.list_micros, NEW.list_micros * NEW.stranger
    WHERE NEW.list_micros > 0
    ON CONFLICT (day, shard) DO UPDATE SET
        micros = micros + excluded.micros, stranger_micros = stranger_micros + excluded.stranger_micros;
    INSERT INTO server_costs (guild_id, month, micros)
    SELECT NEW.guild_id, strftime('%Y-%m', NEW.created_at / 1000, 'unixepoch'), NEW.list_micros WHERE NEW.list_micros > 0
    ON CONFLICT (guild_id, month) DO UPDATE SET micros = micros + excluded.micros;
    INSERT INTO spending (guild_id, month, held) SELECT NEW.guild_id, NEW.month, NEW.cost WHERE NEW.month <> ''
    ON CONFLICT (guild_id, month) DO UPDATE SET held = held + excluded.held;
    INSERT INTO channel_spending (guild_id, month, channel_id, credits)
    SELECT NEW.guild_id, NEW.month, coalesce(NEW.home_channel, NEW.channel_id), NEW.cost WHERE NEW.month <> ''
    ON CONFLICT (guild_id, month, channel_id) DO UPDATE SET credits = credits + excluded.credits;
END;
CREATE TRIGGER budgets_are_corrected AFTER UPDATE OF price_micros ON jobs
WHEN NEW.list_micros > 0 AND NEW.price_micros IS NOT OLD.price_micros BEGIN
    UPDATE day_costs SET
        micros = micros + coalesce(NEW.price_micros, NEW.list_micros) - coalesce(OLD.price_micros, NEW.list_micros),
        stranger_micros = stranger_micros + NEW.stranger
            * (coalesce(NEW.price_micros, NEW.list_micros) - coalesce(OLD.price_micros, NEW.list_micros))
    WHERE day = NEW.created_at / 86400000 AND shard = (NEW.member_id >> 22) % 8;
    UPDATE server_costs SET
        micros = micros + coalesce(NEW.price_micros, NEW.list_micros) - coalesce(OLD.price_micros, NEW.list_micros)
    WHERE guild_id = NEW.guild_id AND month = strftime('%Y-%m', NEW.created_at / 1000, 'unixepoch');
END;
CREATE TRIGGER budgets_count_what_was_bought AFTER UPDATE OF state ON jobs
WHEN NEW.month <> '' AND (NEW.state = 'submitting' OR NEW.state = 'held') BEGIN
    UPDATE spending SET
        held = held + CASE NEW.state WHEN 'held' THEN NEW.cost ELSE -NEW.cost END,
        spent = spent + CASE NEW.state WHEN 'held' THEN -NEW.cost ELSE NEW.cost END
    WHERE guild_id = NEW.guild_id AND month = NEW.month;
END;
CREATE TRIGGER budgets_give_back AFTER UPDATE OF state ON jobs
WHEN NEW.state = 'released' AND NEW.prediction_id IS NULL AND (NEW.submitted_at IS NULL
    OR NEW.release_reason IN ('rejected', 'closed', 'content_refused', 'unreachable'))
BEGIN
    UPDATE day_costs SET
        micros = micros - NEW.list_micros, stranger_micros = stranger_micros - NEW.list_micros * NEW.stranger
    WHERE NEW.list_micros > 0 AND day = NEW.created_at / 86400000 AND shard = (NEW.member_id >> 22) % 8;
    UPDATE server_costs SET micros = micros - NEW.list_micros
    WHERE NEW.list_micros > 0 AND guild_id = NEW.guild_id
        AND month = strftime('%Y-%m', NEW.created_at / 1000, 'unixepoch');
    UPDATE spending SET
        held = held - CASE OLD.state WHEN 'held' THEN NEW.cost ELSE 0 END,
        spent = spent - CASE OLD.state WHEN 'held' THEN 0 ELSE NEW.cost END
    WHERE guild_id = NEW.guild_id AND month = NEW.month;
    UPDATE channel_spending SET credits = credits - NEW.cost
    WHERE guild_id = NEW.guild_id AND month = NEW.month AND channel_id = coalesce(NEW.home_channel, NEW.channel_id);
END;
CREATE TRIGGER budgets_grow_by_what_is_bought AFTER INSERT ON entries
WHEN NEW.kind IN ('purchase', 'purchase_refund') BEGIN
    INSERT INTO server_costs (guild_id, month, bought)
    SELECT guild_id, strftime('%Y-%m', NEW.at / 1000, 'unixepoch'), NEW.posted_delta FROM wallets WHERE id = NEW.wallet_id
    ON CONFLICT (guild_id, month) DO UPDATE SET bought = bought + excluded.bought;
END;

-- What the jobs of before count for. What they cost the operator is not counted: no list price was written down.
CREATE TEMP TABLE counted AS
SELECT guild_id, month, channel_id, sum(CASE WHEN state = 'held' THEN cost ELSE 0 END) AS held, sum(CASE
    WHEN state = 'held' OR (state = 'released' AND prediction_id IS NULL AND (submitted_at IS NULL
        OR release_reason IN ('rejected', 'closed', 'content_refused', 'unreachable'))) THEN 0 ELSE cost END) AS spent
FROM jobs WHERE month <> '' GROUP BY guild_id, month, channel_id;
INSERT INTO channel_spending SELECT guild_id, month, channel_id, held + spent FROM counted;
UPDATE spending SET (held, spent) = (
    SELECT coalesce(sum(held), 0), coalesce(sum(spent), 0) FROM counted
    WHERE counted.guild_id = spending.guild_id AND counted.month = spending.month);
DROP TABLE counted;
INSERT INTO server_costs (guild_id, month, bought)
SELECT w.guild_id, strftime('%Y-%m', e.at / 1000, 'unixepoch'), sum(e.posted_delta)
FROM entries e JOIN wallets w ON w.id = e.wallet_id WHERE e.kind IN ('purchase', 'purchase_refund') GROUP BY 1, 2;
