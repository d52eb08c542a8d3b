"""Which labels can be taken back, also after they were saved. Needs no QGIS.

The undo stack of a layer is emptied whenever its edits are saved, which here happens every few labels. What was saved is
therefore kept here, and taken back by writing the former values again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Edit:
    """Values that one point had before it was edited, by field."""

    point: int
    old: Mapping[str, Any]


class EditHistory:
    """The edits made here, in order."""

    def __init__(self) -> None:
        self._unsaved: dict[int, Edit] = {}
        self._saved: list[Edit] = []

    def done(self, position: int, edit: Edit) -> None:
        """Note an edit and its position on the undo stack; what stood there or above was taken back and is forgotten."""
        self._unsaved = {place: other for place, other in self._unsaved.items() if place < position}
        self._unsaved[position] = edit

    def at(self, position: int) -> Edit | None:
        """The edit at a position of the undo stack."""
        return self._unsaved.get(position)

    def saved(self, positions: Iterable[int]) -> None:
        """The edits at these positions of the undo stack, in ascending order, were saved; others had been taken back."""
        self._saved += [self._unsaved[place] for place in positions if place in self._unsaved]
        self._unsaved = {}

    def discarded(self) -> None:
        """Edits that were not saved are gone."""
        self._unsaved = {}

    def take_saved(self) -> Edit | None:
        """Remove and return the edit that was saved last."""
        return self._saved.pop() if self._saved else None

    def restore_saved(self, edit: Edit) -> None:
        """Put an edit back that could not be taken back."""
        self._saved.append(edit)
