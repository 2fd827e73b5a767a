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
