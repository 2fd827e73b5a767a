"""A purchase on Discord gives credits once, is consumed, and is taken back when Discord refunds it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import discord
import pytest
from pydantic import ValidationError

from bot.domain.wallet import NO_SERVER, StartingCredits, WalletKey, created_at
from bot.services.credits.purchases import Purchases
from bot.settings import Settings
from cogs.credits.purchases import PAGE_ENTITLEMENTS
from tests.support.factories import sql
from tests.support.house import LINK, House, open_house, words_of

SKU = 900_000_000_000_000_001
OTHER = 900_000_000_000_000_002


def selling(folder: Path, **changes: Any) -> Any:
    return open_house(folder, purchase_skus=f"{SKU}:1000", direct_messages=True, starting_credits=0, **changes)


def sku(house: House, number: int = SKU) -> Any:
    return house.env.create_sku("1000 credits", type=discord.SKUType.consumable, id=number)


async def test_a_purchase_is_given_and_consumed_once(tmp_path: Path) -> None:
    async with selling(tmp_path) as house:
        bought = await house.env.grant_entitlement(sku(house), user=house.ann_user)
        assert bought.snapshot().consumed
        assert await house.available(guild_id=NO_SERVER) == 1_000
        await bought.replay_create()
        await house.env.restart_bot()
        assert await house.available(guild_id=NO_SERVER) == 1_000
        statement = words_of((await house.ann_user.slash("credits statement")).response)
        assert "**+1,000** bought, 1,000 left · `Bought on Discord`" in statement
        await house.env.grant_entitlement(sku(house, OTHER), user=house.ann_user)
        assert await house.available(guild_id=NO_SERVER) == 1_000
        assert await house.findings() == ()


async def test_a_crash_before_it_is_consumed_gives_once_and_consumes_at_the_next_start(tmp_path: Path) -> None:
    async with selling(tmp_path) as house:
        house.env.inject_error("POST", "/applications/*/entitlements/*/consume", status=403)
        bought = await house.env.grant_entitlement(sku(house), user=house.ann_user)
        assert not bought.snapshot().consumed
        assert await house.available(guild_id=NO_SERVER) == 1_000
        await house.env.restart_bot()
        assert bought.snapshot().consumed
        assert await house.available(guild_id=NO_SERVER) == 1_000


async def test_what_was_bought_or_refunded_while_the_bot_was_away_is_found_at_its_start(tmp_path: Path) -> None:
    async with selling(tmp_path) as house:
        kind = sku(house)
        missed = [house.env.seed_entitlement(kind, user=house.ann_user) for _ in range(3)]
        in_server = house.env.seed_entitlement(kind, user=house.ann_user, guild=house.guild)
        await house.env.restart_bot()
        assert all(each.snapshot().consumed for each in [*missed, in_server])
        assert (await house.available(guild_id=NO_SERVER), await house.available()) == (3_000, 1_000)
        house.env.backend.get_entitlement(missed[0].id).deleted = True
        house.env.inject_error("GET", "/applications/*/entitlements", status=403)
        await house.env.restart_bot()
        assert await house.available(guild_id=NO_SERVER) == 3_000
        await house.env.restart_bot()
        await house.env.restart_bot()
        assert await house.available(guild_id=NO_SERVER) == 2_000


async def test_a_long_list_of_purchases_is_read_to_its_end(tmp_path: Path) -> None:
    async with selling(tmp_path) as house:
        kind = sku(house)
        for _ in range(PAGE_ENTITLEMENTS):
            house.env.seed_entitlement(kind, user=house.ann_user, consumed=True)
        last = house.env.seed_entitlement(kind, user=house.ann_user)
        await house.env.restart_bot()
        assert last.snapshot().consumed
        assert await house.available(guild_id=NO_SERVER) == 1_000


async def test_a_refund_takes_back_what_is_still_there_and_tells_the_operator_of_the_rest(tmp_path: Path) -> None:
    async with selling(tmp_path) as house:
        kind = sku(house)
        first = await house.env.grant_entitlement(kind, user=house.ann_user)
        await first.revoke()
        assert await house.available(guild_id=NO_SERVER) == 0
        second = await house.env.grant_entitlement(kind, user=house.ann_user)
        told: list[str] = []

        async def tell(words: str) -> None:
            told.append(words)

        purchases = Purchases(
            house.app.store,
            sold={SKU: 1_000},
            starting_credits=StartingCredits(amount=0),
            clock=lambda: 1,
            tell_operator=tell,
        )
        await house.ann_user.slash("imagine", prompt="A poster", video=LINK, start="0:14-0:17")
        await house.ended()
        for _ in range(2):
            await purchases.take_back(second.id)
        await second.revoke()
        assert await house.available(guild_id=NO_SERVER) == 0
        (words,) = told
        assert "850 credits were taken back, and 150 are spent" in words
        await purchases.take_back(77)  # refunded before it was ever given
        await purchases.give(77, SKU, WalletKey(NO_SERVER, house.ann.id))
        assert await house.available(guild_id=NO_SERVER) == 0
        assert await house.findings() == ()


async def test_nothing_is_sold_unless_the_operator_says_so(house: House) -> None:
    bought = await house.env.grant_entitlement(sku(house), user=house.ann_user)
    assert not bought.snapshot().consumed
    assert house.app.bot.get_cog("PurchasesCog") is None


@pytest.mark.parametrize(
    "facts",
    [
        {"purchase_skus": f"{SKU}:1000"},
        {"purchase_skus": f"{SKU}", "direct_messages": True},
        {"purchase_skus": f"{SKU}:0", "direct_messages": True},
        {"purchase_skus": "1000 credits", "direct_messages": True},
    ],
)
def test_what_is_for_sale_is_checked_at_the_start(facts: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Settings(_env_file=None, **facts)
    assert Settings(_env_file=None, purchase_skus=f" {SKU} : 5, {OTHER}:6,", direct_messages=True).credits_by_sku == {
        SKU: 5, OTHER: 6,
    }  # fmt: skip


async def buy(house: House, kind: Any, which: str, *, minutes_later: int) -> Any:
    """Ann chooses a wallet and buys; the bot hears of it at its next start. Returns what she saw.

    The ids of the stand-in's purchases are of another time than the bot's clock, so the choice is moved to theirs.
    """
    asked: Any = (await house.ann.slash(house.channel, "credits buy")).response
    shown = await house.ann.click(asked, label=which)
    bought = house.env.seed_entitlement(kind, user=house.ann_user)
    at = created_at(bought.id) - minutes_later * 60_000
    await house.app.store.run(sql("UPDATE purchase_wallets SET at = :at", at=at))
    await house.env.restart_bot()
    assert bought.snapshot().consumed
    return shown.response


async def test_a_member_chooses_the_wallet_for_what_is_bought_within_the_hour(tmp_path: Path) -> None:
    async with selling(tmp_path) as house:
        kind = sku(house)
        shown = await buy(house, kind, "In this server", minutes_later=59)
        assert f"within an hour goes into your wallet in **{house.guild.name}**" in words_of(shown)
        assert str(SKU) in str(shown.components)
        assert (await house.available(guild_id=NO_SERVER), await house.available()) == (0, 1_000)
        await buy(house, kind, "Everywhere else", minutes_later=1)
        await buy(house, kind, "In this server", minutes_later=61)
        await buy(house, kind, "In this server", minutes_later=-1)  # chosen after it was bought
        assert (await house.available(guild_id=NO_SERVER), await house.available()) == (3_000, 1_000)
        direct = words_of((await house.ann_user.slash("credits buy")).response)
        assert "your own wallet" in direct
        assert await house.findings() == ()


async def test_where_nothing_is_sold_there_is_no_command_to_buy(house: House) -> None:
    credits: Any = house.app.bot.tree.get_command("credits")
    assert credits.get_command("balance")
    assert credits.get_command("buy") is None
