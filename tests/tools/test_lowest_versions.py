"""The lowest versions follow from the bounds in pyproject.toml."""

from __future__ import annotations

import pytest

from lowest_versions import ROOT, lowest

PYPROJECT = """
dependencies = [
    "numpy>=1.26",             # first, of "1.26"
    "Lightning_Fabric>=2.4",
    "torch>=2.2",
]
[project.optional-dependencies]
demo = [
    "tensorly>=0.8",
]
dev = [
    "pytest>=8.2",
    "pandas-stubs",        # any
    "ruff>=0.9.10",
]
"""
CONSTRAINTS = "# pins\ntorch==2.13.0\npytest==9.2.0\n"


def test_every_bound_is_a_version_but_for_torch_and_tools_that_read_the_source() -> None:
    assert lowest(PYPROJECT, CONSTRAINTS) == [
        "numpy==1.26",
        "lightning-fabric==2.4",
        "torch==2.13.0",
        "tensorly==0.8",
        "pytest==8.2",
    ]


def test_another_torch_may_be_named() -> None:
    assert "torch==2.2.0" in lowest(PYPROJECT, CONSTRAINTS, "2.2.0")


def test_a_package_without_a_bound_is_named() -> None:
    with pytest.raises(ValueError, match="no lower bound for numpy"):
        lowest(PYPROJECT.replace("numpy>=1.26", "numpy"), CONSTRAINTS)


def test_the_project_states_bounds_of_all() -> None:
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in ("pyproject.toml", "constraints.txt")]
    lines = lowest(*texts)
    assert len(lines) > 20
    assert all("==" in line for line in lines)
