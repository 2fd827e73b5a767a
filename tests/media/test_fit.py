"""Images that fit under Discord's limit stay untouched, and every copy is a whole image."""

from __future__ import annotations

import asyncio
import random
import threading
import time
import zlib
from io import BytesIO

import pytest
from PIL import Image, ImageCms, JpegImagePlugin

from bot.domain.errors import BrokenImage, CannotFit
from bot.media.fit import AI_MARK, Fitted, Fitter, ImageFacts, fit, inspect, thumbnail

ORIENTATION = 0x0112
TURN_LEFT = 6  # EXIF: shown as stored, turned a quarter to the right


def noise(mode: str = "RGB", size: tuple[int, int] = (512, 512)) -> Image.Image:
    """The hardest picture to make small."""
    bytes_per_pixel = len(Image.new(mode, (1, 1)).tobytes())
    pixels = random.Random(1).randbytes(size[0] * size[1] * bytes_per_pixel)  # noqa: S311 - the same noise every time
    return Image.frombytes(mode, size, pixels)


def gradient(mode: str = "RGB", size: tuple[int, int] = (64, 48)) -> Image.Image:
    return Image.linear_gradient("L").resize(size).convert(mode)


def saved(image: Image.Image, file_format: str, **options: object) -> bytes:
    file = BytesIO()
    image.save(file, file_format, **options)
    return file.getvalue()


def opened(fitted: Fitted) -> Image.Image:
    image = Image.open(BytesIO(fitted.data))
    image.load()
    return image


