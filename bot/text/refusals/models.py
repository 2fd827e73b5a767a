"""Refusals about models: what the one that was chosen can't do, and which others can."""

from __future__ import annotations

from bot.domain import errors as e
from bot.text.escape import inline
from bot.text.i18n import either, mark, number, tr

_OPTIONS = {
    "search": mark("web search"),
    "image_search": mark("image search"),
    "output_format": mark("a choice of file format"),
    "media_resolution": mark("a choice of media resolution"),
    "thinking": mark("a choice of thinking"),
    "shape": mark("a choice of shape"),
    "size": mark("a choice of size"),
}


def instead_of(model: str, other: str) -> str:
    return tr("{model} is not offered now. This is an order for {other}.").format(model=model, other=other)


def about_models(error: e.StillframeError) -> str | None:
    if not isinstance(error, e.ModelRefusal):
        return None
    words = _what(error)
    if words is None or isinstance(error, e.ModelUnknown) or not error.instead:
        return words
    return f"{words} {tr('{models} would make this.').format(models=either(list(error.instead)))}"


def _what(error: e.ModelRefusal) -> str | None:  # noqa: C901, PLR0911  # one flat table
    match error:
        case e.ModelUnknown(model=model, instead=instead):
            return tr("There is no model {model} here. Choose one of these: {models}.").format(
                model=inline(model), models=either([f"`{key}`" for key in instead])
            )
        case e.ModelOff(model=model, retires=None):
            return tr("{model} is not offered here.").format(model=model)
        case e.ModelOff(model=model, retires=retires):
            return tr("{model} is not offered here any more; its maker ends it on {date}.").format(
                model=model, date=retires
            )
        case e.ModelClosed(model=model):
            return tr("{model} makes no images now; the image service does not answer for it.").format(model=model)
        case e.ModelNeedsVideo(model=model):
            return tr("{model} makes images from a video, and there is none in this order.").format(model=model)
        case e.ModelTakesNoVideo(model=model, takes_others=False):
            return tr("{model} can't read a video. Leave it out.").format(model=model)
        case e.ModelTakesNoVideo(model=model):
            return tr("{model} can't read this kind of video.").format(model=model)
        case e.ModelNeedsImages(model=model, least=least):
            return tr("{model} changes images that you give, and needs at least {count}.").format(
                model=model, count=number(least)
            )
        case e.ModelTakesNoImages(model=model):
            return tr("{model} can't read images. Leave them out, or empty your tray.").format(model=model)
        case e.ModelLacks(model=model, option=option, allowed=()):
            return tr("{model} does not offer {option}. Leave it out.").format(model=model, option=tr(_OPTIONS[option]))
        case e.ModelLacks(model=model, option=option, value=value, allowed=allowed):
            return tr("{model} does not make `{option}` {value}. It takes: {allowed}.").format(
                model=model, option=tr(option), value=inline(value), allowed=", ".join(allowed)
            )
    return None
