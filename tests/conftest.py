"""What tests of several folders share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.buckets import Buckets


@pytest.fixture(scope="session")
def buckets() -> Iterator[Buckets]:
    """An S3-compatible store on loopback; one for all tests of this process."""
    from tests.buckets import serve_buckets  # noqa: PLC0415  # half a second, for those who ask for one

    with serve_buckets() as served:
        yield served
