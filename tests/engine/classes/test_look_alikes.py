"""Names that a reader takes for one are named; names that differ in earnest are not."""

from __future__ import annotations

import pytest

from hsi_engine.classes.look_alikes import look_alike_warnings, look_alikes


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("bare soil", "bare soil."),
        ("Water", "W\u0430ter"),
        ("road", "r\u03bfad"),
        ("grass/herbs", "grass / herbs"),
        ("fruit &amp; wine", "fruit & wine"),
        ("caf&eacute;", "CAFÉ"),
        ("soil(wet)", "soil (wet)"),
        ("a-b", "a - b"),
    ],
)
def test_names_that_look_like_one_are_named(first: str, second: str) -> None:
    assert look_alikes([first, "forest", second]) == [(first, second)]
    (warning,) = look_alike_warnings([first, second])
    assert warning.startswith(f"“{first}” and “{second}” look like one class, and are 2.")


@pytest.mark.parametrize(
    "names",
    [
        ["soil", "soils"],
        ["class 1", "class 11"],
        ["grass+", "grass"],
        ["Forest", "forest"],
        ["< 5 %", "> 5 %"],
        ["5", "05"],
        [".", ","],
        ["вода", "лес"],
        ["a/b", "a b"],
    ],
)
def test_other_names_are_not(names: list[str]) -> None:
    assert look_alikes(names) == []
