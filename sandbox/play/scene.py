"""The simulated server that `stillframe play` shows: its members and channels, its welcome, and files to try."""

from __future__ import annotations

import asyncio
import io
from dataclasses import dataclass

import discord
from PIL import Image
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle

from sandbox.clip import make_clip
from sandbox.frames import moments
from sandbox.stage import Stage

CLIP = "balloon.mp4"
CLIP_SECONDS = 6.0
CLIP_RATE = 12  # frames a second
ANSWER_SECONDS = 30.0  # until simcord gives a press up: the first charts may take long on a busy machine
PICTURES = ("dawn.png", "noon.png", "dusk.png")  # moments of the clip
SAMPLES = (CLIP, *PICTURES)

LINK = "Look at the rabbit here: https://youtu.be/aqz-KE-bpKQ?t=60 (Apps, Imagine from this video)"
WELCOME = f"""\
**Welcome! Type below as you would in Discord.**
1. Type `/imagine` and press Enter.
2. Choose `clip`, then the sample `{CLIP}` in the bar above. (Or choose `video`, and paste a YouTube link.)
3. Press the arrow at the right. In the form: start 0:01-0:03, and the image should show a travel poster.

The image comes into this channel by itself. Then try the buttons under it, `/history`, `/credits balance` and `/help`.
In the bar above you become another member, or a moderator with `/bank`, `/policy`, `/usage` and `/setup`."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Who may be played, the channels, and files to try by their names, which take about a second to make."""

    stage: Stage
    players: dict[str, MemberActor]
    channels: tuple[ChannelHandle, ...]
    samples: asyncio.Task[dict[str, bytes]]

    def sees(self, player: MemberActor, channel: ChannelHandle) -> bool:
        return channel is not self.channels[-1] or player is self.stage.mo


async def set_scene(stage: Stage) -> Scene:
    """Fill the stage's server as its moderator would: by the bot's own commands."""
    stage.env.settle_timeout = ANSWER_SECONDS
    guild, mo = stage.mo.guild, stage.mo
    sam = guild.add_member(stage.env.create_user("sam"))
    gallery = guild.create_text_channel("gallery", topic="What members have starred.")
    me = stage.app.bot.user
    if me is None:
        raise RuntimeError("the bot is not connected")
    hidden = discord.PermissionOverwrite(view_channel=False)
    seen = discord.PermissionOverwrite(view_channel=True, send_messages=True)
    staff_log = guild.create_text_channel(
        "staff-log",
        topic="What the bot tells moderators.",
        overwrites={guild.default_role: hidden, guild.roles["Staff"]: seen, me: seen},
    )
    await mo.slash(staff_log, "policy log", channel=staff_log)
    await mo.slash(staff_log, "gallery channel", channel=gallery)
    samples = asyncio.create_task(asyncio.to_thread(make_samples))  # the page need not wait for them
    await sam.send(stage.channel, LINK)
    await mo.send(stage.channel, WELCOME)
    players = {"Ann, a member": stage.ann, "Sam, a member": sam, "Mo, a moderator": mo}
    return Scene(stage, players, (stage.channel, gallery, staff_log), samples)


def make_samples() -> dict[str, bytes]:
    """The clip and the pictures, by their names."""
    clip = make_clip(seconds=CLIP_SECONDS, rate=CLIP_RATE)
    seen = moments(clip, start=0, end=CLIP_SECONDS, frame_rate=len(PICTURES) / CLIP_SECONDS)
    return {CLIP: clip, **{name: _png(each.picture) for name, each in zip(PICTURES, seen, strict=True)}}


def _png(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
