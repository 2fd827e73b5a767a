-- oldest code: 4
-- What a credit manager has given today is summed without reading the other entries.
CREATE INDEX entries_given ON entries (actor, at) WHERE kind IN ('grant', 'refund');

-- The wallet that a member has chosen for what the member buys next. Old rows say nothing any more.
CREATE TABLE purchase_wallets (
    member_id BIGINT  PRIMARY KEY,
    guild_id  BIGINT  NOT NULL,     -- 0 for the wallet of no server
    at        BIGINT  NOT NULL      -- Unix time, milliseconds
);
