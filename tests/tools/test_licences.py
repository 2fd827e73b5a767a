"""Everything that Stillframe runs on is listed with its licence, and none binds those who run it."""

from __future__ import annotations

import pytest

from tests.tools import licences
from tests.tools.locks import PRODUCTION, pins


def test_the_page_lists_what_the_lock_file_pins_and_nothing_else() -> None:
    """`make licences` writes it anew."""
    assert set(licences.rows()) == set(pins(PRODUCTION))


def test_the_page_says_what_the_packages_say() -> None:
    for pin, licence in licences.rows().items():
        assert (pin, licence) == (pin, licences.facts_of(pin.name, _versions(pin.name)).licence)


def test_every_licence_is_allowed_or_has_its_reason() -> None:
    strange = {pin.name: licence for pin, licence in licences.rows().items() if licences.stranger_in(licence)}
    assert strange.keys() == licences.REASONS.keys()


@pytest.mark.parametrize("licence", ["GPL-3.0-only", "MIT AND LGPL-2.1", "BSD-3-Clause OR AGPL-3.0", "not stated"])
def test_a_licence_that_binds_or_none_at_all_is_found(licence: str) -> None:
    assert licences.stranger_in(licence)


@pytest.mark.parametrize("licence", ["MIT", "MPL-2.0 AND (Apache-2.0 OR MIT)", "Apache-2.0 and BSD"])
def test_a_free_licence_is_let_in(licence: str) -> None:
    assert licences.stranger_in(licence) == set()


def _versions(name: str) -> list[str]:
    return [pin.version for pin in pins(PRODUCTION) if pin.name == name]
