"""`stillframe models check`, `confirm` and `open`: what the supplier says today, held against the rows."""

from __future__ import annotations

import tomllib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.cli import models
from bot.cli.output import CommandOutput
from bot.domain.models import Closed, ModelState, WhyClosed
from bot.settings import Settings
from bot.storage.engine.sqlite import open_sqlite
from bot.storage.processes import closed_models
from sandbox.atlas import StandIn, serve

KEY = "apikey-test"


@pytest.fixture
async def standin(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[StandIn]:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    async with serve(api_key=KEY) as standin:
        monkeypatch.setenv("ATLASCLOUD_BASE_URL", standin.base_url)
        monkeypatch.setenv("ATLASCLOUD_API_KEY", KEY)
        yield standin


def said(answer: CommandOutput) -> str:
    return "\n".join(map(str, answer.shown))


async def test_rows_that_are_on_are_as_the_supplier_says(standin: StandIn) -> None:
    answer = await models.check(Settings(), ["nb2-dev", "Nano Banana 2 Edit"])
    assert answer.done, said(answer)
    assert "nb2-dev: as the row says" in said(answer)
    assert standin.account.charges == {}


async def test_a_price_that_has_moved_is_said_and_that_it_costs_more_than_it_brings(standin: StandIn) -> None:
    standin.use("price_moved")
    answer = await models.check(Settings(), ["nb2-dev"])
    assert not answer.done
    assert "4K" in said(answer)
    assert "the row says 0.16" in said(answer)
    assert "costs more than members pay for it" in said(answer)
    assert {word for word in ("moved", "loss") if word in str(answer.facts)} == {"moved", "loss"}


async def test_a_schema_that_takes_less_and_a_model_that_is_gone_are_said(standin: StandIn) -> None:
    standin.use("schema_moved")
    assert "no longer takes" in said(await models.check(Settings(), ["nb2-dev"]))
    standin.use("ok")
    standin.catalogue.withdraw("google/nano-banana-2/edit", after=0)
    answer = await models.check(Settings(), [])
    assert "nb2-edit: the supplier does not list google/nano-banana-2/edit" in said(answer)
    assert not answer.done


async def test_a_supplier_that_does_not_answer_is_one_sentence(
    standin: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATLASCLOUD_API_KEY", "apikey-wrong")
    assert "can't be asked" in said(await models.check(Settings(), []))
    assert "There is no model" in said(await models.check(Settings(), ["nonsense"]))


async def test_a_row_is_confirmed_in_the_file_and_all_else_in_it_stays(
    standin: StandIn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert "MODELS_FILE is not set" in said(await models.confirm(Settings(), "nb2"))
    file = tmp_path / "models.toml"
    file.write_text('# ours\norder = ["nb2-dev"]\n\n[[model]]\nkey = "nb2-text"  # too plain for us\non = false\n')
    monkeypatch.setenv("MODELS_FILE", str(file))
    answer = await models.confirm(Settings(), "nb2")
    assert answer.done, said(answer)
    assert "# too plain for us" in file.read_text()
    row = Settings().models.get("nb2")
    assert row.state is ModelState.ON
    assert row.prices is not None
    assert (row.prices.clip, row.prices.source) == (70_000, "the supplier's /calculate")
    standin.use("price_moved")
    assert (await models.confirm(Settings(), "nb2")).done  # twice, at another price
    moved = Settings().models.get("nb2").prices
    assert moved is not None
    assert [row.prices.image[size] < moved.image[size] for size in row.sizes] == [True] * 3
    assert len(tomllib.loads(file.read_text())["model"]) == 2
    standin.use("schema_moved")
    before = file.read_text()
    assert not (await models.confirm(Settings(), "nb2")).done
    assert file.read_text() == before


async def test_a_closed_model_is_opened_again(standin: StandIn) -> None:
    database = Settings().database_file
    assert database is not None
    database.parent.mkdir(parents=True, exist_ok=True)
    async with open_sqlite(database) as store:
        await store.run(closed_models.close("nb2-dev", Closed(because=WhyClosed.GONE)))
        assert "The bot is running" in said(await models.open_again(Settings(), "nb2-dev"))
    assert "nb2-dev is open again" in said(await models.open_again(Settings(), "nb2-dev"))
    assert "is not closed" in said(await models.open_again(Settings(), "nb2-dev"))