def at_quality(image: Image.Image, quality: int) -> int:
    """How many bytes the JPEG of this quality has, with the words about its origin."""
    return len(saved(image, "JPEG", quality=quality, subsampling="4:4:4", xmp=AI_MARK))


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and has no pixels."""
    body = b"IHDR" + width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\x00\x00\x00"
    return b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\x0d" + body + zlib.crc32(body).to_bytes(4, "big")


def with_manifest(png: bytes) -> bytes:
    """The PNG with an (empty) C2PA chunk after its header."""
    body = b"caBX" + b"manifest"
    return png[:33] + b"\x00\x00\x00\x08" + body + zlib.crc32(body).to_bytes(4, "big") + png[33:]


# --- Untouched ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file_format", "extension", "content_type"),
    [("PNG", "png", "image/png"), ("JPEG", "jpg", "image/jpeg"), ("WEBP", "webp", "image/webp")],
)
def test_an_image_that_fits_is_passed_on_as_it_came(file_format: str, extension: str, content_type: str) -> None:
    data = saved(gradient(), file_format)
    expected = Fitted(
        data=data,
        extension=extension,
        content_type=content_type,
        width=64,
        height=48,
        reencoded=False,
        content_credentials=False,
    )
    assert expected == fit(data, limit_bytes=len(data))


def test_an_image_that_fits_keeps_its_content_credentials() -> None:
    data = with_manifest(saved(gradient(), "PNG"))
    fitted = fit(data, limit_bytes=len(data))
    assert (data, True) == (fitted.data, fitted.content_credentials)


def test_an_image_can_be_inspected_without_fitting_it() -> None:
    facts = ImageFacts(width=64, height=48, extension="webp", content_type="image/webp")
    assert facts == inspect(saved(gradient(), "WEBP"))


# --- The ladder ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("quality", [95, 92, 85])
def test_the_best_quality_that_fits_is_taken_at_full_size(quality: int) -> None:
    picture = noise()
    limit_bytes = at_quality(picture, quality)
    fitted = fit(saved(picture, "PNG"), limit_bytes=limit_bytes)
    assert (limit_bytes, 512, 512, "jpg", "image/jpeg", True) == (
        len(fitted.data),
        fitted.width,
        fitted.height,
        fitted.extension,
        fitted.content_type,
        fitted.reencoded,
    )


def test_colour_keeps_its_full_resolution() -> None:
    picture = noise()
    copy = opened(fit(saved(picture, "PNG"), limit_bytes=at_quality(picture, 95)))
    expected = 0  # Pillow's number for 4:4:4
    assert expected == JpegImagePlugin.get_sampling(copy)


@pytest.mark.parametrize(("steps", "width", "height"), [(1, 768, 384), (2, 576, 288), (3, 432, 216)])
def test_smaller_sizes_keep_the_shape(steps: int, width: int, height: int) -> None:
    picture = noise(size=(1024, 512))
    limit_bytes = int(at_quality(picture.resize((width, height), Image.Resampling.LANCZOS), 92) * 1.02)
    fitted = fit(saved(picture, "PNG", compress_level=1), limit_bytes=limit_bytes)
    assert ((width, height), (width, height)) == ((fitted.width, fitted.height), opened(fitted).size)


def test_a_thin_image_keeps_at_least_one_pixel_of_height() -> None:
    fitted = fit(saved(noise(size=(4096, 1)), "PNG"), limit_bytes=4_000 + len(AI_MARK))
    expected = (729, 1)
    assert expected == (fitted.width, fitted.height)


def test_no_copy_is_made_smaller_than_a_thumbnail() -> None:
    picture = noise(size=(1024, 512))
    thumbnail_bytes = at_quality(picture.resize((432, 216), Image.Resampling.LANCZOS), 92)
    with pytest.raises(CannotFit):
        fit(saved(picture, "PNG", compress_level=1), limit_bytes=int(thumbnail_bytes * 0.8))


def test_a_small_image_that_is_too_large_is_refused() -> None:
    with pytest.raises(CannotFit):
        fit(saved(noise(size=(400, 300)), "PNG", compress_level=1), limit_bytes=1_000)


def test_a_copy_looks_like_its_original() -> None:
    original = gradient(size=(700, 700))
    fitted = fit(saved(original, "PNG", compress_level=0), limit_bytes=100_000)
    differences = zip(opened(fitted).tobytes(), original.tobytes(), strict=True)
    assert max(abs(ours - theirs) for ours, theirs in differences) <= 3


# --- Thumbnails ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "expected"), [((2_000, 1_000), (512, 256)), ((300, 1_200), (128, 512)), ((64, 48), (64, 48))]
)
def test_a_thumbnail_is_small_and_never_larger_than_the_image(size: tuple[int, int], expected: tuple[int, int]) -> None:
    small = thumbnail(saved(gradient("RGB", size), "PNG"))
    assert expected == opened(small).size == (small.width, small.height)
    assert small.extension == "jpg"


def test_a_thumbnail_stands_upright() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = TURN_LEFT
    assert opened(thumbnail(saved(gradient("RGB", (64, 48)), "JPEG", exif=exif))).size == (48, 64)


def test_a_thumbnail_can_be_seen_through_where_the_image_can() -> None:
    small = thumbnail(saved(Image.new("RGBA", (600, 600), (10, 20, 30, 100)), "PNG"))
    assert small.extension == "webp"
    assert opened(small).getpixel((5, 5))[3] == pytest.approx(100, abs=2)  # type: ignore[index]  # four channels


async def test_a_thumbnail_of_a_broken_image_is_refused() -> None:
    with pytest.raises(BrokenImage):
        await Fitter().thumbnail(saved(gradient(), "PNG")[:-30])


# --- Modes, transparency, metadata --------------------------------------------------------------------


def seen_through(alpha: int) -> Image.Image:
    """Noise, with one pixel of this alpha."""
    image = noise().convert("RGBA")
    image.putpixel((9, 9), (1, 2, 3, alpha))
    return image


def test_real_transparency_is_kept_as_webp() -> None:
    fitted = fit(saved(seen_through(0), "PNG"), limit_bytes=500_000)
    expected = ("webp", "image/webp", "RGBA", 0)
    alpha = opened(fitted).getchannel("A").getpixel((9, 9))
    assert expected == (fitted.extension, fitted.content_type, opened(fitted).mode, alpha)


def test_an_alpha_channel_that_hides_nothing_asks_for_no_webp() -> None:
    assert fit(saved(seen_through(255), "PNG"), limit_bytes=500_000).extension == "jpg"


def test_a_palette_with_a_transparent_colour_is_kept_as_webp() -> None:
    data = saved(noise("P"), "PNG", transparency=0)
    assert fit(data + bytes(1_000_000), limit_bytes=500_000).extension == "webp"


@pytest.mark.parametrize(
    ("mode", "written"), [("L", "L"), ("LA", "RGB"), ("P", "RGB"), ("1", "RGB"), ("CMYK", "RGB"), ("I;16", "L")]
)
def test_every_mode_can_be_written(mode: str, written: str) -> None:
    image = noise(mode)
    if mode == "LA":
        image.putalpha(255)
    data = saved(image, "JPEG" if mode == "CMYK" else "PNG") + bytes(3_000_000)
    assert written == opened(fit(data, limit_bytes=2_000_000)).mode


def test_sixteen_bit_grey_keeps_its_brightness() -> None:
    data = saved(Image.new("I;16", (64, 64), 32_768), "PNG") + bytes(10_000)
    assert opened(fit(data, limit_bytes=10_000)).getpixel((9, 9)) in (127, 128)


def exif_turned() -> bytes:
    exif = Image.Exif()
    exif[ORIENTATION] = TURN_LEFT
    exif[0x010E] = "where I live"
    return exif.tobytes()


def test_a_turned_photo_is_turned_for_good_and_its_exif_dropped() -> None:
    data = saved(noise(size=(512, 256)), "JPEG", quality=100, exif=exif_turned())
    fitted = fit(data, limit_bytes=250_000)
    expected = (256, 512)
    assert expected == opened(fitted).size
    assert not opened(fitted).getexif()
    assert b"where I live" not in fitted.data


def test_damaged_exif_does_not_cost_a_whole_picture() -> None:
    picture = noise()
    data = saved(picture, "PNG", exif=b"Exif\x00\x00no TIFF at all")
    assert picture.size == opened(fit(data, limit_bytes=600_000)).size


def srgb() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_colour_profile_is_kept(mode: str) -> None:
    profile = srgb()
    data = saved(noise(mode), "PNG", icc_profile=profile)
    assert profile == opened(fit(data, limit_bytes=700_000)).info["icc_profile"]


def test_a_profile_for_other_colours_than_the_copy_has_is_dropped() -> None:
    data = saved(noise("L"), "PNG", icc_profile=srgb())
    assert "icc_profile" not in opened(fit(data, limit_bytes=250_000)).info


def test_comments_and_xmp_are_dropped() -> None:
    data = saved(noise(), "JPEG", quality=100, comment=b"secret note", xmp=b"<secret/>")
    assert b"secret" not in fit(data, limit_bytes=500_000).data


def test_a_copy_claims_no_content_credentials() -> None:
    data = with_manifest(saved(noise(), "PNG"))
    fitted = fit(data, limit_bytes=600_000)
    assert fitted.reencoded
    assert not fitted.content_credentials
    assert b"manifest" not in fitted.data


# --- Broken images ------------------------------------------------------------------------------------


@pytest.mark.parametrize("percent", [2, 10, 25, 50, 75, 90, 99])
@pytest.mark.parametrize(
    ("file_format", "options"),
    [("PNG", {}), ("JPEG", {}), ("JPEG", {"progressive": True}), ("WEBP", {}), ("WEBP", {"lossless": True})],
    ids=["png", "jpeg", "progressive jpeg", "webp", "lossless webp"],
)
def test_a_file_that_was_cut_off_is_refused(file_format: str, options: dict[str, bool], percent: int) -> None:
    data = saved(noise(size=(128, 128)), file_format, **options)
    cut = data[: len(data) * percent // 100]
    for judge in (inspect, lambda bad: fit(bad, limit_bytes=1_000_000)):
        with pytest.raises(BrokenImage):
            judge(cut)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"<!doctype html>", id="html"),
        pytest.param(saved(gradient(), "GIF"), id="gif"),
        pytest.param(saved(gradient(), "TIFF"), id="tiff"),
        pytest.param(b"\x89PNG\r\n\x1a\n", id="signature only"),
        pytest.param(b"RIFF\x00\x00\x00\x00WEBPVP8 " + bytes(64), id="empty webp"),
        pytest.param(saved(gradient(), "PNG")[:60] + b"damage" + saved(gradient(), "PNG")[66:], id="damaged pixels"),
    ],
)
def test_what_is_not_a_whole_image_is_refused(data: bytes) -> None:
    with pytest.raises(BrokenImage):
        inspect(data)


@pytest.mark.parametrize(("width", "height"), [(6_326, 6_325), (16_384, 16)], ids=["too many pixels", "too wide"])
def test_a_whole_image_of_absurd_size_is_refused(width: int, height: int) -> None:
    with pytest.raises(BrokenImage):
        inspect(saved(Image.new("1", (width, height)), "PNG"))


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("side", [12_000, 60_000], ids=["where Pillow warns", "where Pillow refuses"])
def test_a_bomb_is_refused_by_its_header(side: int) -> None:
    pixels = zlib.compress(bytes(10_000_000))
    bomb = png_header(side, side) + len(pixels).to_bytes(4, "big") + b"IDAT" + pixels
    started = time.process_time()  # not the clock's time: the machine may be busy
    with pytest.raises(BrokenImage):
        inspect(bomb)
    assert time.process_time() - started < 0.1


@pytest.mark.parametrize(("width", "height"), [(4096, 4096), (6336, 2688)], ids=["square", "21:9"])
def test_the_largest_images_of_the_model_are_within_the_limits(width: int, height: int) -> None:
    facts = inspect(saved(Image.new("L", (width, height)), "JPEG", quality=10))
    assert (width, height) == (facts.width, facts.height)


def test_a_file_over_the_source_limit_is_refused_without_decoding_it() -> None:
    with pytest.raises(BrokenImage):
        inspect(saved(gradient(), "PNG") + bytes(64_000_000))


# --- The gate -----------------------------------------------------------------------------------------


async def test_the_fitter_gives_what_fit_gives() -> None:
    data = saved(noise(), "PNG")
    assert fit(data, limit_bytes=600_000) == await Fitter().fit(data, limit_bytes=600_000)


async def test_the_fitter_inspects_too() -> None:
    data = saved(gradient(), "PNG")
    assert inspect(data) == await Fitter().inspect(data)


async def test_the_fitter_raises_what_fit_raises_and_stays_open() -> None:
    fitter = Fitter()
    with pytest.raises(BrokenImage):
        await fitter.fit(b"", limit_bytes=1)
    data = saved(gradient(), "PNG")
    assert data == (await fitter.fit(data, limit_bytes=len(data))).data


class WatchedBytes(bytes):
    """Bytes that count how many threads use them at once: fitting asks for their length."""

    lock: threading.Lock
    working = 0
    most_working = 0

    def __len__(self) -> int:
        with self.lock:
            self.working += 1
            self.most_working = max(self.most_working, self.working)
        time.sleep(0.02)
        with self.lock:
            self.working -= 1
        return super().__len__()


async def test_images_are_fitted_one_after_another_even_when_callers_give_up() -> None:
    data = WatchedBytes(saved(gradient(), "PNG"))
    data.lock = threading.Lock()
    fitter = Fitter()
    tasks = [asyncio.create_task(fitter.fit(data, limit_bytes=100_000)) for _ in range(5)]
    await asyncio.sleep(0.01)  # the first is at work, the others wait
    tasks[0].cancel()
    tasks[1].cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [Fitted, Fitted, Fitted] == [type(result) for result in results[2:]]
    assert data.most_working == 1


async def test_the_event_loop_goes_on_while_an_image_is_fitted() -> None:
    data = saved(noise(size=(1024, 1024)), "PNG", compress_level=1)
    work = asyncio.create_task(Fitter().fit(data, limit_bytes=1_500_000))
    ticks = 0
    while not work.done():
        await asyncio.sleep(0.001)
        ticks += 1
    assert ticks > 5


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_copy_says_that_a_model_made_it_and_with_what(mode: str) -> None:
    """Read from the bytes, as other programs do."""
    side = 700
    file = BytesIO()
    pixels = random.Random(1).randbytes(side * side * len(mode))  # noqa: S311  # the same noise every time
    Image.frombytes(mode, (side, side), pixels).save(file, "PNG")
    copy = fit(file.getvalue(), limit_bytes=len(file.getvalue()) - 1)
    assert copy.reencoded
    assert b"digitalsourcetype/trainedAlgorithmicMedia" in copy.data
    assert b'CreatorTool="Stillframe"' in copy.data
    assert not fit(file.getvalue(), limit_bytes=10**8).reencoded  # bytes that fit are posted as they came
