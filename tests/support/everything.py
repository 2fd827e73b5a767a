"""A database with something in every table, and an open job in every state: for what must lose none of it.

`tests/data/databases` has what the code of each version made of it; each file says how.
"""

from __future__ import annotations

import hashlib
from base64 import b64decode
from collections.abc import Callable

from bot.domain.act import ActMark, digest_of
from bot.domain.bank import Batch
from bot.domain.code import NewCode, digest
from bot.domain.credit_request import CreditRequest
from bot.domain.history import Search
from bot.domain.job import Job, ReleaseReason, StoredImage
from bot.domain.policy import Block
from bot.domain.preferences import Preferences
from bot.domain.proposal import Proposal, Proposed
from bot.domain.recipe import Recipe, Reference, Size
from bot.domain.showing import Place, ShowingKind
from bot.domain.template import Template
from bot.storage.credits import acts, bank, batches, codes, credit_requests, gifts, ledger, purchases
from bot.storage.engine.store import Script, Store
from bot.storage.orders import (
    favourites,
    history,
    jobs,
    placing,
    preferences,
    proposals,
    results,
    showings,
    templates,
    tray,
)
from bot.storage.server import budgets, policy
from tests.support.factories import ANN, BOB, MANY, NOW, a_recipe, an_order, daily, sql

CODE = "GAAA-BBBB-CCCC-DDDD"
# A whole PNG, the same for ever: databases of every version name it by its hash.
PICTURE = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAFklEQVR4nGMUiVrAwMDAxMDAwMDAAAAMRgESCxsD7wAAAABJRU5ErkJggg=="
)
LOGO = Reference(name="logo.png", sha256=hashlib.sha256(PICTURE).hexdigest(), content_type="image/png")
PREDICTION = "b" * 32  # of the job found running
MO = 3_000  # a moderator
ROLES = frozenset({1})  # of the member who orders
OPEN = {"910": "held", "911": "held", "912": "submitting", "913": "running", "914": "stored", "915": "posting"}
UNANSWERED = "911"
AWAITING = "916"  # its image could be shown nowhere, and waits; databases before version 0006 have no such job
FROM_WORDS = "902"
ENDED = {"901": "delivered", "902": "released"}


async def put_something_everywhere(store: Store) -> None:
    await _money(store)
    rule = {"1": {"amount": 50, "every": "day"}}
    await store.run(policy.change(1, "allowances", rule, actor=MO, now=NOW))
    await store.run(policy.change(1, "limits", {str(role): {"running": 20} for role in ROLES}, actor=MO, now=NOW))
    for job_id in (*ENDED, *OPEN, AWAITING):
        await _order(store, job_id)
    await store.run(jobs.withdraw("902", ReleaseReason.CANCELLED, now=NOW + 2))
    claimed = await store.run(jobs.claim("of the old life", at_supplier=100, each=100, now=NOW + 3))
    for job in claimed:
        await _go_on(store, job)
    for script in (*_what_led_on(), *_rules()):
        await store.run(script)


async def _money(store: Store) -> None:
    scripts: tuple[Script[object], ...] = (
        ledger.welcome(ANN, starting_credits=3_000, now=NOW, owed=daily(50)),
        ledger.welcome(BOB, starting_credits=300, now=NOW),
        bank.take(ANN, 40, act_id="1", actor=str(MO), reason="Given twice", starting_credits=0, now=NOW),
        bank.undo(4, guild_id=1, actor=str(MO), reason="Wrong member", now=NOW),
        ledger.grant(ANN, 25, act_id="3", actor=str(MO), reason="Won", starting_credits=0, now=NOW),
        gifts.give(
            ANN, BOB, 25, per_day=100, day_since=0, act_id="2", reason="“Thanks” 🎬", starting_credits=0, now=NOW
        ),
        purchases.choose(BOB, now=NOW),
        purchases.give(77, BOB, 1_000, starting_credits=0, now=NOW),
        purchases.take_back(77, now=NOW + 1),
        acts.once(
            ActMark(id="503", guild_id=1, actor_id=MO, what=digest_of("code", 10, 2, "Contest"), numbered="code"),
            codes.create(
                1,
                NewCode(amount=10, uses=2, expires_at=None, reason="Contest"),
                sha256=digest(CODE),
                hint="GA",
                actor=MO,
                now=NOW,
            ),
            number_of=lambda _: 1,
            now=NOW,
        ),
        codes.redeem(BOB, digest(CODE), starting_credits=0, now=NOW),
        codes.redeem(BOB, digest("WRONG"), starting_credits=0, now=NOW),
        credit_requests.ask(
            CreditRequest(id="500", wallet=BOB, amount=300, words="Please", locale="es-ES", at=NOW), channel_id=6
        ),
        batches.ask(
            Batch(id="501", guild_id=1, amount=5, reason="Party", actor=MO, count=2), (10, 11), now=NOW
        ),
    )  # fmt: skip
    for script in scripts:
        await store.run(script)


