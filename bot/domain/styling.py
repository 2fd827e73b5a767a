"""A prompt and a template together: what is still to be filled in, and the prompt that comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.domain.order import OrderText
from bot.domain.template import PROMPT_BLANK, Template


@dataclass(frozen=True, slots=True)
class Styled:
    """An order in a template's style. What the order says itself goes before what the template says."""

    order: OrderText
    template: Template

    @property
    def blanks(self) -> tuple[str, ...]:
        """Those that the prompt does not fill."""
        return tuple(name for name in self.template.blanks if not (name == PROMPT_BLANK and self._prompt))

    def sketched(self) -> OrderText:
        """With the blanks still open: all else of it can be judged."""
        return self.filled({name: f"[{name}]" for name in self.template.blanks})

    def filled(self, values: Mapping[str, str]) -> OrderText:
        """A prompt for which the template has no blank comes after it. Raises `BlanksMissing`."""
        prompt = self.template.fill({**values, PROMPT_BLANK: self._prompt or values.get(PROMPT_BLANK, "")})
        if self._prompt and PROMPT_BLANK not in self.template.blanks:
            prompt = f"{prompt}\n\n{self._prompt}"
        return replace(
            self.order,
            prompt=prompt,
            shape=self.order.shape or self.template.shape,
            size=self.order.size or self.template.size,
        )

    @property
    def _prompt(self) -> str:
        return self.order.prompt.strip()
