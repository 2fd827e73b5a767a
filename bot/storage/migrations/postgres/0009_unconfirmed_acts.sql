-- oldest code: 4
-- Acts with credits whose answer Discord has not confirmed. A row goes when the answer is confirmed; one that stays is
-- asked about when the same act comes within ten minutes. Old rows are deleted by retention.
CREATE TABLE unconfirmed_acts (
    id         TEXT   COLLATE "C" PRIMARY KEY,  -- the interaction that did it
    guild_id   BIGINT  NOT NULL,
    actor_id   BIGINT  NOT NULL,
    what       TEXT   COLLATE "C" NOT NULL,     -- SHA-256 of the kind, the member, the amount and the words
    number     BIGINT  NOT NULL,     -- of the entry or code
    code       TEXT   COLLATE "C",              -- the text of a code that was never shown
    at         BIGINT  NOT NULL,     -- Unix time, milliseconds
    asked_from BIGINT  NOT NULL      -- before, its answer is still on its way
);
CREATE INDEX unconfirmed_acts_same ON unconfirmed_acts (actor_id, what);
