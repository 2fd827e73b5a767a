"""The whole house for tests: the real app on a real file, in a simulated Discord, with the stand-in over real HTTP."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import discord
import pytest
import simcord.results
from PIL import Image
from pydantic import SecretStr
from simcord.actors import MemberActor
from simcord.backend import serializers
from simcord.builders import ChannelHandle, GuildHandle, UserHandle
from simcord.env import Env

from bot.app import App, open_app
from bot.domain.errors import Refusal
from bot.domain.job import Job, JobState
from bot.domain.preferences import NEVER_ASK
from bot.domain.wallet import WalletKey
from bot.services.jobs.poll_schedule import PollSchedule
from bot.settings import Settings
from bot.storage.credits.audit import Finding, check_books
from bot.storage.engine.store import Script
from bot.storage.orders import jobs
from sandbox.atlas import Latency, StandIn, serve
from sandbox.drawing import Commission
from sandbox.youtube import OEMBED
from tests.support import discord_rules
from tests.support.factories import HASTY, NO_BUDGET, TYPICAL_SECONDS
from tests.wire.components import Json, shown_files, walk

LINK = "https://youtu.be/dQw4w9WgXcQ"
API_KEY = "apikey-of-the-tests"
PATIENCE_SECONDS = 30.0
OF_OLD_APPS = (discord.app_commands.CommandNotFound, discord.app_commands.CommandSignatureMismatch)


def a_png(width: int = 64, height: int = 64, *, noise: bool = False) -> bytes:
    buffer = io.BytesIO()
    plain = Image.new("RGB", (width, height), (20, 90, 160))
    (Image.effect_noise((1_024, 1_024), 90).convert("RGB") if noise else plain).save(buffer, "PNG")
    return buffer.getvalue()


async def draw_at_once(work: Commission) -> bytes:
    """As wide as was paid for, but for 1K: a smaller image than paid for gives credits back."""
    return a_png(width=64 if work.size == "1k" else 1_024 * int(work.size[0]))


@dataclass
class RunningApp:
    """The app of a test and the supplier's stand-in, with what the database says."""

    app: App
    standin: StandIn

    async def until(self, true: Callable[[], Awaitable[bool]]) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await true():  # noqa: ASYNC110  # what it waits for is in the database or in Discord
                await asyncio.sleep(0.01)

    async def ended(self, *, count: int = 1) -> list[Job]:
        """Wait until this many jobs exist and all have ended; oldest first."""
        found: list[Job] = []

        async def all_ended() -> bool:
            nonlocal found
            found = await self.jobs()
            return len(found) >= count and all(job.state.ended for job in found)

        await self.until(all_ended)
        return found

    async def jobs(self) -> list[Job]:
        return await self.app.store.read(all_jobs())

    async def findings(self) -> tuple[Finding, ...]:
        return (await self.app.store.read(check_books())).findings


def all_jobs() -> Script[list[Job]]:
    """Oldest first."""
    rows = yield "SELECT * FROM jobs ORDER BY created_at, id", {}
    return [jobs.of_row(row) for row in rows]


@dataclass
class House(RunningApp):
    env: Env
    guild: GuildHandle
    channel: ChannelHandle
    ann_user: UserHandle
    ann: MemberActor
    moderator: MemberActor

    async def imagine(self, actor: MemberActor | None = None, **options: Any) -> Any:
        options = {"prompt": "A poster", "video": LINK, "start": "0:14-0:17", **options}
        given = {name: value for name, value in options.items() if value is not None}
        return await (actor or self.ann).slash(self.channel, "imagine", **given)

    async def a_result(self, actor: MemberActor | None = None, **options: Any) -> tuple[Any, Job]:
        """A message with an image, and its job."""
        before = {job.id for job in await self.jobs()}
        answer = await self.imagine(actor, **options)
        ended = await self.ended(count=len(before) + 1)
        (job,) = [job for job in ended if job.id not in before]
        assert job.state is JobState.DELIVERED
        return answer.response.message, job

    def wallet(self, member_id: int | None = None, *, guild_id: int | None = None) -> WalletKey:
        """The wallet of a member (of Ann without `member_id`) in a server (this one without `guild_id`)."""
        return WalletKey(self.guild.id if guild_id is None else guild_id, member_id or self.ann.id)

    async def available(self, member_id: int | None = None, *, guild_id: int | None = None) -> int:
        """Return the credits of a member (of Ann without `member_id`) in a server (this one without `guild_id`)."""
        wallet = self.wallet(member_id, guild_id=guild_id)
        return (await self.app.bot.services.credits.balance(wallet)).available

    async def change_rule(self, rule: str, value: object) -> None:
        await self.app.bot.services.rules.change(self.guild.id, rule, value, actor=self.moderator.id)

    async def open_log(self) -> ChannelHandle:
        """A new channel, which is the server's log from now on."""
        log = self.guild.create_text_channel("log")
        await self.change_rule("log_channel", log.id)
        return log

    async def closed(self) -> bool:
        """For `until`: no orders are taken."""
        return self.app.bot.services.breaker.tripped_for is not None


