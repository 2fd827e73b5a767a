-- An image that could be shown nowhere waits with its hold, until it is shown and charged, or given up.

ALTER TABLE jobs ADD COLUMN awaiting_since INTEGER                     -- when it could be shown nowhere for the first time
    CONSTRAINT awaiting_has_an_image_that_was_not_shown CHECK (
        state <> 'awaiting' OR (awaiting_since IS NOT NULL AND image_name IS NOT NULL AND result_id IS NULL));
ALTER TABLE jobs ADD COLUMN answer_channel INTEGER;                    -- where it is to be shown, if not where it was ordered

INSERT INTO job_edges VALUES
    ('stored', 'awaiting'), ('posting', 'awaiting'), ('awaiting', 'posting'), ('awaiting', 'released');

CREATE INDEX jobs_awaiting ON jobs (member_id) WHERE state = 'awaiting';
