from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from affine import Affine
from pyproj import CRS

import hsi_engine
import make_scenes
from hsi_engine.classes.legend import Legend
from hsi_engine.errors import Cancelled, OutputError, SceneError
from hsi_engine.io.legends.style_files import write_class_map_style
from hsi_engine.io.maps.class_map import ClassMapWriter
from hsi_engine.operations.definition.function import start
from hsi_engine.operations.inspect_scene.operation import OPERATION, InspectSceneParams, InspectSceneResult
from hsi_engine.pixels.grid import Grid
from hsi_engine.pixels.window import Window
from hsi_engine.reporting import SilentReporter
from make_scenes import BANDS, COLS, ROWS

MakeScene = Callable[..., Path]


def inspect(path: Path, statistics: bool = True) -> InspectSceneResult:
    return start(OPERATION, InspectSceneParams(scene=path, statistics=statistics), SilentReporter())


def test_everything_about_a_scene(make_scene: MakeScene) -> None:
    path = make_scene(bad_bands=(2,), empty_bands=(5,), transform=make_scenes.ROTATED)
    result = inspect(path)
    assert (result.rows, result.cols, result.dtype, result.format) == (ROWS, COLS, "int16", "GTiff")
    assert result.crs == "EPSG:32633 (WGS 84 / UTM zone 33N)"
    assert result.crs_unit == "metre"
    assert result.transform == pytest.approx(tuple(make_scenes.ROTATED)[:6])
    assert result.pixel_size == pytest.approx((30.0, 30.0))
    assert [b.wavelength_nm for b in result.bands] == pytest.approx(list(make_scenes.wavelengths_nm()))
    assert result.bands_flagged_bad == [3]
    assert result.bands_without_data == [6]
    assert result.bands_usable == [1, 2, 4, 5, 7, 8, 9, 10, 11, 12]
    without = np.zeros((ROWS, COLS))[make_scenes.hole()].size
    assert result.valid_pixels == ROWS * COLS - without
    assert result.valid_share == pytest.approx(result.valid_pixels / (ROWS * COLS))


@pytest.mark.parametrize(
    ("degrees", "said"), [(-13, "13° clockwise"), (30, "30° counterclockwise"), (0, ""), (180, "180° counterclockwise")]
)
def test_a_rotated_scene_says_how_far(make_scene: MakeScene, tmp_path: Path, degrees: float, said: str) -> None:
    turned = Affine.translation(368_000, 5_810_000) @ Affine.rotation(degrees) @ Affine.scale(20, -20)
    result = hsi_engine.inspect_scene(scene=make_scene(transform=turned), report=tmp_path / "page.html")
    assert [line.split(maxsplit=1)[1] for line in result.to_text().splitlines() if line.startswith("Rotation")] == [
        said
    ] * bool(said)
    assert (said or "Rotation") in (tmp_path / "page.html").read_text(encoding="utf-8") or not said


def test_a_crs_without_a_name_and_with_the_unit_of_another_program(make_scene: MakeScene) -> None:
    wkt = (
        CRS("EPSG:32611").to_wkt("WKT1_GDAL").replace("WGS 84 / UTM zone 11N", "unnamed").replace('"metre"', '"Meter"')
    )
    result = inspect(make_scene(crs=wkt))
    assert "unnamed" not in (result.crs or "")
    assert result.crs_unit == "metre"
    assert "30 × 30 metre" in result.to_text()


def test_values_are_those_of_the_valid_pixels(make_scene: MakeScene) -> None:
    result = inspect(make_scene(dtype="float32", offset=0.25, empty_bands=(5,)))
    inside = np.ones((ROWS, COLS), bool)
    inside[make_scenes.hole()] = False
    expected = make_scenes.reflectance()[:, inside]
    for index, band in enumerate(result.bands):
        values = (band.minimum, band.mean, band.maximum)
        if index == 5:
            assert values == (None, None, None)
        else:
            spectrum = expected[index]
            assert values == pytest.approx((spectrum.min(), spectrum.mean(), spectrum.max()), rel=1e-5)


