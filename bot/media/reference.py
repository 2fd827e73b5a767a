"""Makes of an image that a member gives the one that is kept and lent: one upright still, without the file's metadata.

A photo's metadata tells where it was taken, and a motion photo has a film behind the picture.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO

from PIL import Image

from bot.domain.errors import ImageDamaged, ImageTooLarge, NotAnImage, TooManyPixels
from bot.domain.recipe import REFERENCE_LIMIT_BYTES
from bot.media.fit import PIXELS_LIMIT, SIDE_LIMIT_PIXELS, Fitted, fit, fit_picture, png_without_text
from bot.media.probe import SNIFF_BYTES, name_of, sniff

# HEIC needs a decoder of its own, and what can't be proved whole is not paid for.
_FORMATS = {
    "image/png": ("PNG",),
    "image/jpeg": ("JPEG", "MPO"),
    "image/webp": ("WEBP",),
    "image/gif": ("GIF",),
    "image/avif": ("AVIF",),
}
_AS_THEY_CAME = {"PNG", "JPEG", "WEBP"}  # the supplier reads these
_PHOTO_LIMIT_PIXELS = 4 * PIXELS_LIMIT  # of a JPEG, which is decoded at half its sides where it is larger
_SCANS_LIMIT = 32  # of a progressive JPEG; encoders make about ten, and each is decoded over the whole picture
# What Pillow finds in a file and no reader of the picture needs: where, when and by whom it was made.
_METADATA = {"exif", "xmp", "XML:com.adobe.xmp", "photoshop", "comment", "mp"}
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # in a JPEG's picture data: neither a stuffed byte nor a restart
_SOS, _EOI = 0xDA, 0xD9


def still_of(data: bytes, *, name: str, limit_bytes: int) -> Fitted:
    """Return the image as it is to be kept: as it came where nothing is to be taken off, else a copy.

    `name`: the name that its owner knows. Raises `NotAnImage`, `ImageTooLarge`, `TooManyPixels`, `ImageDamaged`,
    `BrokenImage` and `CannotFit`.
    """
    head = data[:SNIFF_BYTES]
    kind = sniff(head)
    formats = _FORMATS.get(kind.content_type) if kind else None
    if formats is None:
        raise NotAnImage(name=name, found=name_of(head))
    if len(data) > REFERENCE_LIMIT_BYTES:
        raise ImageTooLarge(name=name, limit_bytes=REFERENCE_LIMIT_BYTES, size_bytes=len(data))
    picture = png_without_text(data) if formats == ("PNG",) else data
    try:
        with Image.open(BytesIO(picture), formats=formats) as image:
            return _still(data, image, name, limit_bytes, textless=len(picture) == len(data))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:  # its limits are far above ours
        raise _too_many(name) from error
    except (TooManyPixels, ImageDamaged):
        raise
    except Exception as error:  # on damaged data the decoders raise nearly anything
        raise ImageDamaged(name=name) from error


def _still(data: bytes, image: Image.Image, name: str, limit_bytes: int, *, textless: bool) -> Fitted:
    scans, end = _jpeg_scans(data) if image.format in {"JPEG", "MPO"} else (1, _end_of(data, image.format))
    pixels, is_photo = image.width * image.height, image.format in {"JPEG", "MPO"}
    if max(image.size) > SIDE_LIMIT_PIXELS or pixels > (_PHOTO_LIMIT_PIXELS if is_photo else PIXELS_LIMIT):
        raise _too_many(name)
    if scans > _SCANS_LIMIT:
        raise ImageDamaged(name=name)
    if pixels > PIXELS_LIMIT:
        image.draft(None, (image.width // 2, image.height // 2))
    clean = (
        image.format in _AS_THEY_CAME
        and pixels <= PIXELS_LIMIT
        and getattr(image, "n_frames", 1) == 1
        and image.mode != "CMYK"
        and textless
        and end == len(data)
        and not _METADATA & image.info.keys()
    )
    if clean and len(data) <= limit_bytes:
        return fit(data, limit_bytes=limit_bytes)
    image.seek(0)
    image.load()
    return fit_picture(image, limit_bytes=limit_bytes)


def _too_many(name: str) -> TooManyPixels:
    return TooManyPixels(name=name, limit_pixels=PIXELS_LIMIT, side_limit_pixels=SIDE_LIMIT_PIXELS)


def _jpeg_scans(data: bytes) -> tuple[int, int]:
    """How many scans the picture has, and where it ends; what stands behind is another file."""
    scans, at = 0, 2
    for marker, start in _jpeg_markers(data, at):
        if marker == _EOI:
            return scans, start + 2
        scans += marker == _SOS
    return scans, len(data)


def _jpeg_markers(data: bytes, at: int) -> Iterator[tuple[int, int]]:
    """Each marker with where it stands. The segments are skipped, and the picture's data too."""
    while found := _MARKER.search(data, at):
        marker = data[found.start() + 1]
        yield marker, found.start()
        length = int.from_bytes(data[found.start() + 2 : found.start() + 4], "big")
        at = found.start() + 2 + (length if marker != _EOI else 0)


def _end_of(data: bytes, file_format: str | None) -> int:
    """Where a PNG or a WebP ends; the end of the data for others."""
    if file_format == "WEBP":
        return 8 + int.from_bytes(data[4:8], "little") + int.from_bytes(data[4:8], "little") % 2
    if file_format == "PNG" and (last := data.rfind(b"IEND")) > 0:
        return last + 8
    return len(data)
