-- What leads on from an image: its language and looks, references kept in a tray, orders not yet paid for, templates,
-- favourites, what people prefer, and what a server has set. And what history is searched by.

ALTER TABLE jobs ADD COLUMN locale TEXT NOT NULL DEFAULT 'en-US';      -- of whoever ordered it, as Discord says it
ALTER TABLE jobs ADD COLUMN spoiler INTEGER NOT NULL DEFAULT 0 CHECK (spoiler IN (0, 1));
ALTER TABLE jobs ADD COLUMN made_from TEXT;                            -- the job whose button led to this one
ALTER TABLE jobs ADD COLUMN width INTEGER;                             -- of the image, in pixels
ALTER TABLE jobs ADD COLUMN height INTEGER;
ALTER TABLE jobs ADD COLUMN refund INTEGER NOT NULL DEFAULT 0          -- of the cost: the image is smaller than paid for
    CONSTRAINT refund_is_less_than_the_cost CHECK (refund >= 0 AND refund < cost);
ALTER TABLE jobs ADD COLUMN prompt TEXT NOT NULL DEFAULT '';           -- as in the recipe
ALTER TABLE jobs ADD COLUMN video TEXT NOT NULL DEFAULT '';            -- id, URL or name, as in the recipe
ALTER TABLE jobs ADD COLUMN deleted_at INTEGER;                        -- the image was taken down, and its file erased
ALTER TABLE jobs ADD COLUMN deleted_by INTEGER;

UPDATE jobs SET prompt = json_extract(recipe, '$.prompt'), video = coalesce(
    json_extract(recipe, '$.clip.video.id'), json_extract(recipe, '$.clip.video.url'),
    json_extract(recipe, '$.clip.video.name'), '');

CREATE TRIGGER jobs_give_back_what_they_owe BEFORE UPDATE OF state ON jobs
WHEN NEW.state = 'delivered' AND NEW.refund > 0 BEGIN
    SELECT raise(ABORT, 'delivered without refund') WHERE NOT EXISTS (
        SELECT 1 FROM entries WHERE job_id = NEW.id AND kind = 'refund' AND posted_delta >= NEW.refund);
END;
CREATE TRIGGER jobs_keep_their_refund BEFORE UPDATE OF refund ON jobs
WHEN NEW.refund <> OLD.refund AND OLD.state <> 'running' BEGIN
    SELECT raise(ABORT, 'what comes back is settled when the image is stored');
END;

ALTER TABLE jobs ADD COLUMN noted INTEGER NOT NULL DEFAULT 0 CHECK (noted IN (0, 1));  -- see jobs_unnoted
CREATE INDEX jobs_by_member ON jobs (member_id, created_at);
CREATE INDEX jobs_by_message ON jobs (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX jobs_by_result ON jobs (result_id) WHERE result_id IS NOT NULL;
-- Images that could not be shown anywhere, and of which their member has not been told.
CREATE INDEX jobs_unnoted ON jobs (member_id) WHERE release_reason = 'undeliverable' AND noted = 0;

-- What somebody looks for in the history, so that pages turn after a restart. Forgotten after a week.
CREATE TABLE searches (
    id      TEXT    PRIMARY KEY,               -- the interaction that asked
    body    TEXT    NOT NULL,                  -- JSON of bot.domain.history.Search
    made_at INTEGER NOT NULL
) STRICT;
CREATE INDEX searches_by_age ON searches (made_at);

-- An order that waits for its member to press Create, or for a file to be looked at. Nothing is held for it.
CREATE TABLE proposals (
    id         TEXT    PRIMARY KEY,            -- the interaction that began it; becomes the job's id
    guild_id   INTEGER NOT NULL,
    member_id  INTEGER NOT NULL,
    channel_id INTEGER NOT NULL,
    body       TEXT    NOT NULL,               -- JSON of bot.domain.proposal.Proposal
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX proposals_by_age ON proposals (updated_at);

-- Reference images that a member has collected, for the next order.
CREATE TABLE tray (
    member_id    INTEGER NOT NULL,
    sha256       TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    content_type TEXT    NOT NULL,
    added_at     INTEGER NOT NULL,
    PRIMARY KEY (member_id, sha256)
) STRICT;

CREATE TABLE preferences (
    member_id    INTEGER PRIMARY KEY,
    quiet_limit  INTEGER,                      -- from this price on, ask before paying; NULL: the operator's default
    open_buttons INTEGER NOT NULL DEFAULT 0 CHECK (open_buttons IN (0, 1)),  -- others may press what is under my images
    private      INTEGER NOT NULL DEFAULT 0 CHECK (private IN (0, 1)),
    spoiler      INTEGER NOT NULL DEFAULT 0 CHECK (spoiler IN (0, 1))
) STRICT;

CREATE TABLE templates (
    id         INTEGER PRIMARY KEY,
    guild_id   INTEGER NOT NULL,               -- where it was saved
    member_id  INTEGER NOT NULL,               -- who saved it
    name       TEXT    NOT NULL,
    body       TEXT    NOT NULL,               -- JSON of bot.domain.template.Template
    published  INTEGER NOT NULL DEFAULT 0 CHECK (published IN (0, 1)),  -- everybody in the server sees it
    created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX templates_of_a_member ON templates (guild_id, member_id, name) WHERE published = 0;
CREATE UNIQUE INDEX templates_of_a_server ON templates (guild_id, name) WHERE published = 1;

CREATE TABLE favourites (
    member_id  INTEGER NOT NULL,
    job_id     TEXT    NOT NULL REFERENCES jobs (id),
    starred_at INTEGER NOT NULL,
    PRIMARY KEY (member_id, job_id)
) STRICT;

-- An image is shown in a server's gallery once, however many star it.
CREATE TABLE gallery (
    job_id     TEXT    PRIMARY KEY REFERENCES jobs (id),
    channel_id INTEGER NOT NULL,
    message_id INTEGER,                        -- NULL while it is being posted
    added_at   INTEGER NOT NULL
) STRICT;

CREATE TABLE reports (
    job_id    TEXT    NOT NULL REFERENCES jobs (id),
    member_id INTEGER NOT NULL,
    reason    TEXT    NOT NULL,
    at        INTEGER NOT NULL,
    PRIMARY KEY (job_id, member_id)
) STRICT;
