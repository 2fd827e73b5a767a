"""What is committed is never said to have failed, whichever command, form or button did it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from simcord.builders import ChannelHandle

from bot.domain.errors import DatabaseUnavailable
from bot.domain.job import JobState
from bot.services.credits import bank as bank_service
from bot.services.orders.ordering import Ordering
from bot.storage.credits import batches
from cogs.shared import server_log
from tests.support.house import House, words_of

LIES = ("Nothing was charged", "No credits were moved", "try again", "went wrong")
UNKNOWN_INTERACTION = 10062
CALLBACK = ("POST", "/interactions/*/callback")

Press = Callable[[], Awaitable[Any]]


def staff(house: House, command: str, **options: Any) -> Any:
    return house.moderator.slash(house.channel, command, **options)


async def a_change_of_rules(house: House) -> Press:
    return lambda: staff(house, "policy budget", credits=900)


async def a_change_that_is_undone(house: House) -> Press:
    log = await house.open_log()
    await staff(house, "policy budget", credits=900)
    return lambda: _press_newest(house, log, "Undo")


async def a_step_of_setup(house: House) -> Press:
    opened = await staff(house, "setup")
    return lambda: house.moderator.select(opened.response.message, [house.channel], custom_id="setup:channels")


async def a_block(house: House) -> Press:
    return lambda: staff(house, "policy block", member=house.ann, reason="Spam")


async def a_gallery(house: House) -> Press:
    return lambda: staff(house, "gallery channel", channel=house.channel)


async def a_star(house: House) -> Press:
    message, job = await house.a_result()
    return lambda: house.ann.click(message, custom_id=f"star:{job.id}")


async def a_preference(house: House) -> Press:
    opened: Any = await house.ann.slash(house.channel, "preferences")
    return lambda: house.ann.click(opened.response.message, custom_id="prefer:spoiler:1")


async def a_withdrawn_code(house: House) -> Press:
    await staff(house, "codes create", amount=5, reason="Party")
    return lambda: staff(house, "codes withdraw", number=1)


async def a_decision(house: House) -> Press:
    desk = house.guild.create_text_channel("staff")
    await house.change_rule("request_channel", desk.id)
    await house.ann.slash(house.channel, "credits ask", amount=200, words="Please")
    return lambda: _press_newest(house, desk, "Give 300")


async def _press_newest(house: House, channel: ChannelHandle, label: str) -> Any:
    assert channel.last_message
    return await house.moderator.click(channel.last_message, label=label)


WAYS = (
    a_change_of_rules,
    a_change_that_is_undone,
    a_step_of_setup,
    a_block,
    a_gallery,
    a_star,
    a_preference,
    a_withdrawn_code,
    a_decision,
)


@pytest.mark.parametrize("way", WAYS)
async def test_an_answer_that_discord_takes_no_more_becomes_a_direct_message(
    house: House, way: Callable[[House], Awaitable[Press]]
) -> None:
    press = await way(house)
    sent = len(house.env.http_requests)
    house.env.inject_error(*CALLBACK, status=404, code=UNKNOWN_INTERACTION)
    await press()
    requests = [(each.method, each.path, str(each.json)) for each in house.env.http_requests[sent:]]
    opened = [path for _, path, _ in requests if path.endswith("/users/@me/channels")]
    posted = [body for method, path, body in requests if method == "POST" and path.endswith("/messages")]
    assert opened
    assert posted
    assert [lie for lie in LIES if lie in "".join(posted)] == []
    assert not any(method == "POST" and "/webhooks/" in path for method, path, _ in requests)


async def test_an_unforeseen_error_in_the_log_does_not_deny_the_change(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.open_log()

    def broken(*_: object) -> object:
        raise DatabaseUnavailable(detail="a bug")

    with monkeypatch.context() as bug:
        bug.setattr(server_log, "server_locale", broken)
        answer = await staff(house, "policy budget", credits=900)
    assert [lie for lie in LIES if lie in words_of(answer.response)] == []


async def test_a_list_that_is_cut_off_says_how_far_it_came(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = await staff(house, "bank grant-list", members=f"{house.ann.mention} {house.moderator.mention}",
                        amount=50, reason="Event")  # fmt: skip
    real, steps = batches.give_some, iter([True, False])

    def break_at_the_second(*arguments: Any, **options: Any) -> Any:
        if next(steps):
            return real(*arguments, **options)
        raise DatabaseUnavailable(detail="gone")

    with monkeypatch.context() as storage:
        storage.setattr(bank_service, "STEP_MEMBERS", 1)
        storage.setattr(batches, "give_some", break_at_the_second)
        pressed = await house.moderator.click(asked.response.message, label="Give")
    words = "\n".join(words_of(each) for each in [pressed.response, *pressed.followups])
    assert "It is done for 1 member" in words
    assert "Nothing was charged" not in words
    house.env.errors.clear()


async def test_a_placed_order_is_not_denied_where_its_answer_can_not_be_written_down(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unavailable(*_: object) -> None:
        raise DatabaseUnavailable(detail="gone")

    with monkeypatch.context() as storage:
        storage.setattr(Ordering, "answered", unavailable)
        answer = await house.imagine()
    assert "Nothing was charged" not in words_of(answer.response)
    assert answer.followups == []
    (job,) = await house.ended()
    assert job.state is JobState.DELIVERED
