-- What the history is searched by: prompt and video without case and marks (bot/domain/search_text.py fills it in), and
-- an index of its pieces, up to three characters each, by wallet, so that the jobs of others cost nothing. The place of a
-- job: its wallet, then the number of its hold.
ALTER TABLE jobs ADD COLUMN place BIGINT;
ALTER TABLE jobs ADD COLUMN search_text TEXT COLLATE "C" NOT NULL DEFAULT '';
UPDATE jobs SET place = jobs.wallet_id * 4294967296 + entries.seq
FROM entries WHERE entries.job_id = jobs.id AND entries.kind = 'hold';
CREATE UNIQUE INDEX jobs_place ON jobs (place);
-- A piece is kept as a hash. `shortest`: of so many characters at least.
CREATE FUNCTION pieces_of(wallet_id BIGINT, words TEXT, shortest INTEGER) RETURNS INTEGER[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT hashtext(wallet_id || ' ' || piece)), '{}')
    FROM (SELECT one, lead(one, 1) OVER following AS two, lead(one, 2) OVER following AS three
          FROM unnest(string_to_array(words, NULL)) WITH ORDINALITY AS letters (one, number)
          WINDOW following AS (ORDER BY number)) AS threes,
        LATERAL (VALUES (1, one), (2, one || two), (3, one || two || three)) AS pieces (size, piece)
    WHERE piece IS NOT NULL AND size >= shortest
$$;
-- Its index, jobs_search, is made when the texts are there.

-- A request that the supplier has refused bought nothing, whatever the reason. Only of an unknown one is this not sure.
DROP TRIGGER budgets_give_back ON jobs;
CREATE TRIGGER budgets_give_back AFTER UPDATE OF state ON jobs FOR EACH ROW
    WHEN (NEW.state = 'released' AND NEW.prediction_id IS NULL
        AND (NEW.submitted_at IS NULL OR NEW.release_reason <> 'unknown'))
    EXECUTE FUNCTION job_bought_nothing();
