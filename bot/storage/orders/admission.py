"""These scripts read all facts that decide an order: all of them before the answer, the limits again at the placing."""

from __future__ import annotations

from bot.domain.admission import DAY_MS, OrderFacts, Standing, day_of, month_for
from bot.domain.caller import Caller
from bot.domain.operator_budget import NO_BUDGETS, OperatorBudgets
from bot.domain.policy import Policy, limits_for, owed_to
from bot.domain.wallet import NO_SERVER
from bot.storage.credits import ledger
from bot.storage.engine.store import Script
from bot.storage.orders import costs, history, jobs, preferences, proposals, tray
from bot.storage.server import policy as policies

_COUNT_UNDER_WAY = """
    SELECT count(*) AS jobs FROM jobs WHERE member_id = :member_id AND state IN ('held', 'submitting', 'running')"""
_COUNT_SINCE = """
    SELECT count(*) AS jobs FROM jobs
    WHERE wallet_id = (SELECT id FROM wallets WHERE guild_id = :guild_id AND member_id = :member_id)
        AND created_at >= :since AND (state <> 'released' OR submitted_at IS NOT NULL)"""


def facts(
    caller: Caller,
    *,
    budgets: OperatorBudgets = NO_BUDGETS,
    now: int,
    starting_credits: int | None = None,
    job_id: str | None = None,
    proposal_id: str | None = None,
) -> Script[OrderFacts]:
    """Read everything that an order of this member needs, in one transaction.

    `budgets`: the operator's. `starting_credits`: as in `ledger.open_wallet`.
    `job_id`, `proposal_id`: the job or proposal of the button that was pressed. `now` in Unix milliseconds.
    """
    now_standing = yield from standing(caller, budgets=budgets, now=now)
    owed = owed_to(now_standing.policy, caller.role_ids, now=now)
    mine = yield from preferences.get(caller.member_id)
    job = (yield from jobs.get(job_id)) if job_id else None
    is_mine = job is None or job.wallet.member_id == caller.member_id
    owners = mine if job is None or is_mine else (yield from preferences.get(job.wallet.member_id))
    return OrderFacts(
        standing=now_standing,
        preferences=mine,
        tray=(yield from tray.get(caller.wallet, older_than=now - tray.TRAY_MS)),
        balance=(yield from ledger.balance(caller.wallet, owed=owed, starting_credits=starting_credits)),
        owed=owed,
        job=job,
        job_is_open=is_mine or owners.open_buttons,
        proposed=(yield from proposals.get(proposal_id, now=now)) if proposal_id else None,
        owes_note=(yield from history.owes_note(guild_id=caller.guild_id, member_id=caller.member_id)),
    )


def model_wishes(caller: Caller) -> Script[tuple[tuple[str, ...], tuple[str | None, ...]]]:
    """As `Ordering.model_wishes`."""
    policy = yield from policy_for(caller)
    mine = yield from preferences.get(caller.member_id)
    return policy.forbidden_models, (mine.model, policy.default_model)


def policy_for(caller: Caller) -> Script[Policy]:
    """Return the policy of the server; outside of a server, a policy without rules."""
    return (yield from policies.get(caller.guild_id)) if caller.guild_id != NO_SERVER else Policy()


def standing(caller: Caller, *, budgets: OperatorBudgets = NO_BUDGETS, now: int) -> Script[Standing]:
    """Read what the server's policy, the limits of the line and the operator's budgets are checked against."""
    policy = yield from policy_for(caller)
    return (yield from standing_by(policy, caller, budgets=budgets, now=now))


def standing_by(policy: Policy, caller: Caller, *, budgets: OperatorBudgets = NO_BUDGETS, now: int) -> Script[Standing]:
    """Read the same as `standing`, with a policy that was read before. Only what the policy has a rule for is read."""
    member = {"guild_id": caller.guild_id, "member_id": caller.member_id}
    blocks = (yield from policies.blocks(**member, limit=1)) if caller.guild_id != NO_SERVER else []
    refusals, refused_at = 0, None
    if policy.cool_down:
        refusals, refused_at = yield from policies.refusals(**member, since=now - DAY_MS)
    spent, held, spent_here, month = 0, 0, 0, month_for(caller, policy, now=now)
    if policy.budget is not None:
        spent, held = yield from policies.spending(caller.guild_id, month)
    if policy.budget is not None and caller.home_channel_id in policy.channel_shares:
        spent_here = yield from policies.spending_of_channel(caller.guild_id, month, caller.home_channel_id)
    uses, stranger = yield from costs.uses(budgets, caller.guild_id, now=now)
    ordered = 0
    if limits_for(policy, caller.role_ids).images_per_day is not None:
        since, _ = day_of(policy, now=now)
        ordered = (yield _COUNT_SINCE, {**member, "since": since})[0]["jobs"]
    return Standing(
        policy=policy,
        under_way=(yield _COUNT_UNDER_WAY, {"member_id": caller.member_id})[0]["jobs"],
        block=blocks[0] if blocks else None,
        refusals=refusals,
        refused_at=refused_at,
        spent=spent + held,
        spent_here=spent_here,
        uses=uses,
        stranger=stranger,
        ordered_today=ordered,
    )