def settings_for(folder: Path, base_url: str, **changes: Any) -> Settings:
    facts: dict[str, Any] = {
        "atlascloud_base_url": base_url,
        "database_url": f"sqlite:///{folder / 'stillframe.db'}",
        "data_dir": folder,
        "starting_credits": 300,
        "starting_credits_account_days": 0,
        "confirm_from_credits": NEVER_ASK,
        "video_titles": False,
        **NO_BUDGET,
        **changes,
    }
    return Settings(_env_file=None, **facts)


@asynccontextmanager
async def open_house(folder: Path, *, latency: Latency | None = None, **changes: Any) -> AsyncIterator[House]:
    async with (
        serve(api_key=API_KEY, latency=latency or Latency.instant(), draw=changes.pop("draw", draw_at_once)) as standin,
        open_app(
            settings_for(folder, standin.base_url, **changes),
            api_key=SecretStr(API_KEY),
            delays=HASTY,
            poll_schedule=PollSchedule(typical_seconds=TYPICAL_SECONDS),
            oembed=f"{standin.base_url}{OEMBED}",
        ) as app,
        _simulated_discord(app) as env,
    ):
        guild = env.create_guild("Community")
        channel = guild.create_text_channel("images")
        ann_user = env.create_user("ann")
        ann = guild.add_member(ann_user)
        staff = guild.create_role("Staff", permissions=discord.Permissions(manage_guild=True))
        moderator = guild.add_member(env.create_user("mo"), roles=[staff])
        yield House(app, standin, env, guild, channel, ann_user, ann, moderator)


@asynccontextmanager
async def _simulated_discord(app: App) -> AsyncIterator[Env]:
    """As `simcord.run`, but an async fixture may hold it open: setup and teardown run in contexts of their own.

    The worker runs beside the bot, in the simulation's context: one that the bot itself started would be waited for.
    """
    env = Env(app.bot, check_errors=False)  # a refusal is an answer, not an error: unforeseen ones are checked below
    with _attachments_left_out():
        await env.start()
        with env.time_context():
            work = asyncio.create_task(app.work())
        try:
            yield env
        finally:
            await app.stop()
            await work
            await env.shutdown()
    # A command's refusal comes wrapped, a form's does not; what an old app of Discord's sends is answered as one.
    unforeseen = [error for error in env.errors if not isinstance(error, (Refusal, *OF_OLD_APPS))]
    assert [error for error in unforeseen if not isinstance(error.__cause__, Refusal)] == []
    requests = [(sent.method, sent.path, sent.json) for sent in env.http_requests]
    complaints = [complaint for request in requests for complaint in discord_rules.broken(*request)]
    assert complaints == [], "\n".join(dict.fromkeys(complaints))


@contextmanager
def _attachments_left_out() -> Iterator[None]:
    """The bot is told of files as by Discord, which leaves those that a component shows out of `attachments`.

    simcord 3.2.1 knows nothing of that (discord-api-docs#8279). What tests read of a message has all of its files.
    """
    whole: Any = serializers.message_payload

    def as_discord_has_it(*args: Any, **options: Any) -> Any:
        payload = whole(*args, **options)
        shown = shown_files(payload["components"])
        return {**payload, "attachments": [each for each in payload["attachments"] if str(each["id"]) not in shown]}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(serializers, "message_payload", as_discord_has_it)
        patch.setattr(simcord.results, "serializers", SimpleNamespace(message_payload=whole))
        yield


def restrict(house: House, channel: ChannelHandle) -> None:
    """Make the channel age-restricted, in what the bot knows of it: the simulation does not know the word."""
    known = house.app.bot.get_channel(channel.id)
    assert isinstance(known, discord.TextChannel)
    known.nsfw = True


def nobody_is_pinged(house: House) -> bool:
    """By the last thing that the bot wrote; the simulation counts mentions also where none are allowed."""
    written = [sent.json for sent in house.env.http_requests if sent.json and "components" in sent.json]
    return bool(written[-1]["allowed_mentions"] == {"parse": []})


def words_of(message: Any) -> str:
    """All text that a person would read in a message of cards."""
    return "\n".join(each["content"] for each in _parts(message) if "content" in each)


def answer_to(result: Any) -> str:
    """All words that the member reads, in the answer or in a follow-up."""
    return "\n".join(words_of(each) for each in (result.response, *result.followups) if each)


def files_of(message: Any) -> list[str]:
    return [attachment.filename for attachment in message.attachments]


def labels(message: Any) -> list[str]:
    """The labels of a message's buttons, and the placeholders of the selects that have one; in their order."""
    return [words for each in pressable(message) if (words := each.get("label") or each.get("placeholder"))]


def pressable(message: Any) -> list[Json]:
    """A message's buttons and selects, as Discord reads them."""
    return [each for each in _parts(message) if "custom_id" in each]


def _parts(message: Any) -> list[Json]:
    return list(walk(each if isinstance(each, dict) else each.to_dict() for each in message.components))


__all__ = ["API_KEY", "LINK", "House", "JobState", "a_png", "open_house", "words_of"]
