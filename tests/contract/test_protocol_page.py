"""The page about the protocol names what the code knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from hsi_engine import errors
from hsi_engine.entrypoints.request import PROTOCOL_VERSION
from hsi_engine.operations.definition.kinds import KINDS, Kind
from hsi_engine.operations.definition.parameter_spec import ParameterSpec

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "family", [*errors.HsiError.__subclasses__(), errors.HsiError], ids=lambda family: family.family
)
def test_every_family_of_errors_has_its_row(family: type[errors.HsiError]) -> None:
    row = next(line for line in PAGE.splitlines() if line.endswith(f"`{family.family}` |"))
    assert row.startswith(f"| {family.exit_code} |")


def test_every_kind_and_field_is_named() -> None:
    fields = {*ParameterSpec.__dataclass_fields__, *Kind.__dataclass_fields__} - {"annotation"}
    names = [*KINDS, *sorted(fields)]
    assert len(names) > 30
    assert [name for name in names if f"`{name}`" not in PAGE] == []


def test_the_version_is_the_current_one() -> None:
    assert f'{{"protocol": {PROTOCOL_VERSION}, ' in PAGE
