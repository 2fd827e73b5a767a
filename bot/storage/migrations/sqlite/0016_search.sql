-- What the history is searched by: prompt and video without case and marks (bot/domain/search_text.py), and an index of
-- its pieces, three characters each. The place of a job in the index: its wallet, then the number of its hold.
ALTER TABLE jobs ADD COLUMN place INTEGER;
ALTER TABLE jobs ADD COLUMN search_text TEXT NOT NULL DEFAULT '';
UPDATE jobs SET
    search_text = search_text(prompt, video),
    place = wallet_id * 4294967296 + (SELECT seq FROM entries WHERE job_id = jobs.id AND kind = 'hold');
CREATE UNIQUE INDEX jobs_place ON jobs (place);
CREATE VIRTUAL TABLE job_words USING fts5(
    words, content = '', columnsize = 0, detail = 'none', tokenize = 'ascii', prefix = '1 2');
INSERT INTO job_words (rowid, words) SELECT place, grams(search_text) FROM jobs ORDER BY place;
-- A request that the supplier has refused bought nothing, whatever the reason. Only of an unknown one is this not sure.
DROP TRIGGER budgets_give_back;
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
