-- The model of a job, by the key of its row, for the history and the usage. All jobs so far are of the first row.

ALTER TABLE jobs ADD COLUMN model TEXT NOT NULL DEFAULT 'nb2-dev';
