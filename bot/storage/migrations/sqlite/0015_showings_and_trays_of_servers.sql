-- Every message that shows an image, so that Delete finds them all; and trays that belong to one server.

-- A row is written before its message shows the image, or with the charge of the image that it shows.
CREATE TABLE showings (
    id          INTEGER PRIMARY KEY,
    job_id      TEXT    NOT NULL REFERENCES jobs (id),
    kind        TEXT    NOT NULL CHECK (kind IN ('result', 'copy', 'gallery', 'look')),
    guild_id    INTEGER NOT NULL,                    -- 0 in direct messages
    channel_id  INTEGER NOT NULL,
    message_id  INTEGER,                             -- NULL until Discord has said it
    ephemeral   INTEGER NOT NULL DEFAULT 0 CHECK (ephemeral IN (0, 1)),  -- one member alone sees the message
    token       TEXT    NOT NULL DEFAULT '',         -- of the interaction that the message answers
    token_until INTEGER NOT NULL DEFAULT 0,          -- Unix time, milliseconds, as all times here
    at          INTEGER NOT NULL,
    since_id    INTEGER NOT NULL,                    -- by Discord's clock: the message is newer than this
    due_at      INTEGER,                             -- when the message is to be deleted, or tried again
    tries       INTEGER NOT NULL DEFAULT 0,          -- to delete it
    UNIQUE (job_id, message_id)
) STRICT;
-- An image is in a server's gallery once, however many star it, and its owner posts it in a channel once.
CREATE UNIQUE INDEX showings_in_a_gallery ON showings (job_id) WHERE kind = 'gallery';
CREATE UNIQUE INDEX showings_in_a_channel ON showings (job_id, channel_id) WHERE kind = 'copy';
CREATE INDEX showings_by_message ON showings (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX showings_due ON showings (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX showings_with_token ON showings (token_until) WHERE token <> '';

-- Where an image stands in direct messages is known by its channel alone. Of private ones, only such a message is left.
INSERT INTO showings (job_id, kind, guild_id, channel_id, message_id, ephemeral, at, since_id)
SELECT id, 'result', CASE WHEN result_channel = coalesce(answer_channel, channel_id) THEN guild_id ELSE 0 END,
    result_channel, result_id,
    CASE WHEN private = 1 AND result_channel = coalesce(answer_channel, channel_id) THEN 1 ELSE 0 END, updated_at,
    CAST(id AS INTEGER)
FROM jobs WHERE result_id > 0 AND result_channel IS NOT NULL AND deleted_at IS NULL;
INSERT INTO showings (job_id, kind, guild_id, channel_id, message_id, at, since_id)
SELECT gallery.job_id, 'gallery', jobs.guild_id, gallery.channel_id, gallery.message_id, gallery.added_at,
    CAST(gallery.job_id AS INTEGER)
FROM gallery JOIN jobs ON jobs.id = gallery.job_id
WHERE gallery.message_id IS NULL OR gallery.message_id NOT IN (
    SELECT message_id FROM showings WHERE showings.job_id = gallery.job_id);
DROP TABLE gallery;

ALTER TABLE jobs ADD COLUMN shared INTEGER NOT NULL DEFAULT 0 CHECK (shared IN (0, 1));  -- a copy stands in its server

ALTER TABLE tray RENAME TO tray_of_all;
DROP INDEX tray_by_file;
DROP INDEX tray_by_age;
CREATE TABLE tray (
    member_id    INTEGER NOT NULL,
    sha256       TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    content_type TEXT    NOT NULL,
    added_at     INTEGER NOT NULL,
    guild_id     INTEGER NOT NULL,                   -- 0 in direct messages
    PRIMARY KEY (member_id, guild_id, sha256)
) STRICT;
CREATE INDEX tray_by_file ON tray (sha256);
CREATE INDEX tray_by_age ON tray (added_at);
-- What was collected goes to the server of its member's newest order.
INSERT INTO tray (member_id, sha256, name, content_type, added_at, guild_id)
SELECT member_id, sha256, name, content_type, added_at,
    coalesce((SELECT guild_id FROM jobs WHERE jobs.member_id = tray_of_all.member_id
              ORDER BY created_at DESC, id DESC LIMIT 1), 0)
FROM tray_of_all;
DROP TABLE tray_of_all;
