"""Fields mixed up: a clear mistake is repaired, and no word that the member wrote is lost."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.intent import links_in, normalise
from bot.domain.model_rows import BUILT_IN
from bot.domain.order import OrderText, understand
from bot.domain.recipe import VideoLink, YouTubeVideo
from tests.support.factories import clip_of

LINK = "https://youtu.be/dQw4w9WgXcQ"
OTHER = "https://youtu.be/aaaaaaaaaaa"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        # a link in the prompt
        ({"prompt": f"A poster of {LINK} in blue"}, {"prompt": "A poster of in blue", "video": LINK}),
        ({"prompt": f"{LINK}?t=14\nA poster"}, {"prompt": "A poster", "video": f"{LINK}?t=14"}),
        ({"prompt": f"A poster\n\nin blue <{LINK}>."}, {"prompt": "A poster\n\nin blue", "video": LINK}),
        ({"prompt": f"{LINK} and again {LINK}"}, {"prompt": "and again", "video": LINK}),
        ({"prompt": f"{LINK} a poster ({LINK}), {LINK}?t=14"}, {"prompt": f"a poster {LINK}?t=14", "video": LINK}),
        ({"prompt": LINK}, {"prompt": "", "video": LINK}),
        # nothing that is not only a link
        ({"prompt": f"A poster of {LINK} and {OTHER}"}, {}),
        ({"prompt": f"見て{LINK}"}, {}),
        ({"prompt": f"poster:{LINK}"}, {}),
        ({"prompt": f"A poster of {LINK}", "attached": True}, {}),
        ({"prompt": f"A poster of {LINK}", "video": OTHER}, {}),
        ({"prompt": "A poster of youtube.com"}, {}),
        # swapped
        ({"prompt": LINK, "video": "A poster"}, {"prompt": "A poster", "video": LINK}),
        ({"prompt": LINK, "video": OTHER}, {}),
        ({"prompt": LINK, "video": "https://vimeo.com/1"}, {}),
        ({"prompt": f"Look: {LINK}", "video": "A poster"}, {}),
        # a span in the prompt
        ({"prompt": "0:14-0:17 a poster", "video": LINK}, {"prompt": "a poster", "start": "0:14-0:17"}),
        ({"prompt": "(1:00:14–1:00:17), a poster", "video": LINK}, {"prompt": "a poster", "start": "1:00:14–1:00:17"}),
        ({"prompt": f"A poster {LINK} 0:14-0:17"}, {"prompt": "A poster", "video": LINK, "start": "0:14-0:17"}),
        ({"prompt": f"{LINK} 0:14-0:17 a poster"}, {"prompt": "a poster", "video": LINK, "start": "0:14-0:17"}),
        ({"prompt": "A poster, open 10:00-12:00", "video": LINK}, {}),
        ({"prompt": "10:00-9:00 is no time for a poster", "video": LINK}, {}),
        ({"prompt": "0:14-0:17 a poster", "video": LINK, "start": "3"}, {}),
        ({"prompt": "0:14-0:17 a poster", "video": LINK, "end": "3"}, {}),
        ({"prompt": "0:14-0:17 or 0:14-0:17 on a clock", "video": LINK}, {}),
        ({"prompt": f"0:14-0:17 {LINK} 0:20-0:22"}, {"prompt": "0:14-0:17 0:20-0:22", "video": LINK}),
        # a time behind the link in the prompt
        ({"prompt": f"{LINK} at 1:20 a poster"}, {"prompt": "a poster", "video": LINK, "start": "at 1:20"}),
        ({"prompt": f"A poster of\n{LINK} t=43"}, {"prompt": "A poster of", "video": LINK, "start": "t=43"}),
        (
            {"prompt": f"{LINK} first 10 seconds, a poster"},
            {"video": LINK, "start": "first 10 seconds,", "prompt": "a poster"},
        ),
        ({"prompt": f"{LINK} 14 to 17 year olds"}, {"prompt": "14 to 17 year olds", "video": LINK}),
        # a time beside the link in the video
        ({"prompt": "A poster", "video": f"{LINK} 1:20-1:40"}, {"start": "1:20-1:40"}),
        ({"prompt": "A poster", "video": f"1:20-1:40 {LINK}"}, {"start": "1:20-1:40"}),
        ({"prompt": "A poster", "video": f"{LINK} at 1:20"}, {"start": "at 1:20"}),
        ({"prompt": "A poster", "video": f"{LINK} t=43"}, {"start": "t=43"}),
        ({"prompt": "A poster", "video": f"{LINK} 83"}, {"start": "83"}),
        ({"prompt": "A poster", "video": f"[song]({LINK}), 1m20s please"}, {"start": "1m20s"}),
        ({"prompt": "A poster", "video": f"<{LINK}> (1:20 - 1:40)"}, {"start": "1:20 - 1:40"}),
        ({"prompt": "A poster", "video": f"{LINK} 1分20秒から"}, {"start": "1分20秒から"}),
        ({"prompt": "A poster", "video": f"{LINK} ⏱️1:20👍"}, {"start": "1:20"}),
        ({"prompt": "A poster", "video": "dQw4w9WgXcQ 1:20"}, {"start": "1:20"}),
        ({"prompt": "A poster", "video": f"{LINK} 1:20 and 2:40"}, {"start": "1:20 and 2:40"}),  # to be refused
        ({"prompt": "A poster", "video": f"{LINK} 1:99 there"}, {"start": "1:99 there"}),
        ({"prompt": "A poster", "video": f"{LINK} 1:20", "start": "0:14"}, {}),
        ({"prompt": "A poster", "video": f"{LINK}|t=43"}, {"start": "t=43"}),
        ({"prompt": "A poster", "video": f"{LINK} minute 2"}, {"start": "minute 2"}),
        ({"prompt": "A poster", "video": f"{LINK} start 1:20 end 1:40"}, {"start": "start 1:20 end 1:40"}),
        ({"prompt": f"{LINK} 16:9 poster"}, {"prompt": "16:9 poster", "video": LINK}),
        ({"prompt": f"{LINK} 9:16 poster"}, {"prompt": "9:16 poster", "video": LINK}),
        ({"prompt": "A poster", "video": f"{LINK} 16:9"}, {}),
        ({"prompt": "A poster", "video": f"{LINK} in 4:5 please"}, {}),
        ({"prompt": "A poster", "video": f"{LINK} 9:16"}, {"start": "9:16"}),
        ({"prompt": "A poster", "video": f"{LINK} the 2 of them"}, {}),
        # a link as the start
        ({"prompt": "A poster", "start": f"{LINK}?t=83"}, {"video": f"{LINK}?t=83", "start": None}),
        ({"prompt": "A poster", "video": LINK, "start": f"{LINK}?t=83"}, {"start": "1:23"}),
        ({"prompt": "A poster", "video": OTHER, "start": f"{LINK}?t=83"}, {}),
        ({"prompt": "A poster", "video": "no link", "start": f"{LINK}?t=83"}, {}),
        ({"prompt": "A poster", "video": LINK, "start": LINK}, {}),
        ({"prompt": "A poster", "attached": True, "start": f"{LINK}?t=83"}, {}),
    ],
)
def test_each_thing_goes_where_it_belongs(typed: dict[str, Any], meant: dict[str, Any]) -> None:
    assert OrderText(**{**typed, **meant}) == normalise(OrderText(**typed))


WORDS = st.sampled_from(
    [
        LINK,
        OTHER,
        f"<{LINK}>",
        f"{LINK}?t=14",
        "0:14-0:17",
        "(0:20-0:22)",
        "10:00",
        "a",
        "poster",
        "`x`",
        "見",
        "-",
        "?",
    ]
)
TEXTS = st.lists(WORDS, max_size=6).map(" ".join)
FIELDS = st.none() | WORDS | TEXTS
ORDERS = st.builds(OrderText, prompt=TEXTS, video=FIELDS, start=FIELDS, end=FIELDS, attached=st.booleans())


def words_in(order: OrderText) -> set[str]:
    texts = (order.prompt, order.video, order.start, order.end)
    return {word.strip("()<>") for text in texts for word in (text or "").split()}


@given(ORDERS)
def test_no_word_is_ever_lost(order: OrderText) -> None:
    kept = words_in(normalise(order))
    times = {f"{LINK}?t=14"}  # where `start` held a link, its time is kept instead
    assert words_in(order) - kept <= times


FINE_ORDERS = st.builds(
    OrderText,
    prompt=TEXTS.map("A poster {}".format),
    video=st.sampled_from([LINK, f"<{LINK}>", f"{LINK}?t=14", f"look: {LINK}", "https://a.example/x.mp4"]),
    start=st.none() | st.sampled_from(["3", "0:03-0:05", "0"]),
    end=st.none() | st.sampled_from(["", "+3s"]),
)


@given(FINE_ORDERS)
def test_an_order_that_was_fine_stays_as_it_is(order: OrderText) -> None:
    assert order == normalise(order)


@given(st.text(), st.none() | st.text(), st.none() | st.text())
def test_whatever_is_typed_can_be_looked_at(prompt: str, video: str | None, start: str | None) -> None:
    normalise(OrderText(prompt=prompt, video=video, start=start))
    links_in(prompt)


def test_an_order_typed_into_the_prompt_alone_is_understood() -> None:
    order = normalise(OrderText(prompt=f"{LINK} 0:14-0:17 A poster of the chorus"))
    recipe = understand(order, BUILT_IN, default_span_seconds=30)
    clip = clip_of(recipe)
    assert (YouTubeVideo(id="dQw4w9WgXcQ"), 14, 17) == (clip.video, clip.span.start, clip.span.end)
    assert recipe.prompt == "A poster of the chorus"


@pytest.mark.parametrize(
    ("text", "video"),
    [
        (f"look: {OTHER} and {LINK}", YouTubeVideo(id="aaaaaaaaaaa")),
        (f"[0:14 → 0:17]({LINK}?t=14)", YouTubeVideo(id="dQw4w9WgXcQ")),
        ("https://vimeo.com/1 https://a.example/x.mp4", VideoLink(url="https://a.example/x.mp4")),
    ],
)
def test_the_first_video_of_a_text_is_found(text: str, video: object) -> None:
    found, *_ = links_in(text)
    assert found
    assert video == found.video


def test_a_text_without_a_video_has_none() -> None:
    assert links_in("https://example.com and words") == []
    assert len(links_in("https://youtu.be/dQw4w9WgXcQ and https://youtu.be/aqz-KE-bpKQ")) == 2
