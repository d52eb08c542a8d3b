"""What PyQt6 does not know any more is found, and what it knows is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from qt6_rules import qt6_findings

IMPORTS = """from qgis.PyQt.QtCore import Qt
from qgis.PyQt import QtWidgets as widgets
from qgis.core import QgsProcessing, QgsRasterLayer, QgsPalettedRasterRenderer as Paletted
"""


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("role = Qt.UserRole", "Qt.UserRole"),
        ("item.setFlags(Qt.ItemIsEnabled | Qt.ItemIsSelectable)", "Qt.ItemIsEnabled"),
        ("kinds = [QgsProcessing.TypeVectorPolygon]", "QgsProcessing.TypeVectorPolygon"),
        ("def f(kind=QgsProcessing.TypeRaster): return kind", "QgsProcessing.TypeRaster"),
        ("crs = QgsRasterLayer.WMS", "QgsRasterLayer.WMS"),
    ],
)
def test_a_value_without_its_enumeration_is_found(tmp_path: Path, line: str, name: str) -> None:
    (tmp_path / "module.py").write_text(f"{IMPORTS}{line}\n", encoding="utf-8")
    assert f"module.py:4: {name} is a value without its enumeration" in next(iter(qt6_findings(tmp_path)))


@pytest.mark.parametrize(
    "line",
    [
        "role = Qt.ItemDataRole.UserRole",
        "kinds = [QgsProcessing.SourceType.TypeVectorPolygon]",
        "output = QgsProcessing.TEMPORARY_OUTPUT",
        "classes = [Paletted.Class(1, colour, name)]",
        "def f(kind: QgsProcessing.SourceType, other: list[Paletted.Class]) -> Paletted.Class: ...",
        "class Options(QgsRasterLayer.LayerOptions): ...",
        "ours = Settings.Default",
    ],
)
def test_what_works_in_both_is_left_alone(tmp_path: Path, line: str) -> None:
    (tmp_path / "module.py").write_text(f"{IMPORTS}{line}\n", encoding="utf-8")
    assert list(qt6_findings(tmp_path)) == []


@pytest.mark.parametrize("name", ["resources.qrc", "resources_rc.py", "ui_options.py"])
def test_compiled_resources_are_found(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert list(qt6_findings(tmp_path)) == [f"{name}: PyQt6 has no compiler of resources; name the files themselves"]
