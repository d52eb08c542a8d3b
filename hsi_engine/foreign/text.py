"""The one error of text from strangers, and letters that no file can hold."""

from __future__ import annotations

import re

_SURROGATES = re.compile("[\ud800-\udfff]")
_SHOWN = 120


class ForeignTextError(ValueError):
    """Text that cannot be read; the message is a clause for a sentence that names the file: "it is not XML (…)"."""


def without_surrogates(text: str) -> str:
    """The text with U+FFFD in place of halves of a character, which UTF-8 cannot hold and no file is written with."""
    return _SURROGATES.sub("\N{REPLACEMENT CHARACTER}", text)


def shown(value: object) -> str:
    """A value or the message of a library for a sentence of our own: on one line, and not too long."""
    text = " ".join(without_surrogates(str(value)).split()).rstrip(".")
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
