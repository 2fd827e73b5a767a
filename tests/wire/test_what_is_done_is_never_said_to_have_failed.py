"""The real bot over the wire tells the truth of an act that is committed, whatever becomes of its answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from bot.discord.cards import bank as bank_cards
from bot.domain.wallet import WalletKey
from bot.storage.credits import ledger
from bot.storage.privacy import retention
from cogs.shared import acts
from tests.support.factories import sql
from tests.support.house import words_of
from tests.support.wire_house import START_CREDITS, WireHouse, until
from tests.wire.delivery_seams import CALLBACK
from tests.wire.errors import Code
from tests.wire.interactions import ORIGINAL

EDIT_ANSWER = ("PATCH", f"/webhooks/*/messages/{ORIGINAL}")
LIES = ("Nothing was charged", "No credits were moved", "try again", "went wrong")
TEN_MINUTES_MS = 10 * 60_000

Fault = Callable[[WireHouse], None]


def break_before(house: WireHouse) -> None:
    house.wire.reset(*CALLBACK, when="before", times=1)


def break_after(house: WireHouse) -> None:
    """Discord takes the answer, and its word of that is lost: the second try is told 40060."""
    house.wire.reset(*CALLBACK, when="after_handling", times=1)


def break_in_the_middle(house: WireHouse) -> None:
    house.wire.reset(*CALLBACK, when="during_body", times=1)


def deny(house: WireHouse) -> None:
    house.wire.fail(*CALLBACK, status=500, times=1, handled=True)


CONFIRMED: tuple[Fault, ...] = (break_before, break_after, break_in_the_middle, deny)


@dataclass(frozen=True)
class MovedCredits:
    """An act over the wire, and what its answer has to say."""

    command: str
    options: dict[str, Any]
    says: str
    by_moderator: bool = True


def acts_of(house: WireHouse) -> list[MovedCredits]:
    ben = house.wire.world.ben.id
    return [
        MovedCredits("bank grant", {"member": ben, "amount": 50, "reason": "Contest"}, r"\+50.*entry \d+"),
        MovedCredits("bank take", {"member": ben, "amount": 20, "reason": "Mistake"}, r"−20.*entry \d+"),
        MovedCredits("bank set", {"member": ben, "amount": 400, "reason": "Reset"}, r"→ 400.*entry \d+"),
        MovedCredits(
            "credits gift", {"member": ben, "amount": 5, "reason": "Thanks"}, r"5 credits", by_moderator=False
        ),
        MovedCredits("codes create", {"amount": 10, "reason": "Party", "uses": 3}, r"([0-9A-Z]{4}-){3}[0-9A-Z]{4}"),
        MovedCredits("policy budget", {"credits": 90_000}, r"90,000"),
        MovedCredits("policy block", {"member": ben, "reason": "Spam"}, r"can't make images"),
        MovedCredits("policy unblock", {"member": ben, "reason": "Sorry"}, r"can make images"),
    ]


async def fund(house: WireHouse, member_id: int) -> None:
    """Grant credits to a member who gives some away, because starting credits can't be given."""
    wallet = WalletKey(house.wire.world.guild_id, member_id)
    grant = ledger.grant(wallet, 30, act_id="9", actor="1", reason="Won", starting_credits=START_CREDITS, now=1)
    await house.app.store.run(grant)


async def do(house: WireHouse, act: MovedCredits) -> int:
    world = house.wire.world
    who = world.moderator if act.by_moderator else world.ann
    return await house.wire.slash(act.command, act.options, user_id=who.id)


def told(house: WireHouse, interaction: int) -> str:
    shown = [house.wire.answer(interaction), *house.wire.followups(interaction)]
    return "\n".join(words_of(each) for each in shown if each).replace("\n", " ")


async def answered(house: WireHouse, interaction: int) -> str:
    await until(lambda: told(house, interaction))
    return told(house, interaction)


def told_directly(house: WireHouse, user_id: int, before: int) -> bool:
    return len(house.wire.direct_messages(user_id)) > before


async def available(house: WireHouse, member_id: int) -> int:
    wallet = WalletKey(house.wire.world.guild_id, member_id)
    return (await house.app.bot.services.credits.balance(wallet)).available


async def marks(house: WireHouse) -> int:
    """Acts whose answer is lost. One whose answer is on its way is not counted."""
    return len(await house.app.store.read(sql("SELECT * FROM unconfirmed_acts WHERE asked_from = at")))


