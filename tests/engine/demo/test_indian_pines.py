from __future__ import annotations

import itertools
from pathlib import Path

import geopandas
import numpy as np
import numpy.typing as npt
import pytest
import rasterio
from rasterio.features import rasterize

from hsi_engine.demo import indian_pines
from hsi_engine.demo.indian_pines import IndianPines, write_indian_pines
from hsi_engine.errors import OutputError, SceneError
from hsi_engine.io.maps.class_map import read_class_map
from hsi_engine.io.scenes.scene import describe_scene

COUNTS = [46, 1428, 830, 237, 483, 730, 28, 478, 20, 972, 2455, 593, 205, 1265, 386, 93]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> IndianPines:
    return write_indian_pines(tmp_path_factory.mktemp("demo") / "made" / "on the way")


def test_scene_has_the_published_layout(files: IndianPines) -> None:
    scene = describe_scene(files.scene)
    assert scene.grid.shape == (145, 145)
    assert scene.dtype == "uint16"
    assert len(scene.bands) == 200
    assert all(scene.bands.good)
    assert scene.grid.explain_mismatch(indian_pines.grid()) == ""


def test_bands_keep_number_and_wavelength_of_the_sensor(files: IndianPines) -> None:
    bands = describe_scene(files.scene).bands
    assert bands == indian_pines.bands()
    assert (bands.names[0], bands.names[103], bands.names[-1]) == (
        "AVIRIS band 1",
        "AVIRIS band 109",
        "AVIRIS band 219",
    )
    # What was removed are the two absorption bands of water vapour near 1.4 and 1.9 µm.
    known = [w for w in bands.wavelength_nm if w is not None]
    assert not [w for w in known if 1355 < w < 1405 or 1815 < w < 1935]


def test_spectra_are_those_of_land(files: IndianPines) -> None:
    bands = describe_scene(files.scene).bands
    centres = np.array(bands.wavelength_nm, dtype=float)
    with rasterio.open(files.scene) as file:
        red, infrared = (file.read(int(abs(centres - nm).argmin()) + 1).astype(float) for nm in (670, 860))
    values = read_class_map(files.ground_truth).values
    legend = indian_pines.legend()
    woods = values == legend.names.index("Woods") + 1
    towers = values == legend.names.index("Stone-Steel-Towers") + 1
    assert np.median(infrared[woods] / red[woods]) > 1.1
    assert np.median(infrared[towers] / red[towers]) < 1.0


def test_position_and_wavelengths_are_explained_in_the_file(files: IndianPines) -> None:
    with rasterio.open(files.scene) as file:
        tags = file.tags()
    assert tags["georeferencing"].startswith("approximate")
    assert "10.4231/R7RX991C" in tags["source"]
    assert tags["licence"] == "CC BY 3.0"


def test_ground_truth_has_the_published_counts_names_and_colours(files: IndianPines) -> None:
    read = read_class_map(files.ground_truth)
    values, grid, legend = read.values, read.grid, read.legend
    assert values.dtype == np.uint16
    assert np.bincount(values.ravel(), minlength=17)[1:].tolist() == COUNTS
    assert legend == indian_pines.legend()
    assert grid.explain_mismatch(indian_pines.grid()) == ""


def test_polygons_burnt_on_the_grid_are_the_ground_truth(files: IndianPines) -> None:
    polygons = geopandas.read_file(files.labels)
    assert polygons.geometry.is_valid.all()
    burnt = rasterize(
        zip(polygons.geometry, polygons["class_id"], strict=True),
        out_shape=indian_pines.SHAPE,
        transform=indian_pines.grid().transform,
        dtype="uint8",
    )
    np.testing.assert_array_equal(burnt, read_class_map(files.ground_truth).values)


def test_polygons_carry_name_and_colour_of_their_class(files: IndianPines) -> None:
    polygons = geopandas.read_file(files.labels)
    found = set(zip(polygons["class_id"], polygons["class_name"], polygons["color"], strict=True))
    assert found == {(c.value, c.name, c.colour) for c in indian_pines.legend()}
    assert polygons.crs.to_epsg() == 32616


def test_colours_of_classes_differ_to_the_eye() -> None:
    colours = {c.name: _cielab(c.rgb) for c in indian_pines.legend()}
    close = [(a, b) for a, b in itertools.combinations(colours, 2) if np.linalg.norm(colours[a] - colours[b]) < 20]
    assert close == []


def test_nothing_but_the_files_and_their_sidecars_is_left(files: IndianPines) -> None:
    assert sorted(p.name for p in files.scene.parent.iterdir()) == [
        "indian_pines.tif",
        "indian_pines_labels.gpkg",
        "indian_pines_truth.qml",
        "indian_pines_truth.tif",
        "indian_pines_truth.tif.aux.xml",
    ]


def test_missing_package_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(SceneError, match="tensorly, which is not installed") as caught:
        write_indian_pines(tmp_path / "out")
    assert "hsi-engine[demo]" in caught.value.hint
    assert not (tmp_path / "out").exists()


def test_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    with pytest.raises(OutputError, match="cannot be created"):
        write_indian_pines(tmp_path / "out")


def _cielab(rgb: tuple[int, int, int]) -> npt.NDArray[np.float64]:
    """CIELAB (CIE 1976) of an sRGB colour under D65."""
    channels = np.array(rgb) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = np.cbrt(to_xyz @ linear / to_xyz.sum(axis=1))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])
