"""The daily check of the models tells the operator what is new, once."""

from __future__ import annotations

from pydantic import SecretStr

from bot.domain.pricing import Pricing
from bot.media.fetch import Fetcher
from bot.providers.atlas import open_atlas
from bot.services.maintenance.model_check import ModelCheck
from sandbox.atlas import StandIn
from tests.services.conftest import JobHarness


def told(harness: JobHarness) -> list[str]:
    return harness.messenger.operator


async def test_the_operator_is_told_at_once_and_only_once_what_the_supplier_has_changed(harness: JobHarness) -> None:
    pipeline = harness.new_pipeline()
    standin: StandIn = harness.standin
    check = ModelCheck(
        harness.store, pipeline.steps, pipeline.lease, harness.supplier, harness.messenger.tell_operator, Pricing()
    )
    await check.check()
    assert told(harness) == []
    standin.use("price_moved")
    await check.check()
    await check.check()
    assert len(told(harness)) == len(set(told(harness)))
    assert any("nb2-dev: 1K costs US$" in words for words in told(harness))
    standin.use("ok")
    standin.catalogue.withdraw("google/nano-banana-2/edit")
    before = len(told(harness))
    await check.check()
    assert [words for words in told(harness)[before:] if "does not list" in words] == told(harness)[before:]
    assert len(told(harness)) == before + 1


async def test_a_supplier_that_does_not_answer_is_no_finding(harness: JobHarness) -> None:
    pipeline, nowhere = harness.new_pipeline(), "http://127.0.0.1:9"
    fetch = Fetcher(trusted_origin=nowhere).download
    async with open_atlas(base_url=nowhere, api_key=SecretStr("a-key"), fetch=fetch) as supplier:
        check = ModelCheck(
            harness.store, pipeline.steps, pipeline.lease, supplier, harness.messenger.tell_operator, Pricing()
        )
        await check.check()
    assert told(harness) == []
