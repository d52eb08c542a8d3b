"""The plugin's code runs on the Python of the oldest QGIS it supports."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "qgis_plugin").rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_syntax_is_that_of_python_3_9(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 9))
    later = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Call) and later_than_3_9(node)]
    assert later == []


def later_than_3_9(call: ast.Call) -> bool:
    """True for the arguments that came with Python 3.10 and are used without thinking."""
    names = {keyword.arg for keyword in call.keywords}
    called = ast.unparse(call.func).rpartition(".")[2]
    return (called == "dataclass" and bool(names & {"slots", "kw_only"})) or (called == "zip" and "strict" in names)


def test_the_client_loads_nothing_of_qgis_or_of_the_engine() -> None:
    program = "import sys, qgis_plugin.engine.client as _; print(*{name.partition('.')[0] for name in sys.modules})"
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    assert "qgis_plugin" in loaded
    assert not loaded & {"qgis", "osgeo", "numpy", "torch", "rasterio", "hsi_engine", "pydantic"}
