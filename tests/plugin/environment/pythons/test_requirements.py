from __future__ import annotations

import pytest

from qgis_plugin.environment.pythons.requirements import engine_requirements, parse_requirements, release

TEXT = "numpy>=1.26\ntorch>=2.2  # networks\n\nGeo_Pandas >= 1.0\n"
PINS = "# pins\ntorch==2.13.0\npytest==9.2.0\n"


def test_pins_replace_bounds_and_others_are_left_out() -> None:
    lines = parse_requirements(TEXT, PINS).install_lines()
    assert lines == ["numpy>=1.26", "torch==2.13.0", "Geo_Pandas >= 1.0"]


def test_the_version_to_install_is_the_pin() -> None:
    requirements = parse_requirements(TEXT, PINS)
    assert requirements.version_to_install("torch") == "2.13.0"
    assert requirements.version_to_install("numpy") is None


def test_missing_and_old_packages_are_named() -> None:
    problems = parse_requirements(TEXT, PINS).problems({"numpy": "1.25.9", "torch": "2.10.0+cpu"})
    assert problems == ["numpy 1.25.9 is too old (needed: >=1.26)", "geo-pandas is missing (needed: >=1.0)"]


def test_a_python_of_the_users_own_is_not_held_to_pins() -> None:
    assert parse_requirements("torch>=2.2", PINS).problems({"torch": "2.2"}) == []


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("2.13.0+cpu", (2, 13)), ("2.9", (2, 9)), ("1.0rc1", (1,)), ("1!3.0.2", (3, 0, 2)), ("unknown", ())],
)
def test_versions_are_compared_by_their_numbers(text, numbers) -> None:
    assert release(text) == numbers


def test_the_fingerprint_is_that_of_what_is_installed() -> None:
    first = parse_requirements(TEXT, PINS).fingerprint()
    assert parse_requirements("\n".join(reversed(TEXT.splitlines())), PINS).fingerprint() == first
    assert parse_requirements(TEXT, PINS.replace("pytest==9.2.0", "pytest==10")).fingerprint() == first
    assert parse_requirements(TEXT, PINS.replace("2.13.0", "2.13.1")).fingerprint() != first
    assert parse_requirements(TEXT.replace("1.26", "2.0"), PINS).fingerprint() != first
    assert parse_requirements(TEXT, PINS, "another list").fingerprint() != first


def test_what_is_no_requirement_is_refused() -> None:
    with pytest.raises(ValueError, match=r"name>=version.*'-e \.'"):
        parse_requirements("-e .")


def test_the_engines_own_list_is_understood() -> None:
    requirements = engine_requirements()
    assert {"torch", "rasterio", "numpy"} <= {requirement.name for requirement in requirements.required}
    assert all(requirement.minimum or requirement.pin for requirement in requirements.required)
