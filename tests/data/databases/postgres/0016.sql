-- A database as the code of migration 0016 left it: something in every table, an open job in each state.
-- Made by tests/data/databases/write.py at commit 7e0f2b4, with pg_dump --inserts.
SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
CREATE FUNCTION public.clock_ms(now bigint) RETURNS bigint
    LANGUAGE sql STABLE
    AS $$
    SELECT (extract(epoch FROM statement_timestamp()) * 1000)::bigint
$$;
CREATE FUNCTION public.entry_counts_what_is_spent() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    moved BIGINT := NEW.allowance_held_delta - NEW.allowance_delta;
BEGIN
    UPDATE wallets SET
        day_spent = day_spent + CASE WHEN NEW.allowance_day >= allowance_day THEN moved ELSE 0 END,
        week_spent = week_spent + CASE WHEN NEW.allowance_day >= allowance_week THEN moved ELSE 0 END,
        month_spent = month_spent + CASE WHEN NEW.allowance_day >= allowance_month THEN moved ELSE 0 END,
        charged = charged + CASE WHEN NEW.kind IN ('capture', 'refund')
            THEN NEW.allowance_delta - NEW.posted_delta ELSE 0 END
    WHERE id = NEW.wallet_id;
    RETURN NULL;
END $$;
CREATE FUNCTION public.entry_follows_the_rules() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    broken TEXT;
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM wallets WHERE id = NEW.wallet_id AND seq + 1 = NEW.seq
            AND posted + NEW.posted_delta = NEW.posted_after AND held + NEW.held_delta = NEW.held_after
            AND allowance + NEW.allowance_delta = NEW.allowance_after
            AND allowance_held + NEW.allowance_held_delta = NEW.allowance_held_after
            -- What is spent of an allowance is spent on the wallet's day; what is given back goes back to its own day.
            AND (NEW.allowance_day IS NULL OR NEW.kind NOT IN ('hold', 'take')
                OR NEW.allowance_day = allowance_day)) THEN
        broken := 'entry out of sequence';
    ELSIF NEW.kind IN ('capture', 'release') AND NOT EXISTS (
        SELECT 1 FROM entries WHERE job_id = NEW.job_id AND kind = 'hold' AND wallet_id = NEW.wallet_id
            AND held_delta = -NEW.held_delta AND allowance_held_delta = -NEW.allowance_held_delta
            AND allowance_day IS NOT DISTINCT FROM NEW.allowance_day) THEN
        broken := 'no such hold';
    -- All refunds of a job together, in each bucket, are never more than what was charged from it.
    ELSIF NEW.kind = 'refund' AND NOT EXISTS (
        SELECT 1 FROM entries AS charge, (
            SELECT coalesce(sum(posted_delta), 0) AS posted, coalesce(sum(allowance_delta), 0) AS allowance
            FROM entries WHERE job_id = NEW.job_id AND kind = 'refund') AS earlier
        WHERE charge.job_id = NEW.job_id AND charge.kind IN ('capture', 'release') AND charge.kind = 'capture'
            AND charge.wallet_id = NEW.wallet_id
            AND coalesce(NEW.allowance_day, charge.allowance_day, '') = coalesce(charge.allowance_day, '')
            AND earlier.allowance + NEW.allowance_delta <= -charge.allowance_delta
            AND earlier.posted - earlier.allowance + NEW.posted_delta - NEW.allowance_delta
                <= -(charge.posted_delta - charge.allowance_delta)) THEN
        broken := 'refund without capture';
    ELSIF NEW.kind = 'undo' AND NOT EXISTS (
        SELECT 1 FROM entries WHERE id = NEW.undoes AND wallet_id = NEW.wallet_id AND job_id IS NULL AND kind <> 'undo'
            AND posted_delta = -NEW.posted_delta AND allowance_delta = -NEW.allowance_delta
            AND allowance_day IS NOT DISTINCT FROM NEW.allowance_day) THEN
        broken := 'nothing such to undo';
    END IF;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION '%', broken USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION public.entry_grows_budgets() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO server_costs (guild_id, month, bought)
    SELECT guild_id, strftime('%Y-%m', NEW.at / 1000, 'unixepoch'), NEW.posted_delta FROM wallets WHERE id = NEW.wallet_id
    ON CONFLICT (guild_id, month) DO UPDATE SET bought = server_costs.bought + excluded.bought;
    RETURN NULL;
END $$;
CREATE FUNCTION public.entry_moves_the_wallet() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE wallets SET posted = NEW.posted_after, held = NEW.held_after, seq = NEW.seq,
        allowance = NEW.allowance_after, allowance_held = NEW.allowance_held_after WHERE id = NEW.wallet_id;
    RETURN NULL;
END $$;
CREATE FUNCTION public.job_begins() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO job_steps (job_id, state, epoch, at) VALUES (NEW.id, NEW.state, NEW.lease_epoch, NEW.created_at);
    RETURN NULL;
END $$;
CREATE FUNCTION public.job_begins_with_a_hold() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF NEW.state <> 'held' OR NOT EXISTS (
        SELECT 1 FROM entries WHERE job_id = NEW.id AND kind = 'hold'
            AND wallet_id = NEW.wallet_id AND held_delta = NEW.cost) THEN
        RAISE EXCEPTION 'job without hold' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION public.job_bought_nothing() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF NEW.list_micros > 0 THEN
        UPDATE day_costs SET
            micros = micros - NEW.list_micros, stranger_micros = stranger_micros - NEW.list_micros * NEW.stranger
        WHERE day = NEW.created_at / 86400000 AND shard = (NEW.member_id >> 22) % 8;
        UPDATE server_costs SET micros = micros - NEW.list_micros
        WHERE guild_id = NEW.guild_id AND month = strftime('%Y-%m', NEW.created_at / 1000, 'unixepoch');
    END IF;
    UPDATE spending SET
        held = held - CASE OLD.state WHEN 'held' THEN NEW.cost ELSE 0 END,
        spent = spent - CASE OLD.state WHEN 'held' THEN 0 ELSE NEW.cost END
    WHERE guild_id = NEW.guild_id AND month = NEW.month;
    UPDATE channel_spending SET credits = credits - NEW.cost
    WHERE guild_id = NEW.guild_id AND month = NEW.month AND channel_id = coalesce(NEW.home_channel, NEW.channel_id);
    RETURN NULL;
END $$;
CREATE FUNCTION public.job_corrects_budgets() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    more BIGINT := coalesce(NEW.price_micros, NEW.list_micros) - coalesce(OLD.price_micros, NEW.list_micros);
BEGIN
    UPDATE day_costs SET micros = micros + more, stranger_micros = stranger_micros + more * NEW.stranger
    WHERE day = NEW.created_at / 86400000 AND shard = (NEW.member_id >> 22) % 8;
    UPDATE server_costs SET micros = micros + more
    WHERE guild_id = NEW.guild_id AND month = strftime('%Y-%m', NEW.created_at / 1000, 'unixepoch');
    RETURN NULL;
END $$;
CREATE FUNCTION public.job_follows_the_edges() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    broken TEXT;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM job_edges WHERE from_state = OLD.state AND to_state = NEW.state) THEN
        broken := 'no such job transition';
    ELSIF NEW.state = 'delivered' AND NOT EXISTS (
        SELECT 1 FROM entries WHERE job_id = NEW.id AND kind IN ('capture', 'release') AND kind = 'capture') THEN
        broken := 'delivered without capture';
    ELSIF NEW.state = 'released' AND NOT EXISTS (
        SELECT 1 FROM entries WHERE job_id = NEW.id AND kind IN ('capture', 'release') AND kind = 'release') THEN
        broken := 'released without release';
    ELSIF NEW.state = 'delivered' AND NEW.refund > 0 AND NOT EXISTS (
        SELECT 1 FROM entries WHERE job_id = NEW.id AND kind = 'refund' AND posted_delta >= NEW.refund) THEN
        broken := 'delivered without refund';
    END IF;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION '%', broken USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION public.job_reserves_budgets() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF NEW.list_micros > 0 THEN
        INSERT INTO day_costs (day, shard, micros, stranger_micros)
        VALUES (NEW.created_at / 86400000, (NEW.member_id >> 22) % 8, NEW.list_micros, NEW.list_micros * NEW.stranger)
        ON CONFLICT (day, shard) DO UPDATE SET micros = day_costs.micros + excluded.micros,
            stranger_micros = day_costs.stranger_micros + excluded.stranger_micros;
        INSERT INTO server_costs (guild_id, month, micros)
        VALUES (NEW.guild_id, strftime('%Y-%m', NEW.created_at / 1000, 'unixepoch'), NEW.list_micros)
        ON CONFLICT (guild_id, month) DO UPDATE SET micros = server_costs.micros + excluded.micros;
    END IF;
    IF NEW.month <> '' THEN
        INSERT INTO spending (guild_id, month, held) VALUES (NEW.guild_id, NEW.month, NEW.cost)
        ON CONFLICT (guild_id, month) DO UPDATE SET held = spending.held + excluded.held;
        INSERT INTO channel_spending (guild_id, month, channel_id, credits)
        VALUES (NEW.guild_id, NEW.month, coalesce(NEW.home_channel, NEW.channel_id), NEW.cost)
        ON CONFLICT (guild_id, month, channel_id) DO UPDATE SET credits = channel_spending.credits + excluded.credits;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION public.job_steps_on() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO job_steps (job_id, state, epoch, at) VALUES (NEW.id, NEW.state, NEW.lease_epoch, NEW.updated_at);
    RETURN NULL;
