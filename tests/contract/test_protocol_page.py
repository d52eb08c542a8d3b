"""The page about the protocol names what the code knows."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from hsi_engine import errors
from hsi_engine.entrypoints.request import PROTOCOL_VERSION
from hsi_engine.operations.definition.base import Kind
from hsi_engine.operations.definition.parameter_spec import ParameterSpec

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")


def kinds(annotation: object) -> list[str]:
    return [name for part in get_args(annotation) for name in ([part] if isinstance(part, str) else kinds(part))]


@pytest.mark.parametrize(
    "family", [*errors.HsiError.__subclasses__(), errors.HsiError], ids=lambda family: family.family
)
def test_every_family_of_errors_has_its_row(family: type[errors.HsiError]) -> None:
    row = next(line for line in PAGE.splitlines() if line.endswith(f"`{family.family}` |"))
    assert row.startswith(f"| {family.exit_code} |")


def test_every_kind_and_field_is_named() -> None:
    names = [*kinds(Kind), *(name for name in ParameterSpec.__dataclass_fields__ if name != "annotation")]
    assert len(names) > 30
    assert [name for name in names if f"`{name}`" not in PAGE] == []


def test_the_version_is_the_current_one() -> None:
    assert f'{{"protocol": {PROTOCOL_VERSION}, ' in PAGE
