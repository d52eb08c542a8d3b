"""A map of a part of a scene: the pixels of the whole map, for less."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine

import hsi_engine
import make_scenes
from classifiers import trained
from fitted import fit, pca
from hsi_engine.bundle.model_bundle import Member, ModelBundle, SmoothingSettings
from hsi_engine.bundle.model_file import write_bundle
from hsi_engine.classes.legend import Legend
from hsi_engine.inference import strips
from hsi_engine.inference.predictor import Predictor
from hsi_engine.io.scenes import spectral_sample
from hsi_engine.io.scenes.scene import SceneReader, open_scene
from hsi_engine.pixels.scene_part import bounds_of
from hsi_engine.pixels.window import Window

ROWS, COLS, BANDS = 61, 47, 16
RADIUS = 2 + 4  # of the patches and of the smoothing
PROBE_PX = 3  # edge of the windows that are looked at before the map is made; none of the map has it
TOLD = {"seconds", "output", "confidence", "probabilities", "unsmoothed"}
RASTERS = ("output", "confidence", "probabilities", "unsmoothed")


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A scene, and a model with patches of 5 px whose smoothing reaches 4 px further."""
    folder = tmp_path_factory.mktemp("inputs")
    scene = make_scenes.write_scene(folder / "scene.tif", rows=ROWS, cols=COLS, bands=BANDS)
    with open_scene(scene) as reader:
        preprocessing = fit(reader, pca(6), pca(3))
    network, options = trained("spectral_cnn", {}, n_components=6, patch_size=5, n_classes=4)
    member = Member(architecture="spectral_cnn", options=options, weights=network.state_dict(), patch_size=5, branch=0)
    bundle = ModelBundle(
        members=(member,),
        preprocessing=preprocessing,
        legend=Legend.of({2: "a", 5: "b", 11: "c", 300: "d"}),
        smoothing=SmoothingSettings(radius_px=2, epsilon=0.05, branch=1),
        training={"split": {}},
        metrics={},
    )
    write_bundle(bundle, folder / "m.hsimodel")
    return {"scene": scene, "model": folder / "m.hsimodel", "device": "cpu"}


@pytest.fixture(scope="module")
def whole(inputs: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> dict[str, np.ndarray]:
    folder = tmp_path_factory.mktemp("whole")
    return mapped(inputs, folder)[0]


def mapped(inputs: dict[str, Any], folder: Path, **options: Any) -> tuple[dict[str, np.ndarray], Any]:
    """The rasters by name, (bands, rows, cols), and the result of a map."""
    paths = {name: folder / f"{name}.tif" for name in RASTERS}
    result = hsi_engine.classify_scene(**inputs, **paths, **{"min_confidence": 0.35} | options)
    return {name: read(path) for name, path in paths.items()}, result


def read(path: Path) -> np.ndarray:
    with rasterio.open(path) as file:
        return np.asarray(file.read())


def extent_of(window: Window, inset: float = 0.0, transform: Affine = make_scenes.NORTH_UP) -> str:
    """The extent of some pixels, made smaller by a share of a pixel on each side."""
    corners = [
        transform @ (window.col + inset, window.row + inset),
        transform @ (window.col_end - inset, window.row_end - inset),
    ]
    (x1, y1), (x2, y2) = corners
    return ",".join(repr(float(v)) for v in (min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)))


def assert_is_part_of(part: dict[str, np.ndarray], whole: dict[str, np.ndarray], window: Window) -> None:
    for name in RASTERS:
        expected = whole[name][(slice(None), *window.slices())]
        if expected.dtype == np.float32:
            # Sums of a network come out a little different in a tile of another size.
            np.testing.assert_allclose(part[name], expected, rtol=0, atol=2e-5, err_msg=name)
        else:
            np.testing.assert_array_equal(part[name], expected, err_msg=name)


WINDOWS = {
    "in the middle": Window(row=11, col=9, height=23, width=17),
    "one pixel": Window(row=30, col=20, height=1, width=1),
    "upper left corner": Window(row=0, col=0, height=9, width=5),
    "lower right corner": Window(row=50, col=40, height=11, width=7),
    "a row": Window(row=44, col=0, height=1, width=COLS),
    "everything": Window(row=0, col=0, height=ROWS, width=COLS),
}


