"""The settings that a form takes for those of one method are those that the engine does."""

from __future__ import annotations

import ast
from pathlib import Path

from hsi_engine.operations.train_classifier import recipes as training_recipes

PLUGIN = Path(__file__).resolve().parents[3] / "qgis_plugin"


def test_settings_of_one_method_are_those_that_the_engine_refuses_without_one() -> None:
    tree = ast.parse((PLUGIN / "forms" / "method_settings.py").read_text(encoding="utf-8"))
    tables = [n for n in tree.body if isinstance(n, ast.Assign) and n.targets[0].id.startswith("_OF_")]  # type: ignore[attr-defined]
    names: dict[str, tuple[str, ...]] = {}
    exec(compile(ast.Module(tables, []), "method_settings", "exec"), names)
    refused = set(training_recipes._OF_ONE_METHOD)
    assert set(names["_OF_ONE_METHOD"]) == refused
