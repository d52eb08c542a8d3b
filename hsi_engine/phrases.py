"""Pieces of sentences that are the same everywhere."""

from __future__ import annotations

from collections.abc import Sequence


def listed(words: Sequence[str]) -> str:
    """``a, b and c``."""
    return " and ".join([*([", ".join(words[:-1])] if len(words) > 1 else []), *words[-1:]])


def counted(count: int, word: str) -> str:
    """``1 block``, ``1,200 blocks``."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def in_sentence(title: str) -> str:
    """A title inside a sentence: "logistic regression", but "SVM" and "HybridSN"."""
    first = title.partition(" ")[0].partition("-")[0]
    return title if any(letter.isupper() for letter in first[1:]) else title[:1].lower() + title[1:]
