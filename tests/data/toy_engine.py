"""A copy of the engine with a network or an operation more, added as CONTRIBUTING.md says and in no other way.

No module of the engine is needed here: the tests of the plugin, which have another Python, make such copies too.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOYS = Path(__file__).resolve().parent / "toys"
GENERATED = {"hsi_engine/__init__.pyi", "qgis_plugin/resources/operations.json"}
"""Written by ``make stub operations``, and by nobody's hand."""


@dataclass(frozen=True)
class ToyEngine:
    """The folder of the copy, and the Python that runs it."""

    folder: Path
    python: Path

    @property
    def environment(self) -> dict[str, str]:
        """Variables with which that Python finds the copy before anything else; one thread, as tests run side by side."""
        return {**os.environ, "PYTHONPATH": str(self.folder), "OMP_NUM_THREADS": "1"}

    @property
    def operations(self) -> Path:
        """What the copied plugin knows of the operations."""
        return self.folder / "qgis_plugin" / "resources" / "operations.json"

    def touched(self) -> tuple[set[str], set[str]]:
        """Files that were added to the copy, and files in it that were changed; relative to its folder."""
        added, changed = set(), set()
        for path in self.folder.rglob("*"):
            name = path.relative_to(self.folder).as_posix()
            if path.is_dir() or "__pycache__" in path.parts:
                continue
            original = ROOT / name
            if not original.exists():
                added.add(name)
            elif original.read_bytes() != path.read_bytes():
                changed.add(name)
        return added, changed

    def _add(self, source: str, target: str) -> None:
        path = self.folder / target
        path.parent.mkdir(exist_ok=True)
        shutil.copyfile(TOYS / source, path)

    def _list(self, module: str, after: str, name: str, command: str = "") -> None:
        """Put ``name``, of an operation with its ``command``, into the list of names of a module, next to ``after``."""
        path = self.folder / module
        text = path.read_text(encoding="utf-8")
        assert text.count(f'"{after}"') == 1, f"{module} lists {after} not exactly once"
        added = f'"{name}": "{command}", "{after}"' if command else f'"{after}", "{name}"'
        path.write_text(text.replace(f'"{after}"', added), encoding="utf-8")

    def _generate(self) -> None:
        for tool in ("write_stub.py", "write_operations.py"):
            subprocess.run([self.python, self.folder / "tools" / tool], check=True, env=self.environment)


def _copy(folder: Path, python: Path) -> ToyEngine:
    for part in ("hsi_engine", "qgis_plugin", "tools"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copyfile(ROOT / "pyproject.toml", folder / "pyproject.toml")  # ruff, which formats the stub, reads it
    return ToyEngine(folder, python)


def engine_with_toy_network(folder: Path, python: Path) -> ToyEngine:
    """An engine that can train ``toy_net`` too."""
    engine = _copy(folder, python)
    engine._add("network/description.py", "hsi_engine/models/architectures/toy_net.py")
    engine._add("network/module.py", "hsi_engine/models/networks/toy_net.py")
    engine._list("hsi_engine/models/registry.py", "lda", "toy_net")
    engine._generate()
    return engine


def engine_with_toy_operation(folder: Path, python: Path) -> ToyEngine:
    """An engine that can ``mean_band`` too."""
    engine = _copy(folder, python)
    engine._add("operation/operation.py", "hsi_engine/operations/mean_band/operation.py")
    engine._add("operation/run.py", "hsi_engine/operations/mean_band/run.py")
    engine._list("hsi_engine/operations/__init__.py", "fit_pca", "mean_band", command="mean-band")
    engine._generate()
    return engine
