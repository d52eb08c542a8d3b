"""Text that comes from elsewhere, such as names of layers and classes, in places of Qt and QGIS that also take markup.

Message boxes, labels and tips decide by the text itself whether it is markup, and load pictures that it names. Names come
from files of other people.
"""

from __future__ import annotations

import html
import re

# In place of the signs with which markup begins: they look like them, and are shown as they are both as text and as markup.
_ANGLE, _AMPERSAND = "\u2039", "\uff06"
_ENTITY = re.compile(r"&(?=#?\w{1,40};)")
_MOST_LETTERS = 2000


def plain(text: str, most: int = _MOST_LETTERS) -> str:
    """``text`` for a place that shows it as text or as markup: the same in both, and not longer than ``most`` letters."""
    return _ENTITY.sub(_AMPERSAND, whole_letters(shortened(text, most)).replace("<", _ANGLE))


def as_markup(text: str, most: int = _MOST_LETTERS) -> str:
    """``text`` for a place that always takes markup, such as the message bar: every letter is shown as it is."""
    return html.escape(whole_letters(shortened(text, most)), quote=False)


def whole_letters(text: str) -> str:
    """``text`` without what Qt cannot show: halves of letters, as in a file name that is not UTF-8, and NULs.

    It would lose all of the text for a half, and what comes after a NUL.
    """
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", "\ufffd")


def shortened(text: str, most: int) -> str:
    """``text``, or its beginning and "…" if it is longer than ``most`` letters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
