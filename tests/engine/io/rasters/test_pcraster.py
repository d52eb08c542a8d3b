"""PCRaster maps as labels: cells of every representation, missing values, and the legend in the file."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from pyproj import CRS

import make_scenes
from hsi_engine.errors import HsiError, LabelError
from hsi_engine.io.labels.labels import read_labels
from hsi_engine.io.rasters.pcraster import pcraster_legend
from hsi_engine.io.scenes.scene import describe_scene
from hsi_engine.pixels.grid import Grid

CELLS = {"u1": 0x00, "i1": 0x04, "u2": 0x11, "i2": 0x15, "u4": 0x22, "i4": 0x26, "f4": 0x5A, "f8": 0xDB}
NOMINAL, TITLE = 0xE2, (0, "Land cover")
LEGEND = [TITLE, (2, "water"), (5, "wet meadow"), (11, "soil")]
Entries = Sequence[tuple[int, str]]


def missing(dtype: np.dtype[np.generic]) -> float:
    """The missing value of PCRaster: the largest unsigned number, the smallest signed one, NaN."""
    if dtype.kind == "f":
        return float("nan")
    return float(np.iinfo(dtype).max if dtype.kind == "u" else np.iinfo(dtype).min)


def write_map(path: Path, cell: str, *, order: str = "<", legend: Entries = (), version: int = 6) -> Path:
    """The labels of the tiny scene as PCRaster writes them, 0 as missing value, with a CRS in an .aux.xml."""
    values: npt.NDArray[np.float64] = make_scenes.labelled().astype(float)
    dtype = np.dtype(f"{order}{cell}")
    cells = np.where(values == 0, missing(dtype), values).astype(dtype).tobytes()
    rows, cols = values.shape
    attributes = 256 + len(cells) if legend else 0
    main = b"RUU CROSS SYSTEM MAP FORMAT".ljust(32, b"\0") + struct.pack(f"{order}HIHIHI", 2, 0, 1, attributes, 1, 1)
    ends = b"".join(np.array([value]).astype(dtype).tobytes().ljust(8, b"\0") for value in (2, 11))
    transform = make_scenes.NORTH_UP
    place = struct.pack(f"{order}ddIIddd", transform.c, transform.f, rows, cols, 30.0, 30.0, 0.0)
    raster = struct.pack(f"{order}HH", NOMINAL, CELLS[cell]) + ends + place
    content = (main.ljust(64, b"\0") + raster).ljust(256, b"\0") + cells
    if legend:
        content += struct.pack(f"{order}HII", version, attributes + 104, 64 * len(legend))
        content += struct.pack(f"{order}HII", 0xFFFF, 0, 0) * 9 + struct.pack(f"{order}I", 0)
        content += b"".join(struct.pack(f"{order}i60s", number, name.encode("cp1252")) for number, name in legend)
    path.write_bytes(content)
    wkt = CRS.from_epsg(32633).to_wkt("WKT1_GDAL")
    path.with_name(f"{path.name}.aux.xml").write_text(f"<PAMDataset><SRS>{wkt}</SRS></PAMDataset>")
    return path


@pytest.fixture
def grid(scene_path: Path) -> Grid:
    return describe_scene(scene_path).grid


@pytest.mark.parametrize("order", ["<", ">"], ids=["little", "big"])
@pytest.mark.parametrize("cell", ["u1", "i2", "u2", "i4", "u4", "f4"])
def test_classes_names_and_missing_values(tmp_path: Path, grid: Grid, cell: str, order: str) -> None:
    labels = read_labels(write_map(tmp_path / "cover.map", cell, order=order, legend=LEGEND), grid)
    np.testing.assert_array_equal(labels.values, make_scenes.labelled())
    assert [(c.value, c.name) for c in labels.legend] == [(2, "water"), (5, "wet meadow"), (11, "soil")]
    assert "Class names come from the legend of cover.map." in labels.notes
    assert labels.zeros == 0


def test_a_legend_of_version_1_has_no_title(tmp_path: Path) -> None:
    path = write_map(tmp_path / "cover.map", "i4", legend=LEGEND[1:], version=1)
    assert pcraster_legend(path) == {2: "water", 5: "wet meadow", 11: "soil"}


def test_no_legend_and_one_that_is_cut(tmp_path: Path) -> None:
    assert pcraster_legend(write_map(tmp_path / "a.map", "u1")) == {}
    path = write_map(tmp_path / "b.map", "u1", legend=LEGEND)
    path.write_bytes(path.read_bytes()[:-70])
    assert pcraster_legend(path) == {2: "water"}
    path.write_bytes(path.read_bytes()[:1400])  # within the list of attributes
    assert pcraster_legend(path) == {}


def test_signed_bytes_are_refused(tmp_path: Path, grid: Grid) -> None:
    with pytest.raises(LabelError, match=r"signed bytes \(CR_INT1\), which GDAL reads as other numbers") as caught:
        read_labels(write_map(tmp_path / "old.map", "i1"), grid)
    assert "Convert it in PCRaster" in caught.value.hint


def test_a_cut_map_is_refused(tmp_path: Path, grid: Grid) -> None:
    path = write_map(tmp_path / "cut.map", "i4")
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(LabelError, match=r"truncated or damaged \(4548 bytes are needed, 3000 are there"):
        read_labels(path, grid)


def test_what_gdal_cannot_read_is_said_in_its_words(tmp_path: Path, grid: Grid) -> None:
    with pytest.raises(HsiError, match=r"neither a vector file nor a raster.*GDAL says: .*cellRepresentation"):
        read_labels(write_map(tmp_path / "double.map", "f8"), grid)