async def under_way(house: WireHouse) -> int:
    return len(await house.app.store.read(sql("SELECT * FROM unconfirmed_acts")))


async def no_marks(house: WireHouse) -> None:
    """A mark goes a moment after its answer has arrived."""

    async def none() -> bool:
        return await under_way(house) == 0

    await house.until(none)


def assert_no_lie(words: str) -> None:
    assert [lie for lie in LIES if lie in words] == []


@pytest.mark.parametrize("fault", CONFIRMED)
async def test_an_act_whose_first_answer_is_lost_is_told_as_done_and_never_asked_about(
    house: WireHouse, fault: Fault
) -> None:
    await fund(house, house.wire.world.ann.id)
    for act in acts_of(house):
        fault(house)
        words = await answered(house, await do(house, act))
        assert re.search(act.says, words), act.command
        assert_no_lie(words)
        await no_marks(house)  # a try that still goes on would meet the next fault
        house.wire.mend()
    assert await house.findings() == ()
    grant = acts_of(house)[0]
    assert "once more" not in await answered(house, await do(house, grant))
    assert await available(house, house.wire.world.ben.id) == 455


async def test_an_answer_that_discord_takes_no_more_is_told_directly_and_in_the_log(house: WireHouse) -> None:
    world = house.wire.world
    log = world.open("log")
    await fund(house, world.ann.id)
    await house.app.bot.services.rules.change(world.guild_id, "log_channel", log.id, actor=world.moderator.id)
    for act in acts_of(house):
        actor = world.moderator if act.by_moderator else world.ann
        before = len(house.wire.direct_messages(actor.id))
        house.wire.fail(*CALLBACK, status=404, code=Code.UNKNOWN_INTERACTION, times=1)
        interaction = await do(house, act)
        await until(partial(told_directly, house, actor.id, before))
        words = words_of(house.wire.direct_messages(actor.id)[-1]).replace("\n", " ")
        assert re.search(act.says, words), act.command
        assert "Community" in words
        assert act.command != "credits gift" or re.search(r"entry \d+", words)
        assert_no_lie(told(house, interaction) + words)
    await until(lambda: len(house.wire.messages(log.id)) >= len(acts_of(house)))
    await no_marks(house)


@pytest.mark.parametrize("gone", [False, True])
async def test_the_same_act_is_asked_about_only_where_its_answer_is_not_confirmed(house: WireHouse, gone: bool) -> None:
    world, ben = house.wire.world, house.wire.world.ben.id
    grant, take, *_ = acts_of(house)
    if gone:
        world.direct(world.moderator.id).closed = Code.CLOSED_TO_MESSAGES
        house.wire.fail(*CALLBACK, status=404, code=Code.UNKNOWN_INTERACTION)
    else:
        house.wire.reset(*CALLBACK, when="before")
    first = await do(house, grant)

    async def marked() -> bool:
        return await marks(house) == 1

    await house.until(marked)
    await until(lambda: any("channels" in each.path for each in house.wire.requests))
    house.wire.mend()
    assert told(house, first) == ""
    assert await available(house, ben) == 350

    other = MovedCredits("bank grant", {**grant.options, "amount": 51}, "51")
    assert "once more" not in await answered(house, await do(house, other))
    assert "once more" not in await answered(house, await do(house, take))
    assert await available(house, ben) == 381

    second = await do(house, grant)
    asked = await answered(house, second)
    assert re.search(r"This was done a minute ago \(entry \d+\): once more\?", asked)
    assert await available(house, ben) == 381
    question = house.wire.answer(second)
    assert question
    custom_id = bank_cards.ONCE_MORE_ID.format(act_id=first)
    stranger = await house.wire.forge(custom_id, question.id, user_id=world.ann.id)
    assert "closed" in await answered(house, stranger)
    again = await house.wire.press(question.id, custom_id, user_id=world.moderator.id)
    assert re.search(r"\+50.*entry \d+", await answered(house, again))
    assert await available(house, ben) == 431
    assert "closed" in await answered(house, await house.wire.press(question.id, custom_id, user_id=world.moderator.id))
    assert "once more" not in await answered(house, await do(house, grant))
    assert await available(house, ben) == 481
    await no_marks(house)


