"""Cells of a CSV file that a spreadsheet will open: what people typed must not become a formula there."""

from __future__ import annotations

# OWASP, "CSV Injection": a spreadsheet takes a cell for a formula by its first character.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

Cell = str | int | float | None


def cell(value: Cell) -> str | int | float:
    """Inert. Numbers stay numbers, since a sheet adds them up; None is empty."""
    if value is None:
        return ""
    if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value
