"""Tables as CSV whose cells a spreadsheet takes for what they are."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

# What makes a spreadsheet read a cell as a formula (OWASP, CSV injection).
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def csv_text(rows: Iterable[Sequence[Any]]) -> str:
    """The rows as CSV. None is an empty cell; text that a spreadsheet would compute gets an apostrophe in front.

    Names of classes come from files of others: ``=HYPERLINK(…)`` must be shown, not run. Numbers stay as they are.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    return text.getvalue()


def _safe(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS) else cell
