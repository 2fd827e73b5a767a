"""CSV files that a spreadsheet opens: text that people typed must not become a formula there."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

ENCODING = "utf-8-sig"  # without its byte order mark, Excel reads a file in the machine's own code page
# OWASP, "CSV Injection": a spreadsheet takes a cell for a formula by its first character.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

Cell = str | int | float | None


def lines(rows: Iterable[Iterable[Cell]]) -> str:
    """Write the rows as lines of CSV, with each cell made inert."""
    file = io.StringIO(newline="")
    csv.writer(file).writerows([cell(value) for value in row] for row in rows)
    return file.getvalue()


def cell(value: Cell) -> str | int | float:
    """Put a quote before text that a spreadsheet would take for a formula. Numbers stay numbers; None is empty."""
    if value is None:
        return ""
    if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value
