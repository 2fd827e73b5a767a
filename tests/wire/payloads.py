"""Discord's JSON, as its API specification has it (discord/discord-api-spec)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from tests.wire.components import Json, shown_files
from tests.wire.messages import EPHEMERAL, File, Message
from tests.wire.world import Channel, ChannelKind, Person, World, born_ms

JOINED_AT = "2026-01-01T00:00:00+00:00"
LOCALE = "en-US"
PLAIN, BY_COMMAND = 0, 20  # types of messages
IN_A_SERVER = 0  # where an interaction may come from


def at(unix_ms: int) -> str:
    return datetime.fromtimestamp(unix_ms / 1000, UTC).isoformat()


def user(person: Person) -> Json:
    return {
        "id": str(person.id),
        "username": person.name,
        "global_name": None,
        "discriminator": "0",
        "avatar": None,
        "bot": person.bot,
        "public_flags": 0,
    }


def member(person: Person, *, alone: bool = True) -> Json:
    """Where `alone` is False, the user is left out, since the members are listed beside their users."""
    facts: Json = {
        "nick": None,
        "avatar": None,
        "banner": None,
        "roles": [str(each) for each in person.role_ids],
        "joined_at": JOINED_AT,
        "premium_since": None,
        "communication_disabled_until": None,
        "deaf": False,
        "mute": False,
        "pending": False,
        "flags": 0,
        "permissions": str(int(person.rights)),
    }
    return {**facts, "user": user(person)} if alone else facts


def application(world: World) -> Json:
    return {
        "id": str(world.bot.id),
        "name": world.bot.name,
        "icon": None,
        "description": "",
        "summary": "",
        "bot": user(world.bot),
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "flags": 0,
        "owner": user(world.owner),
        "team": None,
        "interactions_endpoint_url": None,
    }


def channel(world: World, found: Channel) -> Json:
    facts: Json = {"id": str(found.id), "type": int(found.kind), "flags": 0, "last_message_id": None}
    if found.kind is ChannelKind.DIRECT:
        return {**facts, "recipients": [user(world.people[found.recipient_id or 0])]}
    if found.kind is ChannelKind.THREAD:
        return {**facts, **_thread(world, found)}
    return {
        **facts,
        "guild_id": str(world.guild_id),
        "name": found.name,
        "nsfw": found.restricted,
        "position": 0,
        "parent_id": None,
        "topic": None,
        "permission_overwrites": [],
        "rate_limit_per_user": 0,
    }


def _thread(world: World, found: Channel) -> Json:
    """It has no `nsfw` and no category of its own: Discord sends its channel's id alone."""
    return {
        "guild_id": str(world.guild_id),
        "name": found.name,
        "parent_id": str(found.parent_id),
        "owner_id": str(world.owner.id),
        "thread_metadata": {
            "archived": found.archived,
            "auto_archive_duration": 1440,
            "archive_timestamp": JOINED_AT,
            "locked": found.locked,
        },
        "message_count": 0,
        "member_count": 1,
        "rate_limit_per_user": 0,
    }


def guild(world: World) -> Json:
    everyone: Json = {
        "id": str(world.guild_id),
        "name": "@everyone",
        "permissions": str(int(world.ann.rights)),
        "position": 0,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": False,
        "mentionable": False,
        "flags": 0,
    }
    rooms = [each for each in world.channels.values() if each.kind is ChannelKind.TEXT]
    return {
        "id": str(world.guild_id),
        "name": "Community",
        "owner_id": str(world.owner.id),
        "joined_at": JOINED_AT,
        "large": False,
        "unavailable": False,
        "member_count": len(world.people),
        "members": [member(world.bot)],  # without the intent for members, only the bot itself is told
        "roles": [everyone],
        "channels": [channel(world, each) for each in rooms],
        "preferred_locale": LOCALE,
        **dict.fromkeys(("icon", "splash", "banner", "description", "vanity_url_code", "system_channel_id")),
        **dict.fromkeys(("verification_level", "default_message_notifications", "explicit_content_filter"), 0),
        **dict.fromkeys(("mfa_level", "nsfw_level", "premium_tier", "system_channel_flags", "afk_timeout"), 0),
        **{name: [] for name in ("features", "emojis", "stickers", "threads", "voice_states", "presences")},
        **{name: [] for name in ("stage_instances", "guild_scheduled_events", "soundboard_sounds")},
    }


