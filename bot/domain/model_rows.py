"""The rows that come with the bot. Prices and fields are the supplier's as others have read them, each with its date.

What was inferred and not read is unconfirmed, and off: an operator confirms it with the supplier and turns it on.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import MappingProxyType

from bot.domain.models import Model, Models, ModelState, Prices
from bot.domain.recipe import FIRST_MODEL, MediaResolution, OutputFormat, Shape, Size, Thinking

_LISTED = date(2026, 9, 10)  # a third party's check of Atlas Cloud's pricing endpoint
_PAGE = "Atlas Cloud, product page of google/nano-banana-2/reference-to-image-developer, section Pricing"
_RULES = "price rules that others checked against Atlas Cloud's pricing endpoint"
_INFERRED = "inferred from the developer variant; ask the supplier"
_ON_VERTEX = date(2027, 5, 28)  # the earliest end that Google announced for the model behind these rows

_SIZES = (Size.K1, Size.K2, Size.K4)
_NB2 = MappingProxyType({Size.K1: 80_000, Size.K2: 120_000, Size.K4: 160_000})
_PRO = MappingProxyType({Size.K1: 140_000, Size.K2: 140_000, Size.K4: 240_000})
_SEARCH = 14_000

_DEVELOPER = Model(
    key=FIRST_MODEL,
    wire_id="google/nano-banana-2/reference-to-image-developer",
    label="Nano Banana 2",
    good_for="an image from a moment of video",
    videos=frozenset({"youtube", "file", "attachment"}),
    images=(0, 10),
    sizes=_SIZES,
    shapes=tuple(Shape),
    thinking=(Thinking.DEFAULT, Thinking.MINIMAL, Thinking.HIGH),
    web_search=True,
    retires=_ON_VERTEX,
    successor="nb2.1",
    state=ModelState.ON,
    prices=Prices(as_of=date(2026, 11, 22), source=_PAGE, image=_NB2, clip=70_000, web_search=_SEARCH),
)
_STANDARD = replace(
    _DEVELOPER,
    key="nb2",
    wire_id="google/nano-banana-2/reference-to-image",
    label="Nano Banana 2 Standard",
    good_for="an image from video, with image search, file format and a closer look at the frames",
    image_search=True,
    output_formats=tuple(OutputFormat),
    media_resolutions=tuple(MediaResolution),
    state=ModelState.UNCONFIRMED,
    prices=Prices(
        as_of=date(2026, 11, 30),
        source=_INFERRED,
        image=_NB2,
        clip=70_000,
        web_search=_SEARCH,
        image_search=_SEARCH,
    ),
)
_EDIT = replace(
    _STANDARD,
    key="nb2-edit",
    wire_id="google/nano-banana-2/edit",
    label="Nano Banana 2 Edit",
    good_for="changing pictures that you give, without a video",
    videos=frozenset(),
    images=(1, 14),
    successor="nb2.1-edit",
    state=ModelState.ON,
    prices=Prices(as_of=_LISTED, source=_RULES, image=_NB2, web_search=_SEARCH, image_search=_SEARCH),
)
_TEXT = replace(
    _EDIT,
    key="nb2-text",
    wire_id="google/nano-banana-2/text-to-image",
    label="Nano Banana 2 Text",
    good_for="an image from words alone",
    images=(0, 0),
    media_resolutions=(),  # documented, and a live call with it was answered with HTTP 500
    successor="nb2.1-text",
)
_PRO_EDIT = Model(
    key="nb-pro-edit",
    wire_id="google/nano-banana-pro/edit",
    label="Nano Banana Pro Edit",
    good_for="changing pictures with care, and exact lettering",
    images=(1, 10),
    sizes=_SIZES,
    shapes=tuple(Shape),
    web_search=True,
    media_resolutions=tuple(MediaResolution),
    state=ModelState.UNCONFIRMED,  # nobody has checked the price of 2K
    prices=Prices(as_of=_LISTED, source=_RULES, image=_PRO, web_search=_SEARCH),
)
_PRO_TEXT = replace(
    _PRO_EDIT,
    key="nb-pro-text",
    wire_id="google/nano-banana-pro/text-to-image",
    label="Nano Banana Pro Text",
    good_for="an image from words alone, with exact lettering",
    images=(0, 0),
)
# The ids are named by others. No price and no field is known, so these are the fields that all its siblings have.
_NEXT = Model(
    key="nb2.1",
    wire_id="google/nano-banana-2.1/reference-to-image",
    label="Nano Banana 2.1",
    good_for="an image from a moment of video",
    videos=_DEVELOPER.videos,
    images=_DEVELOPER.images,
    sizes=_SIZES,
    shapes=tuple(Shape),
    state=ModelState.UNCONFIRMED,
)
_NEXT_EDIT = replace(
    _NEXT,
    key="nb2.1-edit",
    wire_id="google/nano-banana-2.1/edit",
    label="Nano Banana 2.1 Edit",
    good_for=_EDIT.good_for,
    videos=_EDIT.videos,
    images=_EDIT.images,
)
_NEXT_TEXT = replace(
    _NEXT_EDIT,
    key="nb2.1-text",
    wire_id="google/nano-banana-2.1/text-to-image",
    label="Nano Banana 2.1 Text",
    good_for=_TEXT.good_for,
    images=_TEXT.images,
)

BUILT_IN = Models((_DEVELOPER, _STANDARD, _EDIT, _TEXT, _PRO_EDIT, _PRO_TEXT, _NEXT, _NEXT_EDIT, _NEXT_TEXT))
