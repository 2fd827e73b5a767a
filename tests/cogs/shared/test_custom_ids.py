"""Each custom id of a sent message is found by one registered item, which reads its fields from it."""

from __future__ import annotations

import re
from datetime import date
from importlib import import_module
from typing import Any

import pytest
from discord import ui

from bot.domain.allowance import Every
from bot.domain.history import Turn
from bot.domain.recipe import Shape, Size
from bot.domain.takedown import Period
from cogs.setup.cards import SetupPage
from cogs.shared.buttons import ChannelSelect, DynamicButton, DynamicChannelSelect, DynamicItem, DynamicSelect
from tests.meta.house import HERE
from tests.support.house import House

JOB = "1442000000000000001"
MEMBER = 1_442_000_000_000_000_002
OF_A_JOB = {"job_id": JOB}
OF_A_PROPOSAL = {"proposal_id": JOB}

# By custom id, as messages in Discord have it: the name of the item that answers to it, and the fields of the item.
SAMPLES: dict[str, tuple[str, dict[str, Any]]] = {
    f"again:{JOB}": ("AgainButton", OF_A_JOB),
    f"edit:{JOB}": ("EditButton", OF_A_JOB),
    f"trim:{JOB}": ("TrimButton", OF_A_JOB),
    f"size:2k:{JOB}": ("SizeButton", {"size": Size.K2, **OF_A_JOB}),
    f"size:4k:{JOB}": ("SizeButton", {"size": Size.K4, **OF_A_JOB}),
    f"shapes:{JOB}": ("ShapesSelect", OF_A_JOB),
    f"shapes-go:{JOB}:7:1:16:9,1:1": (
        "ShapesButton",
        {"order_id": "7", "private": True, "chosen": [Shape.WIDE, Shape.SQUARE], **OF_A_JOB},
    ),
    f"shapes-go:{JOB}:7:0:9:16": (
        "ShapesButton",
        {"order_id": "7", "private": False, "chosen": [Shape.TALL], **OF_A_JOB},
    ),
    f"star:{JOB}": ("StarButton", OF_A_JOB),
    f"reference:{JOB}": ("ReferenceButton", OF_A_JOB),
    f"details:{JOB}": ("DetailsButton", OF_A_JOB),
    f"share:{JOB}": ("ShareButton", OF_A_JOB),
    f"delete:{JOB}": ("DeleteImageButton", OF_A_JOB),
    f"report:{JOB}": ("ReportButton", OF_A_JOB),
    f"cancel:{JOB}": ("CancelJobButton", OF_A_JOB),
    f"open:{JOB}": ("OpenButton", OF_A_JOB),
    f"repost:{JOB}": ("RepostButton", OF_A_JOB),
    f"show-here:{JOB}": ("ShowHereButton", OF_A_JOB),
    f"give-up:{JOB}": ("GiveUpButton", OF_A_JOB),
    f"history:older:55:1790000000000:{JOB}": (
        "HistoryPageButton",
        {"turn": Turn.OLDER, "search_id": "55", "at": 1_790_000_000_000, **OF_A_JOB},
    ),
    f"history:newer:55:1790000000000:{JOB}": (
        "HistoryPageButton",
        {"turn": Turn.NEWER, "search_id": "55", "at": 1_790_000_000_000, **OF_A_JOB},
    ),
    f"why-not:{JOB}": ("WhyNotButton", OF_A_JOB),
    "history:show": ("ShowSelect", {}),
    f"propose:create:{JOB}:150": ("CreateButton", {"price_read": 150, **OF_A_PROPOSAL}),
    f"propose:moment:{JOB}:80000-100000-1000:150": (
        "MomentButton",
        {"moment": "80000-100000-1000", "price_read": 150, **OF_A_PROPOSAL},
    ),
    f"propose:frames:{JOB}": ("FramesButton", OF_A_PROPOSAL),
    f"propose:size:{JOB}": ("SizeSelect", OF_A_PROPOSAL),
    f"propose:shape:{JOB}": ("ShapeSelect", OF_A_PROPOSAL),
    f"choose:{JOB}": ("ChooseSelect", {"offer_id": JOB}),
    f"propose:without:{JOB}": ("WithoutImagesButton", OF_A_PROPOSAL),
    f"propose:images:{JOB}": ("ImagesButton", OF_A_PROPOSAL),
    f"propose:video:{JOB}": ("VideoButton", OF_A_PROPOSAL),
    f"propose:words:{JOB}": ("WordsButton", OF_A_PROPOSAL),
    f"propose:cancel:{JOB}": ("CancelProposalButton", OF_A_PROPOSAL),
    f"tray-remove:{MEMBER}": ("RemoveSelect", {"member_id": MEMBER}),
    f"tray-clear:{MEMBER}": ("ClearButton", {"member_id": MEMBER}),
    f"statement:{MEMBER}:41": ("OlderButton", {"member_id": MEMBER, "before": 41}),
    f"bank-statement:{MEMBER}:41": ("LedgerPageButton", {"member_id": MEMBER, "before": 41}),
    "form-again:0123456789ab": ("FormAgainButton", {"form_id": "0123456789ab"}),
    "undo-entry:41": ("UndoEntryButton", {"entry_id": 41}),
    f"once-more:{JOB}": ("OnceMoreButton", {"act_id": JOB}),
    "batch-give:77": ("GiveButton", {"batch_id": "77"}),
    "batch-leave:77": ("LeaveButton", {"batch_id": "77"}),
    "takedown:day:10:1790000000000": (
        "TakedownButton",
        {"period": Period.DAY, "member_id": 10, "until": 1_790_000_000_000},
    ),
    "batch-undo:77": ("UndoBatchButton", {"batch_id": "77"}),
    "buy-for:server": ("WalletButton", {"which": "server"}),
    "buy-for:own": ("WalletButton", {"which": "own"}),
    "ask:80": ("AskCreditsButton", {"amount": 80}),
    "request:approve:77:150": ("ApproveButton", {"request_id": "77", "amount": 150}),
    "request:deny:77": ("DenyButton", {"request_id": "77"}),
    f"save-allowance:{MEMBER}:5000:day": (
        "SaveAllowanceButton",
        {"role_id": MEMBER, "amount": 5_000, "every": Every.DAY},
    ),
    "undo-policy:12": ("UndoChangeButton", {"change_id": 12}),
    "policy-history:12": ("HistoryButton", {"before": 12}),
    "policy-why:quiet_hours": ("WhyButton", {"rule": "quiet_hours"}),
    "policy-words:3": ("WordsPageButton", {"page": 3}),
    f"unblock:{MEMBER}": ("UnblockButton", {"member_id": MEMBER}),
    "template:film-poster": ("UseButton", {"key": "film-poster"}),
    "templates:2": ("TemplatesPageButton", {"page": 2}),
    "usage:2026-11-01:2026-11-30": ("SheetButton", {"first": date(2026, 11, 1), "last": date(2026, 11, 30)}),
    "help:to:1": ("ScreenButton", {"screen": 1}),
    "help:next:4": ("ScreenButton", {"screen": 4}),
    "help:try": ("TryExampleButton", {}),
    "mydata:export": ("ExportButton", {}),
    "mydata:ask": ("AskDeletionButton", {}),
    "mydata:delete": ("DeleteDataButton", {}),
    "prefer:ask": ("AskSelect", {}),
    "prefer:model": ("ModelSelect", {}),
    "prefer:private:1": ("FlagButton", {"flag": "private", "on": True}),
    "prefer:open_buttons:0": ("FlagButton", {"flag": "open_buttons", "on": False}),
    **{f"setup:page:{page}": ("SetupPageButton", {"page": page}) for page in SetupPage},
    "setup:channels": ("ChannelsSelect", {}),
    "setup:starting": ("StartingButton", {}),
    "setup:allowance": ("AllowanceButton", {}),
    "setup:log": ("LogSelect", {}),
    "setup:budget": ("BudgetButton", {}),
    "setup:zone": ("ZoneSelect", {}),
    "setup:other-zone": ("OtherZoneButton", {}),
    "setup:try": ("TryOrderButton", {}),
}


