import json
import shutil
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from affine import Affine

from hsi_engine.classes.legend import Legend
from hsi_engine.errors import OutputError
from hsi_engine.io.legends.pam import pam_xml
from hsi_engine.io.legends.style_files import (
    RampStyle,
    qml,
    sidecar_paths,
    write_class_map_style,
)
from hsi_engine.io.maps.class_map import ClassMapWriter, read_class_map
from hsi_engine.pixels.grid import Grid
from hsi_engine.pixels.window import Window

GRID = Grid(crs=None, transform=Affine(1, 0, 0, 0, -1, 7), shape=(7, 4))
AWKWARD = {2: 'Wasser & <Fluß> "tief"', 5: "l'été", 11: "樹 🌲", 12: "two\nlines"}
LEGEND = Legend.of(AWKWARD)
ON_ONE_LINE = {**AWKWARD, 12: "two lines"}


def gdalinfo(path: Path) -> dict[str, Any]:
    if shutil.which("gdalinfo") is None:
        pytest.fail("This test asks GDAL itself what it reads: install the command gdalinfo (package gdal-bin).")
    return dict(json.loads(subprocess.run(["gdalinfo", "-json", path], capture_output=True, check=True).stdout))


def styled_map(folder: Path, legend: Legend) -> Path:
    path = folder / "map.tif"
    with ClassMapWriter(path, GRID, legend) as writer:
        writer.write(Window.of_shape(GRID.shape), np.resize(legend.values, GRID.shape))
    write_class_map_style(path, legend)
    return path


def test_gdal_reads_colours_names_and_table(tmp_path: Path) -> None:
    info = gdalinfo(styled_map(tmp_path, LEGEND))
    band = info["bands"][0]
    assert {v: name for v, name in enumerate(band["categories"]) if name} == ON_ONE_LINE
    assert band["noDataValue"] == 0
    for item in LEGEND:
        assert band["colorTable"]["entries"][item.value] == [*item.rgb, 255]
    assert info["rat"]["tableType"] == "thematic"
    assert [row["f"] for row in info["rat"]["row"]] == [[c.value, ON_ONE_LINE[c.value], *c.rgb] for c in LEGEND]


def test_gdal_reads_the_table_of_a_uint16_map(tmp_path: Path) -> None:
    legend = Legend.of({1: "a", 40000: "b"})
    info = gdalinfo(styled_map(tmp_path, legend))
    assert "categories" not in info["bands"][0]
    assert "colorTable" not in info["bands"][0]
    assert [row["f"][:2] for row in info["rat"]["row"]] == [[1, "a"], [40000, "b"]]


def test_names_and_colours_are_read_back(tmp_path: Path) -> None:
    path = styled_map(tmp_path, LEGEND)
    path.with_suffix(".qml").unlink()
    found = read_class_map(path).legend
    assert found is not None
    assert [(c.value, c.name, c.colour) for c in found] == [(c.value, ON_ONE_LINE[c.value], c.colour) for c in LEGEND]


def test_both_sidecars_are_always_rewritten(tmp_path: Path) -> None:
    path = styled_map(tmp_path, LEGEND)
    other = Legend.of({3: "only"})
    write_class_map_style(path, other)
    pam, style = sidecar_paths(path)
    assert (pam.name, style.name) == ("map.tif.aux.xml", "map.qml")
    assert [name in pam.read_text("utf-8") + style.read_text("utf-8") for name in ("only", "樹")] == [True, False]


def test_the_qgis_style_holds_exactly_the_classes() -> None:
    root = ET.fromstring(qml(LEGEND))
    renderer = root.find("pipe/rasterrenderer")
    assert renderer is not None
    assert renderer.get("type") == "paletted"
    assert renderer.get("band") == "1"
    found = [(int(e.get("value", "")), e.get("label"), e.get("color")) for e in root.iter("paletteEntry")]
    assert found == [(c.value, ON_ONE_LINE[c.value], c.colour) for c in LEGEND]


def test_characters_that_xml_forbids_are_replaced() -> None:
    legend = Legend.of({1: "a\x00b\x1b\ud800c"})
    for text in (pam_xml(legend), qml(legend)):
        ET.fromstring(text.encode("utf-8"))
        assert "a\ufffdb\ufffd\ufffdc" in text


def test_a_style_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"style of raster .*map\.tif' cannot be written"):
        RampStyle().write(tmp_path / "missing" / "map.tif", LEGEND)


@pytest.mark.parametrize(
    ("low", "high", "values", "labels"),
    [
        (0, 1, [0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"]),
        (0, 3, [0, 0.75, 1.5, 2.25, 3], ["0", "0.75", "1.5", "2.25", "3"]),
    ],
)
def test_a_ramp_runs_over_its_range(
    tmp_path: Path, low: float, high: float, values: list[float], labels: list[str]
) -> None:
    style = RampStyle(low, high)
    style.write(tmp_path / "c.tif", LEGEND)
    assert style.files(tmp_path / "c.tif") == tuple(tmp_path.iterdir()) == (tmp_path / "c.qml",)
    root = ET.fromstring((tmp_path / "c.qml").read_text("utf-8"))
    items = list(root.iter("item"))
    assert [float(item.get("value", "nan")) for item in items] == values
    assert [item.get("label") for item in items] == labels
    (shader,) = root.iter("colorrampshader")
    assert (shader.get("minimumValue"), shader.get("maximumValue")) == (f"{low}", f"{high}")
