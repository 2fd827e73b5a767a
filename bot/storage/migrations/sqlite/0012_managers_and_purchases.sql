-- oldest code: 4
-- What a credit manager has given today is summed without reading the other entries.
CREATE INDEX entries_given ON entries (actor, at) WHERE kind IN ('grant', 'refund');

-- The wallet that a member has chosen for what the member buys next. Old rows say nothing any more.
CREATE TABLE purchase_wallets (
    member_id INTEGER PRIMARY KEY,
    guild_id  INTEGER NOT NULL,     -- 0 for the wallet of no server
    at        INTEGER NOT NULL      -- Unix time, milliseconds
) STRICT;
