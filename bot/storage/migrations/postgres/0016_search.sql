-- What the history is searched by: prompt and video without case and marks (bot/domain/search_text.py fills it in), and
-- an index of its pieces, three characters each, where this user may make it. The place of a job, by which SQLite's index
-- is sorted: its wallet, then the number of its hold.
ALTER TABLE jobs ADD COLUMN place BIGINT;
ALTER TABLE jobs ADD COLUMN search_text TEXT COLLATE "C" NOT NULL DEFAULT '';
UPDATE jobs SET place = jobs.wallet_id * 4294967296 + entries.seq
FROM entries WHERE entries.job_id = jobs.id AND entries.kind = 'hold';
CREATE UNIQUE INDEX jobs_place ON jobs (place);
DO $$ BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE INDEX jobs_search ON jobs USING gin (search_text gin_trgm_ops);
EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported OR undefined_object THEN
    RAISE NOTICE 'without pg_trgm a search reads all jobs of its member';
END $$;

-- A request that the supplier has refused bought nothing, whatever the reason. Only of an unknown one is this not sure.
DROP TRIGGER budgets_give_back ON jobs;
CREATE TRIGGER budgets_give_back AFTER UPDATE OF state ON jobs FOR EACH ROW
    WHEN (NEW.state = 'released' AND NEW.prediction_id IS NULL
        AND (NEW.submitted_at IS NULL OR NEW.release_reason <> 'unknown'))
    EXECUTE FUNCTION job_bought_nothing();
