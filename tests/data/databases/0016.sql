-- A database as the code of migration 0016 left it: something in every table, an open job in each state.
-- Made by tests/data/databases/write.py at commit 7e0f2b4.
BEGIN TRANSACTION;
CREATE TABLE batch_members (
    batch_id   TEXT    NOT NULL REFERENCES batches (id),
    member_id  INTEGER NOT NULL,
    PRIMARY KEY (batch_id, member_id)
) STRICT;
INSERT INTO "batch_members" VALUES('501',10);
INSERT INTO "batch_members" VALUES('501',11);
CREATE TABLE batches (
    id         TEXT    PRIMARY KEY,           -- the interaction's id
    guild_id   INTEGER NOT NULL,
    amount     INTEGER NOT NULL CHECK (amount > 0),
    reason     TEXT    NOT NULL,
    actor      INTEGER NOT NULL,
    at         INTEGER NOT NULL,
    begun      INTEGER NOT NULL DEFAULT 0 CHECK (begun IN (0, 1))  -- 0: only asked, and forgotten after a day
) STRICT;
INSERT INTO "batches" VALUES('501',1,5,'Party',3000,1790000000000,0);
CREATE TABLE blocks (
    id        INTEGER PRIMARY KEY,
    guild_id  INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    blocked   INTEGER NOT NULL CHECK (blocked IN (0, 1)),
    until     INTEGER,                        -- Unix milliseconds; NULL: until somebody lifts it
    reason    TEXT    NOT NULL,
    actor     TEXT    NOT NULL,
    at        INTEGER NOT NULL
) STRICT;
INSERT INTO "blocks" VALUES(1,1,12,1,NULL,'Spam','3000',1790000000000);
CREATE TABLE buckets (
    name    TEXT    PRIMARY KEY,
    free_at INTEGER NOT NULL                   -- Unix time, microseconds, by clock_ms
) STRICT;
CREATE TABLE channel_spending (
    guild_id   INTEGER NOT NULL,
    month      TEXT    NOT NULL,
    channel_id INTEGER NOT NULL,
    credits    INTEGER NOT NULL DEFAULT 0 CHECK (credits >= 0),
    PRIMARY KEY (guild_id, month, channel_id)
) STRICT;
INSERT INTO "channel_spending" VALUES(1,'2026-09',5,1200);
CREATE TABLE code_tries (
    member_id  INTEGER PRIMARY KEY,
    since      INTEGER NOT NULL,
    wrong      INTEGER NOT NULL
) STRICT;
INSERT INTO "code_tries" VALUES(11,1790000000000,1);
CREATE TABLE codes (
    id         INTEGER PRIMARY KEY,
    guild_id   INTEGER NOT NULL,
    sha256     TEXT    NOT NULL UNIQUE,
    hint       TEXT    NOT NULL,              -- its first characters, to tell it by
    amount     INTEGER NOT NULL CHECK (amount > 0),
    uses       INTEGER NOT NULL CHECK (uses > 0),
    used       INTEGER NOT NULL DEFAULT 0 CHECK (used BETWEEN 0 AND uses),
    expires_at INTEGER,
    withdrawn  INTEGER NOT NULL DEFAULT 0 CHECK (withdrawn IN (0, 1)),
    reason     TEXT    NOT NULL,
    actor      INTEGER NOT NULL,
    at         INTEGER NOT NULL
) STRICT;
INSERT INTO "codes" VALUES(1,1,'08a2c0fdfc06721e5de2b4e035d22bc42b4ab96dc0b642a3d0985455150df0c9','GA',10,2,1,NULL,0,'Contest',3000,1790000000000);
CREATE TABLE day_costs (
    day             INTEGER NOT NULL,         -- since 1970-01-01
    shard           INTEGER NOT NULL CHECK (shard BETWEEN 0 AND 7),
    micros          INTEGER NOT NULL DEFAULT 0,
    stranger_micros INTEGER NOT NULL DEFAULT 0,  -- of micros
    PRIMARY KEY (day, shard)
) STRICT;
INSERT INTO "day_costs" VALUES(20717,0,1200000,0);
CREATE TABLE duties (
    name  TEXT PRIMARY KEY,
    owner TEXT NOT NULL                        -- the process
) STRICT;
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
INSERT INTO "entries" VALUES(1,1,1,'grant',3000,0,0,0,3000,0,0,0,NULL,NULL,NULL,'welcome:1:10','stillframe','Starting credits',1790000000000);
INSERT INTO "entries" VALUES(2,1,2,'refill',50,0,50,0,3050,0,50,0,NULL,NULL,NULL,'refill:1:2','stillframe','Allowance for the day',1790000000000);
INSERT INTO "entries" VALUES(3,2,1,'grant',300,0,0,0,300,0,0,0,NULL,NULL,NULL,'welcome:1:11','stillframe','Starting credits',1790000000000);
INSERT INTO "entries" VALUES(4,1,3,'take',-40,0,0,0,3010,0,50,0,NULL,NULL,NULL,'take:1','3000','Given twice',1790000000000);
INSERT INTO "entries" VALUES(5,1,4,'undo',40,0,0,0,3050,0,50,0,NULL,NULL,4,'undo:4','3000','Wrong member',1790000000000);
INSERT INTO "entries" VALUES(6,1,5,'grant',25,0,0,0,3075,0,50,0,NULL,NULL,NULL,'grant:3','3000','Won',1790000000000);
INSERT INTO "entries" VALUES(7,1,6,'gift_sent',-25,0,0,0,3050,0,50,0,NULL,NULL,NULL,'gift_sent:2','10','“Thanks” 🎬',1790000000000);
INSERT INTO "entries" VALUES(8,2,2,'gift_received',25,0,0,0,325,0,0,0,NULL,NULL,NULL,'gift_received:2','10','“Thanks” 🎬',1790000000000);
INSERT INTO "entries" VALUES(9,2,3,'purchase',1000,0,0,0,1325,0,0,0,NULL,NULL,NULL,'purchase:77','stillframe','Bought on Discord',1790000000000);
INSERT INTO "entries" VALUES(10,2,4,'purchase_refund',-1000,0,0,0,325,0,0,0,NULL,NULL,NULL,'purchase_refund:77','stillframe','Refunded by Discord',1790000000001);
INSERT INTO "entries" VALUES(11,2,5,'code',10,0,0,0,335,0,0,0,NULL,NULL,NULL,'code:1:11','11','Contest',1790000000000);
INSERT INTO "entries" VALUES(12,1,7,'hold',0,150,0,50,3050,150,50,50,'2026-09-21','901',NULL,'job:901:hold','10','Image ordered',1790000000001);
INSERT INTO "entries" VALUES(13,1,8,'hold',0,150,0,0,3050,300,50,50,NULL,'902',NULL,'job:902:hold','10','Image ordered',1790000000001);
INSERT INTO "entries" VALUES(14,1,9,'hold',0,150,0,0,3050,450,50,50,NULL,'910',NULL,'job:910:hold','10','Image ordered',1790000000001);
INSERT INTO "entries" VALUES(15,1,10,'hold',0,150,0,0,3050,600,50,50,NULL,'911',NULL,'job:911:hold','10','Image ordered',1790000000001);
INSERT INTO "entries" VALUES(16,1,11,'hold',0,150,0,0,3050,750,50,50,NULL,'912',NULL,'job:912:hold','10','Image ordered',1790000000001);
INSERT INTO "entries" VALUES(17,1,12,'hold',0,150,0,0,3050,900,50,50,NULL,'913',NULL,'job:913:hold','10','Image ordered',1790000000001);
INSERT INTO "entries" VALUES(18,1,13,'hold',0,150,0,0,3050,1050,50,50,NULL,'914',NULL,'job:914:hold','10','Image ordered',1790000000001);
INSERT INTO "entries" VALUES(19,1,14,'hold',0,150,0,0,3050,1200,50,50,NULL,'915',NULL,'job:915:hold','10','Image ordered',1790000000001);
INSERT INTO "entries" VALUES(20,1,15,'hold',0,150,0,0,3050,1350,50,50,NULL,'916',NULL,'job:916:hold','10','Image ordered',1790000000001);
INSERT INTO "entries" VALUES(21,1,16,'release',0,-150,0,0,3050,1200,50,50,NULL,'902',NULL,'job:902:release','stillframe','Not charged: cancelled',1790000000002);
INSERT INTO "entries" VALUES(22,1,17,'capture',-150,-150,-50,-50,2900,1050,0,0,'2026-09-21','901',NULL,'job:901:capture','stillframe','Image delivered',1790000009200);
CREATE TABLE facts (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
CREATE TABLE favourites (
    member_id  INTEGER NOT NULL,
    job_id     TEXT    NOT NULL REFERENCES jobs (id),
    starred_at INTEGER NOT NULL,
    PRIMARY KEY (member_id, job_id)
) STRICT;
INSERT INTO "favourites" VALUES(11,'901',1790000000000);
CREATE TABLE installation (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
INSERT INTO "installation" VALUES('before_budgets','1');
CREATE TABLE job_edges (
    from_state TEXT NOT NULL,
    to_state   TEXT NOT NULL,
    PRIMARY KEY (from_state, to_state)
) STRICT, WITHOUT ROWID;
INSERT INTO "job_edges" VALUES('awaiting','posting');
INSERT INTO "job_edges" VALUES('awaiting','released');
INSERT INTO "job_edges" VALUES('held','released');
INSERT INTO "job_edges" VALUES('held','submitting');
INSERT INTO "job_edges" VALUES('posting','awaiting');
INSERT INTO "job_edges" VALUES('posting','delivered');
INSERT INTO "job_edges" VALUES('posting','released');
INSERT INTO "job_edges" VALUES('running','released');
INSERT INTO "job_edges" VALUES('running','stored');
INSERT INTO "job_edges" VALUES('stored','awaiting');
INSERT INTO "job_edges" VALUES('stored','posting');
INSERT INTO "job_edges" VALUES('stored','released');
INSERT INTO "job_edges" VALUES('submitting','held');
INSERT INTO "job_edges" VALUES('submitting','released');
INSERT INTO "job_edges" VALUES('submitting','running');
CREATE TABLE job_steps (
    id       INTEGER PRIMARY KEY,
    job_id   TEXT    NOT NULL REFERENCES jobs (id),
    state    TEXT    NOT NULL,
    epoch    INTEGER NOT NULL,
    at       INTEGER NOT NULL
) STRICT;
INSERT INTO "job_steps" VALUES(1,'901','held',0,1790000000001);
INSERT INTO "job_steps" VALUES(2,'902','held',0,1790000000001);
INSERT INTO "job_steps" VALUES(3,'910','held',0,1790000000001);
INSERT INTO "job_steps" VALUES(4,'911','held',0,1790000000001);
INSERT INTO "job_steps" VALUES(5,'912','held',0,1790000000001);
INSERT INTO "job_steps" VALUES(6,'913','held',0,1790000000001);
INSERT INTO "job_steps" VALUES(7,'914','held',0,1790000000001);
INSERT INTO "job_steps" VALUES(8,'915','held',0,1790000000001);
INSERT INTO "job_steps" VALUES(9,'916','held',0,1790000000001);
INSERT INTO "job_steps" VALUES(10,'902','released',1,1790000000002);
INSERT INTO "job_steps" VALUES(11,'901','submitting',1,1790000000004);
INSERT INTO "job_steps" VALUES(12,'901','running',1,1790000000005);
INSERT INTO "job_steps" VALUES(13,'901','stored',1,1790000009000);
INSERT INTO "job_steps" VALUES(14,'901','posting',1,1790000009100);
INSERT INTO "job_steps" VALUES(15,'901','delivered',1,1790000009200);
INSERT INTO "job_steps" VALUES(16,'912','submitting',1,1790000000004);
INSERT INTO "job_steps" VALUES(17,'913','submitting',1,1790000000004);
INSERT INTO "job_steps" VALUES(18,'913','running',1,1790000000005);
INSERT INTO "job_steps" VALUES(19,'914','submitting',1,1790000000004);
INSERT INTO "job_steps" VALUES(20,'914','running',1,1790000000005);
INSERT INTO "job_steps" VALUES(21,'914','stored',1,1790000009000);
INSERT INTO "job_steps" VALUES(22,'915','submitting',1,1790000000004);
INSERT INTO "job_steps" VALUES(23,'915','running',1,1790000000005);
INSERT INTO "job_steps" VALUES(24,'915','stored',1,1790000009000);
INSERT INTO "job_steps" VALUES(25,'915','posting',1,1790000009100);
INSERT INTO "job_steps" VALUES(26,'916','submitting',1,1790000000004);
INSERT INTO "job_steps" VALUES(27,'916','running',1,1790000000005);
INSERT INTO "job_steps" VALUES(28,'916','stored',1,1790000009000);
INSERT INTO "job_steps" VALUES(29,'916','posting',1,1790000009100);
INSERT INTO "job_steps" VALUES(30,'916','awaiting',1,1790000009200);
CREATE TABLE jobs (
    id              TEXT    PRIMARY KEY,        -- Discord's interaction id: the same click is the same job
    wallet_id       INTEGER NOT NULL REFERENCES wallets (id),
    guild_id        INTEGER NOT NULL,
    channel_id      INTEGER NOT NULL,
    member_id       INTEGER NOT NULL,
    private         INTEGER NOT NULL CHECK (private IN (0, 1)),
    recipe          TEXT    NOT NULL,           -- JSON of bot.domain.recipe.Recipe
    cost            INTEGER NOT NULL CHECK (cost > 0),
    state           TEXT    NOT NULL,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    -- where the answer stands in Discord
    token           TEXT    NOT NULL,           -- the interaction's, good for 15 minutes
    token_until     INTEGER NOT NULL,
    file_limit      INTEGER NOT NULL,           -- bytes, as this interaction said
    message_id      INTEGER,                    -- the answer; NULL until Discord has confirmed it
    -- what the supplier knows
    submitted_at    INTEGER,
    prediction_id   TEXT    UNIQUE,
    output_url      TEXT,
    price_micros    INTEGER,                    -- what it cost us, US$ 0.000001
    -- the image, whole and on our disk
    image_name      TEXT,
    image_sha256    TEXT,
    unsafe          INTEGER CHECK (unsafe IN (0, 1)),
    -- how it ended
    result_id       INTEGER,                    -- the message that shows the image
    result_channel  INTEGER,
    release_reason  TEXT,
    told            INTEGER NOT NULL DEFAULT 0 CHECK (told IN (0, 1)),  -- the card says how it ended
    late_looks      INTEGER NOT NULL DEFAULT 0, -- after a release, for an image that may yet come
    -- who works on it
    next_at         INTEGER NOT NULL,           -- not to be taken up before
    lease_owner     TEXT,
    lease_epoch     INTEGER NOT NULL DEFAULT 0  -- fencing: +1 per claim; each later write names it
, locale TEXT NOT NULL DEFAULT 'en-US', spoiler INTEGER NOT NULL DEFAULT 0 CHECK (spoiler IN (0, 1)), made_from TEXT, width INTEGER, height INTEGER, refund INTEGER NOT NULL DEFAULT 0          -- of the cost: the image is smaller than paid for
    CONSTRAINT refund_is_less_than_the_cost CHECK (refund >= 0 AND refund < cost), prompt TEXT NOT NULL DEFAULT '', video TEXT NOT NULL DEFAULT '', deleted_at INTEGER, deleted_by INTEGER, noted INTEGER NOT NULL DEFAULT 0 CHECK (noted IN (0, 1)), month TEXT NOT NULL DEFAULT '', running_limit INTEGER, erased_at INTEGER, forgotten_at INTEGER, awaiting_since INTEGER                     -- when it could be shown nowhere for the first time
    CONSTRAINT awaiting_has_an_image_that_was_not_shown CHECK (
        state <> 'awaiting' OR (awaiting_since IS NOT NULL AND image_name IS NOT NULL AND result_id IS NULL)), answer_channel INTEGER, home_channel INTEGER, list_micros INTEGER NOT NULL DEFAULT 0      -- list price, US$ 0.000001; 0: of before
    CHECK (list_micros >= 0), stranger INTEGER NOT NULL DEFAULT 0         -- counts to what unknown servers share
    CHECK (stranger IN (0, 1)), model TEXT NOT NULL DEFAULT 'nb2-dev', shared INTEGER NOT NULL DEFAULT 0 CHECK (shared IN (0, 1)), place INTEGER, search_text TEXT NOT NULL DEFAULT '') STRICT;
INSERT INTO "jobs" VALUES('901',1,1,5,10,0,'{"model":"nb2-dev","prompt":"A poster of “901”","clip":{"video":{"kind":"youtube","id":"dQw4w9WgXcQ"},"span":{"start":14.0,"end":17.0},"frame_rate":1.0},"shape":null,"size":"1k","thinking":"default","search":false,"image_search":false,"output_format":null,"media_resolution":null,"references":[{"name":"logo.png","sha256":"a314446df257f9ac30670ed5dca2512e376c5f0053401d772d9ce0ef243f4f0f","content_type":"image/png"}]}',150,'delivered',1790000000001,1790000009200,'',1790000900001,10485760,70901,1790000000004,'00000000000000000000000000000901','https://example.com/x.png',150000,'901.png','a314446df257f9ac30670ed5dca2512e376c5f0053401d772d9ce0ef243f4f0f',NULL,80000,5,NULL,0,0,1790000000001,'of the old life',1,'en-US',0,NULL,2,2,0,'A poster of “901”','dQw4w9WgXcQ',NULL,NULL,0,'2026-09',20,NULL,NULL,NULL,NULL,5,150000,0,'nb2-dev',0,4294967303,'a poster of “901”
dqw4w9wgxcq');
INSERT INTO "jobs" VALUES('902',1,1,5,10,0,'{"model":"nb2-text","prompt":"A poster of “902”","clip":null,"shape":null,"size":"1k","thinking":"default","search":false,"image_search":false,"output_format":null,"media_resolution":null,"references":[]}',150,'released',1790000000001,1790000000002,'interaction-token',1790000900001,10485760,70902,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'cancelled',0,0,1790000030002,NULL,1,'en-US',0,NULL,NULL,NULL,0,'A poster of “902”','',NULL,NULL,0,'2026-09',20,NULL,NULL,NULL,NULL,5,150000,0,'nb2-text',0,4294967304,'a poster of “902”
');
INSERT INTO "jobs" VALUES('910',1,1,5,10,0,'{"model":"nb2-dev","prompt":"A poster of “910”","clip":{"video":{"kind":"youtube","id":"dQw4w9WgXcQ"},"span":{"start":14.0,"end":17.0},"frame_rate":1.0},"shape":null,"size":"1k","thinking":"default","search":false,"image_search":false,"output_format":null,"media_resolution":null,"references":[]}',150,'held',1790000000001,1790000000001,'interaction-token',1790000900001,10485760,70910,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,0,1790000000001,'of the old life',1,'en-US',0,'901',NULL,NULL,0,'A poster of “910”','dQw4w9WgXcQ',NULL,NULL,0,'2026-09',20,NULL,NULL,NULL,NULL,5,150000,0,'nb2-dev',0,4294967305,'a poster of “910”
dqw4w9wgxcq');
INSERT INTO "jobs" VALUES('911',1,1,5,10,0,'{"model":"nb2-dev","prompt":"A poster of “911”","clip":{"video":{"kind":"youtube","id":"dQw4w9WgXcQ"},"span":{"start":14.0,"end":17.0},"frame_rate":1.0},"shape":null,"size":"1k","thinking":"default","search":false,"image_search":false,"output_format":null,"media_resolution":null,"references":[]}',150,'held',1790000000001,1790000000001,'interaction-token',1790000900001,10485760,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,0,1790000010001,NULL,0,'en-US',0,NULL,NULL,NULL,0,'A poster of “911”','dQw4w9WgXcQ',NULL,NULL,0,'2026-09',20,NULL,NULL,NULL,NULL,5,150000,0,'nb2-dev',0,4294967306,'a poster of “911”
dqw4w9wgxcq');
INSERT INTO "jobs" VALUES('912',1,1,5,10,0,'{"model":"nb2-dev","prompt":"A poster of “912”","clip":{"video":{"kind":"youtube","id":"dQw4w9WgXcQ"},"span":{"start":14.0,"end":17.0},"frame_rate":1.0},"shape":null,"size":"1k","thinking":"default","search":false,"image_search":false,"output_format":null,"media_resolution":null,"references":[]}',150,'submitting',1790000000001,1790000000004,'interaction-token',1790000900001,10485760,70912,1790000000004,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,0,1790000000001,'of the old life',1,'en-US',0,NULL,NULL,NULL,0,'A poster of “912”','dQw4w9WgXcQ',NULL,NULL,0,'2026-09',20,NULL,NULL,NULL,NULL,5,150000,0,'nb2-dev',0,4294967307,'a poster of “912”
dqw4w9wgxcq');
INSERT INTO "jobs" VALUES('913',1,1,5,10,0,'{"model":"nb2-dev","prompt":"A poster of “913”","clip":{"video":{"kind":"youtube","id":"dQw4w9WgXcQ"},"span":{"start":14.0,"end":17.0},"frame_rate":1.0},"shape":null,"size":"1k","thinking":"default","search":false,"image_search":false,"output_format":null,"media_resolution":null,"references":[]}',150,'running',1790000000001,1790000000005,'interaction-token',1790000900001,10485760,70913,1790000000004,'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,0,1790000000001,'of the old life',1,'en-US',0,NULL,NULL,NULL,0,'A poster of “913”','dQw4w9WgXcQ',NULL,NULL,0,'2026-09',20,NULL,NULL,NULL,NULL,5,150000,0,'nb2-dev',0,4294967308,'a poster of “913”
dqw4w9wgxcq');
INSERT INTO "jobs" VALUES('914',1,1,5,10,0,'{"model":"nb2-dev","prompt":"A poster of “914”","clip":{"video":{"kind":"youtube","id":"dQw4w9WgXcQ"},"span":{"start":14.0,"end":17.0},"frame_rate":1.0},"shape":null,"size":"1k","thinking":"default","search":false,"image_search":false,"output_format":null,"media_resolution":null,"references":[]}',150,'stored',1790000000001,1790000009000,'interaction-token',1790000900001,10485760,70914,1790000000004,'00000000000000000000000000000914','https://example.com/x.png',150000,'914.png','a314446df257f9ac30670ed5dca2512e376c5f0053401d772d9ce0ef243f4f0f',NULL,NULL,NULL,NULL,0,0,1790000000001,'of the old life',1,'en-US',0,NULL,2,2,0,'A poster of “914”','dQw4w9WgXcQ',NULL,NULL,0,'2026-09',20,NULL,NULL,NULL,NULL,5,150000,0,'nb2-dev',0,4294967309,'a poster of “914”
dqw4w9wgxcq');
INSERT INTO "jobs" VALUES('915',1,1,5,10,0,'{"model":"nb2-dev","prompt":"A poster of “915”","clip":{"video":{"kind":"youtube","id":"dQw4w9WgXcQ"},"span":{"start":14.0,"end":17.0},"frame_rate":1.0},"shape":null,"size":"1k","thinking":"default","search":false,"image_search":false,"output_format":null,"media_resolution":null,"references":[]}',150,'posting',1790000000001,1790000009100,'interaction-token',1790000900001,10485760,70915,1790000000004,'00000000000000000000000000000915','https://example.com/x.png',150000,'915.png','a314446df257f9ac30670ed5dca2512e376c5f0053401d772d9ce0ef243f4f0f',NULL,NULL,NULL,NULL,0,0,1790000000001,'of the old life',1,'en-US',0,NULL,2,2,0,'A poster of “915”','dQw4w9WgXcQ',NULL,NULL,0,'2026-09',20,NULL,NULL,NULL,NULL,5,150000,0,'nb2-dev',0,4294967310,'a poster of “915”
dqw4w9wgxcq');
INSERT INTO "jobs" VALUES('916',1,1,5,10,0,'{"model":"nb2-dev","prompt":"A poster of “916”","clip":{"video":{"kind":"youtube","id":"dQw4w9WgXcQ"},"span":{"start":14.0,"end":17.0},"frame_rate":1.0},"shape":null,"size":"1k","thinking":"default","search":false,"image_search":false,"output_format":null,"media_resolution":null,"references":[]}',150,'awaiting',1790000000001,1790000009200,'interaction-token',1790000900001,10485760,70916,1790000000004,'00000000000000000000000000000916','https://example.com/x.png',150000,'916.png','a314446df257f9ac30670ed5dca2512e376c5f0053401d772d9ce0ef243f4f0f',NULL,NULL,NULL,NULL,0,0,1790003609200,NULL,1,'en-US',0,NULL,2,2,0,'A poster of “916”','dQw4w9WgXcQ',NULL,NULL,0,'2026-09',20,NULL,NULL,1790000009200,NULL,5,150000,0,'nb2-dev',0,4294967311,'a poster of “916”
dqw4w9wgxcq');
CREATE TABLE migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at INTEGER NOT NULL, oldest_code INTEGER) STRICT;
INSERT INTO "migrations" VALUES(1,'0001_ledger_and_jobs.sql',1796133410439,1);
INSERT INTO "migrations" VALUES(2,'0002_leading_on.sql',1796133410443,2);
INSERT INTO "migrations" VALUES(3,'0003_bank_and_policy.sql',1796133410452,3);
INSERT INTO "migrations" VALUES(4,'0004_many_processes.sql',1796133410467,4);
INSERT INTO "migrations" VALUES(6,'0006_images_that_wait.sql',1796133410468,6);
INSERT INTO "migrations" VALUES(7,'0007_allowances_by_rate.sql',1796133410472,7);
INSERT INTO "migrations" VALUES(9,'0009_unconfirmed_acts.sql',1796133410504,4);
INSERT INTO "migrations" VALUES(10,'0010_budgets.sql',1796133410505,10);
INSERT INTO "migrations" VALUES(11,'0011_models.sql',1796133410514,11);
INSERT INTO "migrations" VALUES(12,'0012_managers_and_purchases.sql',1796133410518,4);
INSERT INTO "migrations" VALUES(13,'0013_model_preferred.sql',1796133410519,4);
INSERT INTO "migrations" VALUES(15,'0015_showings_and_trays_of_servers.sql',1796133410523,15);
INSERT INTO "migrations" VALUES(16,'0016_search.sql',1796133410535,16);
CREATE TABLE policies (
    guild_id INTEGER PRIMARY KEY,
    body     TEXT    NOT NULL                 -- JSON of bot.domain.policy.Policy
) STRICT;
INSERT INTO "policies" VALUES(1,'{"time_zone": "Europe/Madrid", "starting_credits": null, "managers": null, "manager_limits": {"highest": null, "per_day": null}, "highest_balance": null, "log_channel": null, "gallery_channel": null, "request_channel": null, "request_amounts": [150, 300, 600], "gifts": {"allowed": true, "highest": 1000, "per_day": 2000}, "ages": {"account_days": 0, "member_days": 0}, "allowances": {"1": {"amount": 50, "every": "day"}}, "limits": {}, "allowed_channels": [], "denied_channels": [], "age_restricted_only": false, "budget": 100000, "channel_shares": {}, "words": [], "quiet_hours": null, "cool_down": null, "private_by_default": false, "spoiler_by_default": false, "default_model": null, "forbidden_models": [], "paused": null}');
CREATE TABLE policy_log (
    id       INTEGER PRIMARY KEY,
    guild_id INTEGER NOT NULL,
    rule     TEXT    NOT NULL,
    before   TEXT    NOT NULL,                -- JSON
    after    TEXT    NOT NULL,                -- JSON
    actor    INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    undoes   INTEGER UNIQUE REFERENCES policy_log (id)
) STRICT;
INSERT INTO "policy_log" VALUES(1,1,'allowances','{}','{"1": {"amount": 50, "every": "day"}}',3000,1790000000000,NULL);
INSERT INTO "policy_log" VALUES(2,1,'limits','{}','{"1": {"images_per_day": null, "running": 20, "waiting": null, "size": null, "search": null, "highest_price": null, "frames": null}}',3000,1790000000000,NULL);
INSERT INTO "policy_log" VALUES(3,1,'budget','null','100000',3000,1790000000000,NULL);
INSERT INTO "policy_log" VALUES(4,1,'time_zone','"UTC"','"Europe/Madrid"',3000,1790000000000,NULL);
INSERT INTO "policy_log" VALUES(5,1,'limits','{"1": {"images_per_day": null, "running": 20, "waiting": null, "size": null, "search": null, "highest_price": null, "frames": null}}','{}',3000,1790000000000,2);
CREATE TABLE preferences (
    member_id    INTEGER PRIMARY KEY,
    quiet_limit  INTEGER,                      -- from this price on, ask before paying; NULL: the operator's default
    open_buttons INTEGER NOT NULL DEFAULT 0 CHECK (open_buttons IN (0, 1)),  -- others may press what is under my images
    private      INTEGER NOT NULL DEFAULT 0 CHECK (private IN (0, 1)),
    spoiler      INTEGER NOT NULL DEFAULT 0 CHECK (spoiler IN (0, 1))
, model TEXT) STRICT;
INSERT INTO "preferences" VALUES(10,100,0,0,1,NULL);
CREATE TABLE processes (
    id    TEXT    PRIMARY KEY,
    about TEXT    NOT NULL,                    -- what and where it is, for people
    until INTEGER NOT NULL                     -- by clock_ms
) STRICT;
CREATE TABLE proposals (
    id         TEXT    PRIMARY KEY,            -- the interaction that began it; becomes the job's id
    guild_id   INTEGER NOT NULL,
    member_id  INTEGER NOT NULL,
    channel_id INTEGER NOT NULL,
    body       TEXT    NOT NULL,               -- JSON of bot.domain.proposal.Proposal
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
INSERT INTO "proposals" VALUES('600',1,11,5,'{"recipe":{"model":"nb2-dev","prompt":"Not yet paid","clip":{"video":{"kind":"youtube","id":"dQw4w9WgXcQ"},"span":{"start":14.0,"end":17.0},"frame_rate":1.0},"shape":null,"size":"1k","thinking":"default","search":false,"image_search":false,"output_format":null,"media_resolution":null,"references":[]},"private":true,"spoiler":false,"made_from":null,"from_tray":false,"title":null,"token":"a token","remark":"","readings":[],"question":"","left_out":[]}',1790000000000,1790000000000);
CREATE TABLE purchase_refunds (
    entitlement_id INTEGER PRIMARY KEY,
    taken          INTEGER NOT NULL CHECK (taken >= 0),
    missing        INTEGER NOT NULL CHECK (missing >= 0),
    at             INTEGER NOT NULL
) STRICT;
INSERT INTO "purchase_refunds" VALUES(77,1000,0,1790000000001);
CREATE TABLE purchase_wallets (
    member_id INTEGER PRIMARY KEY,
    guild_id  INTEGER NOT NULL,     -- 0 for the wallet of no server
    at        INTEGER NOT NULL      -- Unix time, milliseconds
) STRICT;
INSERT INTO "purchase_wallets" VALUES(11,1,1790000000000);
CREATE TABLE reports (
    job_id    TEXT    NOT NULL REFERENCES jobs (id),
    member_id INTEGER NOT NULL,
    reason    TEXT    NOT NULL,
    at        INTEGER NOT NULL,
    PRIMARY KEY (job_id, member_id)
) STRICT;
INSERT INTO "reports" VALUES('901',11,'Not nice',1790000000000);
CREATE TABLE requests (
    id         TEXT    PRIMARY KEY,           -- the interaction's id
    guild_id   INTEGER NOT NULL,
    member_id  INTEGER NOT NULL,
    amount     INTEGER NOT NULL CHECK (amount > 0),
    words      TEXT    NOT NULL,
    state      TEXT    NOT NULL CHECK (state IN ('open', 'approved', 'denied')),
    given      INTEGER,
    decided_by INTEGER,
    channel_id INTEGER,
    message_id INTEGER,
    locale     TEXT    NOT NULL,              -- the member's, for the answer
    at         INTEGER NOT NULL
) STRICT;
INSERT INTO "requests" VALUES('500',1,11,300,'Please','open',NULL,NULL,6,NULL,'es-ES',1790000000000);
CREATE TABLE searches (
    id      TEXT    PRIMARY KEY,               -- the interaction that asked
    body    TEXT    NOT NULL,                  -- JSON of bot.domain.history.Search
    made_at INTEGER NOT NULL
) STRICT;
INSERT INTO "searches" VALUES('700','{"guild_id":1,"asker_id":10,"member_id":10,"text":"poster","video":null,"since":null,"until":null,"size":null,"model":null,"favourites":false}',1790000000000);
CREATE TABLE server_budgets (                 -- one server's own, in place of what the settings say for all
    guild_id INTEGER PRIMARY KEY,
    micros   INTEGER CHECK (micros >= 0)      -- a month; NULL: none
) STRICT;
INSERT INTO "server_budgets" VALUES(1,20000000);
CREATE TABLE server_costs (
    guild_id INTEGER NOT NULL,
    month    TEXT    NOT NULL,                -- such as 2026-12
    micros   INTEGER NOT NULL DEFAULT 0,      -- list prices, and real costs where they are known
    bought   INTEGER NOT NULL DEFAULT 0,      -- credits that members bought on Discord, less what Discord refunded
    PRIMARY KEY (guild_id, month)
) STRICT;
INSERT INTO "server_costs" VALUES(1,'2026-09',1200000,0);
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
INSERT INTO "showings" VALUES(1,'901','result',1,5,80000,0,'',0,1790000009200,901,NULL,0);
INSERT INTO "showings" VALUES(2,'901','gallery',1,7,90000,0,'',0,1790000000000,1000,NULL,0);
INSERT INTO "showings" VALUES(3,'901','copy',1,8,NULL,0,'a token',1790000900000,1790000000000,1001,NULL,0);
INSERT INTO "showings" VALUES(4,'901','look',1,5,90001,1,'another token',1790000900000,1790000000000,1002,NULL,0);
CREATE TABLE spending (
    guild_id INTEGER NOT NULL,
    month    TEXT    NOT NULL,
    held     INTEGER NOT NULL DEFAULT 0 CHECK (held >= 0),
    spent    INTEGER NOT NULL DEFAULT 0 CHECK (spent >= 0),
    alerted  INTEGER NOT NULL DEFAULT 0,      -- percent of the budget that was last told
    alerted_of INTEGER NOT NULL DEFAULT 0, untold INTEGER NOT NULL DEFAULT 0       -- the last alert reached no person
    CHECK (untold IN (0, 1)),    -- and of which budget: of another one, it is told anew
    PRIMARY KEY (guild_id, month)
) STRICT;
INSERT INTO "spending" VALUES(1,'2026-09',300,900,0,0,0);
ANALYZE "sqlite_master";
INSERT INTO "sqlite_stat1" VALUES('batches','batches_only_asked','1 1');
INSERT INTO "sqlite_stat1" VALUES('batches','sqlite_autoindex_batches_1','1 1');
INSERT INTO "sqlite_stat1" VALUES('tray','tray_by_age','1 1');
INSERT INTO "sqlite_stat1" VALUES('tray','tray_by_file','1 1');
INSERT INTO "sqlite_stat1" VALUES('tray','sqlite_autoindex_tray_1','1 1 1 1');
INSERT INTO "sqlite_stat1" VALUES('unconfirmed_acts','unconfirmed_acts_same','1 1 1');
INSERT INTO "sqlite_stat1" VALUES('unconfirmed_acts','sqlite_autoindex_unconfirmed_acts_1','1 1');
INSERT INTO "sqlite_stat1" VALUES('reports','reports_by_member','1 1');
INSERT INTO "sqlite_stat1" VALUES('reports','sqlite_autoindex_reports_1','1 1 1');
INSERT INTO "sqlite_stat1" VALUES('templates','templates_by_member','2 2');
INSERT INTO "sqlite_stat1" VALUES('templates','templates_of_a_server','1 1 1');
INSERT INTO "sqlite_stat1" VALUES('templates','templates_of_a_member','1 1 1 1');
INSERT INTO "sqlite_stat1" VALUES('day_costs','sqlite_autoindex_day_costs_1','1 1 1');
INSERT INTO "sqlite_stat1" VALUES('requests','requests_by_member','1 1');
INSERT INTO "sqlite_stat1" VALUES('requests','requests_one_open','1 1 1');
INSERT INTO "sqlite_stat1" VALUES('requests','sqlite_autoindex_requests_1','1 1');
INSERT INTO "sqlite_stat1" VALUES('server_costs','sqlite_autoindex_server_costs_1','1 1 1');
INSERT INTO "sqlite_stat1" VALUES('entries','entries_given','3 2 2');
INSERT INTO "sqlite_stat1" VALUES('entries','entries_of_allowances','2 2 2');
INSERT INTO "sqlite_stat1" VALUES('entries','entries_gifts','1 1 1');
INSERT INTO "sqlite_stat1" VALUES('entries','entries_by_time','22 6');
INSERT INTO "sqlite_stat1" VALUES('entries','entries_undone_once','1 1');
INSERT INTO "sqlite_stat1" VALUES('entries','entries_one_ending_per_job','2 1');
INSERT INTO "sqlite_stat1" VALUES('entries','entries_one_hold_per_job','9 1');
INSERT INTO "sqlite_stat1" VALUES('entries','sqlite_autoindex_entries_2','22 11 1');
INSERT INTO "sqlite_stat1" VALUES('entries','sqlite_autoindex_entries_1','22 1');
INSERT INTO "sqlite_stat1" VALUES('jobs','jobs_place','9 1');
INSERT INTO "sqlite_stat1" VALUES('jobs','jobs_awaiting','1 1');
INSERT INTO "sqlite_stat1" VALUES('jobs','jobs_at_supplier','3 1 1');
INSERT INTO "sqlite_stat1" VALUES('jobs','jobs_sent','6 6');
INSERT INTO "sqlite_stat1" VALUES('jobs','jobs_by_server','9 9 9');
INSERT INTO "sqlite_stat1" VALUES('jobs','jobs_by_result','1 1');
INSERT INTO "sqlite_stat1" VALUES('jobs','jobs_by_message','8 1');
INSERT INTO "sqlite_stat1" VALUES('jobs','jobs_by_member','9 9 9');
INSERT INTO "sqlite_stat1" VALUES('jobs','jobs_aftercare','1 1');
INSERT INTO "sqlite_stat1" VALUES('jobs','jobs_in_hand','4 4 4');
INSERT INTO "sqlite_stat1" VALUES('jobs','jobs_waiting','2 2 2');
INSERT INTO "sqlite_stat1" VALUES('jobs','jobs_by_wallet','9 9 9');
INSERT INTO "sqlite_stat1" VALUES('jobs','jobs_open','7 3');
INSERT INTO "sqlite_stat1" VALUES('jobs','sqlite_autoindex_jobs_2','9 2');
INSERT INTO "sqlite_stat1" VALUES('jobs','sqlite_autoindex_jobs_1','9 1');
INSERT INTO "sqlite_stat1" VALUES('job_steps','job_steps_by_job','30 4');
INSERT INTO "sqlite_stat1" VALUES('showings','showings_with_token','2 2');
INSERT INTO "sqlite_stat1" VALUES('showings','showings_by_message','3 1');
INSERT INTO "sqlite_stat1" VALUES('showings','showings_in_a_channel','1 1 1');
INSERT INTO "sqlite_stat1" VALUES('showings','showings_in_a_gallery','1 1');
INSERT INTO "sqlite_stat1" VALUES('showings','sqlite_autoindex_showings_1','4 4 1');
INSERT INTO "sqlite_stat1" VALUES('searches','searches_by_age','1 1');
INSERT INTO "sqlite_stat1" VALUES('searches','sqlite_autoindex_searches_1','1 1');
INSERT INTO "sqlite_stat1" VALUES('proposals','proposals_by_member','1 1');
INSERT INTO "sqlite_stat1" VALUES('proposals','proposals_by_age','1 1');
INSERT INTO "sqlite_stat1" VALUES('proposals','sqlite_autoindex_proposals_1','1 1');
INSERT INTO "sqlite_stat1" VALUES('blocks','blocks_by_member','1 1');
INSERT INTO "sqlite_stat1" VALUES('blocks','blocks_of_a_member','1 1 1 1');
CREATE TABLE templates (
    id         INTEGER PRIMARY KEY,
    guild_id   INTEGER NOT NULL,               -- where it was saved
    member_id  INTEGER NOT NULL,               -- who saved it
    name       TEXT    NOT NULL,
    body       TEXT    NOT NULL,               -- JSON of bot.domain.template.Template
    published  INTEGER NOT NULL DEFAULT 0 CHECK (published IN (0, 1)),  -- everybody in the server sees it
    created_at INTEGER NOT NULL
) STRICT;
INSERT INTO "templates" VALUES(1,1,10,'poster','{"name":"Poster","frame":"A poster of [WHO]","shape":null,"size":"2k","blurb":""}',0,1790000000000);
INSERT INTO "templates" VALUES(2,1,10,'shared','{"name":"Shared","frame":"A poster of [WHO]","shape":null,"size":"2k","blurb":""}',1,1790000000000);
CREATE TABLE tray (
    member_id    INTEGER NOT NULL,
    sha256       TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    content_type TEXT    NOT NULL,
    added_at     INTEGER NOT NULL,
    guild_id     INTEGER NOT NULL,                   -- 0 in direct messages
    PRIMARY KEY (member_id, guild_id, sha256)
) STRICT;
INSERT INTO "tray" VALUES(10,'a314446df257f9ac30670ed5dca2512e376c5f0053401d772d9ce0ef243f4f0f','logo.png','image/png',1790000000000,1);
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
INSERT INTO "unconfirmed_acts" VALUES('503',1,3000,'5091a97f58749fdb201df6ee24fa23bedf65480a2e52e959aed33e95c6b892c6',1,NULL,1790000000000,1790000003000);
CREATE TABLE wallets (
    id        INTEGER PRIMARY KEY,
    guild_id  INTEGER NOT NULL,
    member_id INTEGER NOT NULL,
    posted    INTEGER NOT NULL DEFAULT 0,   -- credits owned
    held      INTEGER NOT NULL DEFAULT 0,   -- of which set aside for open jobs
    seq       INTEGER NOT NULL DEFAULT 0, allowance INTEGER NOT NULL DEFAULT 0
    CONSTRAINT wallet_allowance_is_never_negative CHECK (allowance >= 0), allowance_held INTEGER NOT NULL DEFAULT 0
    CONSTRAINT wallet_buckets_are_never_negative CHECK (
        allowance_held BETWEEN 0 AND allowance AND held >= allowance_held
        AND posted - allowance >= held - allowance_held), allowance_day_ends_at INTEGER NOT NULL DEFAULT 0, allowance_day TEXT NOT NULL DEFAULT '', allowance_week TEXT NOT NULL DEFAULT '', allowance_month TEXT NOT NULL DEFAULT '', allowance_role INTEGER, allowance_until TEXT NOT NULL DEFAULT '', day_spent INTEGER NOT NULL DEFAULT 0
    CONSTRAINT wallet_day_spent_is_never_negative CHECK (day_spent >= 0), week_spent INTEGER NOT NULL DEFAULT 0
    CONSTRAINT wallet_week_spent_is_never_negative CHECK (week_spent >= 0), month_spent INTEGER NOT NULL DEFAULT 0
    CONSTRAINT wallet_month_spent_is_never_negative CHECK (month_spent >= 0), charged INTEGER NOT NULL DEFAULT 0           -- of funds, for images, less refunds
    CONSTRAINT wallet_charged_is_never_negative CHECK (charged >= 0), welcomed INTEGER NOT NULL DEFAULT 1 CHECK (welcomed IN (0, 1)),   -- entries applied so far
    UNIQUE (guild_id, member_id),
    CONSTRAINT wallet_held_is_never_negative CHECK (held >= 0),
    CONSTRAINT wallet_available_is_never_negative CHECK (posted >= held)
) STRICT;
INSERT INTO "wallets" VALUES(1,1,10,2900,1050,17,0,0,1790035200000,'2026-09-21','2026-09-21','2026-09-01',1,'2026-09-22',50,50,50,100,1);
INSERT INTO "wallets" VALUES(2,1,11,335,0,5,0,0,0,'','','',NULL,'',0,0,0,0,1);
CREATE TRIGGER wallets_are_never_deleted BEFORE DELETE ON wallets BEGIN
    SELECT raise(ABORT, 'wallets are never deleted');
END;
CREATE INDEX jobs_open ON jobs (next_at) WHERE state NOT IN ('delivered', 'released');
CREATE INDEX jobs_by_wallet ON jobs (wallet_id, created_at);
CREATE INDEX jobs_waiting ON jobs (member_id, created_at) WHERE state = 'held';
CREATE INDEX jobs_in_hand ON jobs (member_id, created_at) WHERE state IN ('held', 'submitting', 'running');
CREATE INDEX jobs_aftercare ON jobs (next_at) WHERE state = 'released' AND (told = 0 OR late_looks > 0);
CREATE INDEX job_steps_by_job ON job_steps (job_id);
CREATE TRIGGER jobs_keep_their_terms BEFORE UPDATE OF id, wallet_id, cost, created_at ON jobs BEGIN
    SELECT raise(ABORT, 'the terms of a job never change');
END;
CREATE TRIGGER jobs_note_the_beginning AFTER INSERT ON jobs BEGIN
    INSERT INTO job_steps (job_id, state, epoch, at) VALUES (NEW.id, NEW.state, NEW.lease_epoch, NEW.created_at);
END;
CREATE TRIGGER jobs_note_each_step AFTER UPDATE OF state ON jobs BEGIN
    INSERT INTO job_steps (job_id, state, epoch, at) VALUES (NEW.id, NEW.state, NEW.lease_epoch, NEW.updated_at);
END;
CREATE TRIGGER jobs_are_never_deleted BEFORE DELETE ON jobs BEGIN
    SELECT raise(ABORT, 'jobs are never deleted');
END;
CREATE TRIGGER jobs_keep_their_refund BEFORE UPDATE OF refund ON jobs
WHEN NEW.refund <> OLD.refund AND OLD.state <> 'running' BEGIN
    SELECT raise(ABORT, 'what comes back is settled when the image is stored');
END;
CREATE INDEX jobs_by_member ON jobs (member_id, created_at);
CREATE INDEX jobs_by_message ON jobs (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX jobs_by_result ON jobs (result_id) WHERE result_id IS NOT NULL;
CREATE INDEX jobs_unnoted ON jobs (member_id) WHERE release_reason = 'undeliverable' AND noted = 0;
CREATE INDEX searches_by_age ON searches (made_at);
CREATE INDEX proposals_by_age ON proposals (updated_at);
CREATE UNIQUE INDEX templates_of_a_member ON templates (guild_id, member_id, name) WHERE published = 0;
CREATE UNIQUE INDEX templates_of_a_server ON templates (guild_id, name) WHERE published = 1;
CREATE TRIGGER wallets_start_empty BEFORE INSERT ON wallets
WHEN NEW.posted <> 0 OR NEW.held <> 0 OR NEW.seq <> 0 OR NEW.allowance <> 0 OR NEW.allowance_held <> 0 BEGIN
    SELECT raise(ABORT, 'wallets start empty');
END;
CREATE TRIGGER wallets_move_only_by_entries
BEFORE UPDATE OF id, posted, held, seq, allowance, allowance_held ON wallets
WHEN NEW.id <> OLD.id OR NEW.seq <> OLD.seq + 1 OR NOT EXISTS (
    SELECT 1 FROM entries WHERE wallet_id = OLD.id AND seq = NEW.seq
        AND posted_after = NEW.posted AND held_after = NEW.held
        AND allowance_after = NEW.allowance AND allowance_held_after = NEW.allowance_held)
BEGIN
    SELECT raise(ABORT, 'wallets move only by entries');
END;
CREATE TRIGGER jobs_begin_with_a_hold BEFORE INSERT ON jobs BEGIN
    SELECT raise(ABORT, 'job without hold') WHERE NEW.state <> 'held' OR NOT EXISTS (
        SELECT 1 FROM entries WHERE job_id = NEW.id AND kind = 'hold'
            AND wallet_id = NEW.wallet_id AND held_delta = NEW.cost);
END;
CREATE TRIGGER jobs_follow_the_edges BEFORE UPDATE OF state ON jobs BEGIN
    SELECT raise(ABORT, 'no such job transition') WHERE NOT EXISTS (
        SELECT 1 FROM job_edges WHERE from_state = OLD.state AND to_state = NEW.state);
    SELECT raise(ABORT, 'delivered without capture') WHERE NEW.state = 'delivered' AND NOT EXISTS (
        SELECT 1 FROM entries WHERE job_id = NEW.id AND kind IN ('capture', 'release') AND kind = 'capture');
    SELECT raise(ABORT, 'released without release') WHERE NEW.state = 'released' AND NOT EXISTS (
        SELECT 1 FROM entries WHERE job_id = NEW.id AND kind IN ('capture', 'release') AND kind = 'release');
END;
CREATE TRIGGER jobs_give_back_what_they_owe BEFORE UPDATE OF state ON jobs
WHEN NEW.state = 'delivered' AND NEW.refund > 0 BEGIN
    SELECT raise(ABORT, 'delivered without refund') WHERE NOT EXISTS (
        SELECT 1 FROM entries WHERE job_id = NEW.id AND kind = 'refund' AND posted_delta >= NEW.refund);
END;
CREATE INDEX jobs_by_server ON jobs (guild_id, created_at);
CREATE INDEX policy_log_by_rule ON policy_log (guild_id, rule, id);
CREATE INDEX policy_log_of_a_server ON policy_log (guild_id, id);
CREATE INDEX blocks_of_a_member ON blocks (guild_id, member_id, id);
CREATE INDEX jobs_refused ON jobs (member_id, updated_at) WHERE release_reason = 'content_refused';
CREATE INDEX jobs_sent ON jobs (submitted_at) WHERE submitted_at IS NOT NULL;
CREATE INDEX codes_of_a_server ON codes (guild_id, id);
CREATE UNIQUE INDEX requests_one_open ON requests (guild_id, member_id) WHERE state = 'open';
CREATE INDEX batches_only_asked ON batches (at) WHERE begun = 0;
CREATE INDEX wallets_by_member ON wallets (member_id);
CREATE INDEX proposals_by_member ON proposals (member_id);
CREATE INDEX templates_by_member ON templates (member_id);
CREATE INDEX reports_by_member ON reports (member_id);
CREATE INDEX requests_by_member ON requests (member_id);
CREATE INDEX blocks_by_member ON blocks (member_id);
CREATE INDEX jobs_at_supplier ON jobs (state, lease_owner)
    WHERE state IN ('submitting', 'running') OR (state = 'held' AND lease_owner IS NOT NULL);
CREATE INDEX jobs_awaiting ON jobs (member_id) WHERE state = 'awaiting';
CREATE UNIQUE INDEX entries_one_hold_per_job ON entries (job_id) WHERE kind = 'hold';
CREATE UNIQUE INDEX entries_one_ending_per_job ON entries (job_id) WHERE kind IN ('capture', 'release');
CREATE UNIQUE INDEX entries_undone_once ON entries (undoes) WHERE kind = 'undo';
CREATE INDEX entries_refunds_of_a_job ON entries (job_id) WHERE kind = 'refund';
CREATE INDEX entries_by_time ON entries (at);
CREATE INDEX entries_gifts ON entries (wallet_id, at) WHERE kind = 'gift_sent';
CREATE INDEX entries_of_allowances ON entries (wallet_id, allowance_day) WHERE allowance_day IS NOT NULL;
CREATE TRIGGER entries_follow_the_wallet BEFORE INSERT ON entries BEGIN
    SELECT raise(ABORT, 'entry out of sequence') WHERE NOT EXISTS (
        SELECT 1 FROM wallets WHERE id = NEW.wallet_id AND seq + 1 = NEW.seq
            AND posted + NEW.posted_delta = NEW.posted_after AND held + NEW.held_delta = NEW.held_after
            AND allowance + NEW.allowance_delta = NEW.allowance_after
            AND allowance_held + NEW.allowance_held_delta = NEW.allowance_held_after
            -- What is spent of an allowance is spent on the wallet's day; what is given back goes back to its own day.
            AND (NEW.allowance_day IS NULL OR NEW.kind NOT IN ('hold', 'take') OR NEW.allowance_day = allowance_day));
END;
CREATE TRIGGER entries_end_a_hold BEFORE INSERT ON entries WHEN NEW.kind IN ('capture', 'release') BEGIN
    SELECT raise(ABORT, 'no such hold') WHERE NOT EXISTS (
        SELECT 1 FROM entries WHERE job_id = NEW.job_id AND kind = 'hold' AND wallet_id = NEW.wallet_id
            AND held_delta = -NEW.held_delta AND allowance_held_delta = -NEW.allowance_held_delta
            AND allowance_day IS NEW.allowance_day);
END;
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
CREATE INDEX unconfirmed_acts_same ON unconfirmed_acts (actor_id, what);
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
CREATE TRIGGER budgets_grow_by_what_is_bought AFTER INSERT ON entries
WHEN NEW.kind IN ('purchase', 'purchase_refund') BEGIN
    INSERT INTO server_costs (guild_id, month, bought)
    SELECT guild_id, strftime('%Y-%m', NEW.at / 1000, 'unixepoch'), NEW.posted_delta FROM wallets WHERE id = NEW.wallet_id
    ON CONFLICT (guild_id, month) DO UPDATE SET bought = bought + excluded.bought;
END;
CREATE INDEX entries_given ON entries (actor, at) WHERE kind IN ('grant', 'refund');
CREATE UNIQUE INDEX showings_in_a_gallery ON showings (job_id) WHERE kind = 'gallery';
CREATE UNIQUE INDEX showings_in_a_channel ON showings (job_id, channel_id) WHERE kind = 'copy';
CREATE INDEX showings_by_message ON showings (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX showings_due ON showings (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX showings_with_token ON showings (token_until) WHERE token <> '';
CREATE INDEX tray_by_file ON tray (sha256);
CREATE INDEX tray_by_age ON tray (added_at);
CREATE UNIQUE INDEX jobs_place ON jobs (place);
CREATE TRIGGER budgets_give_back AFTER UPDATE OF state ON jobs
WHEN NEW.state = 'released'
    AND NEW.prediction_id IS NULL AND (NEW.submitted_at IS NULL OR NEW.release_reason <> 'unknown')
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
COMMIT;
CREATE VIRTUAL TABLE job_words USING fts5(
    words, content = '', columnsize = 0, detail = 'none', tokenize = 'ascii', prefix = '1 2');
DELETE FROM job_words_data;
INSERT INTO job_words_data VALUES (1, X'09817A');
INSERT INTO job_words_data VALUES (10, X'000000000109090009010101020101030101040101050101060101070101080101090101');
INSERT INTO job_words_data VALUES (137438953473, X'000002F206303031E2809D9080808007010731E2809DEE808A90808080070103347739908080800701033930319080808007020277679080808007010561EE80A07090808080070102637190808080070103647177908080800701056572EE80A09080808007010766EE80A0E2809C90808080070103677863908080800701056F66EE80A090808080070202737490808080070103706F7390808080070101719080808007020277349080808007010572EE80A06F9080808007010373746590808080070103746572908080800701037734779080808007020239779080808007020267789080808007010378637190808080070105E2809C3930908080800703059DEE808A6490808080070105EE808A647190808080070303A06F6690808080070402706F90808080070404E2809C39908080800700023130908080800701013190808080070101349080808007010139908080800701016190808080070101639080808007010164908080800701016590808080070101669080808007010167908080800701016F908080800701017090808080070101719080808007010172908080800701017390808080070101749080808007010177908080800701017890808080070103E2809C908080800703019D90808080070103EE808A90808080070301A0908080800700033230319080808007010431E2809D90808080070102347790808080070102393090808080070201779080808007010461EE80A09080808007010263719080808007010264719080808007010265729080808007010466EE80A0908080800701026778908080800701026F66908080800702017390808080070102706F9080808007010271779080808007010472EE80A09080808007010273749080808007010274659080808007010277349080808007020139908080800702016790808080070102786390808080070104E2809C39908080800703049DEE808A90808080070104EE808A6490808080070302A06F908080800704017090808080070403E2809C9080808007040C0E0A0A090C090A0C0E0A0C090A08090C0A0A0A09090A0C0C0C0A090B0908080808080808080808080808080808080A080A080A0B0909080B0909090B09090809090B0909090808090B0B0B0908');
INSERT INTO job_words_data VALUES (274877906945, X'000001F006303032E2809D9080808008010732E2809DEE808A908080800801033930329080808008010561EE80A070908080800801056572EE80A09080808008010766EE80A0E2809C908080800801056F66EE80A090808080080202737490808080080103706F739080808008010572EE80A06F908080800801037374659080808008010374657290808080080105E2809C3930908080800803049DEE808A90808080080103EE808A90808080080303A06F6690808080080402706F90808080080404E2809C3990808080080002313090808080080101329080808008010139908080800801016190808080080101659080808008010166908080800801016F908080800801017090808080080101729080808008010173908080800801017490808080080103E2809C908080800803019D90808080080103EE808A90808080080301A0908080800800033230329080808008010432E2809D9080808008010239309080808008010461EE80A09080808008010265729080808008010466EE80A0908080800801026F66908080800802017390808080080102706F9080808008010472EE80A090808080080102737490808080080102746590808080080104E2809C39908080800803049DEE808A90808080080104EE80A06F908080800804017090808080080403E2809C9080808008040C0E0A0C0C0E0C090A0C0A0A0C0B0A0A090B09080808080808080808080A080A080A0B090B090B0908090B09090B0B0B08');
INSERT INTO job_words_data VALUES (412316860417, X'000002F2083030E2809DEE808A908080800901053130E2809D90808080090103347739908080800901033931309080808009020277679080808009010561EE80A07090808080090102637190808080090103647177908080800901056572EE80A09080808009010766EE80A0E2809C90808080090103677863908080800901056F66EE80A090808080090202737490808080090103706F7390808080090101719080808009020277349080808009010572EE80A06F9080808009010373746590808080090103746572908080800901037734779080808009020239779080808009020267789080808009010378637190808080090105E2809C3931908080800903059DEE808A6490808080090105EE808A647190808080090303A06F6690808080090402706F90808080090404E2809C39908080800900023130908080800901013190808080090101349080808009010139908080800901016190808080090101639080808009010164908080800901016590808080090101669080808009010167908080800901016F908080800901017090808080090101719080808009010172908080800901017390808080090101749080808009010177908080800901017890808080090103E2809C908080800903019D90808080090103EE808A90808080090301A0908080800900053230E2809D90808080090102313090808080090102347790808080090102393190808080090201779080808009010461EE80A09080808009010263719080808009010264719080808009010265729080808009010466EE80A0908080800901026778908080800901026F66908080800902017390808080090102706F9080808009010271779080808009010472EE80A09080808009010273749080808009010274659080808009010277349080808009020139908080800902016790808080090102786390808080090104E2809C39908080800903049DEE808A90808080090104EE808A6490808080090302A06F908080800904017090808080090403E2809C9080808009040E0C0A0A090C090A0C0E0A0C090A08090C0A0A0A09090A0C0C0C0A090B0908080808080808080808080808080808080A080A080C090909080B0909090B09090809090B0909090808090B0B0B0908');
INSERT INTO job_words_data VALUES (549755813889, X'000002E806303131E2809D908080800A0206E2809DEE808A908080800A0103347739908080800A0103393131908080800A02027767908080800A010561EE80A070908080800A01026371908080800A0103647177908080800A01056572EE80A0908080800A010766EE80A0E2809C908080800A0103677863908080800A01056F66EE80A0908080800A02027374908080800A0103706F73908080800A010171908080800A02027734908080800A010572EE80A06F908080800A0103737465908080800A0103746572908080800A0103773477908080800A02023977908080800A02026778908080800A0103786371908080800A0105E2809C3931908080800A03059DEE808A64908080800A0105EE808A6471908080800A0303A06F66908080800A0402706F908080800A0404E2809C39908080800A00023131908080800A010134908080800A010139908080800A010161908080800A010163908080800A010164908080800A010165908080800A010166908080800A010167908080800A01016F908080800A010170908080800A010171908080800A010172908080800A010173908080800A010174908080800A010177908080800A010178908080800A0103E2809C908080800A03019D908080800A0103EE808A908080800A0301A0908080800A0003323131908080800A0203E2809D908080800A01023477908080800A01023931908080800A020177908080800A010461EE80A0908080800A01026371908080800A01026471908080800A01026572908080800A010466EE80A0908080800A01026778908080800A01026F66908080800A020173908080800A0102706F908080800A01027177908080800A010472EE80A0908080800A01027374908080800A01027465908080800A01027734908080800A020139908080800A020167908080800A01027863908080800A0104E2809C39908080800A03049DEE808A908080800A0104EE808A64908080800A0302A06F908080800A040170908080800A0403E2809C908080800A040C0D0A0A090C090A0C0E0A0C090A08090C0A0A0A09090A0C0C0C0A090B09080808080808080808080808080808080A080A080A0A0909080B0909090B09090809090B0909090808090B0B0B0908');
INSERT INTO job_words_data VALUES (687194767361, X'000002F206303132E2809D908080800B010732E2809DEE808A908080800B0103347739908080800B0103393132908080800B02027767908080800B010561EE80A070908080800B01026371908080800B0103647177908080800B01056572EE80A0908080800B010766EE80A0E2809C908080800B0103677863908080800B01056F66EE80A0908080800B02027374908080800B0103706F73908080800B010171908080800B02027734908080800B010572EE80A06F908080800B0103737465908080800B0103746572908080800B0103773477908080800B02023977908080800B02026778908080800B0103786371908080800B0105E2809C3931908080800B03059DEE808A64908080800B0105EE808A6471908080800B0303A06F66908080800B0402706F908080800B0404E2809C39908080800B00023131908080800B010132908080800B010134908080800B010139908080800B010161908080800B010163908080800B010164908080800B010165908080800B010166908080800B010167908080800B01016F908080800B010170908080800B010171908080800B010172908080800B010173908080800B010174908080800B010177908080800B010178908080800B0103E2809C908080800B03019D908080800B0103EE808A908080800B0301A0908080800B0003323132908080800B010432E2809D908080800B01023477908080800B01023931908080800B020177908080800B010461EE80A0908080800B01026371908080800B01026471908080800B01026572908080800B010466EE80A0908080800B01026778908080800B01026F66908080800B020173908080800B0102706F908080800B01027177908080800B010472EE80A0908080800B01027374908080800B01027465908080800B01027734908080800B020139908080800B020167908080800B01027863908080800B0104E2809C39908080800B03049DEE808A908080800B0104EE808A64908080800B0302A06F908080800B040170908080800B0403E2809C908080800B040C0E0A0A090C090A0C0E0A0C090A08090C0A0A0A09090A0C0C0C0A090B0908080808080808080808080808080808080A080A080A0B0909080B0909090B09090809090B0909090808090B0B0B0908');
INSERT INTO job_words_data VALUES (824633720833, X'000002F206303133E2809D908080800C010733E2809DEE808A908080800C0103347739908080800C0103393133908080800C02027767908080800C010561EE80A070908080800C01026371908080800C0103647177908080800C01056572EE80A0908080800C010766EE80A0E2809C908080800C0103677863908080800C01056F66EE80A0908080800C02027374908080800C0103706F73908080800C010171908080800C02027734908080800C010572EE80A06F908080800C0103737465908080800C0103746572908080800C0103773477908080800C02023977908080800C02026778908080800C0103786371908080800C0105E2809C3931908080800C03059DEE808A64908080800C0105EE808A6471908080800C0303A06F66908080800C0402706F908080800C0404E2809C39908080800C00023131908080800C010133908080800C010134908080800C010139908080800C010161908080800C010163908080800C010164908080800C010165908080800C010166908080800C010167908080800C01016F908080800C010170908080800C010171908080800C010172908080800C010173908080800C010174908080800C010177908080800C010178908080800C0103E2809C908080800C03019D908080800C0103EE808A908080800C0301A0908080800C0003323133908080800C010433E2809D908080800C01023477908080800C01023931908080800C020177908080800C010461EE80A0908080800C01026371908080800C01026471908080800C01026572908080800C010466EE80A0908080800C01026778908080800C01026F66908080800C020173908080800C0102706F908080800C01027177908080800C010472EE80A0908080800C01027374908080800C01027465908080800C01027734908080800C020139908080800C020167908080800C01027863908080800C0104E2809C39908080800C03049DEE808A908080800C0104EE808A64908080800C0302A06F908080800C040170908080800C0403E2809C908080800C040C0E0A0A090C090A0C0E0A0C090A08090C0A0A0A09090A0C0C0C0A090B0908080808080808080808080808080808080A080A080A0B0909080B0909090B09090809090B0909090808090B0B0B0908');
INSERT INTO job_words_data VALUES (962072674305, X'000002E806303134E2809D908080800D0103347739908080800D0206E2809DEE808A908080800D0103393134908080800D02027767908080800D010561EE80A070908080800D01026371908080800D0103647177908080800D01056572EE80A0908080800D010766EE80A0E2809C908080800D0103677863908080800D01056F66EE80A0908080800D02027374908080800D0103706F73908080800D010171908080800D02027734908080800D010572EE80A06F908080800D0103737465908080800D0103746572908080800D0103773477908080800D02023977908080800D02026778908080800D0103786371908080800D0105E2809C3931908080800D03059DEE808A64908080800D0105EE808A6471908080800D0303A06F66908080800D0402706F908080800D0404E2809C39908080800D00023131908080800D010134908080800D010139908080800D010161908080800D010163908080800D010164908080800D010165908080800D010166908080800D010167908080800D01016F908080800D010170908080800D010171908080800D010172908080800D010173908080800D010174908080800D010177908080800D010178908080800D0103E2809C908080800D03019D908080800D0103EE808A908080800D0301A0908080800D0003323134908080800D01023477908080800D0203E2809D908080800D01023931908080800D020177908080800D010461EE80A0908080800D01026371908080800D01026471908080800D01026572908080800D010466EE80A0908080800D01026778908080800D01026F66908080800D020173908080800D0102706F908080800D01027177908080800D010472EE80A0908080800D01027374908080800D01027465908080800D01027734908080800D020139908080800D020167908080800D01027863908080800D0104E2809C39908080800D03049DEE808A908080800D0104EE808A64908080800D0302A06F908080800D040170908080800D0403E2809C908080800D040C0A0D0A090C090A0C0E0A0C090A08090C0A0A0A09090A0C0C0C0A090B09080808080808080808080808080808080A080A080A090A09080B0909090B09090809090B0909090808090B0B0B0908');
INSERT INTO job_words_data VALUES (1099511627777, X'000002F206303135E2809D908080800E0103347739908080800E010735E2809DEE808A908080800E0103393135908080800E02027767908080800E010561EE80A070908080800E01026371908080800E0103647177908080800E01056572EE80A0908080800E010766EE80A0E2809C908080800E0103677863908080800E01056F66EE80A0908080800E02027374908080800E0103706F73908080800E010171908080800E02027734908080800E010572EE80A06F908080800E0103737465908080800E0103746572908080800E0103773477908080800E02023977908080800E02026778908080800E0103786371908080800E0105E2809C3931908080800E03059DEE808A64908080800E0105EE808A6471908080800E0303A06F66908080800E0402706F908080800E0404E2809C39908080800E00023131908080800E010134908080800E010135908080800E010139908080800E010161908080800E010163908080800E010164908080800E010165908080800E010166908080800E010167908080800E01016F908080800E010170908080800E010171908080800E010172908080800E010173908080800E010174908080800E010177908080800E010178908080800E0103E2809C908080800E03019D908080800E0103EE808A908080800E0301A0908080800E0003323135908080800E01023477908080800E010435E2809D908080800E01023931908080800E020177908080800E010461EE80A0908080800E01026371908080800E01026471908080800E01026572908080800E010466EE80A0908080800E01026778908080800E01026F66908080800E020173908080800E0102706F908080800E01027177908080800E010472EE80A0908080800E01027374908080800E01027465908080800E01027734908080800E020139908080800E020167908080800E01027863908080800E0104E2809C39908080800E03049DEE808A908080800E0104EE808A64908080800E0302A06F908080800E040170908080800E0403E2809C908080800E040C0A0E0A090C090A0C0E0A0C090A08090C0A0A0A09090A0C0C0C0A090B0908080808080808080808080808080808080A080A080A090B09080B0909090B09090809090B0909090808090B0B0B0908');
INSERT INTO job_words_data VALUES (1236950581249, X'000002F206303136E2809D908080800F0103347739908080800F010736E2809DEE808A908080800F0103393136908080800F02027767908080800F010561EE80A070908080800F01026371908080800F0103647177908080800F01056572EE80A0908080800F010766EE80A0E2809C908080800F0103677863908080800F01056F66EE80A0908080800F02027374908080800F0103706F73908080800F010171908080800F02027734908080800F010572EE80A06F908080800F0103737465908080800F0103746572908080800F0103773477908080800F02023977908080800F02026778908080800F0103786371908080800F0105E2809C3931908080800F03059DEE808A64908080800F0105EE808A6471908080800F0303A06F66908080800F0402706F908080800F0404E2809C39908080800F00023131908080800F010134908080800F010136908080800F010139908080800F010161908080800F010163908080800F010164908080800F010165908080800F010166908080800F010167908080800F01016F908080800F010170908080800F010171908080800F010172908080800F010173908080800F010174908080800F010177908080800F010178908080800F0103E2809C908080800F03019D908080800F0103EE808A908080800F0301A0908080800F0003323136908080800F01023477908080800F010436E2809D908080800F01023931908080800F020177908080800F010461EE80A0908080800F01026371908080800F01026471908080800F01026572908080800F010466EE80A0908080800F01026778908080800F01026F66908080800F020173908080800F0102706F908080800F01027177908080800F010472EE80A0908080800F01027374908080800F01027465908080800F01027734908080800F020139908080800F020167908080800F01027863908080800F0104E2809C39908080800F03049DEE808A908080800F0104EE808A64908080800F0302A06F908080800F040170908080800F0403E2809C908080800F040C0A0E0A090C090A0C0E0A0C090A08090C0A0A0A09090A0C0C0C0A090B0908080808080808080808080808080808080A080A080A090B09080B0909090B09090809090B0909090808090B0B0B0908');
DELETE FROM job_words_idx;
INSERT INTO job_words_idx VALUES (1, X'', 2);
INSERT INTO job_words_idx VALUES (2, X'', 2);
INSERT INTO job_words_idx VALUES (3, X'', 2);
INSERT INTO job_words_idx VALUES (4, X'', 2);
INSERT INTO job_words_idx VALUES (5, X'', 2);
INSERT INTO job_words_idx VALUES (6, X'', 2);
INSERT INTO job_words_idx VALUES (7, X'', 2);
INSERT INTO job_words_idx VALUES (8, X'', 2);
INSERT INTO job_words_idx VALUES (9, X'', 2);
DELETE FROM job_words_config;
INSERT INTO job_words_config VALUES ('version', 4);
