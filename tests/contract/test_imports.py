"""What the layers promise to those who import the engine or read its code."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import hsi_engine

PACKAGE = Path(hsi_engine.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
HEAVY = ("torch", "lightning_fabric", "rasterio", "geopandas", "pyogrio", "matplotlib", "sklearn")
# Reading these formats runs code that the file brings along.
PICKLING = ("pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal")


@pytest.mark.parametrize("module", ["hsi_engine", "hsi_engine.errors", "hsi_engine.operations.catalogue"])
def test_import_stays_light(module: str) -> None:
    program = f"import {module}, json, sys; print(json.dumps([m for m in {HEAVY!r} if m in sys.modules]))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(run.stdout) == []


def test_training_a_network_on_the_cpu_loads_neither_a_compiler_nor_what_draws(
    scene_path: Path, labels_path: Path, tmp_path: Path
) -> None:
    unused = ("torch._dynamo", "sympy", "lightning_fabric", "matplotlib", "jinja2")
    program = (
        "import json, sys; from hsi_engine.cli import main; code = main(sys.argv[1:]);"
        f"print(json.dumps([code, [m for m in {unused!r} if m in sys.modules]]), file=sys.stderr)"
    )
    files = ["--scene", scene_path, "--labels", labels_path, "--output", tmp_path / "m.hsimodel"]
    settings = ["--model", "spectral_cnn", "--epochs", "1", "--patch-size", "3"]
    run = subprocess.run(
        [sys.executable, "-c", program, "train", *map(str, files), *settings],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(run.stderr.splitlines()[-1]) == [0, []], run.stderr


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_no_file_format_can_run_code(path: Path) -> None:
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [a.name for a in node.names if a.name.partition(".")[0] in PICKLING]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in PICKLING:
            found.append(str(node.module))
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called in {"torch.load", "torch.save"}:
                found.append(called)
            found += [f"{called}(allow_pickle)" for k in node.keywords if _allows_pickle(k)]
    assert found == []


def _allows_pickle(keyword: ast.keyword) -> bool:
    denied = isinstance(keyword.value, ast.Constant) and keyword.value.value is False
    return keyword.arg == "allow_pickle" and not denied