def file(found: File, *, ephemeral: bool = False) -> Json:
    facts: Json = {
        "id": str(found.id),
        "filename": found.name,
        "size": found.size_bytes,
        "url": found.url,
        "proxy_url": found.url,
        "content_type": found.content_type,
        "flags": 0,
    }
    if found.description:
        facts["description"] = found.description
    return {**facts, "ephemeral": True} if ephemeral else facts


def message(world: World, found: Message) -> Json:
    """A file that a component shows is told there alone (discord-api-docs#8279)."""
    shown = shown_files(found.components)
    return {
        "id": str(found.id),
        "channel_id": str(found.channel_id),
        "type": BY_COMMAND if found.interaction_id else PLAIN,
        "author": user(world.people[found.author_id]),
        "content": found.content,
        "timestamp": at(born_ms(found.id)),
        "edited_timestamp": at(found.edited_at_ms) if found.edited_at_ms else None,
        "tts": False,
        "pinned": False,
        "mention_everyone": False,
        "mentions": [user(world.people[each]) for each in found.mentions if each in world.people],
        "mention_roles": [],
        "embeds": [],
        "attachments": [
            file(each, ephemeral=bool(found.flags & EPHEMERAL)) for each in found.files if str(each.id) not in shown
        ],
        "components": found.components,
        "flags": found.flags,
        **({"nonce": found.nonce} if found.nonce else {}),
        **({"webhook_id": str(world.bot.id)} if found.interaction_id else {}),
    }


def interaction(
    world: World, *, interaction_id: int, token: str, kind: int, person: Person, where: Channel, file_limit_bytes: int
) -> Json:
    """The interaction without its `data`, which the command or the button adds."""
    return {
        "id": str(interaction_id),
        "application_id": str(world.bot.id),
        "type": kind,
        "token": token,
        "version": 1,
        "guild_id": str(world.guild_id),
        "guild": {"id": str(world.guild_id), "locale": LOCALE, "features": []},
        "channel_id": str(where.id),
        "channel": {**channel(world, where), "permissions": str(int(person.rights))},
        "member": member(person),
        "app_permissions": str(0 if where.closed else int(where.bot_rights)),
        "locale": LOCALE,
        "guild_locale": LOCALE,
        "entitlements": [],
        "entitlement_sku_ids": [],
        "authorizing_integration_owners": {"0": str(world.guild_id)} if world.installed else {"1": str(person.id)},
        "context": IN_A_SERVER,
        "attachment_size_limit": file_limit_bytes,
    }


def answered(world: World, interaction_id: int, kind: int, answer_kind: int, shown: Message | None) -> Json:
    """The body of the response to a callback. `kind` is the interaction's type, `answer_kind` that of the answer."""
    facts: Json = {"id": str(interaction_id), "type": kind}
    if shown is None:
        return {"interaction": facts, "resource": {"type": answer_kind}}
    facts.update(
        response_message_id=str(shown.id),
        response_message_loading=shown.loading,
        response_message_ephemeral=shown.ephemeral,
    )
    return {"interaction": facts, "resource": {"type": answer_kind, "message": message(world, shown)}}


def commands(world: World, synced: Iterable[Json], ids: dict[str, int]) -> list[Json]:
    """The commands as a sync returns them. A name keeps its id from one sync to the next."""
    return [
        {
            "default_member_permissions": None,
            "nsfw": False,
            "description": "",
            "options": [],
            **each,
            "id": str(ids.setdefault(each["name"], world.ids.new())),
            "application_id": str(world.bot.id),
            "version": str(world.ids.new()),
            "type": each.get("type", 1),
        }
        for each in synced
    ]
