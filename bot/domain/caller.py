"""The caller of an order: who asks, where, and with which rights, as values that came with one interaction."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.domain.wallet import NO_SERVER, WalletKey

TOKEN_LIFE_MS = 15 * 60_000  # of an interaction's token, by our own clock, which may differ from Discord's


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The member of one interaction, as Discord described them in it. Ids are Discord's.

    Everything here comes from the interaction itself and nothing from discord.py's cache, which is empty between a
    start and Discord's GUILD_CREATE of each server.

    `interaction_id` and `token`: those of the interaction; the token lets us edit our answer for 15 minutes.
    `guild_id`: the server, if the bot is a member of it; `NO_SERVER` in a direct message, and where the member has
    brought the bot along into a server that has not installed it.
    `channel_ids`: the channel, then the channels that it lies in, as far as they are known (a thread's channel, a
    category).
    `parent_id`: the channel of a thread; None in a channel itself.
    `role_ids`: the member's roles with the server's @everyone role; empty outside a server.
    `manages_server`: the member has the right Manage Server in `guild_id`.
    `missing_rights`: those that the bot lacks in this channel to post an image, in the words of Discord's apps.
    `file_limit_bytes`: the largest file that Discord takes as an answer to this interaction.
    """

    interaction_id: int
    token: str = field(repr=False)
    member_id: int
    guild_id: int = NO_SERVER
    channel_id: int
    channel_ids: tuple[int, ...]
    parent_id: int | None = None
    age_restricted: bool = False
    role_ids: frozenset[int] = frozenset()
    manages_server: bool = False
    missing_rights: tuple[str, ...] = ()
    locale: str = "en-US"
    file_limit_bytes: int

    @property
    def wallet(self) -> WalletKey:
        """The wallet that pays for what the member orders here."""
        return WalletKey(self.guild_id, self.member_id)

    @property
    def home_channel_id(self) -> int:
        """The channel whose share of the budget pays for what is ordered here, also in its threads."""
        return self.parent_id or self.channel_id
