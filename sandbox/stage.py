"""Runs the whole bot between a simulated Discord and the stand-in for the supplier."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import discord
import simcord
from pydantic import SecretStr
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle
from simcord.env import Env

from bot.app import App, open_app
from bot.settings import Settings
from sandbox.atlas import REALISTIC, Latency, StandIn, serve
from sandbox.youtube import OEMBED

KEY = "apikey-demo"
PATIENCE_SECONDS = 50.0
LOOK_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Stage:
    """The running bot, and a server with one channel, a member and a moderator."""

    app: App
    env: Env
    standin: StandIn
    channel: ChannelHandle
    ann: MemberActor
    mo: MemberActor

    @property
    def names(self) -> dict[int, str]:
        """The names of the members and channels that cards may mention, by id."""
        return {each.id: str(each.name) for each in (self.ann, self.mo, self.channel)}


@asynccontextmanager
async def set_up(folder: Path, *, latency: Latency = REALISTIC, **changes: Any) -> AsyncIterator[Stage]:
    """Run the bot with its files in `folder`; `changes` are settings."""
    async with AsyncExitStack() as stack:
        standin = await stack.enter_async_context(serve(api_key=KEY, latency=latency))
        facts: dict[str, Any] = {
            "atlascloud_base_url": standin.base_url,
            "database_url": f"sqlite:///{folder / 'demo.db'}",
            "data_dir": folder / "data",
            "files_url": "",  # no network, whatever the environment says
            "starting_credits_account_days": 0,  # the people of the simulated Discord are born with it
            **changes,
        }
        settings = Settings(_env_file=None, **facts)
        app = await stack.enter_async_context(
            open_app(settings, api_key=SecretStr(KEY), sandbox=True, oembed=f"{standin.base_url}{OEMBED}")
        )
        env = await stack.enter_async_context(
            simcord.run(app.bot, check_errors=False)
        )  # a refusal is an answer, not an error
        keep_time(env)
        env.backend.edit_bot_profile("Stillframe")
        guild = env.create_guild("The Community")
        staff = guild.create_role("Staff", permissions=discord.Permissions(manage_guild=True))
        stage = Stage(
            app, env, standin, guild.create_text_channel("images"),
            ann=guild.add_member(env.create_user("ann")), mo=guild.add_member(env.create_user("mo"), roles=[staff]),
        )  # fmt: skip
        # Beside the bot and after its start: what the bot itself starts, simcord waits for, and a worker never ends.
        work = asyncio.create_task(app.work())
        try:
            yield stage
        finally:
            await app.stop()
            await work


def keep_time(env: Env) -> None:
    """Set the simulated clock, which stands still by itself, to the real time."""
    clock = env.backend.clock
    clock.advance(max(0.0, (datetime.now(UTC) - clock.now()).total_seconds()))


async def changes_of(answer: Any) -> AsyncIterator[Any]:
    """Yields each new state of an order's card, until its image is there."""
    shown = words_of(answer.response.components)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not answer.response.attachments:
            await asyncio.sleep(LOOK_SECONDS)
            words = words_of(answer.response.components)
            if words != shown:
                shown = words
                yield answer.response
            if "No image this time" in words:
                raise RuntimeError("the image was not made")


def words_of(components: list[dict[str, Any]]) -> str:
    """All words of a message; a row of buttons is one line."""
    found = []
    for component in components:
        inner = component.get("components", [])
        if "content" in component:
            found.append(component["content"])
        buttons = [f"( {each['label']} )" for each in inner if "label" in each]
        found.append("  ".join(buttons) if buttons else words_of(inner))
    return "\n".join(filter(None, found))
