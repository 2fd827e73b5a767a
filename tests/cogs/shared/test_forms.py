"""Members use a form or a card after a restart, or after an order that was not placed."""

from __future__ import annotations

from typing import Any

from bot.domain.job import JobState
from tests.support.house import House, words_of


async def test_a_form_that_was_open_while_the_bot_was_restarted_is_answered(house: House) -> None:
    answer: Any = await house.imagine()
    (job,) = await house.ended()
    form: Any = await house.ann.click(answer.response.message, custom_id=f"trim:{job.id}")
    bot = house.app.bot
    bot._run = "00000000"  # what a new process would not know
    bot._connection._view_store._modals.clear()
    sent: Any = await house.ann.submit_modal(form, {"start": "0:01", "end": "0:02"})
    assert sent.ephemeral
    assert "opened too long ago, or before I was restarted" in words_of(sent.response)
    assert len(await house.jobs()) == 1


async def test_an_order_that_came_to_nothing_is_tried_again_from_its_card(house: House) -> None:
    house.standin.use("failed_200", times=1)
    answer: Any = await house.imagine()
    (failed,) = await house.ended()
    assert failed.state is JobState.RELEASED

    async def told() -> bool:
        return "Nothing was charged" in words_of(answer.response)

    await house.until(told)
    await house.ann.click(answer.response.message, custom_id=f"again:{failed.id}")
    _, second = await house.ended(count=2)
    assert (second.state, second.recipe, second.made_from) == (JobState.DELIVERED, failed.recipe, failed.id)
