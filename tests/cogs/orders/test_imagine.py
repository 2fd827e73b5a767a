"""A member uses `/imagine`: the real bot, ledger, worker and HTTP run in a simulated Discord."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import discord
import pytest

from bot.domain.job import JobState, ReleaseReason
from bot.domain.recipe import AttachedVideo
from bot.domain.wallet import Balance, WalletKey
from bot.storage.credits import ledger
from bot.text import refusals
from sandbox.atlas import Latency
from sandbox.clip import make_clip
from tests.support.factories import clip_of
from tests.support.house import House, a_png, answer_to, labels, open_house, words_of

CLIP = make_clip(seconds=1, width=160, height=90)


async def balance(house: House) -> Balance | None:
    key = WalletKey(house.guild.id, house.ann.id)
    return await house.app.store.read(ledger.balance(key))


async def test_a_youtube_link_becomes_an_image_in_the_channel(house: House) -> None:
    answer = await house.imagine(prompt="A poster of the chorus", shape="16:9", size="2k")
    assert not answer.ephemeral
    (job,) = await house.ended()
    message = house.channel.last_message
    assert message
    assert [attachment.filename for attachment in message.attachments] == [
        f"dQw4w9WgXcQ_0m14-0m17_16x9_2k_{job.id}.png"
    ]
    assert answer.response.id == message.id  # one message, from waiting to image
    for fact in ("A poster of the chorus", "0:14 → 0:17 (3 s, about 3 frames)", "https://youtu.be/dQw4w9WgXcQ?t=14",
                 "16:9", "2K", "190 credits", "AI-generated", job.id):  # fmt: skip
        assert fact in words_of(message)
    assert await balance(house) == Balance(posted=110, held=0)


async def test_the_image_has_words_for_those_who_can_not_see_it(house: House) -> None:
    await house.imagine(prompt="A poster of the chorus")
    await house.ended()
    message = house.channel.last_message
    assert message
    assert message.attachments[0].description == ("A poster of the chorus. From a YouTube video, 0:14 to 0:17.")


async def test_the_answer_before_the_image_says_what_was_understood_and_what_is_on_hold(tmp_path: Path) -> None:
    async with open_house(tmp_path, latency=Latency.fixed(1)) as house:
        answer = await house.imagine(start="83", end=None, size="4k", search=True)
        words = words_of(answer.response)
        assert "1:23 → 1:53 (30 s, about 30 frames)" in words
        assert "244 credits" in words
        assert "on hold" in words
        assert await balance(house) == Balance(posted=300, held=244)
        await house.ended()


async def test_every_option_reaches_the_supplier_in_its_own_words(house: House) -> None:
    await house.imagine(start="0:14", end="+3s", shape="9:16", size="1k", frames=2.5, thinking="minimal", search=True)
    await house.ended()
    (submit,) = house.standin.submits
    assert submit.body == {
        "model": "google/nano-banana-2/reference-to-image-developer",
        "prompt": "A poster",
        "video_clips": [{"url": "https://www.youtube.com/watch?v=dQw4w9WgXcQ", "start": 14, "ends": 17, "fps": 2.5}],
        "aspect_ratio": "9:16",
        "resolution": "1k",
        "thinking_level": "minimal",
        "enable_web_search": True,
    }


async def test_an_attached_clip_is_kept_lent_to_the_supplier_and_never_linked_from_discord(house: House) -> None:
    await house.imagine(video=None, clip=("chorus take 2.mp4", CLIP), start="0", end="1")
    (job,) = await house.ended()
    assert isinstance(clip_of(job.recipe).video, AttachedVideo)
    (upload,) = house.standin.uploads
    assert house.standin.read(upload.url) == CLIP
    (submit,) = house.standin.submits
    assert upload.url.startswith(house.standin.base_url)
    assert upload.url in str(submit.body["video_clips"])
    message = house.channel.last_message
    assert message
    assert message.attachments[0].filename.startswith("chorus-take-2_0m00-0m01_")


async def test_a_file_that_is_no_video_is_refused_privately_and_the_public_answer_disappears(house: House) -> None:
    answer = await house.imagine(video=None, clip=("clip.mp4", a_png()), start=None)
    assert answer.response is None
    (followup,) = answer.followups
    assert followup.ephemeral
    assert "That file is something else: a PNG image." in words_of(followup)
    assert await house.jobs() == []
    assert await balance(house) == Balance(posted=300, held=0)


async def test_a_file_over_15_mb_is_refused_before_it_is_read(house: House) -> None:
    answer = await house.imagine(video=None, clip=("clip.mp4", CLIP + bytes(15_000_000)), start=None)
    assert answer.ephemeral
    assert "takes up to 15 MB" in words_of(answer.response)
    assert await house.jobs() == []


async def test_a_link_into_a_private_network_is_refused_and_nothing_is_fetched(house: House) -> None:
    answer = await house.imagine(video=f"{house.standin.base_url}/files/x.mp4")
    words = words_of(answer.followups[0] if answer.followups else answer.response)
    assert "Nothing was charged" in words
    assert [request.path for request in house.standin.requests if request.path.startswith("/files")] == []
    assert await house.jobs() == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"video": "https://www.youtube.com/playlist?list=PL1"}, "is a playlist"),
        ({"video": "https://youtube.com.evil.example/watch?v=dQw4w9WgXcQ"}, "looks like YouTube"),
        ({"clip": ("clip.mp4", CLIP)}, "both a link and a file"),
        ({"start": "0:14", "end": "0:10"}, "Did you mean"),
        ({"start": "soon"}, "I can't read `soon`"),
        ({"start": "0:00-10:00", "frames": 2.0}, "the limit is 450"),
        ({"start": "13:00:00"}, "12 hours"),
        ({"prompt": "   "}, "What should the image show?"),
    ],
)
async def test_what_can_be_checked_for_free_is_refused_privately_before_anything_is_held(
    house: House, options: dict[str, Any], words: str
) -> None:
    answer = await house.imagine(**options)
    assert answer.ephemeral
    assert words in words_of(answer.response)
    assert "Nothing was charged" in words_of(answer.response)
    assert await house.jobs() == []
    assert list(house.standin.submits) == []


async def test_too_few_credits_say_how_many_are_missing_and_what_would_fit(house: House) -> None:
    await house.imagine()
    await house.ended()
    answer = await house.imagine(size="2k", search=True)
    assert words_of(answer.response).startswith(
        "This costs 204 credits and you have 150, so you need another 54. "
        "You could make it in 1K without web search for 150. "
        "Nothing was charged."
    )


async def test_credits_on_hold_are_named_in_the_refusal(tmp_path: Path) -> None:
    async with open_house(tmp_path, latency=Latency.fixed(1)) as house:
        await house.imagine()
        answer = await house.imagine(size="2k")
        assert "150 more on hold for images being made" in words_of(answer.response)
        await house.ended()


async def test_without_the_right_to_attach_files_nothing_is_held(house: House) -> None:
    everyone = house.guild.default_role
    closed = house.guild.create_text_channel(
        "quiet", overwrites={everyone: discord.PermissionOverwrite(attach_files=False)}
    )
    answer = await house.ann.slash(closed, "imagine", prompt="A poster", video="https://youtu.be/dQw4w9WgXcQ")
    assert answer.ephemeral
    assert "missing: Attach Files" in words_of(answer.response)
    assert await house.jobs() == []


async def test_a_private_image_is_for_its_owner_until_shared(house: House) -> None:
    answer = await house.imagine(private=True)
    await house.ended()
    assert answer.response.ephemeral
    assert len(answer.response.attachments) == 1
    shared = await house.ann.click(answer.response.message, label="Share in this channel")
    assert not shared.ephemeral
    message = house.channel.last_message
    assert message
    assert len(message.attachments) == 1
    assert f"<@{house.ann.id}>" in words_of(message)
    assert "Share in this channel" not in str(message.components)


async def test_a_share_button_still_works_after_a_restart(house: House) -> None:
    answer = await house.imagine(private=True)
    await house.ended()
    await house.env.restart_bot()
    await house.ann.click(answer.response.message, label="Share in this channel")
    message = house.channel.last_message
    assert message
    assert len(message.attachments) == 1


async def test_the_same_interaction_delivered_twice_is_one_job(house: House) -> None:
    deliveries = []
    original = house.app.bot.tree._from_interaction

    def twice(interaction: discord.Interaction[Any]) -> None:
        deliveries.append(interaction)
        original(interaction)
        original(interaction)

    house.app.bot.tree._from_interaction = twice  # type: ignore[method-assign]  # what a gateway replay does
    await house.imagine()
    (job,) = await house.ended()
    assert len(deliveries) == 1
    assert job.state is JobState.DELIVERED
    assert len(house.standin.submits) == 1
    assert await balance(house) == Balance(posted=150, held=0)


async def test_when_discord_does_not_take_the_answer_the_credits_come_back_and_nothing_is_sent(house: House) -> None:
    house.env.inject_error("POST", "/interactions/*/callback", status=404, code=10062, times=2)
    await house.imagine()
    (job,) = await house.ended()
    assert job.release_reason is ReleaseReason.UNANSWERED
    assert list(house.standin.submits) == []
    assert await balance(house) == Balance(posted=300, held=0)


async def test_more_orders_than_the_supplier_takes_at_once_wait_and_all_arrive(tmp_path: Path) -> None:
    async with open_house(
        tmp_path, starting_credits=3_000, supplier_max_running=2, latency=Latency.fixed(0.2)
    ) as house:
        for number in range(6):
            await house.imagine(prompt=f"Poster {number}")
        ended = await house.ended(count=6)
        assert {job.state for job in ended} == {JobState.DELIVERED}
        assert await balance(house) == Balance(posted=3_000 - 6 * 150, held=0)
        assert await house.findings() == ()


async def test_prompts_can_not_ping_link_or_break_out_of_their_frame(house: House) -> None:
    await house.imagine(prompt="@everyone ``` [x](https://evil.example) <@&1> \u202e hidden")
    await house.ended()
    message = house.channel.last_message
    assert message
    words = words_of(message)
    assert words.count("```") == 2
    assert "\u202e" not in words
    assert not message.mention_everyone


async def test_outside_a_server_the_command_is_not_offered(house: House) -> None:
    visitor = house.env.create_user("visitor")
    assert "imagine" not in visitor.available_commands()


async def test_the_waiting_card_turns_to_working_and_then_to_the_image(tmp_path: Path) -> None:
    async with open_house(tmp_path, latency=Latency.fixed(0.5)) as house:
        answer = await house.imagine()
        titles = []
        while not answer.response.attachments:
            title = words_of(answer.response).splitlines()[0]
            if title not in titles:
                titles.append(title)
            await asyncio.sleep(0.02)
        assert [title.split(",")[0] for title in titles] == ["### Next in line", "### Making your image"]


# --- the line, cancelling, closed doors -------------------------------------------------------------------


async def test_those_behind_are_told_their_place_and_those_far_back_a_kind_word(tmp_path: Path) -> None:
    async with open_house(
        tmp_path, starting_credits=3_000, supplier_max_running=1, member_max_waiting=9, latency=Latency.fixed(0.3)
    ) as house:
        answers = [await house.imagine(prompt=f"Poster {number}") for number in range(8)]
        assert "Number 3 in line" in words_of(answers[3].response)
        assert "The line is long just now" in words_of(answers[7].response)
        await house.ended(count=8)


async def test_a_full_line_is_refused_with_the_limit(tmp_path: Path) -> None:
    async with open_house(
        tmp_path, starting_credits=3_000, member_max_running=1, member_max_waiting=1, latency=Latency.fixed(0.5)
    ) as house:
        for _ in range(2):
            await house.imagine()
        refusal = await house.imagine()
        assert refusal.ephemeral
        assert "You have 2 images under way already" in words_of(refusal.response)
        assert await balance(house) == Balance(posted=3_000, held=300)
        await house.ended(count=2)


async def test_the_owner_cancels_a_waiting_image_and_has_the_credits_back_at_once(tmp_path: Path) -> None:
    async with open_house(tmp_path, supplier_max_running=1, latency=Latency.fixed(0.5)) as house:
        await house.imagine()
        waiting = await house.imagine()
        await house.ann.click(waiting.response.message, label="Cancel")
        assert "### Cancelled" in words_of(waiting.response)
        assert "150 credits are back" in words_of(waiting.response)
        first, second = await house.ended(count=2)
        assert {first.state, second.state} == {JobState.DELIVERED, JobState.RELEASED}
        assert await balance(house) == Balance(posted=150, held=0)


async def test_an_image_that_is_being_made_can_not_be_cancelled_and_the_truth_is_said(tmp_path: Path) -> None:
    async with open_house(tmp_path, latency=Latency.fixed(0.6)) as house:
        answer = await house.imagine()

        async def working() -> bool:
            return "Making" in words_of(answer.response)

        await house.until(working)
        told = await house.ann.click(answer.response.message, label="Cancel")
        assert told.ephemeral
        assert "Too late to stop" in words_of(told.response)
        (job,) = await house.ended()
        assert job.state is JobState.DELIVERED


async def test_a_stranger_can_not_cancel_but_a_moderator_can(tmp_path: Path) -> None:
    async with open_house(tmp_path, supplier_max_running=1, latency=Latency.fixed(0.8)) as house:
        stranger = house.guild.add_member(house.env.create_user("stranger"))
        await house.imagine()
        waiting = await house.imagine()
        refused = await stranger.click(waiting.response.message, label="Cancel")
        assert "belongs to somebody else" in words_of(refused.response)
        await house.moderator.click(waiting.response.message, label="Cancel")
        assert "### Cancelled" in words_of(waiting.response)
        await house.ended(count=2)


async def test_while_the_supplier_is_closed_to_us_new_orders_are_refused_in_one_sentence(house: House) -> None:
    house.app.bot.services.breaker.trip("key")
    answer = await house.imagine()
    assert answer.ephemeral
    assert "No new images are made just now" in words_of(answer.response)
    assert "key" not in words_of(answer.response)
    assert await house.jobs() == []


async def test_a_bot_that_is_about_to_stop_says_so_to_commands_and_buttons(house: House) -> None:
    answer = await house.imagine(private=True)
    await house.ended()
    house.app.bot.services.breaker.stop()
    refused = await house.imagine()
    pressed = await house.ann.click(answer.response.message, label="Share in this channel")
    balance_asked = await house.ann.slash(house.channel, "credits balance")
    for told in (refused, pressed, balance_asked):
        assert "I am just restarting. Nothing was charged." in words_of(told.response)


async def test_the_operators_channel_is_told_when_sales_stop_and_when_they_go_on(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        house_channel = house.guild.create_text_channel("operators")
        house.app.messenger._operator_channel = house_channel.id  # its id is new
        house.standin.use("submit_402", times=1)
        await house.imagine()
        await house.ended()

        async def told_twice() -> bool:
            return len(house_channel.history()) >= 2

        await house.until(told_twice)
        words = [words_of(message) for message in house_channel.history()]
        assert any("(402)" in each for each in words)
        assert any("New images are made again" in each for each in words)


RAW = (
    "processing failed", "generation_failed", "PROHIBITED_CONTENT", "unauthorized", "insufficient", "moderation",
    "error_code", "prediction", "invalid input", "overloaded", "token count", "MIME",
)  # fmt: skip


@pytest.mark.parametrize(
    ("scenario", "words"),
    [
        ("failed_500", "could not make this image, and does not say why"),
        ("overloaded", "is busy. Try again in a few minutes."),
        ("moderation_down", "is out of order. It is not your fault."),
        ("video_refused", "It must be public: not private"),
        ("beyond_the_end", "The video ends before this moment."),
        ("too_many_tokens", "Pick a shorter moment, or fewer frames a second."),
        ("completed_empty", "finished, but no image came."),
        ("moderated_1039", "refused this request under its content rules"),
        ("refused_google", "Describe the scene in other words"),
        ("submit_401", "does not take requests from this bot just now"),
        ("submit_402", "does not take requests from this bot just now"),
        ("submit_500", "never sent twice"),
        ("submit_502", "never sent twice"),
        ("submit_accept_then_reset", "never sent twice"),
        ("msg_vs_message", "did not take this request as it is"),
        ("nsfw_true", "not safe for work"),
    ],
)
async def test_what_the_supplier_says_becomes_our_own_words_and_nothing_is_charged(
    house: House, scenario: str, words: str
) -> None:
    house.standin.use(scenario)
    answer = await house.imagine()
    (job,) = await house.ended()

    async def told() -> bool:
        return "Nothing was charged" in words_of(answer.response)

    await house.until(told)
    public = words_of(answer.response)
    why = await house.ann.click(answer.response.message, label="Why?")
    assert why.ephemeral
    private = words_of(why.response)
    assert words in private
    assert job.release_reason
    assert refusals.released(job.release_reason) not in public
    for shown in (public, private):
        assert "No image this time" in shown
        assert "150 credits are back" in shown
        assert job.id in shown
        assert [raw for raw in RAW if raw.casefold() in shown.casefold()] == []
    other = await house.moderator.click(answer.response.message, label="Why?")
    assert words not in answer_to(other)
    assert await balance(house) == Balance(posted=300, held=0)
    assert house.standin.violations == []


async def test_a_private_order_that_did_not_work_says_why_at_once(house: House) -> None:
    house.standin.use("moderated_1039")
    answer = await house.imagine(private=True)
    await house.ended()

    async def told() -> bool:
        return "under its content rules" in words_of(answer.response)

    await house.until(told)
    assert "Why?" not in labels(answer.response)
