"""An example of each command that takes options."""

from __future__ import annotations

from bot.text.i18n import mark, tr

# The names of options are translated as Discord shows them.
_EXAMPLES = {
    "imagine": mark("/imagine video: {link} start: 1:00-1:05 prompt: A cinema poster of this moment"),
    "history": mark("/history since: 7d"),
    "job": mark("/job id: 1440000000000000000"),
    "templates save": mark("/templates save job: 1440000000000000000 name: Poster"),
    "bank grant": mark("/bank grant member: @ann amount: 200 reason: Won the contest"),
}
EXAMPLE_LINK = "https://youtu.be/aqz-KE-bpKQ"  # Big Buck Bunny: this film is free for all uses


def example(command: str) -> str:
    """A whole command that works as it is typed. One without an example is returned as its bare name."""
    words = _EXAMPLES.get(command)
    return tr(words).format(link=EXAMPLE_LINK) if words else f"/{command}"
