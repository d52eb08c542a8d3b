"""Pieces of sentences."""

from __future__ import annotations

import pytest

from hsi_engine.phrases import counted_with, in_sentence, listed, plain_requirement, shortened, writing_hint


@pytest.mark.parametrize(
    ("words", "expected"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_lists(words: list[str], expected: str) -> None:
    assert listed(words) == expected
    assert listed(words, "or") == expected.replace(" and ", " or ")


def test_long_text_is_shortened_to_its_beginning() -> None:
    assert shortened("a" * 40) == "a" * 40
    assert shortened("a" * 41) == "a" * 39 + "…"
    assert shortened("abcdef", 3) == "ab…"


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


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("Input should be greater than or equal to 1", "it must be 1 or more"),
        ("Input should be a valid integer, unable to parse string as an integer", "it must be a whole number"),
        ("Input should be 'a', 'b' or 'c'", "it must be 'a', 'b' or 'c'"),
        ("Field required", "it is missing"),
        ("List should have at most 100 items after validation, not 101", "it must have at most 100 items"),
        ("Dictionary should have at least 1 item after validation, not more", "it must have at least 1 item"),
        ("String should have at least 2 characters", "it must have at least 2 characters"),
        ("String should match pattern '^#[0-9a-f]{6}$'", "it must be a colour such as #1f78b4"),
        ("String should match pattern '^[0-9a-f]{64}$'", "it must be 64 digits from 0 to 9 and a to f"),
        ("Value error, heads must divide 64.", "heads must divide 64"),
    ],
)
def test_what_pydantic_asks_is_said_to_people(said: str, plain: str) -> None:
    assert plain_requirement(said) == plain


def test_verbs_agree_with_their_numbers() -> None:
    assert counted_with(1, "pixel", "have") == "1 pixel has"
    assert counted_with(1, "pixel", "are") == "1 pixel is"
    assert counted_with(1, "pixel", "lie") == "1 pixel lies"
    assert counted_with(1200, "pixel", "lie") == "1,200 pixels lie"


def test_the_advice_on_writing_fits_the_limit_that_was_met() -> None:
    outer = RuntimeError("see above")
    outer.__cause__ = OSError(24, "Too many open files")
    assert "ulimit -n" in writing_hint(outer, "usual")
    assert "ulimit -f" in writing_hint(OSError(27, "File too large"), "usual")
    assert writing_hint(OSError(28, "No space left on device"), "usual") == "usual"
