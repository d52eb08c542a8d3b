"""The one function through which text reaches the user, so that it can be translated."""

from __future__ import annotations

from collections.abc import Sequence

from qgis.PyQt.QtCore import QCoreApplication

CONTEXT = "HsiPlugin"


def tr(text: str) -> str:
    """``text`` in the language of QGIS, or as it is if there is no translation."""
    translated: str = QCoreApplication.translate(CONTEXT, text)
    return translated


def counted(count: int, one: str, many: str) -> str:
    """``1 band``, ``1,200 bands``: a number with the form of the word that goes with it, both already translated."""
    return f"{count:,} {one if count == 1 else many}"


def either(words: Sequence[str]) -> str:
    """``.sld, .clr or .csv``: words of which one is chosen."""
    return tr(" or ").join([*([", ".join(words[:-1])] if len(words) > 1 else []), *words[-1:]])
