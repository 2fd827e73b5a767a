"""A manager, a member and a user from outside the server use one-time codes."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from bot.domain.code import NewCode, digest
from bot.domain.errors import BadAmount, CodeUnknown, Refusal, TooManyTries
from bot.domain.wallet import EntryKind, StartingCredits, WalletKey
from bot.services.credits.codes import Codes
from bot.storage.credits.codes import TRIES_LIMIT, TRIES_MS
from tests.support.factories import sql
from tests.support.house import House, words_of

HOUR = 3_600_000
CODE = re.compile(r"(?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}")


class Clock:
    now = 1_790_000_000_000

    def __call__(self) -> int:
        return self.now


async def create(house: House, actor: Any = None, **options: Any) -> Any:
    facts = {"amount": 100, "reason": "Contest", **options}
    return await (actor or house.moderator).slash(house.channel, "codes create", **facts)


async def made(house: House, **options: Any) -> str:
    found = CODE.search(words_of((await create(house, **options)).response))
    assert found
    return found[0]


async def redeem(house: House, code: str, actor: Any = None) -> str:
    answer = await (actor or house.ann).slash(house.channel, "credits redeem", code=code)
    assert answer.ephemeral
    return words_of(answer.response)


async def test_a_code_is_shown_once_kept_as_a_hash_and_redeemed_once_by_each_member(house: House) -> None:
    log = await house.open_log()
    answer = await create(house, uses=2, expires="7d", reason="Won the contest")
    assert answer.ephemeral
    words = words_of(answer.response)
    assert "100 credits for each of 2 members" in words
    code = CODE.search(words)
    assert code
    assert log.last_message
    assert code[0] not in words_of(log.last_message)
    row = (await house.app.store.read(sql("SELECT * FROM codes")))[0]
    assert code[0].replace("-", "") not in str(dict(row))
    assert row["sha256"] == digest(code[0])

    typed = code[0].lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert "**+100** from the code. You have 400 credits" in await redeem(house, typed)
    assert "Undo" in str(log.last_message.components)
    assert "You have used this code before" in await redeem(house, code[0])
    assert "400" in await redeem(house, code[0], house.moderator)
    late = house.guild.add_member(house.env.create_user("late"))
    assert "used by as many members" in await redeem(house, code[0], late)
    statement = words_of((await house.ann.slash(house.channel, "credits statement")).response)
    assert "**+100** from a code, 400 left · `Won the contest`" in statement
    listed = words_of((await house.moderator.slash(house.channel, "codes list")).response)
    assert "used up · used 2 of 2 · until <t:" in listed
    assert code[0] not in listed
    assert await house.findings() == ()


async def test_a_code_can_be_withdrawn_and_belongs_to_one_server(house: House) -> None:
    code = await made(house)
    other = house.env.create_guild("Other")
    channel = other.create_text_channel("images")
    ann_there = other.add_member(house.ann_user)
    elsewhere = words_of((await ann_there.slash(channel, "credits redeem", code=code)).response)
    assert elsewhere == await redeem(house, "0000-0000-0000-0000")
    assert "This server has no such code" in elsewhere

    listed = words_of((await house.moderator.slash(house.channel, "codes list")).response)
    assert "open · used 0 of 1" in listed
    for _ in range(2):
        withdrawn = await house.moderator.slash(house.channel, "codes withdraw", number=1)
        assert "Code 1 is withdrawn" in words_of(withdrawn.response)
    assert "withdrawn by the moderators" in await redeem(house, code)
    none = await house.moderator.slash(house.channel, "codes withdraw", number=99)
    assert "no code number 99" in words_of(none.response)
    assert "withdrawn · used 0 of 1" in words_of((await house.moderator.slash(house.channel, "codes list")).response)


async def test_only_managers_make_list_and_withdraw_codes(house: House) -> None:
    commands = await house.app.bot.tree.fetch_commands()
    codes = next(command for command in commands if command.name == "codes")
    house.guild.set_command_permissions(codes, {house.guild.default_role: True})
    for command, options in (
        ("create", {"amount": 1, "reason": "x"}), ("list", {}), ("withdraw", {"number": 1}),
    ):  # fmt: skip
        answer = await house.ann.slash(house.channel, f"codes {command}", **options)
        assert "for those who may manage the server" in words_of(answer.response)
    role = house.guild.create_role("Managers")
    await house.change_rule("managers", role.id)
    manager = house.guild.add_member(house.env.create_user("manager"), roles=[role])
    assert "There are none yet." in words_of((await manager.slash(house.channel, "codes list")).response)
    assert CODE.search(words_of((await create(house, manager)).response))
    assert "A reason is needed" in words_of((await create(house, manager, reason="  ")).response)
    assert "soon" in words_of((await create(house, manager, expires="soon")).response)


@pytest.fixture
async def clock() -> Clock:
    return Clock()


@pytest.fixture
def codes(house: House, clock: Clock) -> Codes:
    return Codes(house.app.store, house.app.bot.services.rules, starting_credits=StartingCredits(amount=0), clock=clock)


async def test_guessing_ends_after_ten_wrong_codes_in_an_hour(codes: Codes, clock: Clock) -> None:
    _, symbols = await codes.create(1, NewCode(amount=5, uses=9, expires_at=None, reason="Contest"), actor_id=1)
    guesses = [codes.redeem(WalletKey(1, 2), f"WRONG{number}") for number in range(TRIES_LIMIT + 5)]
    answers = await asyncio.gather(*guesses, return_exceptions=True)
    assert [type(answer) for answer in answers] == [CodeUnknown] * TRIES_LIMIT + [TooManyTries] * 5
    with pytest.raises(TooManyTries) as refusal:
        await codes.redeem(WalletKey(7, 2), symbols)
    assert refusal.value.until == clock.now + TRIES_MS
    assert (await codes.redeem(WalletKey(1, 3), symbols)).entry.kind is EntryKind.CODE
    clock.now += TRIES_MS
    with pytest.raises(CodeUnknown):
        await codes.redeem(WalletKey(1, 2), "WRONG")
    assert (await codes.redeem(WalletKey(1, 2), symbols)).entry.posted_delta == 5


async def test_many_at_once_never_get_more_than_the_code_is_for(house: House, codes: Codes) -> None:
    _, symbols = await codes.create(1, NewCode(amount=5, uses=3, expires_at=None, reason="Contest"), actor_id=1)
    presses = [codes.redeem(WalletKey(1, member), symbols) for member in (1, 1, 2, 2, 3, 4, 5)]
    answers = await asyncio.gather(*presses, return_exceptions=True)
    assert sum(not isinstance(answer, Refusal) for answer in answers) == 3
    assert (await house.app.store.read(sql("SELECT used FROM codes")))[0]["used"] == 3
    assert await house.findings() == ()


async def test_a_code_ends_at_its_moment(codes: Codes, clock: Clock) -> None:
    new = NewCode(amount=5, uses=9, expires_at=clock.now + HOUR, reason="Contest")
    code, symbols = await codes.create(1, new, actor_id=1)
    clock.now += HOUR - 1
    await codes.redeem(WalletKey(1, 2), symbols)
    clock.now += 1
    assert code.over(now=clock.now)
    with pytest.raises(Refusal, match="CodeExpired"):
        await codes.redeem(WalletKey(1, 3), symbols)


@pytest.mark.parametrize(("amount", "uses"), [(0, 1), (1_000_001, 1), (1, 0), (1, 10_001)])
async def test_a_code_has_an_amount_and_uses_within_their_limits(codes: Codes, amount: int, uses: int) -> None:
    with pytest.raises(BadAmount):
        await codes.create(1, NewCode(amount=amount, uses=uses, expires_at=None, reason="Contest"), actor_id=1)


def test_a_code_is_read_in_any_way_that_people_type_it() -> None:
    assert digest("abcd-efgh-jkmn-pq0i") == digest(" ABCD EFGH JKMNPQO1 ")
    assert digest("ABCD-EFGH-JKMN-PQ00") != digest("ABCD-EFGH-JKMN-PQ01")