async def test_a_mark_ends_after_ten_minutes(house: WireHouse) -> None:
    grant = acts_of(house)[0]
    house.wire.reset(*CALLBACK, when="before")
    await do(house, grant)

    async def marked() -> bool:
        return await marks(house) == 1

    await house.until(marked)
    await until(lambda: house.wire.direct_messages(house.wire.world.moderator.id))
    house.wire.mend()
    await house.app.store.run(
        sql("UPDATE unconfirmed_acts SET at = at - :age, asked_from = asked_from - :age", age=TEN_MINUTES_MS)
    )
    assert "once more" not in await answered(house, await do(house, grant))
    now = house.app.bot.services.rules.now()
    await house.app.store.run(retention.forget_old(trays_before=0, now=now))
    await no_marks(house)


async def test_a_code_that_was_made_and_never_read_is_shown_at_the_second_try(house: WireHouse) -> None:
    world = house.wire.world
    create = next(act for act in acts_of(house) if act.command == "codes create")
    world.direct(world.moderator.id).closed = Code.CLOSED_TO_MESSAGES
    house.wire.reset(*CALLBACK, when="before")
    await do(house, create)

    async def kept() -> bool:
        return bool(await house.app.store.read(sql("SELECT * FROM unconfirmed_acts WHERE code IS NOT NULL")))

    await house.until(kept)
    await until(lambda: any("channels" in each.path for each in house.wire.requests))  # the last that it tries
    house.wire.mend()
    code = re.search(create.says, await answered(house, await do(house, create)))
    assert code
    assert len(await house.app.bot.services.codes.newest(world.guild_id)) == 1
    await no_marks(house)
    redeemed = await answered(house, await house.wire.slash("credits redeem", {"code": code[0]}, user_id=world.ben.id))
    assert "+10" in redeemed
    another = re.search(create.says, await answered(house, await do(house, create)))
    assert another
    assert another[0] != code[0]


@pytest.mark.parametrize("fault", [break_before, break_after])
async def test_redeeming_tipping_and_undoing_are_told_as_done(house: WireHouse, fault: Fault) -> None:
    world = house.wire.world
    await fund(house, world.ben.id)
    order = await house.imagine()
    await house.ended()
    image = house.wire.answer(order)
    assert image
    tip = await house.wire.choose("Tip the maker", image.id, user_id=world.ben.id)
    await until(lambda: house.wire.has_form(tip))
    fault(house)
    words = await answered(house, await house.wire.submit(tip, amount="7"))
    assert "7 credits" in words
    assert_no_lie(words)

    create = next(act for act in acts_of(house) if act.command == "codes create")
    code = re.search(create.says, await answered(house, await do(house, create)))
    assert code
    fault(house)
    words = await answered(house, await house.wire.slash("credits redeem", {"code": code[0]}, user_id=world.ben.id))
    assert "+10" in words
    assert_no_lie(words)

    granted = await answered(house, await do(house, acts_of(house)[0]))
    entry = re.search(r"entry (\d+)", granted)
    assert entry
    undo = await house.wire.slash("bank undo", {"entry": int(entry[1]), "reason": "Wrong"}, user_id=world.moderator.id)
    await until(lambda: house.wire.has_form(undo))
    fault(house)
    words = await answered(house, await house.wire.submit(undo))
    assert re.search(r"−50.*entry \d+", words)
    assert_no_lie(words)


async def test_an_act_is_marked_by_the_transaction_that_does_it(
    house: WireHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the process is gone between the commit and the answer, the next try is asked about."""

    async def never(*_: object, **__: object) -> bool:
        raise RuntimeError("the process is gone")

    with monkeypatch.context() as broken:
        broken.setattr(acts, "_deliver", never)
        await answered(house, await do(house, acts_of(house)[0]))
    await house.app.store.run(sql("UPDATE unconfirmed_acts SET asked_from = asked_from - 3000"))
    assert "once more" in await answered(house, await do(house, acts_of(house)[0]))


async def test_an_unforeseen_error_after_a_commit_claims_no_failure(
    house: WireHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> object:
        raise RuntimeError("a bug")

    grant = acts_of(house)[0]
    with monkeypatch.context() as bug:
        bug.setattr(bank_cards, "moved", broken)
        words = await answered(house, await do(house, grant))
        assert "entry 2" in words
        assert "Nothing was charged" not in words
        assert "don't do it again" in words
    assert await available(house, house.wire.world.ben.id) == 350
