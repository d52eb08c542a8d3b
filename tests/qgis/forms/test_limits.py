"""Numbers a parameter may be, in words and as a rule."""

from __future__ import annotations

import pytest

from qgis_plugin.engine.operations import load_operations
from qgis_plugin.forms.limits import LARGEST_INTEGER, allowed_numbers, is_allowed, limits

TRAINING = load_operations()["train_classifier"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("patch_size", "an odd number from 1 to 99"),
        ("train_share", "greater than 0 and less than 1"),
        ("learning_rate", "greater than 0 and at most 1"),
        ("validation_share", "at least 0 and less than 1"),
        ("block_size", "at least 2"),
        ("epochs", "from 1 to 10,000"),
        ("seed", "from 0 to 2,147,483,647"),
    ],
)
def test_words(name: str, words: str) -> None:
    assert allowed_numbers(TRAINING.parameter(name)) == words


@pytest.mark.parametrize(
    ("name", "number", "allowed"),
    [
        ("patch_size", 15, True),
        ("patch_size", 14, False),
        ("patch_size", 101, False),
        ("train_share", 0.0, False),
        ("train_share", 0.5, True),
        ("train_share", 1.0, False),
        ("learning_rate", 1.0, True),
        ("validation_share", 0.0, True),
        ("seed", LARGEST_INTEGER, True),
        ("seed", LARGEST_INTEGER + 1, False),
    ],
)
def test_rule(name: str, number: float, allowed: bool) -> None:
    assert is_allowed(TRAINING.parameter(name), number) is allowed


def test_whole_numbers_stay_within_what_qgis_can_hold() -> None:
    for operation in load_operations().values():
        for parameter in operation.parameters:
            if parameter.type == "integer":
                assert limits(parameter)["le"] <= LARGEST_INTEGER, parameter.name
