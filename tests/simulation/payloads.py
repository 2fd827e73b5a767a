"""Discord's JSON, as far as discord.py reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import discord

from tests.simulation.plan import BOT_ID, GUILD_ID, MODERATOR_ID, RESTRICTED_CHANNEL_ID

Json = dict[str, Any]

EPHEMERAL = 1 << 6
COMPONENTS_V2 = 1 << 15
LONG_AGO = "2026-01-01T00:00:00+00:00"
UPLOAD_CLAIM_BYTES = 10 * 1024 * 1024  # what an interaction says of the limit; uploads may still be refused
CLIP_URL = "https://cdn.discordapp.com/ephemeral-attachments/clip-{number}.mp4"

_MEMBER_RIGHTS = discord.Permissions(view_channel=True, send_messages=True, attach_files=True, embed_links=True)


@dataclass(slots=True)
class Message:
    """`files`: names of what it shows now; `files_ever`: of all that it has shown, with the moment of the first.

    `on_request`: it is there because somebody pressed a button, such as the one that shares an image.
    """

    id: int
    channel_id: int
    author_id: int
    born: float
    only_for: int | None = None
    components: list[Json] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    files_ever: dict[str, float] = field(default_factory=dict)
    on_request: bool = False
    deleted: bool = False

    @property
    def words(self) -> str:
        return "\n".join(_words(self.components))

    @property
    def button(self) -> str | None:
        """The custom id of its Cancel or Share button: those that lead to no further order."""
        free = (each for each in _buttons(self.components) if each.startswith(("cancel:", "share:")))
        return next(free, None)


def _words(components: Sequence[Json]) -> list[str]:
    found: list[str] = []
    for each in components:
        found += [each["content"]] if "content" in each else []
        found += _words(each.get("components", []))
    return found


def _buttons(components: Sequence[Json]) -> Any:
    for each in components:
        if "custom_id" in each:
            yield each["custom_id"]
        yield from _buttons(each.get("components", []))


def numbered(components: Sequence[Json]) -> list[Json]:
    """Discord numbers the components of a message that did not number them."""
    numbers = count(1)

    def number(each: Mapping[str, Any]) -> Json:
        told = {**each, "id": next(numbers)}
        if "components" in each:
            told["components"] = [number(inner) for inner in each["components"]]
        return told

    return [number(each) for each in components]


def user(user_id: int) -> Json:
    name = f"user-{user_id}"
    return {
        "id": str(user_id), "username": name, "global_name": None, "discriminator": "0", "avatar": None,
        "bot": user_id == BOT_ID, "public_flags": 0,
    }  # fmt: skip


def application() -> Json:
    return {
        "id": str(BOT_ID), "name": "Stillframe", "icon": None, "description": "", "bot_public": True,
        "bot_require_code_grant": False, "verify_key": "0" * 64, "flags": 0, "owner": user(MODERATOR_ID),
        "team": None, "interactions_endpoint_url": None,
    }  # fmt: skip


def channel(channel_id: int) -> Json:
    return {
        "id": str(channel_id), "type": 0, "guild_id": str(GUILD_ID), "name": f"channel-{channel_id}", "position": 0,
        "permission_overwrites": [], "parent_id": None, "topic": None, "rate_limit_per_user": 0,
        "nsfw": channel_id == RESTRICTED_CHANNEL_ID,
    }  # fmt: skip


def direct_channel(channel_id: int, member_id: int) -> Json:
    return {"id": str(channel_id), "type": 1, "recipients": [user(member_id)]}


def message(found: Message, *, whole: bool = False) -> Json:
    """`whole` with its components, where somebody may read them."""
    files = [
        {"id": str(found.id), "filename": name, "size": 1, "url": f"https://cdn/{name}", "proxy_url": ""}
        for name in found.files
    ]
    return {
        "id": str(found.id), "channel_id": str(found.channel_id), "author": user(found.author_id), "content": "",
        "timestamp": LONG_AGO, "edited_timestamp": None, "tts": False, "mention_everyone": False, "mentions": [],
        "mention_roles": [], "attachments": files, "embeds": [], "pinned": False, "type": 0,
        "flags": COMPONENTS_V2 | (EPHEMERAL if found.only_for else 0),
        "components": found.components if whole else [],
    }  # fmt: skip


def interaction(
    interaction_id: int, token: str, kind: int, data: Json, *, member_id: int, channel_id: int, open_to_us: bool
) -> Json:
    """As the gateway delivers it."""
    rights = discord.Permissions.all() if member_id == MODERATOR_ID else _MEMBER_RIGHTS
    ours = _MEMBER_RIGHTS if open_to_us else discord.Permissions.none()
    return {
        "id": str(interaction_id), "application_id": str(BOT_ID), "type": kind, "token": token, "version": 1,
        "guild_id": str(GUILD_ID), "guild": {"id": str(GUILD_ID), "locale": "en-US", "features": []},
        "channel": {**channel(channel_id), "permissions": str(rights.value)},
        "member": {
            "user": user(member_id), "roles": [], "joined_at": LONG_AGO, "deaf": False, "mute": False, "flags": 0,
            "permissions": str(rights.value),
        },
        "app_permissions": str(ours.value), "locale": "en-US", "guild_locale": "en-US", "entitlements": [],
        "authorizing_integration_owners": {"0": str(GUILD_ID)}, "context": 0,
        "attachment_size_limit": UPLOAD_CLAIM_BYTES, "data": data,
    }  # fmt: skip


def callback(interaction_id: int, kind: int, shown: Message | None) -> Json:
    """What an answer to an interaction is answered with."""
    facts: Json = {"id": str(interaction_id), "type": 2}
    if shown is None:
        return {"interaction": facts, "resource": {"type": kind}}
    facts["response_message_id"] = str(shown.id)
    return {"interaction": facts, "resource": {"type": kind, "message": message(shown)}}


def commands(synced: Sequence[Json]) -> list[Json]:
    return [
        {
            "description": "", "default_member_permissions": None, "nsfw": False, **each, "id": str(number),
            "application_id": str(BOT_ID), "version": "1",
        }
        for number, each in enumerate(synced, 1)
    ]  # fmt: skip
