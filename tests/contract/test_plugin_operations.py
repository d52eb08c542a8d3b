"""The plugin's forms are made from what the engine offers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_plugins_description_of_the_operations_is_current(tmp_path: Path) -> None:
    written = tmp_path / "operations.json"
    subprocess.run([sys.executable, ROOT / "tools" / "write_operations.py", written], check=True)
    current = ROOT / "qgis_plugin" / "resources" / "operations.json"
    assert current.read_text(encoding="utf-8") == written.read_text(encoding="utf-8"), "run make operations"
