"""Pieces of sentences."""

from __future__ import annotations

import pytest

from hsi_engine.phrases import in_sentence, listed


@pytest.mark.parametrize(
    ("words", "expected"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_lists(words: list[str], expected: str) -> None:
    assert listed(words) == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Logistic regression", "logistic regression"),
        ("Spectral-first CNN (5×5 px)", "spectral-first CNN (5×5 px)"),
        ("SVM (RBF kernel)", "SVM (RBF kernel)"),
        ("HybridSN", "HybridSN"),
    ],
)
def test_titles_inside_a_sentence(title: str, expected: str) -> None:
    assert in_sentence(title) == expected
