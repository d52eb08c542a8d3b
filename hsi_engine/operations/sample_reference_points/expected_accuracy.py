"""What a user expects of the accuracy of each class, as text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...classes.class_names import name_key
from ...errors import ParameterError

_HINT = (
    "Write 0.85 for all classes, one share for each class in the order of the legend, or wheat=0.9, water=0.98, 0.8."
)


class ExpectedAccuracies:
    """User's accuracies by name.

    Parameters
    ----------
    text : a share for all; one share for each class in order; or ``name=share`` and a share for all others.
    classes : names of the classes of the map that occur, in the order of the legend.

    Raises
    ------
    ParameterError : it is written in another way, or the number of shares is not that of the classes.
    """

    def __init__(self, text: str, classes: Sequence[str]) -> None:
        self._text = text
        words = [word.strip() for word in text.split(",") if word.strip()]
        plain = [self._share(word) for word in words if "=" not in word]
        named = [word.rpartition("=")[::2] for word in words if "=" in word]
        self._by_key = {name_key(name): self._share(share) for name, share in named}
        self._rest = plain[0] if len(plain) == 1 else None
        if not words:
            raise self._wrong("it is empty")
        if len(plain) < 2:
            return
        if named:
            raise self._wrong(f"it holds {len(plain)} shares without a name next to those with one")
        if len(plain) != len(classes):
            raise self._wrong(f"it holds {len(plain)} shares, but the map has {len(classes)} classes")
        self._by_key = {name_key(name): share for name, share in zip(classes, plain, strict=True)}

    def of(self, *names: str) -> float:
        """The share of the first of ``names`` that is given one, else that for all others.

        Raises
        ------
        ParameterError : none of them has one.
        """
        for key in map(name_key, names):
            if key in self._by_key:
                return self._by_key[key]
        if self._rest is None:
            raise self._wrong(f"it says nothing of “{names[0]}”")
        return self._rest

    def check_names(self, known: Iterable[str]) -> None:
        """Make sure that every name is that of a class or stratum; ParameterError if one is not."""
        keys = set(map(name_key, known))
        unknown = [key for key in self._by_key if key not in keys]
        if unknown:
            raise self._wrong(f"“{unknown[0]}” is neither a class of the map nor a stratum")

    def _share(self, word: str) -> float:
        try:
            share = float(word)
        except ValueError:
            raise self._wrong(f"“{word.strip()}” is not a number") from None
        if not 0 <= share <= 1:
            raise self._wrong(f"{share:g} is not a share from 0 to 1")
        return share

    def _wrong(self, what: str) -> ParameterError:
        return ParameterError(
            f"Parameter 'expected_accuracy' (Expected accuracy): '{self._text}' cannot be used: {what}.",
            code="expected_accuracy",
            hint=_HINT,
        )
