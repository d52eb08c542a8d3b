"""A preview: which part is mapped, and when the quick model is trained, kept, found again and replaced."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pytest
import rasterio

import hsi_engine
import make_scenes
from hsi_engine.bundle.model_file import read_bundle, write_bundle
from hsi_engine.errors import Cancelled, LabelError, MismatchError, OutputError, ParameterError
from hsi_engine.operations.preview import kept_models as preview_model
from hsi_engine.operations.preview.operation import PreviewParams, PreviewResult
from hsi_engine.operations.preview.training import PreviewTraining, training_params
from hsi_engine.operations.train_classifier.recipes import candidate_recipes, untested_recipes
from hsi_engine.reporting import SilentReporter

Preview = Callable[..., PreviewResult]
ROWS, COLS = 37, 29


class Log(SilentReporter):
    """Keeps what is said."""

    def __init__(self, cancel: threading.Event | None = None) -> None:
        super().__init__(cancel)
        self.texts: list[tuple[str, str]] = []

    def log(self, message: str, level: Any = "info") -> None:
        self.texts.append((level, message))

    @property
    def warnings(self) -> list[str]:
        return [text for level, text in self.texts if level == "warning"]


@pytest.fixture
def polygons(scene_path: Path) -> Path:
    return make_scenes.write_polygons(scene_path.with_name("polygons.gpkg"), like=scene_path)


@pytest.fixture
def preview(scene_path: Path, polygons: Path, tmp_path: Path) -> Preview:
    """``preview(…)`` maps a part of the scene; what is not given is that of the fixtures."""

    def run(**given: Any) -> PreviewResult:
        usual = {"scene": scene_path, "labels": polygons, "class_field": "class_name"}
        usual |= {"output": tmp_path / "preview.tif", "cache": tmp_path / "cache"}
        result: PreviewResult = hsi_engine.preview(**usual | given)
        return result

    return run


def values(path: Path) -> np.ndarray[Any, Any]:
    with rasterio.open(path) as file:
        found: np.ndarray[Any, Any] = file.read(1)
    return found


def models(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "cache").glob("*.hsimodel"))


# ------------------------------------------------------------------------------------ the map


def test_a_small_scene_is_mapped_whole_and_styled(preview: Preview, scene_path: Path, tmp_path: Path) -> None:
    result = preview()

    assert result.window == {"row": 0, "col": 0, "height": ROWS, "width": COLS}
    assert not result.cut
    truth, found = make_scenes.land_cover(), values(result.output)
    hole = np.zeros(truth.shape, bool)
    hole[make_scenes.hole()] = True
    assert (found[hole] == 0).all()
    assert (found[~hole] == truth[~hole]).mean() > 0.95
    assert result.nodata_pixels == hole.sum()
    by_name = {c.name: c for c in result.classes}
    assert sum(c.pixels for c in result.classes) == ROWS * COLS - hole.sum()
    assert by_name["water"].hectares == pytest.approx(0.09 * by_name["water"].pixels)
    assert result.output.with_suffix(".qml").is_file()
    assert "water" in result.to_text()
    assert "not tested" in result.accuracy


def test_the_pixels_are_those_of_a_map_with_the_kept_model(preview: Preview, scene_path: Path, tmp_path: Path) -> None:
    left, top = make_scenes.NORTH_UP @ (4, 11)
    right, bottom = make_scenes.NORTH_UP @ (20, 30)
    result = preview(extent=f"{left},{bottom},{right},{top}")
    whole = tmp_path / "whole.tif"
    hsi_engine.classify_scene(scene=scene_path, model=result.model, output=whole, device="cpu")

    assert result.window == {"row": 11, "col": 4, "height": 19, "width": 16}
    np.testing.assert_array_equal(values(result.output), values(whole)[11:30, 4:20])
    with rasterio.open(result.output) as file:
        assert file.transform @ (0, 0) == pytest.approx((left, top))


def test_a_part_that_is_too_large_is_cut_to_its_middle_and_that_is_said(preview: Preview) -> None:
    left, top = make_scenes.NORTH_UP @ (0, 0)
    right, bottom = make_scenes.NORTH_UP @ (COLS, ROWS)
    log = Log()
    result = preview(extent=f"{left},{bottom},{right},{top}", largest_size=16, reporter=log)

    assert result.window == {"row": 10, "col": 6, "height": 16, "width": 16}
    assert result.cut
    assert any("37×29 pixels (rows × columns) is larger than a preview" in text for text in log.warnings)
    assert result.notes[0] in log.warnings


def test_the_middle_of_a_wide_scene(preview: Preview, make_scene: Callable[..., Path], tmp_path: Path) -> None:
    wide = make_scene("wide.tif", rows=40, cols=600, bands=4)
    labels = make_scenes.write_labels(tmp_path / "wide_labels.tif", like=wide)
    result = preview(scene=wide, labels=labels, class_field=None)
    assert result.window == {"row": 0, "col": 44, "height": 40, "width": 512}
    assert not result.cut


def test_an_extent_elsewhere_is_refused_before_anything_is_trained(preview: Preview, tmp_path: Path) -> None:
    with pytest.raises(MismatchError, match="does not overlap the scene"):
        preview(extent="0,0,10,10")
    assert models(tmp_path) == []
    with pytest.raises(ParameterError, match="four finite numbers"):
        preview(extent="1,2,3")


def test_outputs_are_checked_first(preview: Preview, scene_path: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="also an input"):
        preview(output=scene_path)
    with pytest.raises(OutputError, match="must end in"):
        preview(output=tmp_path / "preview.png")


# ----------------------------------------------------------------------------------- the model


def test_it_is_trained_once_and_used_again(preview: Preview, tmp_path: Path) -> None:
    first, second = preview(), preview()

    assert first.trained
    assert first.training_seconds > 0
    assert not second.trained
    assert second.training_seconds == 0
    assert second.model_id == first.model_id
    assert models(tmp_path) == [first.model]
    assert "trained before, used again" in second.to_text()


def test_a_copy_of_the_labels_finds_it_and_an_edited_one_does_not(
    preview: Preview, polygons: Path, tmp_path: Path
) -> None:
    first = preview()
    frame = geopandas.read_file(polygons)
    copy = tmp_path / "another" / "name.gpkg"
    copy.parent.mkdir()
    frame.to_file(copy, driver="GPKG")
    assert not preview(labels=copy).trained

    frame.iloc[1:].to_file(copy, driver="GPKG")
    again = preview(labels=copy)
    assert again.trained
    assert again.model_id != first.model_id


def test_labels_behind_a_vrt_that_change_train_again(preview: Preview, polygons: Path, tmp_path: Path) -> None:
    frame = geopandas.read_file(polygons)
    source = tmp_path / "data" / "fields.geojson"
    source.parent.mkdir()
    frame.to_file(source, driver="GeoJSON")
    labels = tmp_path / "labels.vrt"
    labels.write_text(
        '<OGRVRTDataSource><OGRVRTLayer name="fields"><SrcDataSource relativeToVRT="1">data/fields.geojson'
        "</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>",
        encoding="utf-8",
    )
    assert preview(labels=labels).trained
    assert not preview(labels=labels).trained
    frame.assign(class_name=frame["class_name"].str.upper()).to_file(source, driver="GeoJSON")
    result = preview(labels=labels)
    assert result.trained
    assert {c.name for c in result.classes} == {name.upper() for name in frame["class_name"]}


def test_a_place_that_a_side_file_of_the_scene_states_counts(
    preview: Preview, scene_path: Path, tmp_path: Path
) -> None:
    preview()
    (first,) = (tmp_path / "cache").glob("*.link")
    left, width, _, top, _, height = make_scenes.NORTH_UP.to_gdal()
    moved = f"<GeoTransform>{left + width}, {width}, 0, {top}, 0, {height}</GeoTransform>"
    scene_path.with_name("scene.tif.aux.xml").write_text(f"<PAMDataset>{moved}</PAMDataset>", encoding="utf-8")
    preview()
    assert {first} < set((tmp_path / "cache").glob("*.link"))


def test_a_field_of_names_and_one_of_numbers_do_not_share_a_quick_key(preview: Preview) -> None:
    assert preview().trained
    other = preview(class_field="class_id")
    assert [c.value for c in other.classes] == [2, 5, 11]


@pytest.mark.parametrize("change", [{"nodata": 7.0}, {"bands": "1-8"}])
def test_other_settings_of_the_scene_train_again(preview: Preview, change: dict[str, Any]) -> None:
    assert preview().trained
    assert preview(**change).trained
    assert not preview(**change).trained


def test_another_scene_in_its_place_trains_again(preview: Preview, scene_path: Path, tmp_path: Path) -> None:
    assert preview().trained
    make_scenes.write_scene(tmp_path / "other.tif", seed=3)
    shutil.copyfile(tmp_path / "other.tif", scene_path)
    assert preview().trained


def test_statistics_that_a_gis_writes_beside_the_scene_do_not_count(preview: Preview, scene_path: Path) -> None:
    assert preview().trained
    scene_path.with_name("scene.tif.aux.xml").write_text("<PAMDataset><Metadata/></PAMDataset>", encoding="utf-8")
    assert not preview().trained


def test_another_engine_trains_again(preview: Preview, monkeypatch: pytest.MonkeyPatch) -> None:
    assert preview().trained
    monkeypatch.setattr(preview_model, "VERSION", "99.0")
    assert preview().trained


def test_a_foreign_or_broken_file_in_the_cache_is_replaced_and_said(preview: Preview, tmp_path: Path) -> None:
    kept = preview().model
    assert kept is not None
    complete = kept.read_bytes()
    for content, why in (
        (b"\x80\x04K\x01.", "a Python pickle"),
        (complete[:900], "truncated"),
        (b"", "an empty file"),
    ):
        kept.write_bytes(content)
        log = Log()
        again = preview(reporter=log)
        assert again.trained
        (warning,) = (text for text in log.warnings if "cannot be used and is made again" in text)
        assert why in warning
        assert read_bundle(kept).id == again.model_id


def test_a_model_under_the_key_of_another_is_not_believed(preview: Preview, polygons: Path, tmp_path: Path) -> None:
    first = preview()
    fewer = tmp_path / "fewer.gpkg"
    geopandas.read_file(polygons).iloc[1:].to_file(fewer, driver="GPKG")
    second = preview(labels=fewer)
    assert first.model is not None
    assert second.model is not None
    shutil.copyfile(second.model, first.model)
    log = Log()
    assert preview(reporter=log).trained
    assert any("is that of something else" in text for text in log.warnings)


def test_a_link_with_something_else_in_it_is_passed_over(preview: Preview, tmp_path: Path) -> None:
    preview()
    (link,) = (tmp_path / "cache").glob("*.link")
    for content in (b"../../etc/passwd", b"\xff\xfe", b"0" * 64):
        link.write_bytes(content)
        assert not preview().trained


def test_only_the_models_used_last_stay_and_foreign_files_are_left_alone(
    preview: Preview, polygons: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview_model, "MOST_MODELS", 2)
    frame = geopandas.read_file(polygons)
    foreign = tmp_path / "cache" / "mine.hsimodel"
    foreign.parent.mkdir()
    foreign.write_bytes(b"mine")
    made = []
    for number in range(3):
        labels = tmp_path / f"labels_{number}.gpkg"
        frame.iloc[number:].to_file(labels, driver="GPKG")
        made.append(preview(labels=labels).model)
        if number == 1:
            os.utime(made[1], ns=(1, 1))
            assert not preview(labels=tmp_path / "labels_0.gpkg").trained  # used last
    assert foreign.read_bytes() == b"mine"
    assert set(models(tmp_path)) == {foreign, made[0], made[2]}


def test_a_cache_that_cannot_be_written_is_said_and_does_not_matter(preview: Preview, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way", encoding="utf-8")
    log = Log()
    result = preview(cache=blocked / "cache", reporter=log)
    assert result.trained
    assert result.model is None
    assert any("cannot be kept, so the next preview trains again" in text for text in log.warnings)
    assert values(result.output).shape == (ROWS, COLS)


# Python's filters of warnings are shared by threads: what one ignores for a moment, may be an error in the other.
@pytest.mark.filterwarnings("default")
def test_two_at_once_in_an_empty_cache(preview: Preview, tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda n: preview(output=tmp_path / f"p{n}.tif"), range(2)))
    assert len({result.model_id for result in results}) == 1
    assert read_bundle(models(tmp_path)[0]).id == results[0].model_id
    assert not list((tmp_path / "cache").glob(".tmp-*"))


def test_cancelled_before_it_is_kept(preview: Preview, tmp_path: Path) -> None:
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled):
        preview(reporter=Log(cancel))
    assert models(tmp_path) == []
    assert not (tmp_path / "preview.tif").exists()


def test_one_class_cannot_be_previewed(preview: Preview, polygons: Path, tmp_path: Path) -> None:
    frame = geopandas.read_file(polygons)
    only = tmp_path / "only.gpkg"
    frame[frame["class_name"] == "water"].to_file(only, driver="GPKG")
    with pytest.raises(LabelError, match="class"):
        preview(labels=only)
    assert models(tmp_path) == []


# ------------------------------------------------------------------------------------ the method


def test_only_linear_methods_take_part(scene_path: Path, polygons: Path, tmp_path: Path) -> None:
    params = PreviewParams(scene=scene_path, labels=polygons, output=tmp_path / "p.tif")
    training = training_params(params, tmp_path / "m.hsimodel")
    assert [recipe.model for recipe in candidate_recipes(training, 12)] == ["logistic_regression", "lda"]
    assert [recipe.model for recipe in untested_recipes(training, 12)] == ["logistic_regression", "lda"]
    assert not training.smooth


def test_many_labels_are_thinned_and_that_is_said(preview: Preview, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PreviewTraining, "MOST_PIXELS", 90)
    result = preview()
    assert any("90 of" in note and "labelled pixels are used" in note for note in result.notes)
    assert result.model is not None
    assert 60 < read_bundle(result.model).training["split"]["train_samples"] <= 90  # some have no data


def test_labels_without_a_second_place_have_no_figure(preview: Preview, polygons: Path, tmp_path: Path) -> None:
    frame = geopandas.read_file(polygons)
    single = tmp_path / "single.gpkg"
    frame.groupby("class_name").head(1).to_file(single, driver="GPKG")
    result = preview(labels=single)
    assert result.quick_check is None
    assert "no quick check" in result.accuracy
    assert "Logistic regression" in result.method
    assert "LDA" in result.method


def test_a_written_model_names_its_key(preview: Preview, tmp_path: Path) -> None:
    kept = preview().model
    assert kept is not None
    bundle = read_bundle(kept)
    assert bundle.training["inputs"] == {"preview": kept.stem}
    write_bundle(bundle, tmp_path / "copy.hsimodel")
    assert (tmp_path / "copy.hsimodel").read_bytes() == kept.read_bytes()
