-- oldest code: 4
-- The model of a member's orders that name none. NULL is the server's default.
ALTER TABLE preferences ADD COLUMN model TEXT;
