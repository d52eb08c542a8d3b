"""Editors and type checkers see the functions of the package as they are."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import hsi_engine
from hsi_engine.operations.catalogue import CATALOGUE

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "hsi_engine"
STUB = PACKAGE / "__init__.pyi"


def test_the_stubs_are_current(tmp_path: Path) -> None:
    subprocess.run([sys.executable, ROOT / "tools" / "write_stub.py", tmp_path], check=True)
    written = {path.relative_to(tmp_path): path.read_text(encoding="utf-8") for path in tmp_path.rglob("*.pyi")}
    current = {path.relative_to(PACKAGE): path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.pyi")}
    assert current == written, "run make stub"


def test_the_stub_promises_what_the_package_has() -> None:
    tree = ast.parse(STUB.read_text(encoding="utf-8"))
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    imported = {alias.asname for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert set(functions) == set(CATALOGUE)
    assert imported - {None} == set(hsi_engine._ATTRIBUTES)
    for name in (*functions, *hsi_engine._ATTRIBUTES):
        assert hasattr(hsi_engine, name), name
    for name, function in functions.items():
        fields = CATALOGUE[name].params.model_fields
        assert [argument.arg for argument in function.args.kwonlyargs] == [*fields, "reporter"]
        given = [default is None for default in function.args.kw_defaults[:-1]]
        assert given == [field.is_required() for field in fields.values()]
