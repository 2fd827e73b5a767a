"""Checks by its first bytes, before decoding, whether an image may be a reference of an order."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

from bot.domain.errors import ImageDamaged, ImageTooLarge, NotAnImage, TooManyPixels
from bot.domain.recipe import REFERENCE_LIMIT_BYTES
from bot.media.fit import PIXELS_LIMIT, SIDE_LIMIT_PIXELS
from bot.media.probe import SNIFF_BYTES, name_of, sniff

# The model reads HEIC too; our decoder does not, and what can't be proved whole is not paid for.
_FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP"}


def check_reference(data: bytes, *, name: str) -> None:
    """Raises `NotAnImage`, `ImageTooLarge`, `TooManyPixels`, `ImageDamaged`. Whether it is whole shows when it is read.

    `name`: the name that its owner knows.
    """
    head = data[:SNIFF_BYTES]
    kind = sniff(head)
    pillow_format = _FORMATS.get(kind.content_type) if kind else None
    if pillow_format is None:
        raise NotAnImage(name=name, found=name_of(head))
    if len(data) > REFERENCE_LIMIT_BYTES:
        raise ImageTooLarge(name=name, limit_bytes=REFERENCE_LIMIT_BYTES, size_bytes=len(data))
    if not _within_pixels(data, pillow_format, name):
        raise TooManyPixels(name=name, limit_pixels=PIXELS_LIMIT, side_limit_pixels=SIDE_LIMIT_PIXELS)


def _within_pixels(data: bytes, pillow_format: str, name: str) -> bool:
    """Check the number of pixels that the header claims."""
    try:
        with Image.open(BytesIO(data), formats=[pillow_format]) as image:
            return image.width * image.height <= PIXELS_LIMIT and max(image.size) <= SIDE_LIMIT_PIXELS
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):  # Pillow's own limits are far above ours
        return False
    except Exception as error:  # on damaged data the decoders raise nearly anything
        raise ImageDamaged(name=name) from error
