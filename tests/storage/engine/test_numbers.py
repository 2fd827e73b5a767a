"""Both engines refuse a number that they can't keep by its name, and go on."""

from __future__ import annotations

import pytest

from bot.domain.errors import NumberTooLarge
from bot.domain.wallet import WalletKey
from bot.storage.credits import bank, codes, ledger
from bot.storage.engine.store import INTEGER_MAX, Store
from tests.support.factories import ANN, NOW


@pytest.mark.parametrize("number", [INTEGER_MAX + 1, 10**25, -(10**25)])
async def test_a_number_past_64_bits_is_refused_by_its_name(store: Store, number: int) -> None:
    with pytest.raises(NumberTooLarge) as refusal:
        await store.read(ledger.statement(WalletKey(1, number), before=None, limit=5))
    assert (refusal.value.name, refusal.value.value) == ("member_id", number)
    with pytest.raises(NumberTooLarge, match="guild_id"):
        await store.run(ledger.welcome(WalletKey(number, 1), starting_credits=5, now=NOW))
    with pytest.raises(NumberTooLarge, match="id"):
        await store.run(bank.undo(number, guild_id=1, actor="1", reason="Wrong", now=NOW))
    with pytest.raises(NumberTooLarge, match="id"):
        await store.read(codes.get(1, number))
    assert (await store.run(ledger.welcome(ANN, starting_credits=5, now=NOW))).available == 5
