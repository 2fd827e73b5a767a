-- A request that the supplier has refused bought nothing, whatever the reason. Only of an unknown one is this not sure.
DROP TRIGGER budgets_give_back ON jobs;
CREATE TRIGGER budgets_give_back AFTER UPDATE OF state ON jobs FOR EACH ROW
    WHEN (NEW.state = 'released' AND NEW.prediction_id IS NULL
        AND (NEW.submitted_at IS NULL OR NEW.release_reason <> 'unknown'))
    EXECUTE FUNCTION job_bought_nothing();
