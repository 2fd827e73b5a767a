"""Transaction scripts of the trays. In a tray a member collects reference images for the next order in one server."""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain.recipe import Reference
from bot.domain.wallet import WalletKey
from bot.storage.engine import locks
from bot.storage.engine.store import Row, Script

TRAY_MS = 30 * 24 * 60 * 60_000  # how long a reference stays in a tray

_SELECT = """
    SELECT * FROM tray
    WHERE member_id = :member_id AND guild_id = :guild_id AND added_at > :older_than ORDER BY added_at, sha256"""
_INSERT = """
    INSERT INTO tray (member_id, guild_id, sha256, name, content_type, added_at)
    VALUES (:member_id, :guild_id, :sha256, :name, :content_type, :added_at)"""
_DELETE = "DELETE FROM tray WHERE member_id = :member_id AND guild_id = :guild_id AND sha256 = :sha256"
_DELETE_OLD = "DELETE FROM tray WHERE member_id = :member_id AND guild_id = :guild_id AND added_at <= :older_than"
_DELETE_ALL = "DELETE FROM tray WHERE member_id = :member_id AND guild_id = :guild_id RETURNING added_at"


def get(wallet: WalletKey, *, older_than: int) -> Script[tuple[Reference, ...]]:
    """The tray in the order of adding, without what was added before `older_than` (Unix milliseconds)."""
    rows = yield _SELECT, {**_of(wallet), "older_than": older_than}
    return tuple(_reference(row) for row in rows)


def add(
    wallet: WalletKey, references: Iterable[Reference], *, limit: int, older_than: int, now: int
) -> Script[tuple[Reference, ...]]:
    """Add as many references as there is room for, each once. Returns the whole tray."""
    yield from locks.of_member(wallet.member_id)
    yield _DELETE_OLD, {**_of(wallet), "older_than": older_than}
    rows = yield _SELECT, {**_of(wallet), "older_than": older_than}
    tray = {row["sha256"]: _reference(row) for row in rows}
    added_at = max([now, *(row["added_at"] + 1 for row in rows)])
    for reference in references:
        if len(tray) < limit and reference.sha256 not in tray:
            tray[reference.sha256] = reference
            # Each gets its own time, though they come at once, to keep their order: prompts speak of "the first image".
            yield _INSERT, {**_of(wallet), "added_at": added_at, **reference.model_dump()}
            added_at += 1
    return tuple(tray.values())


def remove(wallet: WalletKey, sha256: str) -> Script[None]:
    yield _DELETE, {**_of(wallet), "sha256": sha256}


def clear(wallet: WalletKey, *, older_than: int) -> Script[int]:
    """Empty the tray. Returns how many references it had, without what was added before `older_than`."""
    rows = yield _DELETE_ALL, _of(wallet)
    return sum(row["added_at"] > older_than for row in rows)


def _of(wallet: WalletKey) -> dict[str, int]:
    """A member's tray in a server, or in direct messages, is found by the wallet that pays for the orders there."""
    return {"member_id": wallet.member_id, "guild_id": wallet.guild_id}


def _reference(row: Row) -> Reference:
    return Reference(name=row["name"], sha256=row["sha256"], content_type=row["content_type"])
