"""What a failure means, by the words in which Atlas Cloud passes it on. They are Google's, its own, or a gateway's.

No list of them is published, so a text is judged by its meaning: the first rule below that fits it decides, and a text
that no rule fits is `Failure.OTHER`. Of an answer only the fields of its error are read, so that a prompt which comes
back in it decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pydantic import JsonValue

from bot.domain.failure import Failure

_MODERATED_CODES = frozenset({"1039"})  # `error_code` of input that moderation rejected; docs/en/errors
_TIMEOUT_WORDS = frozenset({"timeout", "timed out", "time out", "timedout"})
_ERROR_FIELDS = frozenset(
    {"msg", "message", "error", "errors", "error_message", "detail", "details", "reason", "failure_reason",
     "finish_reason", "finishReason", "block_reason", "blockReason", "error_code"}
)  # fmt: skip
_DEPTH = 6  # of an error inside an error
_READ_LIMIT = 4_000  # characters of each text

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_JOINED = re.compile(r"[\s_\-]+")

# Google gives the ratings of its filter with every answer: they refuse nothing.
_RATINGS = re.compile(r'\bsafety ?(ratings?|attributes?)\b[\s":=]*(\[[^\]]*\]|\{[^}]*\})?')

# In a phrase below, a tilde stands for the rest of a clause, and a word in capitals for any of these. The dot of a
# number or of an address does not end a clause.
_REST = r"(?:[^.;\n]|\.(?=\S)){0,60}?"
_ANY_OF = {
    "CHECK": r"(moderation|moderator|safety|content (filter|check)|guard ?rails?|model armor|classifier)",
    "DOWN": (
        r"(unavailable|not available|(un|not )reachable|not responding|not respond|no response|offline|down|timed ?out"
        r"|time ?out|overloaded|failed to respond|out of (order|service)|(could|can) ?not be reached"
        r"|(internal|service|server) error|(error:?|returned|http) 5\d\d|connection (reset|refused|error|failed)"
        r"|(not |mis)configured|not initiali[sz]ed)"
    ),
    "PART": r"(service|api|system|server|backend|endpoint)",
    "REFUSED": (
        r"((block|refus|reject|flag|violat|filter|declin|disallow|prohibit|trigger|breach)\w*"
        r"|not (allowed|permitted)|against)"
    ),
    "RULES": r"(polic(y|ies)|guidelines?|(content|usage) rules?|standards|terms of use|responsible ai|safety)",
    "MEDIA": r"(video|url|link|uri|media|clip|file|page)",
    "PICTURE": r"(images?|pictures?|photos?)",
    "READ": r"((process|decod|read|load|open|pars|download|fetch|access|retriev|identify)(e|es|s|ed|d|ing)?|get)",
    "CANNOT": r"(unable to|(could|can) ?(not|n't)|can't|fail(ed|s|ure)? (to|in|at)|error( while| when| in)?)",
    "BAD": r"(invalid|unsupported|unreadable|corrupt(ed)?|broken|damaged|truncated|not (a )?(valid|supported))",
    "BEYOND": (
        r"(beyond|past|after|exceed\w*|(great|long|larg|lat|short|small)er than|less than|outside|within|before|over"
        r"|out of (range|bounds)|>)"
    ),
    "TOOMUCH": r"(exceed\w*|over|too (many|large|long|high)|limit|above|(great|larg)er than|more than|maximum)",
    "HTTP": r"(^|(http|status|code|error)\b\W{0,3}|[\[(])",
}


def _rule(*phrases: str) -> re.Pattern[str]:
    """A pattern for any of the phrases. Each begins at the border of a word, where it begins with a letter."""
    spelled = (re.sub("[A-Z]{3,}", lambda word: _ANY_OF[word[0]], phrase).replace("~", _REST) for phrase in phrases)
    return re.compile("|".join(rf"(?<!\w)(?:{each})" if each.isascii() else each for each in spelled), re.MULTILINE)


_RULES = {
    Failure.OUT_OF_ORDER: _rule(
        r"CHECK( PART| check(er|s)?)?\W+((is|are|was|has|does|currently|temporarily|upstream|request) )*DOWN\b",
        r"CHECK PART failed\b",
        r"DOWN (while |when )?(reaching|contacting|calling|waiting for)~\bCHECK",
        r"CANNOT (reach|contact|call|calling|connect to|run|perform|load|start)~\bCHECK",
        r"(DOWN|error|exception)~\b(from|by|in|of)~\bCHECK PART",
        r"safety ?settings?\b~(not (supported|valid|allowed|permitted|expected)|extra)",
        r"safety ?settings?\b~(unsupported|invalid|unknown|unrecogni|deprecat)",
        r"(not supported|unsupported|invalid|unknown|unrecogni[sz]ed|unexpected)\b~\bsafety ?settings?\b",
        r"out of order\b",
        r"审核服务~(不可用|异常|超时)",
    ),
    Failure.CONTENT: _rule(
        r"prohibited ?(use|contents?)\b",
        r"image (safety|recitation)\b",
        r"(block ?list|spii|recitation|jailbreak\w*|model armor|csam|nsfw|nudity|copyright\w*|trademark\w*)\b",
        r"intellectual property",
        r"(unsafe|harmful|pornograph\w*|sexual(ly)?|hate speech|celebrit(y|ies)|minors?|public figures?)\b",
        r"not pass(ed)? (the |our )?(\w+ )?(review|check|audit|moderation)",
        r"safety\b(?!\W*settings?\b)",
        r"moderat(ed|ion)\b",
        r"sensitive (content|information|words?|material|input)",
        r"flagged\b",
        r"REFUSED\b~\bRULES",
        r"RULES\b~\bREFUSED",
        r"(usage|content|use) polic(y|ies)\b",
        r"content (filter|violation|restriction|blocked|not allowed)",
        r"(prompt|request|input|output|response|content|image) (was |is |has been )?(blocked|filtered)\b",
        "敏感|违规|违禁|审核|色情|版权",
    ),
    Failure.NO_IMAGE: _rule(
        r"(no|without|zero|without any|without an) (PICTURE|pictures?)\b",
        r"image ?other\b",
        r"empty (image|output|response|result|content)",
        r"not (return|generate|produce|contain|include|create|output)(ed|d)? (any |an )?PICTURE",
        r"PICTURE (was |were )?not (generated|returned|produced|created)",
        r"no (parts|candidates?|outputs?|results?|content|data)\b[^:]*$",
        r"(only|just) text\b",
        r"text (only|instead)\b",
    ),
    Failure.MOMENT: _rule(
        r"(start|offset)\b~\bduration",
        r"duration\b~\b(start|offset)",
        r"no (video )?frames\b",
        r"(start|ends?|(start ?|end ?)?offsets?|moment|segment|time ?stamps?|seek|time range|clip range)\b~BEYOND"
        r"~\b(durations?|lengths?|video|media|end of|file|bounds|clip|stream|eof)\b",
        r"(durations?|video|clip|media)\b~\b(only|(short|small)er than|less than|ends before|too short)\b"
        r"~(\d ?s\b|second|start|offset|segment|moment)",
        r"out of (range|bounds)\b~\b(start|end|offset|time)",
        r"(start|end) ?(offset|time)\b~(out of|invalid)",
    ),
    Failure.FRAMES: _rule(
        r"(?<!output )token count\b",
        r"(?<!output )(?<!max )tokens?\b~TOOMUCH",
        r"TOOMUCH~\b(tokens|token count|context)\b",
        r"frames?\b~TOOMUCH",
        r"TOOMUCH~\bframes\b",
        r"context (length|window|size)\b",
        r"(input|prompt|request|context|video|clip)( is| was)? too (long|large)\b",
        r"(video|clip)( duration| length)? exceed",
    ),
    Failure.IMAGE: _rule(
        r"CANNOT (\w+ ){0,2}?READ( \w+){0,3}? PICTURE\b",
        r"mime ?type\b~image ?/",
        r"BAD (\w+ )?PICTURE\b",
        r"PICTURE\b( \w+){0,3}? (BAD|exceeds?|too (large|small|big))\b",
        r"PICTURE\b~(could|can) ?not be READ",
    ),
    Failure.VIDEO: _rule(
        r"(text ?/ ?)?html\b",
        r"live ?stream",
        r"url ?robot",
        r"robots\b",
        r"mime ?type\b~video ?/",
        r"CANNOT (\w+ ){0,2}?READ\b~\bMEDIA\b",
        r"CANNOT fetch\b",
        r"MEDIA\b~(private|unavailable|not (available|found|public|accessible)|age ?restricted|removed|deleted)\b",
        r"MEDIA\b~(members ?only|log ?in|sign in|inaccessible|unplayable|not be READ|BAD)\b",
        r"(private|age ?restricted|members ?only|live|unlisted|inaccessible|unplayable|BAD) (input )?MEDIA\b",
        r"content from (the )?(provided |given )?(url|link|uri)",
    ),
    Failure.MODEL: _rule(
        r"models?\b~\b(no longer|not found|(does|do|did) not exist|unknown|end of life|sunset|shut ?down)\b",
        r"models?\b~\b(deprecated|retired|discontinued|decommissioned|unregistered|(been|was|were) removed)\b",
        r"(unknown|unrecogni[sz]ed|no such|unregistered) (\w+ )?models?\b",
        r"invalid models? (id|name)\b",
        r"模型~(不存在|已下线|未找到)",
    ),
    Failure.BUSY: _rule(
        r"(over ?load\w*|(over ?|at )?capacity|quota|busy|unavailable|internal|aborted|upstream|throttl\w*)\b",
        r"resources? ?(has been |have been )?exhausted\b",
        r"deadline ?(exceeded|expired)\b",
        r"rate ?limit",
        r"concurren(t|cy)\b",
        r"(no|insufficient) (available |free )?(workers?|gpus?|resources?|servers?|instances?)\b",
        r"too many requests\b",
        r"timed? ?out\b",
        r"(high|heavy) (demand|load|traffic)\b",
        r"(try|retry)( it)?( again)? later\b",
        r"temporar(y|ily)\b",
        r"queue (is )?full\b",
        r"(server error|gateway)\b",
        r"connection (was )?(reset|refused|aborted|closed|lost)\b",
        r"HTTP(429|5\d\d)\b",
        "繁忙|超时|过载|稍后|限流",
    ),
    Failure.ARGUMENT: _rule(
        r"invalid arguments?\b",
        r"HTTP(400|403)\b",
        r"(bad request|forbidden|permission denied|failed precondition|access denied|not authori[sz]ed)\b",
        r"not have permission\b",
    ),
}


def failure_of(payload: dict[str, JsonValue], *, status: str = "") -> Failure:
    """What the error of an answer means. `status`: the word of a prediction that has failed."""
    data = payload.get("data")
    parts = [data if isinstance(data, dict) else {}, payload]
    if any(str(part.get("error_code")) in _MODERATED_CODES for part in parts):
        return Failure.CONTENT
    found = failure_by("\n".join(text for part in parts for text in _texts(part, depth=0)))
    if found is Failure.OTHER and _plain(status) in _TIMEOUT_WORDS:
        return Failure.BUSY
    return found


def failure_by(text: str) -> Failure:
    """What a text means. Codes are read like words, in any case: `RESOURCE_EXHAUSTED`, `ResourceExhausted`."""
    plain = _RATINGS.sub(" ", _plain(text))
    return next((failure for failure, rule in _RULES.items() if rule.search(plain)), Failure.OTHER)


def _plain(text: str) -> str:
    return "\n".join(_JOINED.sub(" ", _CAMEL.sub(" ", line)).strip().lower() for line in text.splitlines())


def _texts(part: dict[str, JsonValue], *, depth: int) -> Iterator[str]:
    for name, value in part.items():
        if name in _ERROR_FIELDS:
            yield from _said(value, depth=depth)


def _said(value: JsonValue, *, depth: int) -> Iterator[str]:
    """Every text inside of an error. A number there is a status."""
    if isinstance(value, str):
        yield value[:_READ_LIMIT]
    elif depth < _DEPTH and isinstance(value, list):
        for each in value:
            yield from _said(each, depth=depth + 1)
    elif depth < _DEPTH and isinstance(value, dict):
        for name, each in value.items():
            if isinstance(each, int) and not isinstance(each, bool):
                yield f"{name} {each}"
            else:
                yield from _said(each, depth=depth + 1)
