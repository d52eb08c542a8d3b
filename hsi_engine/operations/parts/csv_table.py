"""Tables as CSV whose cells a spreadsheet takes for what they are."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from ...classes.class_names import shown_in_cell


def csv_text(rows: Iterable[Sequence[Any]]) -> str:
    """The rows as CSV. None is an empty cell; text that a spreadsheet would compute gets an apostrophe in front.

    Names of classes come from files of others: ``=HYPERLINK(…)`` must be shown, not run. Numbers stay as they are.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    return text.getvalue()


def _safe(cell: Any) -> Any:
    return shown_in_cell(cell) if isinstance(cell, str) else cell
