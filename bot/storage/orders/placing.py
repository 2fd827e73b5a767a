"""The script that places an order: it checks the rules again, holds the credits and stores the job, in one commit."""

from __future__ import annotations

from typing import Any

from bot.domain.admission import AdmissionTerms, admit
from bot.domain.caller import TOKEN_LIFE_MS
from bot.domain.job import LineLimits, NewJob, Placed
from bot.domain.operator_budget import NO_BUDGETS, OperatorBudgets
from bot.domain.policy import Policy
from bot.domain.recipe import name_of
from bot.domain.search_text import search_text
from bot.domain.wallet import Balance
from bot.storage.credits import ledger
from bot.storage.engine import locks
from bot.storage.engine.store import Row, Script
from bot.storage.orders import admission, costs, history, jobs, proposals, tray

ANSWER_GRACE_MS = 10_000  # Discord waits 3 s for an answer; after this time the process that placed the job has died
EXACT_LINE = 100  # waiting jobs; in a longer line, places are not computed exactly

_INSERT = """
    INSERT INTO jobs (id, wallet_id, guild_id, channel_id, member_id, private, recipe, cost, state, created_at,
                      updated_at, token, token_until, file_limit, message_id, next_at, locale, spoiler, made_from,
                      prompt, video, model, month, running_limit, home_channel, list_micros, stranger,
                      place, search_text)
    VALUES (:id, :wallet_id, :guild_id, :channel_id, :member_id, :private, :recipe, :cost, 'held', :now,
            :now, :token, :token_until, :file_limit, :message_id, :next_at, :locale, :spoiler, :made_from,
            :prompt, :video, :model, :month, :running_limit, :home_channel, :list_micros, :stranger,
            :place, :search_text) RETURNING *"""
_COUNT_WAITING = "SELECT count(*) AS jobs FROM jobs WHERE state = 'held'"


def place(
    new: NewJob,
    *,
    starting_credits: int | None,
    limits: LineLimits,
    budgets: OperatorBudgets = NO_BUDGETS,
    exact: bool = False,
    now: int,
) -> Script[Placed]:
    """Hold the credits and store the job. The same order again returns the first job and holds nothing.

    An order from the member's tray empties the tray, and an order that was proposed deletes its proposal, in the same
    transaction. `limits`: what the operator allows one member. `budgets`: the operator's. `now` in Unix milliseconds.
    Raises `PolicyRefused`, `LineFull`, `OperatorBudgetUsedUp` and `NotEnoughCredits`; and `BudgetInSight`, after which
    it is to be called again with `exact`.
    """
    caller, recipe = new.caller, new.order.recipe
    policy = yield from _policy_under_lock(new)
    first = yield from jobs.get(new.id)
    if first:
        balance = yield from ledger.balance(caller.wallet)
        return Placed(first, balance or Balance(posted=0, held=0), created=False, place=0)
    standing = yield from admission.standing_by(policy, caller, budgets=budgets, now=now)
    micros = new.list_micros
    terms = admit(standing, caller, recipe, price=new.cost, list_micros=micros, limits=limits, now=now)
    wallet = yield from ledger.open_wallet(caller.wallet, starting_credits=starting_credits, now=now, owed=terms.owed)
    held = yield from ledger.hold(
        wallet, new.cost, job_id=new.id, actor=str(caller.member_id), reason="Image ordered", now=now
    )
    exact = exact or costs.is_near(standing.uses, micros)
    if exact:
        yield from costs.lock_day(now)
    columns = _columns(new, terms, wallet_id=wallet["id"], now=now)
    row = yield from _write({**columns, "stranger": int(standing.stranger)}, seq=held.entry.seq)
    uses = yield from costs.check_placed(budgets, caller.guild_id, micros, locked=exact, now=now)
    if new.order.from_tray:
        yield from tray.clear(caller.wallet, older_than=now - tray.TRAY_MS)
    yield from proposals.forget(new.id)
    place_in_line = yield from _place_in_line(new.id)
    return Placed(jobs.of_row(row), held.entry.after, created=True, place=place_in_line, policy=policy, uses=uses)


def _write(columns: dict[str, Any], *, seq: int) -> Script[Row]:
    """`seq`: the number of the entry that holds the credits."""
    place_of_job = history.place_of(columns["wallet_id"], seq)
    yield from history.index(place_of_job, columns["search_text"])
    rows = yield _INSERT, {**columns, "place": place_of_job}
    return rows[0]


def _policy_under_lock(new: NewJob) -> Script[Policy]:
    """Lock the server where it has a budget, then the member, in the order of `locks`. Returns the server's policy."""
    policy = yield from admission.policy_for(new.caller)
    if policy.budget is not None:
        yield from locks.of_server(new.caller.guild_id)
    yield from locks.of_member(new.caller.member_id)
    return policy


def _columns(new: NewJob, terms: AdmissionTerms, *, wallet_id: int, now: int) -> dict[str, Any]:
    caller, order = new.caller, new.order
    video = name_of(order.recipe.clip.video) if order.recipe.clip else ""
    return {
        "id": new.id,
        "wallet_id": wallet_id,
        "guild_id": caller.guild_id,
        "channel_id": caller.channel_id,
        "member_id": caller.member_id,
        "private": int(order.private),
        "recipe": order.recipe.model_dump_json(),
        "cost": new.cost,
        "now": now,
        "token": caller.token,
        "token_until": now + TOKEN_LIFE_MS,
        "file_limit": caller.file_limit_bytes,
        "message_id": new.message_id,
        "next_at": now + ANSWER_GRACE_MS,
        "locale": caller.locale,
        "spoiler": int(order.spoiler),
        "made_from": order.made_from,
        "prompt": order.recipe.prompt,
        "video": video,
        "search_text": search_text(order.recipe.prompt, video),
        "model": order.recipe.model,
        "month": terms.month,
        "running_limit": terms.running,
        "home_channel": caller.home_channel_id,
        "list_micros": new.list_micros,
    }


def _place_in_line(job_id: str) -> Script[int]:
    """Return the exact place in a short line; in one longer than `EXACT_LINE`, its length, which needs no sorting."""
    waiting: int = (yield _COUNT_WAITING, {})[0]["jobs"]
    if waiting > EXACT_LINE:
        return waiting
    places = yield from jobs.line()
    return places[job_id]
