"""An order together with a template: the blanks that are still open, and the finished prompt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.domain.invisible import is_empty
from bot.domain.order import OrderText
from bot.domain.template import PROMPT_BLANK, Template


@dataclass(frozen=True, slots=True)
class Styled:
    """An order in a template's style. Where both say something, the order wins over the template."""

    order: OrderText
    template: Template

    @property
    def blanks(self) -> tuple[str, ...]:
        """The blanks that the prompt does not fill."""
        return tuple(name for name in self.template.blanks if not (name == PROMPT_BLANK and self._prompt))

    def sketched(self) -> OrderText:
        """The order with the blanks left open, so that everything else in it can be checked first."""
        return self.filled({name: f"[{name}]" for name in self.template.blanks})

    def filled(self, values: Mapping[str, str]) -> OrderText:
        """The order with the blanks filled in. Raises `BlanksMissing`.

        Where the template has no blank for the member's prompt, the prompt is added after the template.
        """
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
        prompt = self.order.prompt.strip()
        return "" if is_empty(prompt) else prompt
