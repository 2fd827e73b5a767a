"""`stillframe doctor`: every problem named, with what to do."""

from __future__ import annotations

import asyncio
import io
import sys
from pathlib import Path
from types import SimpleNamespace

import discord
import pytest
from rich.console import Console

from bot.cli import doctor
from bot.settings import Settings
from bot.storage.engine.sqlite import open_sqlite
from sandbox.atlas import serve
from tests.support.buckets import SECRET, Buckets, settings_of
from tests.support.factories import sql


@pytest.fixture(autouse=True)
def an_empty_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


async def examine() -> tuple[int, str]:
    console = Console(width=400, file=io.StringIO())
    code = await doctor.examine(console)
    assert isinstance(console.file, io.StringIO)
    return code, console.file.getvalue()


async def test_an_empty_environment_is_a_readable_list_and_not_zero() -> None:
    code, printed = await examine()
    assert code == 1
    assert "FIX  DISCORD_TOKEN  is not set." in printed
    assert "FIX  ATLASCLOUD_API_KEY  is not set." in printed
    assert "2 to fix." in printed
    assert not Path("data").exists()  # looking makes nothing


async def test_wrong_settings_are_listed_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_FORMAT", "xml")
    code, printed = await examine()
    assert code == 1
    assert "FIX  LOG_FORMAT" in printed


async def test_a_folder_that_cannot_be_written_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("a_file").touch()
    for place in ("a_file", "a_file/data"):
        monkeypatch.setenv("DATA_DIR", place)
        _, printed = await examine()
        assert f"FIX  DATA_DIR  No images can be kept in {place}" in printed or f"{place} can't be made" in printed


async def test_all_in_order_ends_with_the_invite_link_and_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    async def application(_token: object) -> SimpleNamespace:
        return SimpleNamespace(id=42, name="Stillframe", bot_public=False)

    monkeypatch.setattr(doctor, "_application", application)
    async with serve(api_key="apikey-right") as standin:
        monkeypatch.setenv("ATLASCLOUD_BASE_URL", standin.base_url)
        monkeypatch.setenv("ATLASCLOUD_API_KEY", "apikey-right")
        monkeypatch.setenv("DISCORD_TOKEN", "token")
        code, printed = await examine()
    assert code == 0
    assert "accepted; US$ 125.50 left." in printed
    link = next(word for word in printed.split() if word.startswith("https://discord.com/oauth2/authorize"))
    assert "client_id=42" in link
    assert f"permissions={doctor.PERMISSIONS.value}" in link
    assert "scope=bot+applications.commands" in link
    assert "Ready" in printed


async def test_what_bounds_the_operators_money_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    _, printed = await examine()
    assert "ok   Your money  a server a month up to US$ 20.00, all servers a day up to US$ 100.00." in printed
    monkeypatch.setenv("BUDGET_USD_PER_DAY", "none")
    _, printed = await examine()
    assert "There is no budget for a day of all servers together: set BUDGET_USD_PER_DAY." in printed
    monkeypatch.setenv("SERVER_BUDGET_USD_PER_MONTH", "none")
    _, printed = await examine()
    assert "note Your money  There is no budget on your money: set BUDGET_USD_PER_DAY" in printed


async def test_an_installation_from_before_is_said_to_have_no_budget() -> None:
    async with open_sqlite(Path("data/stillframe.db")) as store:
        await store.run(sql("INSERT INTO installation (name, value) VALUES ('before_budgets', '1')"))
    _, printed = await examine()
    assert "There is no budget on your money (the database is from before there were budgets)" in printed


def test_the_invite_asks_for_the_rights_it_needs_and_no_more() -> None:
    wanted = {name for name, on in discord.Permissions(doctor.PERMISSIONS.value) if on}
    assert wanted == {
        "read_messages", "send_messages", "send_messages_in_threads", "attach_files", "embed_links",
        "read_message_history",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("key", "balance", "words"),
    [
        ("apikey-wrong", "125.50", "does not accept it (key)"),
        ("apikey-right", "0.10", "US$ 0.10 left. Top it up"),
    ],
)
async def test_a_key_that_can_not_buy_an_image_is_a_problem(
    monkeypatch: pytest.MonkeyPatch, key: str, balance: str, words: str
) -> None:
    async with serve(api_key="apikey-right", balance_usd=balance) as standin:
        monkeypatch.setenv("ATLASCLOUD_BASE_URL", standin.base_url)
        monkeypatch.setenv("ATLASCLOUD_API_KEY", key)
        code, printed = await examine()
    assert code == 1
    assert words in printed
    assert key not in printed