def test_without_statistics_no_pixel_is_read(make_scene: MakeScene) -> None:
    result = inspect(make_scene(empty_bands=range(BANDS)), statistics=False)
    assert result.bands_without_data is None
    assert result.valid_share is None
    assert "Valid pixels       not examined" in result.to_text()


def test_a_scene_without_data_is_an_error(make_scene: MakeScene) -> None:
    with pytest.raises(SceneError, match="holds no data"):
        inspect(make_scene(empty_bands=range(BANDS)))


def test_text_for_a_person(make_scene: MakeScene) -> None:
    lines = inspect(make_scene(bad_bands=(2, 3), empty_bands=(5,), crs=None)).to_text().splitlines()
    assert "Size               37 rows × 29 columns, 12 bands" in lines
    assert "CRS                none" in lines
    assert "Scale, offset      0.0001, 0" in lines
    assert "Wavelengths        430.0 to 980.0 nm" in lines
    assert "Flagged bad        3–4" in lines
    assert "Without data       6" in lines
    assert "Usable bands       1–2, 5, 7–12" in lines
    assert any("3  530.0 nm bad" in line for line in lines)
    assert any("6  680.0 nm empty" in line for line in lines)
    note = lines.index("Note: The scene has no CRS; its coordinates are used as they are.")
    assert note < next(i for i, line in enumerate(lines) if "430.0 nm" in line and "to" not in line), "before the bands"


def test_bands_without_wavelengths_show_their_names(make_scene: MakeScene) -> None:
    text = inspect(make_scene(wavelengths=False)).to_text()
    assert "Wavelengths        not stated" in text
    assert "12  Band 12" in text


def test_json_is_plain(make_scene: MakeScene) -> None:
    data = json.loads(json.dumps(inspect(make_scene(dtype="float32")).to_json(), allow_nan=False))
    assert data["nodata"] is None  # not a number, and JSON has no word for it
    assert data["bands"][0]["wavelength_nm"] == 430.0


def test_cancel(scene_path: Path) -> None:
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled):
        start(OPERATION, InspectSceneParams(scene=scene_path), SilentReporter(cancel))


def test_enmap(enmap: Path) -> None:
    result = inspect(enmap / "scene.tif")
    assert result.bands_flagged_bad == result.bands_without_data == list(range(130, 136))
    assert result.acquired == "2022-07-24T10:45:26"
    assert "Acquired           2022-07-24T10:45:26" in result.to_text()
    assert result.valid_share == pytest.approx(18 / 30)
    assert len(result.bands_usable or ()) == 218


def test_missing_data_that_the_file_does_not_declare_is_noted_and_can_be_given(make_scene: MakeScene) -> None:
    cube = make_scenes.reflectance()
    cube[:, :4] = 0
    path = make_scene(cube=cube, dtype="uint16", nodata=None, with_hole=False)
    result = inspect(path)
    assert [note[:42] for note in result.notes] == ["116 of 1,073 pixels hold 0 in all bands, w"]
    result = start(OPERATION, InspectSceneParams(scene=path, nodata=0), SilentReporter())
    assert result.notes == []
    assert (result.nodata, result.nodata_given, result.valid_pixels) == (None, 0.0, 1073 - 116)
    assert "No data            none stated; 0 given" in result.to_text()


def test_the_nodata_value_of_the_file_is_shown(make_scene: MakeScene) -> None:
    assert "No data            -32768\n" in inspect(make_scene()).to_text()
    assert "No data            0\n" in inspect(make_scene(dtype="uint16", nodata=0)).to_text()
    assert "No data            nan\n" in inspect(make_scene(dtype="float32")).to_text()


