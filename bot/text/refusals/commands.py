"""Words for a command that is not one, and an example of the one that is meant."""

from __future__ import annotations

from bot.domain import errors as e
from bot.text.i18n import mark, tr
from bot.text.refusals.base import free

# Of those that take something. The names of options are the ones that Discord shows in each language.
_EXAMPLES = {
    "imagine": mark("/imagine video: {link} start: 1:00-1:05 prompt: A cinema poster of this moment"),
    "history": mark("/history since: 7d"),
    "job": mark("/job id: 1440000000000000000"),
    "templates save": mark("/templates save job: 1440000000000000000 name: Poster"),
    "bank grant": mark("/bank grant member: @ann amount: 200 reason: Won the contest"),
}
EXAMPLE_LINK = "https://youtu.be/aqz-KE-bpKQ"  # Big Buck Bunny: a film that everybody may use


def example(command: str) -> str:
    """One that may be typed as it stands."""
    words = _EXAMPLES.get(command)
    return tr(words).format(link=EXAMPLE_LINK) if words else f"/{command}"


def about_commands(error: e.Refusal) -> str | None:
    match error:
        case e.WrongCommand(right=right):
            return free(
                tr(
                    "Your Discord app shows this command as it was before a change. Use it like this: `{example}` "
                    "If you still see the old one, close the app and open it again."
                ).format(example=example(right))
            )
    return None
