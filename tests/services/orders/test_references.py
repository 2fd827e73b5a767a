"""Reference images: judged by their bytes before anything is paid, kept, collected in a tray, lent to the supplier."""

from __future__ import annotations

import random
import time
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from bot.domain.errors import (
    FileTooLarge,
    ImageDamaged,
    ImageTooLarge,
    LinkUnreachable,
    NotAnImage,
    Refusal,
    TooManyPixels,
)
from bot.domain.job import JobState
from bot.domain.recipe import REFERENCE_KEPT_LIMIT_BYTES, REFERENCE_LIMIT_BYTES, Reference
from bot.media.fetch import Fetcher
from bot.media.fit import THUMBNAIL_SIDE_PIXELS, Fitter
from bot.services.orders.references import References
from bot.storage.engine.sqlite import SqliteStore, open_sqlite
from bot.storage.files.base import Files
from bot.storage.files.folder import Folder
from bot.storage.orders import tray
from sandbox.clip import make_clip
from tests.services.conftest import Clock, JobHarness
from tests.support.factories import ANN, BOB, a_recipe
from tests.support.house import a_png

HEIC = b"\x00\x00\x00\x18ftypheic" + bytes(500)


class OneServer(Fetcher):
    """Stands where the internet would be: one image, of the size that it says."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    async def download_link(self, url: str, *, limit_bytes: int) -> bytes:
        if len(self.data) > limit_bytes:
            raise FileTooLarge(limit_bytes=limit_bytes)
        return self.data


@dataclass
class QuoteDesk:
    """What references are made of, without a bot and without a supplier."""

    folder: Path
    store: SqliteStore
    clips: Files
    clock: Clock

    def references(self, fetcher: Fetcher | None = None) -> References:
        return References(self.store, self.clips, Fitter(), fetcher or Fetcher(), clock=self.clock)


@asynccontextmanager
async def open_desk(folder: Path) -> AsyncIterator[QuoteDesk]:
    async with open_sqlite(folder / "stillframe.db") as store:
        yield QuoteDesk(folder, store, Folder(folder / "clips"), Clock())


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[QuoteDesk]:
    async with open_desk(tmp_path) as desk:
        yield desk


@pytest.fixture
def references(desk: QuoteDesk) -> References:
    return desk.references()


def picture(colour: int = 0, file_format: str = "PNG", size: tuple[int, int] = (32, 24)) -> bytes:
    file = BytesIO()
    Image.new("RGB", size, (colour, 90, 160)).save(file, file_format)
    return file.getvalue()


def noise(side: int) -> bytes:
    file = BytesIO()
    pixels = random.Random(1).randbytes(side * side * 3)  # noqa: S311  # the same noise every time
    Image.frombytes("RGB", (side, side), pixels).save(file, "PNG", compress_level=1)
    return file.getvalue()


def claims(width: int, height: int) -> bytes:
    """A PNG that says it is so large, in a few bytes."""
    header = b"IHDR" + width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\x00\x00\x00"
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (len(chunk) - 4).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big")
        for chunk in (header, b"IDAT")
    )


async def some(references: References, count: int) -> list[Reference]:
    return [await references.keep(picture(number), name=f"{number}.png") for number in range(count)]


# --- Judged and kept ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file_format", "extension", "content_type"),
    [("PNG", "png", "image/png"), ("JPEG", "jpg", "image/jpeg"), ("WEBP", "webp", "image/webp")],
)
async def test_an_image_is_kept_as_it_came_under_what_its_bytes_say_and_not_its_name(
    desk: QuoteDesk, references: References, file_format: str, extension: str, content_type: str
) -> None:
    data = picture(file_format=file_format)
    kept = await references.keep(data, name="holiday.tiff")
    assert f"holiday.{extension}" == kept.name
    assert content_type == kept.content_type
    assert data == await desk.clips.read(kept.sha256)


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"", NotAnImage),
        (b"<!doctype html><p>", NotAnImage),
        (b"GIF89a" + bytes(100), ImageDamaged),
        (b"II*\x00" + bytes(100), NotAnImage),
        (HEIC, NotAnImage),
        (make_clip(seconds=1, width=160, height=90), NotAnImage),
        (picture() + bytes(REFERENCE_LIMIT_BYTES), ImageTooLarge),
        (claims(7_000, 6_000), TooManyPixels),
        (claims(17_000, 10), TooManyPixels),
        (claims(10_000, 10_000), TooManyPixels),  # Pillow warns of a bomb
        (claims(60_000, 60_000), TooManyPixels),  # and here it refuses
        (claims(100, 100), ImageDamaged),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), ImageDamaged),
        (noise(64)[:-2_000], ImageDamaged),
    ],
)
async def test_what_can_not_be_a_reference_is_refused_by_its_name_and_not_kept(
    desk: QuoteDesk, references: References, data: bytes, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal) as caught:
        await references.keep(data, name="photo.png")
    assert caught.value.name == "photo.png"  # type: ignore[attr-defined]  # each of them has it
    assert not (desk.folder / "clips").exists()


def rich(file_format: str, *, mode: str = "RGB", size: tuple[int, int] = (64, 32), **options: Any) -> bytes:
    """A picture that is red on its left side and blue on its right."""
    image = Image.new("RGB", size, (200, 10, 10))
    image.paste((10, 10, 200), (size[0] // 2, 0, *size))
    file = BytesIO()
    image.convert(mode).save(file, file_format, **options)
    return file.getvalue()


def turned(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = orientation, "a camera"
    exif.get_ifd(0x8825)[1] = "N"
    return exif.tobytes()


STILLS = {
    "a photo on its side": rich("JPEG", exif=turned(6)),
    "a PNG on its side": rich("PNG", exif=turned(8)),
    "a WebP on its side": rich("WEBP", exif=turned(6)),
    "a place in a photo": rich("JPEG", exif=turned(1)),
    "a GIF": rich("GIF"),
    "an animation": rich("GIF", save_all=True, append_images=[Image.new("RGB", (64, 32))] * 3),
    "an animated PNG": rich("PNG", save_all=True, append_images=[Image.new("RGB", (64, 32))] * 3),
    "an AVIF": rich("AVIF"),
    "a print's colours": rich("JPEG", mode="CMYK"),
    "a film behind a photo": rich("JPEG") + b"\x00\x00\x00\x18ftypmp42" + bytes(500),
    "a file behind a PNG": rich("PNG") + bytes(500),
    "a photo of 50 million pixels": rich("JPEG", size=(8_660, 5_774), quality=20),
}


@pytest.mark.parametrize("what", STILLS)
async def test_one_upright_still_without_metadata_is_kept(desk: QuoteDesk, references: References, what: str) -> None:
    kept = await references.keep(STILLS[what], name="photo.heic")
    data = await desk.clips.read(kept.sha256)
    assert data
    with Image.open(BytesIO(data)) as image:
        assert (image.mode, getattr(image, "n_frames", 1), dict(image.getexif())) == ("RGB", 1, {})
        assert {"xmp", "comment"}.isdisjoint(image.info)
        upright = "side" not in what
        assert (image.width > image.height) is upright
        corner = image.getpixel((1, 1))
    assert isinstance(corner, tuple)
    assert upright is False or corner[0] > corner[2]
    assert b"ftypmp42" not in data


async def test_a_png_with_a_long_text_is_taken_without_it(desk: QuoteDesk, references: References) -> None:
    text = PngInfo()
    text.add_text("parameters", "x" * 3_000_000, zip=True)
    kept = await references.keep(rich("PNG", pnginfo=text), name="drawing.png")
    data = await desk.clips.read(kept.sha256)
    assert data
    assert b"parameters" not in data
    assert await Fitter().inspect(rich("PNG", pnginfo=text))  # and so is what the image service sends


async def test_a_jpeg_of_hundreds_of_scans_is_refused_before_it_is_decoded(references: References) -> None:
    head, scan, end = progressive()
    began = time.perf_counter()
    with pytest.raises(ImageDamaged):
        await references.keep(head + scan * 500 + end, name="slow.jpg")
    assert time.perf_counter() - began < 1


def progressive() -> tuple[bytes, bytes, bytes]:
    """A large JPEG in parts: all before its last scan, that scan, its end."""
    data = rich("JPEG", size=(6_000, 6_000), progressive=True)
    last = data.rindex(b"\xff\xda")
    return data[:last], data[last:-2], data[-2:]


async def test_a_large_image_is_kept_as_a_copy_that_goes_into_any_request(
    desk: QuoteDesk, references: References
) -> None:
    data = noise(1_600)
    assert len(data) > REFERENCE_KEPT_LIMIT_BYTES
    kept = await references.keep(data, name="render.png")
    copy = await desk.clips.read(kept.sha256)
    assert copy
    assert len(copy) <= REFERENCE_KEPT_LIMIT_BYTES
    assert (kept.name, kept.content_type) == ("render.jpg", "image/jpeg")


async def test_an_image_that_a_message_links_to_is_kept_too(desk: QuoteDesk) -> None:
    kept = await desk.references(OneServer(picture())).keep_link("https://a.example/b", name="b.png")
    assert picture() == await desk.clips.read(kept.sha256)


async def test_a_linked_image_over_the_limit_is_refused_as_an_image(desk: QuoteDesk) -> None:
    references = desk.references(OneServer(bytes(REFERENCE_LIMIT_BYTES + 1)))
    with pytest.raises(ImageTooLarge) as caught:
        await references.keep_link("https://a.example/b.png", name="b.png")
    assert (caught.value.name, caught.value.size_bytes) == ("b.png", None)


async def test_a_link_to_the_supplier_gets_nothing_that_another_link_would_not(harness: JobHarness) -> None:
    fetcher = Fetcher(trusted_origin=harness.standin.base_url)
    references = References(harness.store, harness.clips, Fitter(), fetcher, clock=harness.clock)
    with pytest.raises(LinkUnreachable):
        await references.keep_link(f"{harness.standin.base_url}/files/a.png", name="a.png")
    assert list(harness.standin.requests) == []


# --- The tray -----------------------------------------------------------------------------------------


async def test_a_tray_holds_ten_images_in_the_order_of_collecting_each_once(references: References) -> None:
    kept = await some(references, 12)
    assert tuple(kept[2:6]) == await references.collect(ANN, kept[2:6])
    same_bytes = await references.keep(picture(3), name="again.png")
    tray = await references.collect(ANN, [same_bytes, *kept])
    assert (*kept[2:6], *kept[:2], *kept[6:10]) == tray == await references.tray(ANN)
    assert await references.tray(BOB) == ()


async def test_what_is_removed_makes_room_and_clearing_says_how_many_there_were(references: References) -> None:
    kept = await some(references, 11)
    await references.collect(ANN, kept)
    await references.remove(ANN, kept[0].sha256)
    await references.remove(BOB, kept[1].sha256)
    assert (*kept[1:10], kept[10]) == await references.collect(ANN, kept[10:])
    assert await references.clear(ANN) == 10
    assert await references.clear(ANN) == 0
    assert await references.tray(ANN) == ()


async def test_after_a_month_or_without_its_file_an_image_is_forgotten_and_takes_no_room(
    desk: QuoteDesk, references: References
) -> None:
    kept = await some(references, 10)
    await references.collect(ANN, kept[:3])
    desk.clock.now += tray.TRAY_MS // 2
    await references.collect(ANN, kept[3:6])
    desk.clock.now += tray.TRAY_MS // 2 + 10
    await desk.clips.erase(kept[4].sha256)
    assert (kept[3], kept[5]) == await references.tray(ANN)
    assert (kept[3], kept[5], *kept[6:], *kept[:3], kept[4]) == await references.collect(
        ANN, [*kept[6:], *kept[:3], await references.keep(picture(4), name="4.png")]
    )
    desk.clock.now += 2 * tray.TRAY_MS
    assert await references.clear(ANN) == 0


async def test_a_clock_that_is_set_back_keeps_the_order(desk: QuoteDesk, references: References) -> None:
    kept = await some(references, 2)
    await references.collect(ANN, kept[1:])
    desk.clock.now -= 60_000
    await references.collect(ANN, kept[:1])
    assert (kept[1], kept[0]) == await references.tray(ANN)


async def test_a_tray_outlives_the_process(tmp_path: Path) -> None:
    async with open_desk(tmp_path) as desk:
        kept = await some(desk.references(), 2)
        await desk.references().collect(ANN, kept)
    async with open_desk(tmp_path) as later:
        assert tuple(kept) == await later.references().tray(ANN)


async def test_a_thumbnail_is_small_and_left_out_where_its_file_is_gone_or_lost(
    desk: QuoteDesk, references: References
) -> None:
    shown = await references.keep(noise(900), name="noise.png")
    gone, lost = await some(references, 2)
    await desk.clips.erase(gone.sha256)
    await desk.clips.keep(lost.sha256, b"\x89PNG\r\n\x1a\n")
    small = await references.thumbnails([gone, shown, lost])
    assert [shown] == list(small)
    assert max(small[shown].width, small[shown].height) == THUMBNAIL_SIDE_PIXELS
    assert len(small[shown].data) < 300_000


# --- To the supplier ----------------------------------------------------------------------------------


async def test_two_collected_images_reach_the_supplier_as_two_uploads_in_their_order(
    harness: JobHarness,
) -> None:
    references = References(harness.store, harness.clips, Fitter(), Fetcher(), clock=harness.clock)
    await references.collect(ANN, await some(references, 2))
    await harness.order(recipe=a_recipe(references=await references.tray(ANN)))
    async with harness.at_work():
        job = await harness.until()
    assert JobState.DELIVERED is job.state
    uploads = harness.standin.uploads
    assert [picture(0), picture(1)] == [harness.standin.read(upload.url) for upload in uploads]
    assert [upload.filename for upload in uploads] == ["0.png", "1.png"]
    (submit,) = harness.standin.submits
    assert [upload.url for upload in uploads] == submit.body["images"]
    assert a_png() == harness.messenger.shown[job.id].data