def test_bands_that_are_flagged_bad_are_looked_at_too(make_scene: MakeScene) -> None:
    result = inspect(make_scene(bad_bands=(2, 5), empty_bands=(5, 8)))
    assert result.bands_without_data == [6, 9]
    assert result.bands[5].mean is None
    inside = np.ones((ROWS, COLS), bool)
    inside[make_scenes.hole()] = False
    spectrum = make_scenes.reflectance()[2][inside]
    values = result.bands[2]
    assert (values.minimum, values.mean, values.maximum) == pytest.approx(
        (spectrum.min(), spectrum.mean(), spectrum.max()), abs=1e-4
    )
    assert any("6  680.0 nm bad, empty" in line for line in result.to_text().splitlines())


def test_the_standard_deviation_does_not_depend_on_blocks_nor_on_the_mean(
    make_scene: MakeScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hsi_engine.io.scenes.statistics._BLOCK_BYTES", 1 << 12)
    result = inspect(make_scene(dtype="float64", offset=1e6))
    inside = np.ones((ROWS, COLS), bool)
    inside[make_scenes.hole()] = False
    expected = (make_scenes.reflectance()[:, inside]).std(axis=1)
    assert [band.standard_deviation for band in result.bands] == pytest.approx(list(expected), rel=1e-5)


def test_a_constant_band_is_told(make_scene: MakeScene) -> None:
    cube = make_scenes.reflectance()
    cube[7] = 0.25
    result = inspect(make_scene(cube=cube))
    assert result.bands_constant == [8]
    assert "One value only     8" in result.to_text()


def test_composites_that_are_possible(make_scene: MakeScene) -> None:
    assert inspect(make_scene(), statistics=False).composites == ["true_colour", "near_infrared"]
    assert inspect(make_scene(bad_bands=(0, 1))).composites == ["near_infrared"]


def test_the_report_appears_when_it_is_asked_for(make_scene: MakeScene, tmp_path: Path) -> None:
    page = tmp_path / "scene.html"
    result = start(OPERATION, InspectSceneParams(scene=make_scene(), report=page), SilentReporter())
    assert result.report == page
    assert result.to_text().endswith(f"Written: {page}")
    assert "<h2>Mean spectrum</h2>" in page.read_text(encoding="utf-8")
    with pytest.raises(OutputError, match=r"must end in \.html or \.htm"):
        start(OPERATION, InspectSceneParams(scene=make_scene(), report=tmp_path / "scene.pdf"), SilentReporter())


def test_a_class_map_is_described_by_its_classes(tmp_path: Path) -> None:
    path, values = tmp_path / "map.tif", np.zeros((4, 50), np.uint8)
    values[:2], values[2, :30] = 3, 7
    grid = Grid(crs="EPSG:32633", transform=Affine(30, 0, 3e5, 0, -30, 5.8e6), shape=values.shape)
    legend = Legend.of({3: "water", 7: "bare soil", 9: "snow"})
    with ClassMapWriter(path, grid, legend, tags={"HSI_METHOD": "Random forest", "HSI_SCENE": "s.tif"}) as writer:
        writer.write(Window.of_shape(values.shape), values)
    write_class_map_style(path, legend)
    found = inspect(path)
    assert found.classes is not None
    assert [(c.value, c.name, c.pixels, c.hectares) for c in found.classes] == [
        (3, "water", 100, pytest.approx(9.0)),
        (7, "bare soil", 30, pytest.approx(2.7)),
        (9, "snow", 0, 0.0),
    ]
    assert found.made_with == {"method": "Random forest", "scene": "s.tif"}
    text = found.to_text()
    assert "Class map          3 classes" in text
    assert "Method             Random forest" in text
    assert "    3  water       76.9 %           9.0 ha" in text
    headers = inspect(path, statistics=False).classes
    assert headers is not None
    assert [(c.name, c.pixels) for c in headers] == [("water", None), ("bare soil", None), ("snow", None)]


def test_a_sample_is_refused_with_what_it_is(labels_path: Path, tmp_path: Path) -> None:
    points = tmp_path / "points.gpkg"
    hsi_engine.sample_reference_points(map=labels_path, points=40, output=points)
    with pytest.raises(
        SceneError, match=r"holds 40 reference points \(stratified, 3 strata\) of the map labels\.tif, of which 0"
    ):
        inspect(points)
