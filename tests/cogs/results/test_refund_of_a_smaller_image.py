"""A member pays for 4K and gets 1K: the card, the balance and the statement tell of the refund."""

from __future__ import annotations

from tests.support.house import House, words_of


async def test_a_member_reads_what_came_and_has_the_difference_back(house: House) -> None:
    house.standin.use("small_output")
    await house.imagine(size="4k", spoiler=True)
    (job,) = await house.ended()
    shown = house.channel.last_message
    assert shown
    words = words_of(shown)
    assert "**The image came smaller than 4K: 80 credits are back.**" in words
    assert "4K · 1408×22 · 150 credits · AI-generated" in words.replace("shape picked by the model · ", "")
    assert "You have 150 credits" in words_of((await house.ann.slash(house.channel, "credits balance")).response)
    statement = words_of((await house.ann.slash(house.channel, "credits statement")).response)
    assert f"**+80** refunded, 150 left · `Image smaller than paid for` · job {job.id}" in statement
    assert "**−230** paid for an image, 70 left" in statement
    assert await house.findings() == ()