END $$;
CREATE FUNCTION public.job_was_sent() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE spending SET
        held = held + CASE NEW.state WHEN 'held' THEN NEW.cost ELSE -NEW.cost END,
        spent = spent + CASE NEW.state WHEN 'held' THEN -NEW.cost ELSE NEW.cost END
    WHERE guild_id = NEW.guild_id AND month = NEW.month;
    RETURN NULL;
END $$;
CREATE FUNCTION public.json_extract(document text, path text) RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT document::jsonb #>> string_to_array(substr(path, 3), '.')
$$;
CREATE FUNCTION public.pieces_of(wallet_id bigint, words text, shortest integer) RETURNS integer[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT coalesce(array_agg(DISTINCT hashtext(wallet_id || ' ' || piece)), '{}')
    FROM (SELECT one, lead(one, 1) OVER following AS two, lead(one, 2) OVER following AS three
          FROM unnest(string_to_array(words, NULL)) WITH ORDINALITY AS letters (one, number)
          WINDOW following AS (ORDER BY number)) AS threes,
        LATERAL (VALUES (1, one), (2, one || two), (3, one || two || three)) AS pieces (size, piece)
    WHERE piece IS NOT NULL AND size >= shortest
$$;
CREATE FUNCTION public.refuse() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE FUNCTION public.strftime(format text, seconds bigint, modifier text) RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT to_char(to_timestamp(seconds) AT TIME ZONE 'UTC', 'YYYY-MM')
$$;
CREATE FUNCTION public.wallet_moves_by_an_entry() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF NEW.id <> OLD.id OR NEW.seq <> OLD.seq + 1 OR NOT EXISTS (
        SELECT 1 FROM entries WHERE wallet_id = OLD.id AND seq = NEW.seq
            AND posted_after = NEW.posted AND held_after = NEW.held
            AND allowance_after = NEW.allowance AND allowance_held_after = NEW.allowance_held) THEN
        RAISE EXCEPTION 'wallets move only by entries' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public.batch_members (
    batch_id text NOT NULL COLLATE pg_catalog."C",
    member_id bigint NOT NULL
);
CREATE TABLE public.batches (
    id text NOT NULL COLLATE pg_catalog."C",
    guild_id bigint NOT NULL,
    amount bigint NOT NULL,
    reason text NOT NULL COLLATE pg_catalog."C",
    actor bigint NOT NULL,
    at bigint NOT NULL,
    begun bigint DEFAULT 0 NOT NULL,
    CONSTRAINT batches_amount_check CHECK ((amount > 0)),
    CONSTRAINT batches_begun_check CHECK ((begun = ANY (ARRAY[(0)::bigint, (1)::bigint])))
);
CREATE TABLE public.blocks (
    id bigint NOT NULL,
    guild_id bigint NOT NULL,
    member_id bigint NOT NULL,
    blocked bigint NOT NULL,
    until bigint,
    reason text NOT NULL COLLATE pg_catalog."C",
    actor text NOT NULL COLLATE pg_catalog."C",
    at bigint NOT NULL,
    CONSTRAINT blocks_blocked_check CHECK ((blocked = ANY (ARRAY[(0)::bigint, (1)::bigint])))
);
ALTER TABLE public.blocks ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.blocks_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.buckets (
    name text NOT NULL COLLATE pg_catalog."C",
    free_at bigint NOT NULL
);
CREATE TABLE public.channel_spending (
    guild_id bigint NOT NULL,
    month text NOT NULL COLLATE pg_catalog."C",
    channel_id bigint NOT NULL,
    credits bigint DEFAULT 0 NOT NULL,
    CONSTRAINT channel_spending_credits_check CHECK ((credits >= 0))
);
CREATE TABLE public.code_tries (
    member_id bigint NOT NULL,
    since bigint NOT NULL,
    wrong bigint NOT NULL
);
CREATE TABLE public.codes (
    id bigint NOT NULL,
    guild_id bigint NOT NULL,
    sha256 text NOT NULL COLLATE pg_catalog."C",
    hint text NOT NULL COLLATE pg_catalog."C",
    amount bigint NOT NULL,
    uses bigint NOT NULL,
    used bigint DEFAULT 0 NOT NULL,
    expires_at bigint,
    withdrawn bigint DEFAULT 0 NOT NULL,
    reason text NOT NULL COLLATE pg_catalog."C",
    actor bigint NOT NULL,
    at bigint NOT NULL,
    CONSTRAINT codes_amount_check CHECK ((amount > 0)),
    CONSTRAINT codes_check CHECK (((used >= 0) AND (used <= uses))),
    CONSTRAINT codes_uses_check CHECK ((uses > 0)),
    CONSTRAINT codes_withdrawn_check CHECK ((withdrawn = ANY (ARRAY[(0)::bigint, (1)::bigint])))
);
ALTER TABLE public.codes ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.codes_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.day_costs (
    day bigint NOT NULL,
    shard bigint NOT NULL,
    micros bigint DEFAULT 0 NOT NULL,
    stranger_micros bigint DEFAULT 0 NOT NULL,
    CONSTRAINT day_costs_shard_check CHECK (((shard >= 0) AND (shard <= 7)))
);
CREATE TABLE public.duties (
    name text NOT NULL COLLATE pg_catalog."C",
    owner text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.entries (
    id bigint NOT NULL,
    wallet_id bigint NOT NULL,
    seq bigint NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    posted_delta bigint NOT NULL,
    held_delta bigint NOT NULL,
    allowance_delta bigint DEFAULT 0 NOT NULL,
    allowance_held_delta bigint DEFAULT 0 NOT NULL,
    posted_after bigint NOT NULL,
    held_after bigint NOT NULL,
    allowance_after bigint DEFAULT 0 NOT NULL,
    allowance_held_after bigint DEFAULT 0 NOT NULL,
    job_id text COLLATE pg_catalog."C",
    undoes bigint,
    key text NOT NULL COLLATE pg_catalog."C",
    actor text NOT NULL COLLATE pg_catalog."C",
    reason text NOT NULL COLLATE pg_catalog."C",
    at bigint NOT NULL,
    allowance_day text COLLATE pg_catalog."C",
    CONSTRAINT entry_available_is_never_negative CHECK ((posted_after >= held_after)),
    CONSTRAINT entry_buckets_are_never_negative CHECK ((((allowance_held_after >= 0) AND (allowance_held_after <= allowance_after)) AND (held_after >= allowance_held_after) AND ((posted_after - allowance_after) >= (held_after - allowance_held_after)))),
    CONSTRAINT entry_has_a_reason CHECK ((length(TRIM(BOTH FROM reason)) > 0)),
    CONSTRAINT entry_has_an_actor CHECK ((length(TRIM(BOTH FROM actor)) > 0)),
    CONSTRAINT entry_held_is_never_negative CHECK ((held_after >= 0)),
    CONSTRAINT entry_kind_moves_what_it_says CHECK ((((kind = 'hold'::text) AND (posted_delta = 0) AND (held_delta > 0) AND (allowance_delta = 0) AND ((allowance_held_delta >= 0) AND (allowance_held_delta <= held_delta))) OR ((kind = 'capture'::text) AND (posted_delta < 0) AND (held_delta = posted_delta) AND (allowance_delta = allowance_held_delta) AND ((allowance_delta >= posted_delta) AND (allowance_delta <= 0))) OR ((kind = 'release'::text) AND (posted_delta = 0) AND (held_delta < 0) AND (allowance_delta = 0) AND ((allowance_held_delta >= held_delta) AND (allowance_held_delta <= 0))) OR ((kind = ANY (ARRAY['grant'::text, 'gift_received'::text, 'code'::text, 'purchase'::text])) AND (posted_delta > 0) AND (held_delta = 0) AND (allowance_delta = 0) AND (allowance_held_delta = 0)) OR ((kind = ANY (ARRAY['gift_sent'::text, 'purchase_refund'::text])) AND (posted_delta < 0) AND (held_delta = 0) AND (allowance_delta = 0) AND (allowance_held_delta = 0)) OR ((kind = 'take'::text) AND (posted_delta < 0) AND (held_delta = 0) AND ((allowance_delta >= posted_delta) AND (allowance_delta <= 0)) AND (allowance_held_delta = 0)) OR ((kind = 'refill'::text) AND (posted_delta > 0) AND (held_delta = 0) AND (allowance_delta = posted_delta) AND (allowance_held_delta = 0)) OR ((kind = 'lapse'::text) AND (posted_delta < 0) AND (held_delta = 0) AND (allowance_delta = posted_delta) AND (allowance_held_delta = 0)) OR ((kind = 'undo'::text) AND (posted_delta <> 0) AND (held_delta = 0) AND (allowance_held_delta = 0)) OR ((kind = 'refund'::text) AND (posted_delta > 0) AND (held_delta = 0) AND ((allowance_delta >= 0) AND (allowance_delta <= posted_delta)) AND (allowance_held_delta = 0)))),
    CONSTRAINT entry_of_a_job CHECK (((kind = ANY (ARRAY['hold'::text, 'capture'::text, 'release'::text, 'refund'::text])) = (job_id IS NOT NULL))),
    CONSTRAINT entry_spends_an_allowance_on_a_day CHECK (((allowance_day IS NOT NULL) = ((kind <> ALL (ARRAY['refill'::text, 'lapse'::text])) AND ((allowance_delta <> 0) OR (allowance_held_delta <> 0))))),
    CONSTRAINT entry_undoes_another CHECK (((kind = 'undo'::text) = (undoes IS NOT NULL)))
);
ALTER TABLE public.entries ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.entries_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.facts (
    name text NOT NULL COLLATE pg_catalog."C",
    value text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.favourites (
    member_id bigint NOT NULL,
    job_id text NOT NULL COLLATE pg_catalog."C",
    starred_at bigint NOT NULL
);
CREATE TABLE public.installation (
    name text NOT NULL COLLATE pg_catalog."C",
    value text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.job_edges (
    from_state text NOT NULL COLLATE pg_catalog."C",
    to_state text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.job_steps (
    id bigint NOT NULL,
    job_id text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    epoch bigint NOT NULL,
    at bigint NOT NULL
);
ALTER TABLE public.job_steps ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.job_steps_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.jobs (
    id text NOT NULL COLLATE pg_catalog."C",
    wallet_id bigint NOT NULL,
    guild_id bigint NOT NULL,
    channel_id bigint NOT NULL,
    member_id bigint NOT NULL,
    private bigint NOT NULL,
    recipe text NOT NULL COLLATE pg_catalog."C",
    cost bigint NOT NULL,
    state text NOT NULL COLLATE pg_catalog."C",
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    token text NOT NULL COLLATE pg_catalog."C",
    token_until bigint NOT NULL,
    file_limit bigint NOT NULL,
    message_id bigint,
    submitted_at bigint,
    prediction_id text COLLATE pg_catalog."C",
    output_url text COLLATE pg_catalog."C",
    price_micros bigint,
    image_name text COLLATE pg_catalog."C",
    image_sha256 text COLLATE pg_catalog."C",
    unsafe bigint,
    result_id bigint,
    result_channel bigint,
    release_reason text COLLATE pg_catalog."C",
    told bigint DEFAULT 0 NOT NULL,
    late_looks bigint DEFAULT 0 NOT NULL,
    next_at bigint NOT NULL,
    lease_owner text COLLATE pg_catalog."C",
    lease_epoch bigint DEFAULT 0 NOT NULL,
    locale text DEFAULT 'en-US'::text NOT NULL COLLATE pg_catalog."C",
    spoiler bigint DEFAULT 0 NOT NULL,
    made_from text COLLATE pg_catalog."C",
    width bigint,
    height bigint,
    refund bigint DEFAULT 0 NOT NULL,
    prompt text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    video text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    deleted_at bigint,
    deleted_by bigint,
    noted bigint DEFAULT 0 NOT NULL,
    month text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    running_limit bigint,
    erased_at bigint,
    forgotten_at bigint,
    awaiting_since bigint,
    answer_channel bigint,
    home_channel bigint,
    list_micros bigint DEFAULT 0 NOT NULL,
    stranger bigint DEFAULT 0 NOT NULL,
    model text DEFAULT 'nb2-dev'::text NOT NULL COLLATE pg_catalog."C",
    shared bigint DEFAULT 0 NOT NULL,
    place bigint,
    search_text text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    CONSTRAINT awaiting_has_an_image_that_was_not_shown CHECK (((state <> 'awaiting'::text) OR ((awaiting_since IS NOT NULL) AND (image_name IS NOT NULL) AND (result_id IS NULL)))),
    CONSTRAINT jobs_cost_check CHECK ((cost > 0)),
    CONSTRAINT jobs_list_micros_check CHECK ((list_micros >= 0)),
    CONSTRAINT jobs_noted_check CHECK ((noted = ANY (ARRAY[(0)::bigint, (1)::bigint]))),
    CONSTRAINT jobs_private_check CHECK ((private = ANY (ARRAY[(0)::bigint, (1)::bigint]))),
    CONSTRAINT jobs_shared_check CHECK ((shared = ANY (ARRAY[(0)::bigint, (1)::bigint]))),
    CONSTRAINT jobs_spoiler_check CHECK ((spoiler = ANY (ARRAY[(0)::bigint, (1)::bigint]))),
    CONSTRAINT jobs_stranger_check CHECK ((stranger = ANY (ARRAY[(0)::bigint, (1)::bigint]))),
    CONSTRAINT jobs_told_check CHECK ((told = ANY (ARRAY[(0)::bigint, (1)::bigint]))),
    CONSTRAINT jobs_unsafe_check CHECK ((unsafe = ANY (ARRAY[(0)::bigint, (1)::bigint]))),
    CONSTRAINT refund_is_less_than_the_cost CHECK (((refund >= 0) AND (refund < cost)))
);
CREATE TABLE public.migrations (
    number bigint NOT NULL,
    name text NOT NULL,
    applied_at bigint NOT NULL,
    oldest_code bigint NOT NULL
);
CREATE TABLE public.policies (
    guild_id bigint NOT NULL,
    body text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.policy_log (
    id bigint NOT NULL,
    guild_id bigint NOT NULL,
    rule text NOT NULL COLLATE pg_catalog."C",
    before text NOT NULL COLLATE pg_catalog."C",
    after text NOT NULL COLLATE pg_catalog."C",
    actor bigint NOT NULL,
    at bigint NOT NULL,
    undoes bigint
);
ALTER TABLE public.policy_log ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.policy_log_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.preferences (
    member_id bigint NOT NULL,
    quiet_limit bigint,
    open_buttons bigint DEFAULT 0 NOT NULL,
    private bigint DEFAULT 0 NOT NULL,
    spoiler bigint DEFAULT 0 NOT NULL,
    model text COLLATE pg_catalog."C",
    CONSTRAINT preferences_open_buttons_check CHECK ((open_buttons = ANY (ARRAY[(0)::bigint, (1)::bigint]))),
    CONSTRAINT preferences_private_check CHECK ((private = ANY (ARRAY[(0)::bigint, (1)::bigint]))),
    CONSTRAINT preferences_spoiler_check CHECK ((spoiler = ANY (ARRAY[(0)::bigint, (1)::bigint])))
);
CREATE TABLE public.processes (
    id text NOT NULL COLLATE pg_catalog."C",
    about text NOT NULL COLLATE pg_catalog."C",
    until bigint NOT NULL
);
CREATE TABLE public.proposals (
    id text NOT NULL COLLATE pg_catalog."C",
    guild_id bigint NOT NULL,
    member_id bigint NOT NULL,
    channel_id bigint NOT NULL,
    body text NOT NULL COLLATE pg_catalog."C",
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);
CREATE TABLE public.purchase_refunds (
    entitlement_id bigint NOT NULL,
    taken bigint NOT NULL,
    missing bigint NOT NULL,
    at bigint NOT NULL,
    CONSTRAINT purchase_refunds_missing_check CHECK ((missing >= 0)),
    CONSTRAINT purchase_refunds_taken_check CHECK ((taken >= 0))
);
CREATE TABLE public.purchase_wallets (
    member_id bigint NOT NULL,
    guild_id bigint NOT NULL,
    at bigint NOT NULL
);
CREATE TABLE public.reports (
    job_id text NOT NULL COLLATE pg_catalog."C",
    member_id bigint NOT NULL,
    reason text NOT NULL COLLATE pg_catalog."C",
    at bigint NOT NULL
);
CREATE TABLE public.requests (
    id text NOT NULL COLLATE pg_catalog."C",
    guild_id bigint NOT NULL,
    member_id bigint NOT NULL,
    amount bigint NOT NULL,
    words text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    given bigint,
    decided_by bigint,
    channel_id bigint,
    message_id bigint,
    locale text NOT NULL COLLATE pg_catalog."C",
    at bigint NOT NULL,
    CONSTRAINT requests_amount_check CHECK ((amount > 0)),
    CONSTRAINT requests_state_check CHECK ((state = ANY (ARRAY['open'::text, 'approved'::text, 'denied'::text])))
);
CREATE TABLE public.searches (
    id text NOT NULL COLLATE pg_catalog."C",
    body text NOT NULL COLLATE pg_catalog."C",
    made_at bigint NOT NULL
);
CREATE TABLE public.server_budgets (
    guild_id bigint NOT NULL,
    micros bigint,
    CONSTRAINT server_budgets_micros_check CHECK ((micros >= 0))
);
CREATE TABLE public.server_costs (
    guild_id bigint NOT NULL,
    month text NOT NULL COLLATE pg_catalog."C",
    micros bigint DEFAULT 0 NOT NULL,
    bought bigint DEFAULT 0 NOT NULL
);
CREATE TABLE public.showings (
    id bigint NOT NULL,
    job_id text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    guild_id bigint NOT NULL,
    channel_id bigint NOT NULL,
    message_id bigint,
    ephemeral bigint DEFAULT 0 NOT NULL,
    token text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    token_until bigint DEFAULT 0 NOT NULL,
    at bigint NOT NULL,
    since_id bigint NOT NULL,
    due_at bigint,
    tries bigint DEFAULT 0 NOT NULL,
    CONSTRAINT showings_ephemeral_check CHECK ((ephemeral = ANY (ARRAY[(0)::bigint, (1)::bigint]))),
    CONSTRAINT showings_kind_check CHECK ((kind = ANY (ARRAY['result'::text, 'copy'::text, 'gallery'::text, 'look'::text])))
);
ALTER TABLE public.showings ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.showings_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.spending (
    guild_id bigint NOT NULL,
    month text NOT NULL COLLATE pg_catalog."C",
    held bigint DEFAULT 0 NOT NULL,
    spent bigint DEFAULT 0 NOT NULL,
    alerted bigint DEFAULT 0 NOT NULL,
    alerted_of bigint DEFAULT 0 NOT NULL,
    untold bigint DEFAULT 0 NOT NULL,
    CONSTRAINT spending_held_check CHECK ((held >= 0)),
    CONSTRAINT spending_spent_check CHECK ((spent >= 0)),
    CONSTRAINT spending_untold_check CHECK ((untold = ANY (ARRAY[(0)::bigint, (1)::bigint])))
);
CREATE TABLE public.templates (
    id bigint NOT NULL,
    guild_id bigint NOT NULL,
    member_id bigint NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    body text NOT NULL COLLATE pg_catalog."C",
    published bigint DEFAULT 0 NOT NULL,
    created_at bigint NOT NULL,
    CONSTRAINT templates_published_check CHECK ((published = ANY (ARRAY[(0)::bigint, (1)::bigint])))
);
ALTER TABLE public.templates ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.templates_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.tray (
    member_id bigint NOT NULL,
    sha256 text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    content_type text NOT NULL COLLATE pg_catalog."C",
    added_at bigint NOT NULL,
    guild_id bigint NOT NULL
);
CREATE TABLE public.unconfirmed_acts (
    id text NOT NULL COLLATE pg_catalog."C",
    guild_id bigint NOT NULL,
    actor_id bigint NOT NULL,
    what text NOT NULL COLLATE pg_catalog."C",
    number bigint NOT NULL,
    code text COLLATE pg_catalog."C",
    at bigint NOT NULL,
    asked_from bigint NOT NULL
);
CREATE TABLE public.wallets (
    id bigint NOT NULL,
    guild_id bigint NOT NULL,
    member_id bigint NOT NULL,
    posted bigint DEFAULT 0 NOT NULL,
    held bigint DEFAULT 0 NOT NULL,
    seq bigint DEFAULT 0 NOT NULL,
    allowance bigint DEFAULT 0 NOT NULL,
    allowance_held bigint DEFAULT 0 NOT NULL,
    allowance_day_ends_at bigint DEFAULT 0 NOT NULL,
    allowance_day text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    allowance_week text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    allowance_month text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    allowance_role bigint,
    allowance_until text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    day_spent bigint DEFAULT 0 NOT NULL,
    week_spent bigint DEFAULT 0 NOT NULL,
    month_spent bigint DEFAULT 0 NOT NULL,
    charged bigint DEFAULT 0 NOT NULL,
    welcomed bigint DEFAULT 1 NOT NULL,
    CONSTRAINT wallet_allowance_is_never_negative CHECK ((allowance >= 0)),
    CONSTRAINT wallet_available_is_never_negative CHECK ((posted >= held)),
    CONSTRAINT wallet_buckets_are_never_negative CHECK ((((allowance_held >= 0) AND (allowance_held <= allowance)) AND (held >= allowance_held) AND ((posted - allowance) >= (held - allowance_held)))),
    CONSTRAINT wallet_charged_is_never_negative CHECK ((charged >= 0)),
    CONSTRAINT wallet_day_spent_is_never_negative CHECK ((day_spent >= 0)),
    CONSTRAINT wallet_held_is_never_negative CHECK ((held >= 0)),
    CONSTRAINT wallet_month_spent_is_never_negative CHECK ((month_spent >= 0)),
    CONSTRAINT wallet_week_spent_is_never_negative CHECK ((week_spent >= 0)),
    CONSTRAINT wallets_welcomed_check CHECK ((welcomed = ANY (ARRAY[(0)::bigint, (1)::bigint])))
);
ALTER TABLE public.wallets ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.wallets_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
INSERT INTO public.batch_members VALUES ('501', 10);
INSERT INTO public.batch_members VALUES ('501', 11);
INSERT INTO public.batches VALUES ('501', 1, 5, 'Party', 3000, 1790000000000, 0);
INSERT INTO public.blocks VALUES (1, 1, 12, 1, NULL, 'Spam', '3000', 1790000000000);
INSERT INTO public.channel_spending VALUES (1, '2026-09', 5, 1200);
INSERT INTO public.code_tries VALUES (11, 1790000000000, 1);
INSERT INTO public.codes VALUES (1, 1, '08a2c0fdfc06721e5de2b4e035d22bc42b4ab96dc0b642a3d0985455150df0c9', 'GA', 10, 2, 1, NULL, 0, 'Contest', 3000, 1790000000000);
INSERT INTO public.day_costs VALUES (20717, 0, 1200000, 0);
INSERT INTO public.entries VALUES (1, 1, 1, 'grant', 3000, 0, 0, 0, 3000, 0, 0, 0, NULL, NULL, 'welcome:1:10', 'stillframe', 'Starting credits', 1790000000000, NULL);
INSERT INTO public.entries VALUES (2, 1, 2, 'refill', 50, 0, 50, 0, 3050, 0, 50, 0, NULL, NULL, 'refill:1:2', 'stillframe', 'Allowance for the day', 1790000000000, NULL);
INSERT INTO public.entries VALUES (3, 2, 1, 'grant', 300, 0, 0, 0, 300, 0, 0, 0, NULL, NULL, 'welcome:1:11', 'stillframe', 'Starting credits', 1790000000000, NULL);
INSERT INTO public.entries VALUES (4, 1, 3, 'take', -40, 0, 0, 0, 3010, 0, 50, 0, NULL, NULL, 'take:1', '3000', 'Given twice', 1790000000000, NULL);
INSERT INTO public.entries VALUES (5, 1, 4, 'undo', 40, 0, 0, 0, 3050, 0, 50, 0, NULL, 4, 'undo:4', '3000', 'Wrong member', 1790000000000, NULL);
INSERT INTO public.entries VALUES (6, 1, 5, 'grant', 25, 0, 0, 0, 3075, 0, 50, 0, NULL, NULL, 'grant:3', '3000', 'Won', 1790000000000, NULL);
INSERT INTO public.entries VALUES (7, 1, 6, 'gift_sent', -25, 0, 0, 0, 3050, 0, 50, 0, NULL, NULL, 'gift_sent:2', '10', '“Thanks” 🎬', 1790000000000, NULL);
INSERT INTO public.entries VALUES (8, 2, 2, 'gift_received', 25, 0, 0, 0, 325, 0, 0, 0, NULL, NULL, 'gift_received:2', '10', '“Thanks” 🎬', 1790000000000, NULL);
INSERT INTO public.entries VALUES (9, 2, 3, 'purchase', 1000, 0, 0, 0, 1325, 0, 0, 0, NULL, NULL, 'purchase:77', 'stillframe', 'Bought on Discord', 1790000000000, NULL);
INSERT INTO public.entries VALUES (10, 2, 4, 'purchase_refund', -1000, 0, 0, 0, 325, 0, 0, 0, NULL, NULL, 'purchase_refund:77', 'stillframe', 'Refunded by Discord', 1790000000001, NULL);
INSERT INTO public.entries VALUES (11, 2, 5, 'code', 10, 0, 0, 0, 335, 0, 0, 0, NULL, NULL, 'code:1:11', '11', 'Contest', 1790000000000, NULL);
INSERT INTO public.entries VALUES (12, 1, 7, 'hold', 0, 150, 0, 50, 3050, 150, 50, 50, '901', NULL, 'job:901:hold', '10', 'Image ordered', 1790000000001, '2026-09-21');
INSERT INTO public.entries VALUES (13, 1, 8, 'hold', 0, 150, 0, 0, 3050, 300, 50, 50, '902', NULL, 'job:902:hold', '10', 'Image ordered', 1790000000001, NULL);
INSERT INTO public.entries VALUES (14, 1, 9, 'hold', 0, 150, 0, 0, 3050, 450, 50, 50, '910', NULL, 'job:910:hold', '10', 'Image ordered', 1790000000001, NULL);
INSERT INTO public.entries VALUES (15, 1, 10, 'hold', 0, 150, 0, 0, 3050, 600, 50, 50, '911', NULL, 'job:911:hold', '10', 'Image ordered', 1790000000001, NULL);
INSERT INTO public.entries VALUES (16, 1, 11, 'hold', 0, 150, 0, 0, 3050, 750, 50, 50, '912', NULL, 'job:912:hold', '10', 'Image ordered', 1790000000001, NULL);
INSERT INTO public.entries VALUES (17, 1, 12, 'hold', 0, 150, 0, 0, 3050, 900, 50, 50, '913', NULL, 'job:913:hold', '10', 'Image ordered', 1790000000001, NULL);
INSERT INTO public.entries VALUES (18, 1, 13, 'hold', 0, 150, 0, 0, 3050, 1050, 50, 50, '914', NULL, 'job:914:hold', '10', 'Image ordered', 1790000000001, NULL);
INSERT INTO public.entries VALUES (19, 1, 14, 'hold', 0, 150, 0, 0, 3050, 1200, 50, 50, '915', NULL, 'job:915:hold', '10', 'Image ordered', 1790000000001, NULL);
INSERT INTO public.entries VALUES (20, 1, 15, 'hold', 0, 150, 0, 0, 3050, 1350, 50, 50, '916', NULL, 'job:916:hold', '10', 'Image ordered', 1790000000001, NULL);
INSERT INTO public.entries VALUES (21, 1, 16, 'release', 0, -150, 0, 0, 3050, 1200, 50, 50, '902', NULL, 'job:902:release', 'stillframe', 'Not charged: cancelled', 1790000000002, NULL);
INSERT INTO public.entries VALUES (22, 1, 17, 'capture', -150, -150, -50, -50, 2900, 1050, 0, 0, '901', NULL, 'job:901:capture', 'stillframe', 'Image delivered', 1790000009200, '2026-09-21');
INSERT INTO public.favourites VALUES (11, '901', 1790000000000);
INSERT INTO public.installation VALUES ('before_budgets', '1');
INSERT INTO public.job_edges VALUES ('held', 'submitting');
INSERT INTO public.job_edges VALUES ('held', 'released');
INSERT INTO public.job_edges VALUES ('submitting', 'held');
INSERT INTO public.job_edges VALUES ('submitting', 'running');
INSERT INTO public.job_edges VALUES ('submitting', 'released');
INSERT INTO public.job_edges VALUES ('running', 'stored');
INSERT INTO public.job_edges VALUES ('running', 'released');
INSERT INTO public.job_edges VALUES ('stored', 'posting');
INSERT INTO public.job_edges VALUES ('stored', 'released');
INSERT INTO public.job_edges VALUES ('posting', 'delivered');
INSERT INTO public.job_edges VALUES ('posting', 'released');
INSERT INTO public.job_edges VALUES ('stored', 'awaiting');
INSERT INTO public.job_edges VALUES ('posting', 'awaiting');
INSERT INTO public.job_edges VALUES ('awaiting', 'posting');
INSERT INTO public.job_edges VALUES ('awaiting', 'released');
INSERT INTO public.job_steps VALUES (1, '901', 'held', 0, 1790000000001);
INSERT INTO public.job_steps VALUES (2, '902', 'held', 0, 1790000000001);
INSERT INTO public.job_steps VALUES (3, '910', 'held', 0, 1790000000001);
INSERT INTO public.job_steps VALUES (4, '911', 'held', 0, 1790000000001);
INSERT INTO public.job_steps VALUES (5, '912', 'held', 0, 1790000000001);
INSERT INTO public.job_steps VALUES (6, '913', 'held', 0, 1790000000001);
INSERT INTO public.job_steps VALUES (7, '914', 'held', 0, 1790000000001);
INSERT INTO public.job_steps VALUES (8, '915', 'held', 0, 1790000000001);
INSERT INTO public.job_steps VALUES (9, '916', 'held', 0, 1790000000001);
INSERT INTO public.job_steps VALUES (10, '902', 'released', 1, 1790000000002);
INSERT INTO public.job_steps VALUES (11, '915', 'submitting', 1, 1790000000004);
INSERT INTO public.job_steps VALUES (12, '915', 'running', 1, 1790000000005);
INSERT INTO public.job_steps VALUES (13, '915', 'stored', 1, 1790000009000);
INSERT INTO public.job_steps VALUES (14, '915', 'posting', 1, 1790000009100);
INSERT INTO public.job_steps VALUES (15, '912', 'submitting', 1, 1790000000004);
INSERT INTO public.job_steps VALUES (16, '913', 'submitting', 1, 1790000000004);
INSERT INTO public.job_steps VALUES (17, '913', 'running', 1, 1790000000005);
INSERT INTO public.job_steps VALUES (18, '901', 'submitting', 1, 1790000000004);
INSERT INTO public.job_steps VALUES (19, '901', 'running', 1, 1790000000005);
INSERT INTO public.job_steps VALUES (20, '901', 'stored', 1, 1790000009000);
INSERT INTO public.job_steps VALUES (21, '901', 'posting', 1, 1790000009100);
INSERT INTO public.job_steps VALUES (22, '901', 'delivered', 1, 1790000009200);
INSERT INTO public.job_steps VALUES (23, '916', 'submitting', 1, 1790000000004);
INSERT INTO public.job_steps VALUES (24, '916', 'running', 1, 1790000000005);
INSERT INTO public.job_steps VALUES (25, '916', 'stored', 1, 1790000009000);
INSERT INTO public.job_steps VALUES (26, '916', 'posting', 1, 1790000009100);
INSERT INTO public.job_steps VALUES (27, '916', 'awaiting', 1, 1790000009200);
INSERT INTO public.job_steps VALUES (28, '914', 'submitting', 1, 1790000000004);
INSERT INTO public.job_steps VALUES (29, '914', 'running', 1, 1790000000005);
INSERT INTO public.job_steps VALUES (30, '914', 'stored', 1, 1790000009000);
INSERT INTO public.jobs VALUES ('911', 1, 1, 5, 10, 0, '{"model":"nb2-dev","prompt":"A poster of “911”","clip":{"video":{"kind":"youtube","id":"dQw4w9WgXcQ"},"span":{"start":14.0,"end":17.0},"frame_rate":1.0},"shape":null,"size":"1k","thinking":"default","search":false,"image_search":false,"output_format":null,"media_resolution":null,"references":[]}', 150, 'held', 1790000000001, 1790000000001, 'interaction-token', 1790000900001, 10485760, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, 1790000010001, NULL, 0, 'en-US', 0, NULL, NULL, NULL, 0, 'A poster of “911”', 'dQw4w9WgXcQ', NULL, NULL, 0, '2026-09', 20, NULL, NULL, NULL, NULL, 5, 150000, 0, 'nb2-dev', 0, 4294967306, 'a poster of “911”
dqw4w9wgxcq');
INSERT INTO public.jobs VALUES ('902', 1, 1, 5, 10, 0, '{"model":"nb2-text","prompt":"A poster of “902”","clip":null,"shape":null,"size":"1k","thinking":"default","search":false,"image_search":false,"output_format":null,"media_resolution":null,"references":[]}', 150, 'released', 1790000000001, 1790000000002, 'interaction-token', 1790000900001, 10485760, 70902, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'cancelled', 0, 0, 1790000030002, NULL, 1, 'en-US', 0, NULL, NULL, NULL, 0, 'A poster of “902”', '', NULL, NULL, 0, '2026-09', 20, NULL, NULL, NULL, NULL, 5, 150000, 0, 'nb2-text', 0, 4294967304, 'a poster of “902”
');
INSERT INTO public.jobs VALUES ('915', 1, 1, 5, 10, 0, '{"model":"nb2-dev","prompt":"A poster of “915”","clip":{"video":{"kind":"youtube","id":"dQw4w9WgXcQ"},"span":{"start":14.0,"end":17.0},"frame_rate":1.0},"shape":null,"size":"1k","thinking":"default","search":false,"image_search":false,"output_format":null,"media_resolution":null,"references":[]}', 150, 'posting', 1790000000001, 1790000009100, 'interaction-token', 1790000900001, 10485760, 70915, 1790000000004, '00000000000000000000000000000915', 'https://example.com/x.png', 150000, '915.png', 'a314446df257f9ac30670ed5dca2512e376c5f0053401d772d9ce0ef243f4f0f', NULL, NULL, NULL, NULL, 0, 0, 1790000000001, 'of the old life', 1, 'en-US', 0, NULL, 2, 2, 0, 'A poster of “915”', 'dQw4w9WgXcQ', NULL, NULL, 0, '2026-09', 20, NULL, NULL, NULL, NULL, 5, 150000, 0, 'nb2-dev', 0, 4294967310, 'a poster of “915”
dqw4w9wgxcq');
INSERT INTO public.jobs VALUES ('912', 1, 1, 5, 10, 0, '{"model":"nb2-dev","prompt":"A poster of “912”","clip":{"video":{"kind":"youtube","id":"dQw4w9WgXcQ"},"span":{"start":14.0,"end":17.0},"frame_rate":1.0},"shape":null,"size":"1k","thinking":"default","search":false,"image_search":false,"output_format":null,"media_resolution":null,"references":[]}', 150, 'submitting', 1790000000001, 1790000000004, 'interaction-token', 1790000900001, 10485760, 70912, 1790000000004, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, 1790000000001, 'of the old life', 1, 'en-US', 0, NULL, NULL, NULL, 0, 'A poster of “912”', 'dQw4w9WgXcQ', NULL, NULL, 0, '2026-09', 20, NULL, NULL, NULL, NULL, 5, 150000, 0, 'nb2-dev', 0, 4294967307, 'a poster of “912”
dqw4w9wgxcq');
INSERT INTO public.jobs VALUES ('910', 1, 1, 5, 10, 0, '{"model":"nb2-dev","prompt":"A poster of “910”","clip":{"video":{"kind":"youtube","id":"dQw4w9WgXcQ"},"span":{"start":14.0,"end":17.0},"frame_rate":1.0},"shape":null,"size":"1k","thinking":"default","search":false,"image_search":false,"output_format":null,"media_resolution":null,"references":[]}', 150, 'held', 1790000000001, 1790000000001, 'interaction-token', 1790000900001, 10485760, 70910, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, 1790000000001, 'of the old life', 1, 'en-US', 0, '901', NULL, NULL, 0, 'A poster of “910”', 'dQw4w9WgXcQ', NULL, NULL, 0, '2026-09', 20, NULL, NULL, NULL, NULL, 5, 150000, 0, 'nb2-dev', 0, 4294967305, 'a poster of “910”
dqw4w9wgxcq');
INSERT INTO public.jobs VALUES ('913', 1, 1, 5, 10, 0, '{"model":"nb2-dev","prompt":"A poster of “913”","clip":{"video":{"kind":"youtube","id":"dQw4w9WgXcQ"},"span":{"start":14.0,"end":17.0},"frame_rate":1.0},"shape":null,"size":"1k","thinking":"default","search":false,"image_search":false,"output_format":null,"media_resolution":null,"references":[]}', 150, 'running', 1790000000001, 1790000000005, 'interaction-token', 1790000900001, 10485760, 70913, 1790000000004, 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, 1790000000001, 'of the old life', 1, 'en-US', 0, NULL, NULL, NULL, 0, 'A poster of “913”', 'dQw4w9WgXcQ', NULL, NULL, 0, '2026-09', 20, NULL, NULL, NULL, NULL, 5, 150000, 0, 'nb2-dev', 0, 4294967308, 'a poster of “913”
dqw4w9wgxcq');
INSERT INTO public.jobs VALUES ('901', 1, 1, 5, 10, 0, '{"model":"nb2-dev","prompt":"A poster of “901”","clip":{"video":{"kind":"youtube","id":"dQw4w9WgXcQ"},"span":{"start":14.0,"end":17.0},"frame_rate":1.0},"shape":null,"size":"1k","thinking":"default","search":false,"image_search":false,"output_format":null,"media_resolution":null,"references":[{"name":"logo.png","sha256":"a314446df257f9ac30670ed5dca2512e376c5f0053401d772d9ce0ef243f4f0f","content_type":"image/png"}]}', 150, 'delivered', 1790000000001, 1790000009200, '', 1790000900001, 10485760, 70901, 1790000000004, '00000000000000000000000000000901', 'https://example.com/x.png', 150000, '901.png', 'a314446df257f9ac30670ed5dca2512e376c5f0053401d772d9ce0ef243f4f0f', NULL, 80000, 5, NULL, 0, 0, 1790000000001, 'of the old life', 1, 'en-US', 0, NULL, 2, 2, 0, 'A poster of “901”', 'dQw4w9WgXcQ', NULL, NULL, 0, '2026-09', 20, NULL, NULL, NULL, NULL, 5, 150000, 0, 'nb2-dev', 0, 4294967303, 'a poster of “901”
dqw4w9wgxcq');
INSERT INTO public.jobs VALUES ('916', 1, 1, 5, 10, 0, '{"model":"nb2-dev","prompt":"A poster of “916”","clip":{"video":{"kind":"youtube","id":"dQw4w9WgXcQ"},"span":{"start":14.0,"end":17.0},"frame_rate":1.0},"shape":null,"size":"1k","thinking":"default","search":false,"image_search":false,"output_format":null,"media_resolution":null,"references":[]}', 150, 'awaiting', 1790000000001, 1790000009200, 'interaction-token', 1790000900001, 10485760, 70916, 1790000000004, '00000000000000000000000000000916', 'https://example.com/x.png', 150000, '916.png', 'a314446df257f9ac30670ed5dca2512e376c5f0053401d772d9ce0ef243f4f0f', NULL, NULL, NULL, NULL, 0, 0, 1790003609200, NULL, 1, 'en-US', 0, NULL, 2, 2, 0, 'A poster of “916”', 'dQw4w9WgXcQ', NULL, NULL, 0, '2026-09', 20, NULL, NULL, 1790000009200, NULL, 5, 150000, 0, 'nb2-dev', 0, 4294967311, 'a poster of “916”
dqw4w9wgxcq');
INSERT INTO public.jobs VALUES ('914', 1, 1, 5, 10, 0, '{"model":"nb2-dev","prompt":"A poster of “914”","clip":{"video":{"kind":"youtube","id":"dQw4w9WgXcQ"},"span":{"start":14.0,"end":17.0},"frame_rate":1.0},"shape":null,"size":"1k","thinking":"default","search":false,"image_search":false,"output_format":null,"media_resolution":null,"references":[]}', 150, 'stored', 1790000000001, 1790000009000, 'interaction-token', 1790000900001, 10485760, 70914, 1790000000004, '00000000000000000000000000000914', 'https://example.com/x.png', 150000, '914.png', 'a314446df257f9ac30670ed5dca2512e376c5f0053401d772d9ce0ef243f4f0f', NULL, NULL, NULL, NULL, 0, 0, 1790000000001, 'of the old life', 1, 'en-US', 0, NULL, 2, 2, 0, 'A poster of “914”', 'dQw4w9WgXcQ', NULL, NULL, 0, '2026-09', 20, NULL, NULL, NULL, NULL, 5, 150000, 0, 'nb2-dev', 0, 4294967309, 'a poster of “914”
dqw4w9wgxcq');
INSERT INTO public.migrations VALUES (4, '0004_all_so_far.sql', 1796133412076, 4);
INSERT INTO public.migrations VALUES (6, '0006_images_that_wait.sql', 1796133412078, 6);
INSERT INTO public.migrations VALUES (7, '0007_allowances_by_rate.sql', 1796133412089, 7);
INSERT INTO public.migrations VALUES (9, '0009_unconfirmed_acts.sql', 1796133412093, 4);
INSERT INTO public.migrations VALUES (10, '0010_budgets.sql', 1796133412112, 10);
INSERT INTO public.migrations VALUES (11, '0011_models.sql', 1796133412113, 11);
INSERT INTO public.migrations VALUES (12, '0012_managers_and_purchases.sql', 1796133412115, 4);
INSERT INTO public.migrations VALUES (13, '0013_model_preferred.sql', 1796133412117, 4);
INSERT INTO public.migrations VALUES (15, '0015_showings_and_trays_of_servers.sql', 1796133412129, 15);
INSERT INTO public.migrations VALUES (16, '0016_search.sql', 1796133412136, 16);
INSERT INTO public.policies VALUES (1, '{"time_zone": "Europe/Madrid", "starting_credits": null, "managers": null, "manager_limits": {"highest": null, "per_day": null}, "highest_balance": null, "log_channel": null, "gallery_channel": null, "request_channel": null, "request_amounts": [150, 300, 600], "gifts": {"allowed": true, "highest": 1000, "per_day": 2000}, "ages": {"account_days": 0, "member_days": 0}, "allowances": {"1": {"amount": 50, "every": "day"}}, "limits": {}, "allowed_channels": [], "denied_channels": [], "age_restricted_only": false, "budget": 100000, "channel_shares": {}, "words": [], "quiet_hours": null, "cool_down": null, "private_by_default": false, "spoiler_by_default": false, "default_model": null, "forbidden_models": [], "paused": null}');
INSERT INTO public.policy_log VALUES (1, 1, 'allowances', '{}', '{"1": {"amount": 50, "every": "day"}}', 3000, 1790000000000, NULL);
INSERT INTO public.policy_log VALUES (2, 1, 'limits', '{}', '{"1": {"images_per_day": null, "running": 20, "waiting": null, "size": null, "search": null, "highest_price": null, "frames": null}}', 3000, 1790000000000, NULL);
INSERT INTO public.policy_log VALUES (3, 1, 'budget', 'null', '100000', 3000, 1790000000000, NULL);
INSERT INTO public.policy_log VALUES (4, 1, 'time_zone', '"UTC"', '"Europe/Madrid"', 3000, 1790000000000, NULL);
INSERT INTO public.policy_log VALUES (5, 1, 'limits', '{"1": {"images_per_day": null, "running": 20, "waiting": null, "size": null, "search": null, "highest_price": null, "frames": null}}', '{}', 3000, 1790000000000, 2);
INSERT INTO public.preferences VALUES (10, 100, 0, 0, 1, NULL);
INSERT INTO public.proposals VALUES ('600', 1, 11, 5, '{"recipe":{"model":"nb2-dev","prompt":"Not yet paid","clip":{"video":{"kind":"youtube","id":"dQw4w9WgXcQ"},"span":{"start":14.0,"end":17.0},"frame_rate":1.0},"shape":null,"size":"1k","thinking":"default","search":false,"image_search":false,"output_format":null,"media_resolution":null,"references":[]},"private":true,"spoiler":false,"made_from":null,"from_tray":false,"title":null,"token":"a token","remark":"","readings":[],"question":"","left_out":[]}', 1790000000000, 1790000000000);
INSERT INTO public.purchase_refunds VALUES (77, 1000, 0, 1790000000001);
INSERT INTO public.purchase_wallets VALUES (11, 1, 1790000000000);
INSERT INTO public.reports VALUES ('901', 11, 'Not nice', 1790000000000);
INSERT INTO public.requests VALUES ('500', 1, 11, 300, 'Please', 'open', NULL, NULL, 6, NULL, 'es-ES', 1790000000000);
INSERT INTO public.searches VALUES ('700', '{"guild_id":1,"asker_id":10,"member_id":10,"text":"poster","video":null,"since":null,"until":null,"size":null,"model":null,"favourites":false}', 1790000000000);
INSERT INTO public.server_budgets VALUES (1, 20000000);
INSERT INTO public.server_costs VALUES (1, '2026-09', 1200000, 0);
INSERT INTO public.showings VALUES (1, '901', 'result', 1, 5, 80000, 0, '', 0, 1790000009200, 901, NULL, 0);
INSERT INTO public.showings VALUES (3, '901', 'copy', 1, 8, NULL, 0, 'a token', 1790000900000, 1790000000000, 1001, NULL, 0);
INSERT INTO public.showings VALUES (2, '901', 'gallery', 1, 7, 90000, 0, '', 0, 1790000000000, 1000, NULL, 0);
INSERT INTO public.showings VALUES (4, '901', 'look', 1, 5, 90001, 1, 'another token', 1790000900000, 1790000000000, 1002, NULL, 0);
INSERT INTO public.spending VALUES (1, '2026-09', 300, 900, 0, 0, 0);
INSERT INTO public.templates VALUES (1, 1, 10, 'poster', '{"name":"Poster","frame":"A poster of [WHO]","shape":null,"size":"2k","blurb":""}', 0, 1790000000000);
INSERT INTO public.templates VALUES (2, 1, 10, 'shared', '{"name":"Shared","frame":"A poster of [WHO]","shape":null,"size":"2k","blurb":""}', 1, 1790000000000);
INSERT INTO public.tray VALUES (10, 'a314446df257f9ac30670ed5dca2512e376c5f0053401d772d9ce0ef243f4f0f', 'logo.png', 'image/png', 1790000000000, 1);
INSERT INTO public.unconfirmed_acts VALUES ('503', 1, 3000, '5091a97f58749fdb201df6ee24fa23bedf65480a2e52e959aed33e95c6b892c6', 1, NULL, 1790000000000, 1790000003000);
INSERT INTO public.wallets VALUES (2, 1, 11, 335, 0, 5, 0, 0, 0, '', '', '', NULL, '', 0, 0, 0, 0, 1);
INSERT INTO public.wallets VALUES (1, 1, 10, 2900, 1050, 17, 0, 0, 1790035200000, '2026-09-21', '2026-09-21', '2026-09-01', 1, '2026-09-22', 50, 50, 50, 100, 1);
SELECT pg_catalog.setval('public.blocks_id_seq', 1, true);
SELECT pg_catalog.setval('public.codes_id_seq', 1, true);
SELECT pg_catalog.setval('public.entries_id_seq', 22, true);
SELECT pg_catalog.setval('public.job_steps_id_seq', 30, true);
SELECT pg_catalog.setval('public.policy_log_id_seq', 5, true);
SELECT pg_catalog.setval('public.showings_id_seq', 4, true);
SELECT pg_catalog.setval('public.templates_id_seq', 2, true);
SELECT pg_catalog.setval('public.wallets_id_seq', 2, true);
ALTER TABLE ONLY public.batch_members
    ADD CONSTRAINT batch_members_pkey PRIMARY KEY (batch_id, member_id);
ALTER TABLE ONLY public.batches
    ADD CONSTRAINT batches_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.blocks
    ADD CONSTRAINT blocks_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.buckets
    ADD CONSTRAINT buckets_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.channel_spending
    ADD CONSTRAINT channel_spending_pkey PRIMARY KEY (guild_id, month, channel_id);
ALTER TABLE ONLY public.code_tries
    ADD CONSTRAINT code_tries_pkey PRIMARY KEY (member_id);
ALTER TABLE ONLY public.codes
    ADD CONSTRAINT codes_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.codes
    ADD CONSTRAINT codes_sha256_key UNIQUE (sha256);
ALTER TABLE ONLY public.day_costs
    ADD CONSTRAINT day_costs_pkey PRIMARY KEY (day, shard);
ALTER TABLE ONLY public.duties
    ADD CONSTRAINT duties_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.entries
    ADD CONSTRAINT entries_key_key UNIQUE (key);
ALTER TABLE ONLY public.entries
    ADD CONSTRAINT entries_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.entries
    ADD CONSTRAINT entries_wallet_id_seq_key UNIQUE (wallet_id, seq);
ALTER TABLE ONLY public.facts
    ADD CONSTRAINT facts_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.favourites
    ADD CONSTRAINT favourites_pkey PRIMARY KEY (member_id, job_id);
ALTER TABLE ONLY public.installation
    ADD CONSTRAINT installation_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.job_edges
    ADD CONSTRAINT job_edges_pkey PRIMARY KEY (from_state, to_state);
ALTER TABLE ONLY public.job_steps
    ADD CONSTRAINT job_steps_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT jobs_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT jobs_prediction_id_key UNIQUE (prediction_id);
ALTER TABLE ONLY public.migrations
    ADD CONSTRAINT migrations_pkey PRIMARY KEY (number);
ALTER TABLE ONLY public.policies
    ADD CONSTRAINT policies_pkey PRIMARY KEY (guild_id);
ALTER TABLE ONLY public.policy_log
    ADD CONSTRAINT policy_log_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.policy_log
    ADD CONSTRAINT policy_log_undoes_key UNIQUE (undoes);
ALTER TABLE ONLY public.preferences
    ADD CONSTRAINT preferences_pkey PRIMARY KEY (member_id);
ALTER TABLE ONLY public.processes
    ADD CONSTRAINT processes_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.proposals
    ADD CONSTRAINT proposals_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.purchase_refunds
    ADD CONSTRAINT purchase_refunds_pkey PRIMARY KEY (entitlement_id);
ALTER TABLE ONLY public.purchase_wallets
    ADD CONSTRAINT purchase_wallets_pkey PRIMARY KEY (member_id);
ALTER TABLE ONLY public.reports
    ADD CONSTRAINT reports_pkey PRIMARY KEY (job_id, member_id);
ALTER TABLE ONLY public.requests
    ADD CONSTRAINT requests_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.searches
    ADD CONSTRAINT searches_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.server_budgets
    ADD CONSTRAINT server_budgets_pkey PRIMARY KEY (guild_id);
ALTER TABLE ONLY public.server_costs
    ADD CONSTRAINT server_costs_pkey PRIMARY KEY (guild_id, month);
ALTER TABLE ONLY public.showings
    ADD CONSTRAINT showings_job_id_message_id_key UNIQUE (job_id, message_id);
ALTER TABLE ONLY public.showings
    ADD CONSTRAINT showings_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.spending
    ADD CONSTRAINT spending_pkey PRIMARY KEY (guild_id, month);
ALTER TABLE ONLY public.templates
    ADD CONSTRAINT templates_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tray
    ADD CONSTRAINT tray_pkey PRIMARY KEY (member_id, guild_id, sha256);
ALTER TABLE ONLY public.unconfirmed_acts
    ADD CONSTRAINT unconfirmed_acts_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.wallets
    ADD CONSTRAINT wallets_guild_id_member_id_key UNIQUE (guild_id, member_id);
ALTER TABLE ONLY public.wallets
    ADD CONSTRAINT wallets_pkey PRIMARY KEY (id);
CREATE INDEX batches_only_asked ON public.batches USING btree (at) WHERE (begun = 0);
CREATE INDEX blocks_by_member ON public.blocks USING btree (member_id);
CREATE INDEX blocks_of_a_member ON public.blocks USING btree (guild_id, member_id, id);
CREATE INDEX codes_of_a_server ON public.codes USING btree (guild_id, id);
CREATE INDEX entries_by_time ON public.entries USING btree (at);
CREATE INDEX entries_gifts ON public.entries USING btree (wallet_id, at) WHERE (kind = 'gift_sent'::text);
CREATE INDEX entries_given ON public.entries USING btree (actor, at) WHERE (kind = ANY (ARRAY['grant'::text, 'refund'::text]));
CREATE INDEX entries_of_allowances ON public.entries USING btree (wallet_id, allowance_day) WHERE (allowance_day IS NOT NULL);
CREATE UNIQUE INDEX entries_one_ending_per_job ON public.entries USING btree (job_id) WHERE (kind = ANY (ARRAY['capture'::text, 'release'::text]));
CREATE UNIQUE INDEX entries_one_hold_per_job ON public.entries USING btree (job_id) WHERE (kind = 'hold'::text);
CREATE INDEX entries_refunds_of_a_job ON public.entries USING btree (job_id) WHERE (kind = 'refund'::text);
CREATE UNIQUE INDEX entries_undone_once ON public.entries USING btree (undoes) WHERE (kind = 'undo'::text);
CREATE INDEX job_steps_by_job ON public.job_steps USING btree (job_id);
CREATE INDEX jobs_aftercare ON public.jobs USING btree (next_at) WHERE ((state = 'released'::text) AND ((told = 0) OR (late_looks > 0)));
CREATE INDEX jobs_at_supplier ON public.jobs USING btree (state, lease_owner) WHERE ((state = ANY (ARRAY['submitting'::text, 'running'::text])) OR ((state = 'held'::text) AND (lease_owner IS NOT NULL)));
CREATE INDEX jobs_awaiting ON public.jobs USING btree (member_id) WHERE (state = 'awaiting'::text);
CREATE INDEX jobs_by_member ON public.jobs USING btree (member_id, created_at);
CREATE INDEX jobs_by_message ON public.jobs USING btree (message_id) WHERE (message_id IS NOT NULL);
CREATE INDEX jobs_by_result ON public.jobs USING btree (result_id) WHERE (result_id IS NOT NULL);
CREATE INDEX jobs_by_server ON public.jobs USING btree (guild_id, created_at);
CREATE INDEX jobs_by_wallet ON public.jobs USING btree (wallet_id, created_at);
CREATE INDEX jobs_in_hand ON public.jobs USING btree (member_id, created_at) WHERE (state = ANY (ARRAY['held'::text, 'submitting'::text, 'running'::text]));
CREATE INDEX jobs_open ON public.jobs USING btree (next_at) WHERE (state <> ALL (ARRAY['delivered'::text, 'released'::text]));
CREATE UNIQUE INDEX jobs_place ON public.jobs USING btree (place);
CREATE INDEX jobs_refused ON public.jobs USING btree (member_id, updated_at) WHERE (release_reason = 'content_refused'::text);
CREATE INDEX jobs_search ON public.jobs USING gin (public.pieces_of(wallet_id, search_text, 1));
CREATE INDEX jobs_sent ON public.jobs USING btree (submitted_at) WHERE (submitted_at IS NOT NULL);
CREATE INDEX jobs_unnoted ON public.jobs USING btree (member_id) WHERE ((release_reason = 'undeliverable'::text) AND (noted = 0));
CREATE INDEX jobs_waiting ON public.jobs USING btree (member_id, created_at) WHERE (state = 'held'::text);
CREATE INDEX policy_log_by_rule ON public.policy_log USING btree (guild_id, rule, id);
CREATE INDEX policy_log_of_a_server ON public.policy_log USING btree (guild_id, id);
CREATE INDEX proposals_by_age ON public.proposals USING btree (updated_at);
CREATE INDEX proposals_by_member ON public.proposals USING btree (member_id);
CREATE INDEX reports_by_member ON public.reports USING btree (member_id);
CREATE INDEX requests_by_member ON public.requests USING btree (member_id);
CREATE UNIQUE INDEX requests_one_open ON public.requests USING btree (guild_id, member_id) WHERE (state = 'open'::text);
CREATE INDEX searches_by_age ON public.searches USING btree (made_at);
CREATE INDEX showings_by_message ON public.showings USING btree (message_id) WHERE (message_id IS NOT NULL);
CREATE INDEX showings_due ON public.showings USING btree (due_at) WHERE (due_at IS NOT NULL);
CREATE UNIQUE INDEX showings_in_a_channel ON public.showings USING btree (job_id, channel_id) WHERE (kind = 'copy'::text);
CREATE UNIQUE INDEX showings_in_a_gallery ON public.showings USING btree (job_id) WHERE (kind = 'gallery'::text);
CREATE INDEX showings_with_token ON public.showings USING btree (token_until) WHERE (token <> ''::text);
CREATE INDEX templates_by_member ON public.templates USING btree (member_id);
CREATE UNIQUE INDEX templates_of_a_member ON public.templates USING btree (guild_id, member_id, name) WHERE (published = 0);
CREATE UNIQUE INDEX templates_of_a_server ON public.templates USING btree (guild_id, name) WHERE (published = 1);
CREATE INDEX tray_by_age ON public.tray USING btree (added_at);
CREATE INDEX tray_by_file ON public.tray USING btree (sha256);
CREATE INDEX unconfirmed_acts_same ON public.unconfirmed_acts USING btree (actor_id, what);
CREATE INDEX wallets_by_member ON public.wallets USING btree (member_id);
CREATE TRIGGER budgets_are_corrected AFTER UPDATE OF price_micros ON public.jobs FOR EACH ROW WHEN (((new.list_micros > 0) AND (new.price_micros IS DISTINCT FROM old.price_micros))) EXECUTE FUNCTION public.job_corrects_budgets();
CREATE TRIGGER budgets_count_what_was_bought AFTER UPDATE OF state ON public.jobs FOR EACH ROW WHEN (((new.month <> ''::text) AND ((new.state = 'submitting'::text) OR (new.state = 'held'::text)))) EXECUTE FUNCTION public.job_was_sent();
CREATE TRIGGER budgets_give_back AFTER UPDATE OF state ON public.jobs FOR EACH ROW WHEN (((new.state = 'released'::text) AND (new.prediction_id IS NULL) AND ((new.submitted_at IS NULL) OR (new.release_reason <> 'unknown'::text)))) EXECUTE FUNCTION public.job_bought_nothing();
CREATE TRIGGER budgets_grow_by_what_is_bought AFTER INSERT ON public.entries FOR EACH ROW WHEN ((new.kind = ANY (ARRAY['purchase'::text, 'purchase_refund'::text]))) EXECUTE FUNCTION public.entry_grows_budgets();
CREATE TRIGGER budgets_reserve AFTER INSERT ON public.jobs FOR EACH ROW EXECUTE FUNCTION public.job_reserves_budgets();
CREATE TRIGGER entries_are_never_changed BEFORE UPDATE ON public.entries FOR EACH ROW WHEN (((new.reason <> '(erased)'::text) OR ((((((((((((((((((new.id IS DISTINCT FROM old.id) OR (new.wallet_id IS DISTINCT FROM old.wallet_id)) OR (new.seq IS DISTINCT FROM old.seq)) OR (new.kind IS DISTINCT FROM old.kind)) OR (new.posted_delta IS DISTINCT FROM old.posted_delta)) OR (new.held_delta IS DISTINCT FROM old.held_delta)) OR (new.allowance_delta IS DISTINCT FROM old.allowance_delta)) OR (new.allowance_held_delta IS DISTINCT FROM old.allowance_held_delta)) OR (new.posted_after IS DISTINCT FROM old.posted_after)) OR (new.held_after IS DISTINCT FROM old.held_after)) OR (new.allowance_after IS DISTINCT FROM old.allowance_after)) OR (new.allowance_held_after IS DISTINCT FROM old.allowance_held_after)) OR (new.allowance_day IS DISTINCT FROM old.allowance_day)) OR (new.job_id IS DISTINCT FROM old.job_id)) OR (new.undoes IS DISTINCT FROM old.undoes)) OR (new.key IS DISTINCT FROM old.key)) OR (new.actor IS DISTINCT FROM old.actor)) OR (new.at IS DISTINCT FROM old.at)))) EXECUTE FUNCTION public.refuse('entries are append-only');
CREATE TRIGGER entries_are_never_deleted BEFORE DELETE ON public.entries FOR EACH ROW EXECUTE FUNCTION public.refuse('entries are append-only');
CREATE TRIGGER entries_are_never_emptied BEFORE TRUNCATE ON public.entries FOR EACH STATEMENT EXECUTE FUNCTION public.refuse('entries are append-only');
CREATE TRIGGER entries_count_what_is_spent AFTER INSERT ON public.entries FOR EACH ROW WHEN (((new.allowance_day IS NOT NULL) OR (new.kind = ANY (ARRAY['capture'::text, 'refund'::text])))) EXECUTE FUNCTION public.entry_counts_what_is_spent();
CREATE TRIGGER entries_follow_the_rules BEFORE INSERT ON public.entries FOR EACH ROW EXECUTE FUNCTION public.entry_follows_the_rules();
CREATE TRIGGER entries_move_the_wallet AFTER INSERT ON public.entries FOR EACH ROW EXECUTE FUNCTION public.entry_moves_the_wallet();
CREATE TRIGGER jobs_are_never_deleted BEFORE DELETE ON public.jobs FOR EACH ROW EXECUTE FUNCTION public.refuse('jobs are never deleted');
CREATE TRIGGER jobs_are_never_emptied BEFORE TRUNCATE ON public.jobs FOR EACH STATEMENT EXECUTE FUNCTION public.refuse('jobs are never deleted');
CREATE TRIGGER jobs_begin_with_a_hold BEFORE INSERT ON public.jobs FOR EACH ROW EXECUTE FUNCTION public.job_begins_with_a_hold();
CREATE TRIGGER jobs_follow_the_edges BEFORE UPDATE OF state ON public.jobs FOR EACH ROW EXECUTE FUNCTION public.job_follows_the_edges();
CREATE TRIGGER jobs_keep_their_refund BEFORE UPDATE OF refund ON public.jobs FOR EACH ROW WHEN (((new.refund <> old.refund) AND (old.state <> 'running'::text))) EXECUTE FUNCTION public.refuse('what comes back is settled when the image is stored');
CREATE TRIGGER jobs_keep_their_terms BEFORE UPDATE OF id, wallet_id, cost, created_at ON public.jobs FOR EACH ROW EXECUTE FUNCTION public.refuse('the terms of a job never change');
CREATE TRIGGER jobs_note_each_step AFTER UPDATE OF state ON public.jobs FOR EACH ROW EXECUTE FUNCTION public.job_steps_on();
CREATE TRIGGER jobs_note_the_beginning AFTER INSERT ON public.jobs FOR EACH ROW EXECUTE FUNCTION public.job_begins();
CREATE TRIGGER wallets_are_never_deleted BEFORE DELETE ON public.wallets FOR EACH ROW EXECUTE FUNCTION public.refuse('wallets are never deleted');
CREATE TRIGGER wallets_are_never_emptied BEFORE TRUNCATE ON public.wallets FOR EACH STATEMENT EXECUTE FUNCTION public.refuse('wallets are never deleted');
CREATE TRIGGER wallets_move_only_by_entries BEFORE UPDATE OF id, posted, held, seq, allowance, allowance_held ON public.wallets FOR EACH ROW EXECUTE FUNCTION public.wallet_moves_by_an_entry();
CREATE TRIGGER wallets_start_empty BEFORE INSERT ON public.wallets FOR EACH ROW WHEN (((new.posted <> 0) OR (new.held <> 0) OR (new.seq <> 0) OR (new.allowance <> 0) OR (new.allowance_held <> 0))) EXECUTE FUNCTION public.refuse('wallets start empty');
ALTER TABLE ONLY public.batch_members
    ADD CONSTRAINT batch_members_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES public.batches(id);
ALTER TABLE ONLY public.entries
    ADD CONSTRAINT entries_undoes_fkey FOREIGN KEY (undoes) REFERENCES public.entries(id);
ALTER TABLE ONLY public.entries
    ADD CONSTRAINT entries_wallet_id_fkey FOREIGN KEY (wallet_id) REFERENCES public.wallets(id);
ALTER TABLE ONLY public.favourites
    ADD CONSTRAINT favourites_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.jobs(id);
ALTER TABLE ONLY public.job_steps
    ADD CONSTRAINT job_steps_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.jobs(id);
ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT jobs_wallet_id_fkey FOREIGN KEY (wallet_id) REFERENCES public.wallets(id);
ALTER TABLE ONLY public.policy_log
    ADD CONSTRAINT policy_log_undoes_fkey FOREIGN KEY (undoes) REFERENCES public.policy_log(id);
ALTER TABLE ONLY public.reports
    ADD CONSTRAINT reports_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.jobs(id);
ALTER TABLE ONLY public.showings
    ADD CONSTRAINT showings_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.jobs(id);