@pytest.mark.parametrize("tile_size", [None, 16])
@pytest.mark.parametrize("window", WINDOWS.values(), ids=WINDOWS)
def test_a_part_has_the_values_of_the_whole_map(
    inputs: dict[str, Any], whole: dict[str, np.ndarray], tmp_path: Path, window: Window, tile_size: int | None
) -> None:
    part, result = mapped(inputs, tmp_path, extent=extent_of(window), tile_size=tile_size)
    assert_is_part_of(part, whole, window)
    with rasterio.open(inputs["scene"]) as scene, rasterio.open(tmp_path / "output.tif") as file:
        assert file.crs == scene.crs
        assert file.transform.almost_equals(scene.transform @ Affine.translation(window.col, window.row))
    valid = np.isfinite(part["confidence"]).sum()
    classified = sum(c["pixels"] for c in result.classes)
    assert classified == (part["output"] > 0).sum()
    assert result.nodata_pixels == window.height * window.width - valid
    assert result.unclassified_pixels == valid - classified
    assert result.outside_pixels == 0


def test_the_tests_above_can_fail(whole: dict[str, np.ndarray]) -> None:
    """The model smooths, leaves pixels unclassified, and the scene has a hole."""
    assert (whole["output"] != whole["unsmoothed"]).any()
    assert np.isnan(whole["confidence"]).any()
    assert ((whole["output"] == 0) & np.isfinite(whole["confidence"])).any()
    assert len(np.unique(whole["output"])) > 2


# ---------------------------------------------------------------- masks


def blobs() -> np.ndarray:
    """True inside a mask: two patches far from one another, one of them with a hole; (rows, cols) of the scene."""
    inside = np.zeros((ROWS, COLS), bool)
    inside[4:12, 3:14] = inside[50:57, 30:44] = True
    inside[7:9, 5:9] = False
    return inside


def write_mask(path: Path, inside: np.ndarray, **profile: Any) -> Path:
    options = {"driver": "GTiff", "count": 1, "dtype": "int16", "nodata": -1, "crs": "EPSG:32633"} | profile
    values = np.where(inside, 7, 0).astype(options["dtype"])
    values[0, 0] = -1  # no data is outside too
    with rasterio.open(
        path,
        "w",
        height=inside.shape[0],
        width=inside.shape[1],
        **({"transform": make_scenes.NORTH_UP} | options),
    ) as file:
        file.write(values, 1)
    return path


def masked(whole: dict[str, np.ndarray], inside: np.ndarray) -> dict[str, np.ndarray]:
    return {
        name: np.where(inside, data, np.nan if data.dtype == np.float32 else 0).astype(data.dtype)
        for name, data in whole.items()
    }


@pytest.mark.parametrize("tile_size", [None, 16])
@pytest.mark.parametrize(
    "window", [None, Window(row=2, col=1, height=55, width=35), Window(row=0, col=0, height=20, width=20)]
)
def test_a_masked_map_has_the_values_of_the_whole_map_inside_and_none_outside(
    inputs: dict[str, Any],
    whole: dict[str, np.ndarray],
    tmp_path: Path,
    window: Window | None,
    tile_size: int | None,
) -> None:
    mask = write_mask(tmp_path / "mask.tif", blobs())
    extent = {} if window is None else {"extent": extent_of(window)}
    part, result = mapped(inputs, tmp_path, mask=mask, tile_size=tile_size, **extent)
    bounds = window or Window(row=4, col=3, height=53, width=41)
    assert_is_part_of(part, masked(whole, blobs()), bounds)
    inside = blobs()[bounds.slices()]
    valid = np.isfinite(part["confidence"]).sum()
    assert valid > 0
    assert result.outside_pixels == (~inside).sum()
    assert result.nodata_pixels == inside.sum() - valid
    assert sum(c["pixels"] for c in result.classes) + result.unclassified_pixels == valid
    assert f"{(~inside).sum():,} pixels lie outside the mask" in result.to_text()