async def test_a_supplier_that_does_not_answer_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATLASCLOUD_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("ATLASCLOUD_API_KEY", "apikey-x")
    _, printed = await examine()
    assert "FIX  ATLASCLOUD_API_KEY  http://127.0.0.1:9 did not answer" in printed


@pytest.mark.parametrize(
    ("error", "words"),
    [(discord.LoginFailure("no"), "does not accept it"), (OSError("no network"), "can't be reached: no network")],
)
async def test_a_token_that_does_not_work_is_a_problem(
    monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    async def application(_token: object) -> None:
        raise error

    monkeypatch.setattr(doctor, "_application", application)
    monkeypatch.setenv("DISCORD_TOKEN", "token-of-somebody")
    _, printed = await examine()
    assert f"FIX  DISCORD_TOKEN  Discord {words}" in printed
    assert "token-of-somebody" not in printed


async def test_a_database_that_is_whole_in_use_or_damaged_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path("data/stillframe.db")
    async with open_sqlite(path):
        assert "note DATABASE_URL  data/stillframe.db is in use" in (await examine())[1]
    assert "ok   DATABASE_URL  data/stillframe.db opens, and is whole." in (await examine())[1]
    await asyncio.to_thread(path.write_bytes, b"damaged" * 1_000)
    assert "FIX  DATABASE_URL  " in (await examine())[1]
    monkeypatch.setenv("DATABASE_URL", "sqlite:///data/stillframe.db/below-a-file.db")
    assert "can't be made" in (await examine())[1]


# --- clips and images ---------------------------------------------------------------------------------


async def files_finding(**settings: str) -> str:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name.upper(), value)
        _, printed = await examine()
    return next(line for line in printed.splitlines() if "DATA_DIR" in line or "FILES_URL" in line)


async def test_a_folder_for_files_is_looked_at_and_not_made() -> None:
    assert await files_finding() == "ok   DATA_DIR  data is made at the first start."
    assert not Path("data").exists()
    Path("data").mkdir()
    assert await files_finding() == "ok   DATA_DIR  data can be written."
    await asyncio.to_thread(Path("data/clips").write_text, "a file where a folder should be")
    assert "FIX  DATA_DIR  No images can be kept in data: " in await files_finding()


async def test_a_bucket_is_tried_with_a_file_that_does_not_stay(buckets: Buckets) -> None:
    bucket = buckets.new()
    found = await files_finding(**settings_of(buckets.url, bucket, prefix="of/a-bot"))
    assert found == f"ok   FILES_URL  s3://{bucket}/of/a-bot: a file was written, read back and erased."
    assert buckets.keys(bucket) == []


async def test_each_trouble_with_a_bucket_says_what_to_do(buckets: Buckets, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = await files_finding(**settings_of(buckets.url, "no-such-bucket"))
    assert missing.startswith("FIX  FILES_URL  s3://no-such-bucket: NoSuchBucket: ")
    assert "Make the bucket, or correct FILES_URL." in missing
    bucket = buckets.new()
    with buckets.asking_for_keys():
        refused = await files_finding(**settings_of(buckets.url, bucket))
    assert "Check S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY." in refused
    assert SECRET not in refused
    assert "Check S3_ENDPOINT_URL" in await files_finding(**settings_of("http://127.0.0.1:9", "stills"))
    monkeypatch.delitem(sys.modules, "bot.storage.files.s3")
    monkeypatch.setitem(sys.modules, "obstore.store", None)
    absent = await files_finding(**settings_of(buckets.url, "stills"))
    assert absent == "FIX  FILES_URL  s3://stills: FILES_URL needs the extra s3: pip install 'stillframe[s3]'."
