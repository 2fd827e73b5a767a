"""Refusals about reference images."""

from __future__ import annotations

from bot.domain import errors as e
from bot.text.escape import inline
from bot.text.i18n import number, tr
from bot.text.refusals.base import KINDS
from bot.text.units import megabytes


def about_references(error: e.StillframeError) -> str | None:  # noqa: PLR0911  # one flat table
    match error:
        case e.NoImageHere():
            return tr(
                "That message shows no image. I take PNG, JPEG and WebP that are attached, in a card, in the preview "
                "of a link, or in a forwarded message."
            )
        case e.NotAnImage(found=None, name=name):
            return tr("I don't know what kind of file {name} is. I need an image: PNG, JPEG or WebP.").format(
                name=inline(name)
            )
        case e.NotAnImage(found=str(found), name=name):
            return tr("{name} is {kind}. I need PNG, JPEG or WebP; save it as one of these, please.").format(
                name=inline(name), kind=tr(KINDS.get(found, found))
            )
        case e.ImageTooLarge(name=name, limit_bytes=limit_bytes, size_bytes=None):
            return tr("{name} is too large; I take images of up to {limit}. Save it as JPEG, or smaller.").format(
                name=inline(name), limit=megabytes(limit_bytes)
            )
        case e.ImageTooLarge(name=name, limit_bytes=limit_bytes, size_bytes=int(size_bytes)):
            return tr("{name} has {size}; I take images of up to {limit}. Save it as JPEG, or smaller.").format(
                name=inline(name), size=megabytes(size_bytes), limit=megabytes(limit_bytes)
            )
        case e.TooManyPixels(name=name, limit_pixels=limit_pixels, side_limit_pixels=side_limit_pixels):
            return tr(
                "{name} has too many pixels; I take up to {limit} million, and {side} along a side. Make it smaller."
            ).format(name=inline(name), limit=number(limit_pixels // 1_000_000), side=number(side_limit_pixels))
        case e.ImageDamaged(name=name):
            return tr("{name} is not a whole image: part of it is missing or damaged. Save it once more.").format(
                name=inline(name)
            )
        case e.TooManyReferences(count=count, limit=limit):
            return tr("That would be {count} reference images; {limit} go along with one order.").format(
                count=number(count), limit=number(limit)
            )
    return None
