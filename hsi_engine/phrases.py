"""Pieces of sentences that are the same everywhere."""

from __future__ import annotations

import re
from collections.abc import Sequence

COLOUR_PATTERN = r"^#[0-9a-f]{6}$"
SHA256_PATTERN = r"^[0-9a-f]{64}$"

_PYDANTIC = (
    (r"^(Value|Assertion) error, ", ""),
    (r"^Field required$", "it is missing"),
    (r"^Extra inputs are not permitted$", "it is not known"),
    (r"^Input should be a valid integer.*", "it must be a whole number"),
    (r"^Input should be a (valid|finite) number.*", "it must be a number"),
    (r"^Input should be a valid boolean.*", "it must be true or false"),
    (r"^Input should be a valid string.*", "it must be text"),
    (r"^Input should be a valid (list|tuple|array).*", "it must be a list"),
    (r"^Input should be a valid (dictionary|dict|object|mapping).*", "it must be an object with named values"),
    (r"^Input should be greater than or equal to (.*)$", r"it must be \1 or more"),
    (r"^Input should be less than or equal to (.*)$", r"it must be \1 or less"),
    (r"^Input should be (a |an )?(valid )?", r"it must be \1"),
    (r"^\w+ should have at (least|most) (1) (item|character).*$", r"it must have at \1 1 \3"),
    (r"^\w+ should have at (least|most) (\d+) (item|character).*$", r"it must have at \1 \2 \3s"),
    (rf"^String should match pattern '{re.escape(COLOUR_PATTERN)}'$", "it must be a colour such as #1f78b4"),
    (rf"^String should match pattern '{re.escape(SHA256_PATTERN)}'$", "it must be 64 digits from 0 to 9 and a to f"),
)


def listed(words: Sequence[str], last: str = "and") -> str:
    """``a, b and c``, or with another word before the last."""
    return f" {last} ".join([*([", ".join(words[:-1])] if len(words) > 1 else []), *words[-1:]])


def counted(count: int, word: str) -> str:
    """``1 block``, ``1,200 blocks``."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def counted_with(count: int, word: str, verb: str) -> str:
    """``1 block has``, ``1,200 blocks have``; ``verb`` is in the plural, such as have, are or lie."""
    singular = {"have": "has", "are": "is"}.get(verb, f"{verb}s")
    return f"{counted(count, word)} {singular if count == 1 else verb}"


def writing_hint(error: BaseException, usual: str) -> str:
    """What to do after a file could not be written: about limits of the system if it names one, else what is ``usual``."""
    said = f"{error} {error.__cause__ or ''}".lower()
    if "too many open files" in said:
        return (
            "The system allows this process too few open files: raise the limit (ulimit -n), or close other programs."
        )
    if "file too large" in said or "file size limit" in said:
        return (
            "The system or the disk allows no file of this size: raise the limit (ulimit -f), or choose another disk."
        )
    return usual


def shortened(text: str, most: int = 40) -> str:
    """The text, or its beginning and an ellipsis, such as for a column of a terminal; at most ``most`` characters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def in_sentence(title: str) -> str:
    """A title inside a sentence: "logistic regression", but "SVM" and "HybridSN"."""
    first = title.partition(" ")[0].partition("-")[0]
    return title if any(letter.isupper() for letter in first[1:]) else title[:1].lower() + title[1:]


def plain_requirement(message: str) -> str:
    """What pydantic asks of a value, for people: "Input should be greater than or equal to 1" is "it must be 1 or more"."""
    for pattern, words in _PYDANTIC:
        message = re.sub(pattern, words, message)
    return message.rstrip(".")