def custom_ids_of_cards() -> set[str]:
    """Every constant `..._ID` of a module of cards: the patterns that custom ids are made of."""
    modules = [name for name in HERE.modules if "cards" in name]
    named = {(module, name) for module in modules for name in vars(import_module(module)) if name.endswith("_ID")}
    return {getattr(import_module(module), name) for module, name in named}


def item_of(kind: type[DynamicItem[Any]], custom_id: str) -> ui.Item[Any]:
    if issubclass(kind, DynamicChannelSelect):
        return ChannelSelect(custom_id=custom_id)
    return ui.Select(custom_id=custom_id) if issubclass(kind, DynamicSelect) else ui.Button(custom_id=custom_id)


async def test_each_custom_id_is_found_by_one_item_and_gives_back_its_fields(house: House) -> None:
    registered: dict[re.Pattern[str], type[DynamicItem[Any]]]
    registered = house.app.bot._connection._view_store._dynamic_items  # type: ignore[assignment]  # all are ours
    for custom_id, (name, fields) in SAMPLES.items():
        found = [(kind, match) for template, kind in registered.items() if (match := template.fullmatch(custom_id))]
        assert [kind.__name__ for kind, _ in found] == [name], custom_id
        ((kind, match),) = found
        item: Any = await kind.from_custom_id(None, item_of(kind, custom_id), match)  # type: ignore[arg-type]  # unused
        assert {field: getattr(item, field) for field in fields} == fields, custom_id
    assert {kind.__name__ for kind in registered.values()} == {name for name, _ in SAMPLES.values()}


def test_each_pattern_of_the_cards_has_a_sample() -> None:
    patterns = custom_ids_of_cards()
    for pattern in patterns:
        shape = re.compile(re.sub(r"\\{\w+\\}", "[a-z0-9_:,-]+", re.escape(pattern)))
        assert any(map(shape.fullmatch, SAMPLES)), pattern
    assert len(patterns) > 50


async def test_an_item_of_another_kind_under_the_custom_id_is_an_error() -> None:
    class Anything(DynamicButton, template="anything"):
        pass

    match = re.fullmatch("anything", "anything")
    assert match
    with pytest.raises(TypeError, match="expected a Button under this custom id, found Select"):
        await Anything.from_custom_id(None, ui.Select(custom_id="anything"), match)  # type: ignore[arg-type]  # unused


def test_a_group_without_a_field_is_an_error_when_the_module_is_read() -> None:
    with pytest.raises(KeyError, match="page"):
        type("Nameless", (DynamicButton,), {}, template="(?P<page>[0-9])")
