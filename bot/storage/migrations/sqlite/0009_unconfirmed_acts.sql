-- oldest code: 4
-- Acts with credits whose answer Discord has not confirmed. A row goes when the answer is confirmed; one that stays is
-- asked about when the same act comes within ten minutes. Old rows are deleted by retention.
CREATE TABLE unconfirmed_acts (
    id         TEXT    PRIMARY KEY,  -- the interaction that did it
    guild_id   INTEGER NOT NULL,
    actor_id   INTEGER NOT NULL,
    what       TEXT    NOT NULL,     -- SHA-256 of the kind, the member, the amount and the words
    number     INTEGER NOT NULL,     -- of the entry or code
    code       TEXT   ,              -- the text of a code that was never shown
    at         INTEGER NOT NULL,     -- Unix time, milliseconds
    asked_from INTEGER NOT NULL      -- before, its answer is still on its way
) STRICT;
CREATE INDEX unconfirmed_acts_same ON unconfirmed_acts (actor_id, what);
