"""Characters that can not be seen. A text of these alone says nothing."""

from __future__ import annotations

import re

# Unicode's Default_Ignorable_Code_Point; blanks that are letters or symbols to it (the fillers of Hangul, the empty
# pattern of Braille); what can't be shown at all: controls, lone surrogates, private use.
_INVISIBLE = re.compile(
    "["
    r"\s\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    r"\U000e0000-\U000e0fff\ud800-\udfff\ue000-\uf8ff\U000f0000-\U0010ffff"
    "]+"
)


def is_empty(text: str) -> bool:
    return not text or _INVISIBLE.fullmatch(text) is not None
