"""The page of methods is what the registry says today."""

from __future__ import annotations

from pathlib import Path

from hsi_engine.models import registry
from write_models import PAGE, page


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python tools/write_models.py"


def test_every_method_has_a_row_and_its_publication() -> None:
    lines = Path(PAGE).read_text(encoding="utf-8").splitlines()
    for name, architecture in registry.architectures().items():
        assert any(line.startswith(f"| `{name}` | {architecture.title} |") for line in lines)
        assert f"- **{architecture.title}**: {architecture.reference}" in lines