def test_polygons_in_another_crs_are_a_mask(
    inputs: dict[str, Any], whole: dict[str, np.ndarray], tmp_path: Path
) -> None:
    left, top = make_scenes.NORTH_UP @ (5.2, 9.2)
    right, bottom = make_scenes.NORTH_UP @ (20.8, 30.8)
    triangle = shapely.Polygon([(left, top), (right, top), (left, bottom)])
    frame = geopandas.GeoDataFrame(geometry=[triangle, shapely.Point(0, 0)], crs="EPSG:32633")
    frame.to_crs("EPSG:4326").to_file(tmp_path / "mask.geojson", driver="GeoJSON")
    part, result = mapped(inputs, tmp_path, mask=tmp_path / "mask.geojson")
    row, col = np.mgrid[:ROWS, :COLS]
    x, y = make_scenes.NORTH_UP @ (col + 0.5, row + 0.5)
    inside = shapely.contains_xy(triangle, x, y)
    assert_is_part_of(part, masked(whole, inside), bounds_of(inside))
    assert result.outside_pixels == (~inside[bounds_of(inside).slices()]).sum()
    assert "Points and lines of the mask, left out: 1." in result.notes
    assert any(note.startswith("The mask was reprojected from EPSG:4326") for note in result.notes)


def test_what_lies_between_the_parts_of_a_mask_is_neither_read_nor_predicted(
    inputs: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_px, predicted = np.zeros((ROWS, COLS), int), []
    read_window, predict = SceneReader.read, Predictor.predict_components

    def reading(reader: SceneReader, window: Window, bands: Any) -> Any:
        if window.height != PROBE_PX:
            read_px[window.slices()] += 1
        return read_window(reader, window, bands)

    def predicting(predictor: Predictor, padded: np.ndarray, valid: np.ndarray, warn: Any) -> Any:
        predicted.append((valid.shape[0] - 2 * predictor.radius) * (valid.shape[1] - 2 * predictor.radius))
        return predict(predictor, padded, valid, warn)

    monkeypatch.setattr(spectral_sample, "_WHOLE_NUMBERS", 0)
    monkeypatch.setattr(spectral_sample, "_PROBE_PX", PROBE_PX)
    monkeypatch.setattr(strips, "_BLOCK_PX", 16 * 16)  # the blocks of the file, one by one
    monkeypatch.setattr(SceneReader, "read", reading)
    monkeypatch.setattr(Predictor, "predict_components", predicting)
    mapped(inputs, tmp_path, mask=write_mask(tmp_path / "mask.tif", blobs()), tile_size=16)
    assert read_px.max() == 1
    assert not read_px[12 + RADIUS : 50 - RADIUS].any()
    assert not read_px[: 12 + RADIUS, 14 + RADIUS :].any()
    assert sum(predicted) == 8 * 11 + 7 * 14


def test_a_masked_map_is_resumed_and_only_with_its_own_mask(inputs: dict[str, Any], tmp_path: Path) -> None:
    mask = write_mask(tmp_path / "mask.tif", blobs())
    for name in ("once", "resumed"):
        (tmp_path / name).mkdir()
    expected, whole_result = mapped(inputs, tmp_path / "once", mask=mask, tile_size=16)

    class Interrupting(hsi_engine.SilentReporter):
        def progress(self, fraction: float, message: str = "") -> None:
            assert 0 <= fraction <= 1
            if "tile" in message and fraction > 0.5:
                self.cancel.set()

    with pytest.raises(hsi_engine.Cancelled, match=r"kept in output\.tif\.unfinished"):
        mapped(inputs, tmp_path / "resumed", mask=mask, tile_size=16, resume=True, reporter=Interrupting())
    changed = blobs()
    changed[5, 6] = False
    other = write_mask(tmp_path / "other.tif", changed)
    for change, says in (
        ({"mask": other}, "pixels of the mask was"),
        ({"mask": None}, "first row and first column of the map was"),
        ({"mask": mask, "extent": extent_of(Window(row=0, col=0, height=60, width=46))}, "first row and first column"),
    ):
        with pytest.raises(hsi_engine.MismatchError, match=says):
            mapped(inputs, tmp_path / "resumed", tile_size=16, resume=True, **change)
    resumed, result = mapped(inputs, tmp_path / "resumed", mask=mask, tile_size=16, resume=True)
    assert result.model_dump(exclude=TOLD) == whole_result.model_dump(exclude=TOLD)
    for name in RASTERS:
        np.testing.assert_array_equal(resumed[name], expected[name])


def test_a_map_of_a_single_class_is_warned_of(inputs: dict[str, Any], whole: Any, tmp_path: Path) -> None:
    assert len(np.unique(whole["output"])) > 2
    flat = np.full((BANDS, ROWS, COLS), 0.25)
    scene = make_scenes.write_scene(
        tmp_path / "flat.tif", rows=ROWS, cols=COLS, bands=BANDS, cube=flat, with_hole=False
    )
    (tmp_path / "flat").mkdir()
    found, result = mapped(inputs | {"scene": scene}, tmp_path / "flat", min_confidence=0)
    (value,) = np.unique(found["output"])
    name = {2: "a", 5: "b", 11: "c", 300: "d"}[int(value)]
    expected = f"All {ROWS * COLS:,} classified pixels were given class {value} ({name}). A map of a single class"
    assert [note.startswith(expected) for note in result.notes].count(True) == 1
    window = Window(row=1, col=1, height=25, width=40)
    (tmp_path / "part").mkdir()
    _, part = mapped(inputs | {"scene": scene}, tmp_path / "part", min_confidence=0, extent=extent_of(window))
    assert not any("single class" in note for note in part.notes), "less than half of a scene may be a lake"


# ---------------------------------------------------------------- what is refused


def test_a_part_without_data_is_refused(inputs: dict[str, Any], tmp_path: Path) -> None:
    rows, cols = make_scenes.hole(ROWS, COLS)
    window = Window(row=rows.start, col=cols.start, height=2, width=3)
    for part, pixels in ((window, "6 pixels"), (Window(row=rows.start, col=cols.start, height=1, width=1), "1 pixel")):
        words = rf"No pixel of .* that is to be mapped \({pixels}\) has data in .* \(nodata value: -32768\)"
        with pytest.raises(hsi_engine.SceneError, match=words):
            mapped(inputs, tmp_path, extent=extent_of(part))
    assert not list(tmp_path.iterdir())


def test_a_mask_outside_the_extent_is_refused(inputs: dict[str, Any], tmp_path: Path) -> None:
    mask = write_mask(tmp_path / "mask.tif", blobs())
    with pytest.raises(hsi_engine.MismatchError, match=r"No pixel of the extent lies inside the mask mask\.tif"):
        mapped(inputs, tmp_path, mask=mask, extent=extent_of(Window(row=20, col=20, height=9, width=9)))


def test_the_mask_is_not_overwritten(inputs: dict[str, Any], tmp_path: Path) -> None:
    mask = write_mask(tmp_path / "output.tif", blobs())
    with pytest.raises(hsi_engine.OutputError, match=r"output\.tif"):
        mapped(inputs, tmp_path, mask=mask)
    assert read(mask).max() == 7


# ---------------------------------------------------------------- training and mapping in one go


@pytest.fixture
def in_one_go(inputs: dict[str, Any], tmp_path: Path) -> dict[str, Any]:
    return {
        "scene": inputs["scene"],
        "labels": make_scenes.write_polygons(tmp_path / "polygons.gpkg", like=inputs["scene"]),
        "class_field": "class_id",
        "model": "logistic_regression",
        "split": "none",
        "output": tmp_path / "map.tif",
        "model_output": tmp_path / "m.hsimodel",
        "report": tmp_path / "report.html",
    }


def test_only_the_map_is_of_the_part_and_the_report_shows_it(in_one_go: dict[str, Any], tmp_path: Path) -> None:
    window = Window(row=30, col=2, height=14, width=40)
    result = hsi_engine.train_and_classify(**in_one_go, extent=extent_of(window))
    assert read(in_one_go["output"]).shape == (1, 14, 40)
    whole = hsi_engine.train_and_classify(
        **in_one_go | {"output": tmp_path / "whole.tif", "model_output": tmp_path / "w.hsimodel", "report": None}
    )
    assert result.training.model_id == whole.training.model_id, "all labels are trained on"
    np.testing.assert_array_equal(read(in_one_go["output"])[0], read(tmp_path / "whole.tif")[0][window.slices()])
    assert in_one_go["report"].read_text(encoding="utf-8").count("data:image/png") >= 2, "map and scene"


def test_a_wrong_extent_or_mask_is_refused_before_the_training(in_one_go: dict[str, Any], tmp_path: Path) -> None:
    for wrong in ({"extent": "0,0,1,1"}, {"mask": tmp_path / "missing.gpkg"}):
        with pytest.raises(hsi_engine.HsiError, match=r"does not overlap the scene|missing\.gpkg does not exist"):
            hsi_engine.train_and_classify(**in_one_go, **wrong)
        assert not in_one_go["model_output"].exists()
