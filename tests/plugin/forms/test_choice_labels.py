"""Every choice of the engine is shown in words, and every word is a choice."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from hsi_engine.models import registry
from hsi_engine.operations.train_classifier import recipes as training_recipes
from qgis_plugin.engine.operations import load_operations

PLUGIN = Path(__file__).resolve().parents[3] / "qgis_plugin"
SOURCE = PLUGIN / "forms" / "choice_labels.py"


@pytest.fixture(scope="module")
def labels() -> dict[str, dict[str, str]]:
    """The table, run without QGIS, whose only part in it is the translation."""
    tree = ast.parse(SOURCE.read_text(encoding="utf-8"))
    tree.body = [n for n in tree.body if not (isinstance(n, ast.ImportFrom) and n.level)]
    names = {"tr": lambda text: text, "__name__": "choice_labels"}
    exec(compile(tree, str(SOURCE), "exec"), names)
    return names["CHOICE_LABELS"]


def test_all_choices_have_labels(labels: dict[str, dict[str, str]]) -> None:
    offered: dict[str, set[str]] = {}
    for operation in load_operations().values():
        for parameter in operation.parameters:
            if parameter.kind == "choice":
                offered.setdefault(parameter.name, set()).update(parameter.choices)
    assert {name: set(words) for name, words in labels.items()} == offered


def test_labels_tell_choices_apart(labels: dict[str, dict[str, str]]) -> None:
    for name, words in labels.items():
        assert len(set(words.values())) == len(words), name


def test_methods_are_called_as_in_reports(labels: dict[str, dict[str, str]]) -> None:
    titles = {name: architecture.title for name, architecture in registry.architectures().items()}
    assert {name: title for name, title in labels["model"].items() if name != "auto"} == titles


def test_settings_of_one_method_are_those_that_the_engine_refuses_without_one() -> None:
    tree = ast.parse((PLUGIN / "forms" / "method_settings.py").read_text(encoding="utf-8"))
    tables = [
        n for n in tree.body if isinstance(n, ast.Assign) and n.targets[0].id in ("_OF_HYBRIDSN", "_OF_ONE_METHOD")
    ]  # type: ignore[attr-defined]
    names: dict[str, tuple[str, ...]] = {}
    exec(compile(ast.Module(tables, []), "method_settings", "exec"), names)
    refused = {*training_recipes._OPTIONS, *training_recipes._NETWORK_SETTINGS, *training_recipes._VIEW}
    assert set(names["_OF_ONE_METHOD"]) == refused