async def _order(store: Store, job_id: str) -> None:
    recipe = a_recipe(prompt=f"A poster of “{job_id}”", references=(LOGO,) if job_id == "901" else ())
    if job_id == FROM_WORDS:
        recipe = Recipe(model="nb2-text", prompt=recipe.prompt)
    new = an_order(job_id, recipe=recipe, made_from="901" if job_id == "910" else None, role_ids=ROLES)
    await store.run(placing.place(new, starting_credits=0, limits=MANY, now=NOW + 1))
    if job_id != UNANSWERED:
        await store.run(jobs.answered(job_id, 70_000 + int(job_id), now=NOW + 1))


async def _go_on(store: Store, job: Job) -> None:
    """From its claim to where it is to be found."""
    steps: tuple[tuple[str, Callable[[Job], Script[Job]]], ...] = (
        ("submitting", lambda job: jobs.submitting(job, now=NOW + 4)),
        ("running", lambda job: jobs.running(job, PREDICTION if job.id == "913" else f"{job.id:0>32}", now=NOW + 5)),
        ("stored", lambda job: jobs.stored(job, an_image(job), refund=0, now=NOW + 9_000)),
        ("posting", lambda job: jobs.posting(job, now=NOW + 9_100)),
        ("awaiting", lambda job: jobs.awaiting(job, next_at=NOW + 3_609_200, now=NOW + 9_200))
        if job.id == AWAITING
        else ("delivered", lambda job: jobs.delivered(job, channel_id=5, message_id=80_000, now=NOW + 9_200)),
    )
    goal = {**OPEN, **ENDED, AWAITING: "awaiting"}[job.id]
    for state, step in steps:
        if job.state == goal:
            return
        job = await store.run(step(job))
        assert job.state == state


def an_image(job: Job) -> StoredImage:
    return StoredImage(
        name=f"{job.id}.png", sha256=hashlib.sha256(PICTURE).hexdigest(), width=2, height=2, unsafe=None,
        output_url="https://example.com/x.png", price_micros=150_000,
    )  # fmt: skip


def _what_led_on() -> tuple[Script[object], ...]:
    template = Template(name="Poster", frame="A poster of [WHO]", size=Size.K2)
    proposal = Proposal(recipe=a_recipe(prompt="Not yet paid"), private=True, token="a token")
    return (
        proposals.put(Proposed(id="600", wallet=BOB, channel_id=5, proposal=proposal), now=NOW),
        tray.add(ANN, (LOGO,), limit=10, older_than=0, now=NOW),
        preferences.put(10, Preferences(quiet_limit=100, spoiler=True)),
        templates.add(1, 10, template, now=NOW),
        templates.add(1, 10, template.model_copy(update={"name": "Shared"}), now=NOW),
        templates.publish(1, 10, "Shared"),
        favourites.toggle("901", member_id=11, now=NOW),
        *_shown_beside("901"),
        results.report("901", member_id=11, reason="Not nice", now=NOW),
        history.keep_search("700", Search(guild_id=1, asker_id=10, member_id=10, text="poster"), now=NOW),
    )


def _shown_beside(job_id: str) -> tuple[Script[object], ...]:
    """In the gallery, in another channel by its owner, and in a private answer."""
    places = {
        ShowingKind.GALLERY: Place(interaction_id=1_000, guild_id=1, channel_id=7),
        ShowingKind.COPY: Place(interaction_id=1_001, guild_id=1, channel_id=8, token="a token"),
    }
    begun = [showings.begin(job_id, kind, place, now=NOW) for kind, place in places.items()]
    look = Place(interaction_id=1_002, guild_id=1, channel_id=5, ephemeral=True, token="another token")
    return (*begun, showings.posted(2, 90_000), showings.note_look(job_id, look, 90_001, now=NOW))


def _rules() -> tuple[Script[object], ...]:
    return (
        policy.change(1, "budget", 100_000, actor=MO, now=NOW),
        policy.change(1, "time_zone", "Europe/Madrid", actor=MO, now=NOW),
        policy.undo(1, 2, actor=MO, now=NOW),
        budgets.set_own(1, 20_000_000),
        sql("INSERT INTO installation (name, value) VALUES ('before_budgets', '1')"),
        policy.block(1, 12, Block(blocked=True, until=None, reason="Spam", actor=str(MO), at=NOW)),
    )
