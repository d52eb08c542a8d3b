"""Value 0 means no class: what is said where it may have been one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest
import rasterio
from affine import Affine
from pyproj import CRS
from shapely import box

from hsi_engine.classes.legend import Legend
from hsi_engine.errors import LabelError
from hsi_engine.io.labels.labels import read_labels
from hsi_engine.io.maps.class_map import read_class_map
from hsi_engine.pixels.grid import Grid

TRANSFORM = Affine(30, 0, 364_000, 0, -30, 5_809_000)
VALUES = np.array([[0, 0, 1, 2], [1, 0, 2, 2], [255, 255, 1, 1]])
GRID = Grid(crs=CRS("EPSG:32633").to_wkt(), transform=TRANSFORM, shape=(3, 4))

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write the values 0, 1, 2 and 255 (no data), and category names beside them."""

    def write_raster(*names: str, nodata: float | None = 255, dtype: str = "uint8") -> Path:
        path = tmp_path / "labels.tif"
        values = np.where(VALUES == 255, 0 if nodata is None else nodata, VALUES)
        profile = {"driver": "GTiff", "count": 1, "height": 3, "width": 4, "dtype": dtype, "nodata": nodata}
        with rasterio.open(path, "w", crs="EPSG:32633", transform=TRANSFORM, **profile) as target:
            target.write(values.astype(dtype), 1)
        listed = "".join(f"<Category>{name}</Category>" for name in names)
        content = (
            f"<PAMDataset><PAMRasterBand band='1'><CategoryNames>{listed}</CategoryNames></PAMRasterBand></PAMDataset>"
        )
        Path(f"{path}.aux.xml").write_text(content)
        return path

    return write_raster


@pytest.mark.parametrize("read", [lambda path: read_labels(path, GRID), read_class_map], ids=["labels", "map"])
@pytest.mark.parametrize("nodata", [255, None])
def test_a_class_0_with_a_name_is_refused(write: Write, read: Any, nodata: float | None) -> None:
    zeros = 3 if nodata else 5
    with pytest.raises(
        LabelError, match=rf"labels.tif calls value 0 “Open water”, and {zeros} pixels have it"
    ) as caught:
        read(write("Open water", "Forest", "Soil", nodata=nodata))
    assert caught.value.code == "labels.class_zero"
    assert "Renumber the classes from 1" in caught.value.hint


@pytest.mark.parametrize("read", [lambda path: read_labels(path, GRID), read_class_map], ids=["labels", "map"])
@pytest.mark.parametrize(("dtype", "nodata"), [("uint8", 255), ("int16", -9999), ("float32", -1), ("float32", np.nan)])
def test_0_beside_another_nodata_value_is_warned_of(write: Write, read: Any, dtype: str, nodata: float) -> None:
    found = read(write(dtype=dtype, nodata=nodata))
    assert found.zeros == 3
    assert found.warnings == (
        "3 pixels of labels.tif hold the value 0, which means no class here, although the nodata value of the file is"
        f" {nodata:g}: they are left out. If 0 is a class, renumber the classes from 1.",
    )


def test_0_is_counted_where_nothing_is_declared_and_passed_over_where_it_is_nodata(write: Write) -> None:
    labels = read_labels(write("Unclassified", "Forest", "Soil", nodata=None), GRID)
    assert "5 pixels of labels.tif hold the value 0, which means no class here; they are left out." in labels.notes
    assert labels.warnings == ()
    assert labels.legend.names == ["Forest", "Soil"]
    labels = read_labels(write("Open water", "Forest", "Soil", nodata=0), GRID)
    assert labels.zeros == 0
    assert not [note for note in (*labels.notes, *labels.warnings) if "value 0" in note]


def test_a_given_legend_without_0_lets_it_pass_with_a_warning(write: Write) -> None:
    legend = Legend.of({1: "wood", 2: "field", 255: "road"})
    labels = read_labels(write("Open water", "Forest", "Soil", nodata=None), GRID, legend=legend)
    assert labels.legend.names == ["wood", "field"]
    assert "although the file calls it “Open water”" in labels.warnings[0]


def polygons(path: Path, **fields: Any) -> Path:
    shapes = [box(364_000 + 30 * col, 5_808_910, 364_030 + 30 * col, 5_809_000) for col in range(3)]
    geopandas.GeoDataFrame(fields, geometry=shapes, crs="EPSG:32633").to_file(path)
    return path


@pytest.mark.parametrize("values", [[0, 1, 2], [0.0, 1.0, 2.0], ["0", "1", "2"]], ids=["integer", "real", "text"])
def test_features_of_class_0_are_warned_of(tmp_path: Path, values: list[Any]) -> None:
    labels = read_labels(polygons(tmp_path / "p.gpkg", class_id=values), GRID)
    assert labels.legend.values.tolist() == [1, 2]
    assert labels.warnings == (
        "1 features of p.gpkg hold the value 0, which means no class here: they are left out."
        " If 0 is a class, renumber the classes from 1.",
    )


def test_features_of_class_0_with_a_name_are_refused(tmp_path: Path) -> None:
    names = ["Open water", "Forest", "Soil"]
    with pytest.raises(LabelError, match=r"p\.gpkg calls value 0 “Open water”, and 1 features have it"):
        read_labels(polygons(tmp_path / "p.gpkg", class_id=[0, 1, 2], class_name=names), GRID)
    unnamed = polygons(tmp_path / "q.gpkg", class_id=[0, 1, 2], class_name=["unclassified", *names[1:]])
    assert read_labels(unnamed, GRID).legend.names == ["Forest", "Soil"]
    style = '<category value="0" label="Open water" symbol="0"/><category value="1" label="Forest" symbol="0"/>'
    styled = polygons(tmp_path / "s.gpkg", class_id=[0, 1, 2])
    styled.with_suffix(".qml").write_text(
        '<qgis><renderer-v2 type="categorizedSymbol" attr="class_id">'
        f"<categories>{style}</categories><symbols/></renderer-v2></qgis>"
    )
    with pytest.raises(LabelError, match=r"s\.gpkg calls value 0 “Open water”"):
        read_labels(styled, GRID)
