"""What is said of a model, and whether it fits a scene: the words of the page, of the terminal and of mapping."""

from __future__ import annotations

import copy
import dataclasses
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine

import hsi_engine
import make_scenes
from hsi_engine.bundle.model_bundle import ModelBundle
from hsi_engine.bundle.model_file import read_bundle, write_bundle
from hsi_engine.cli import main
from hsi_engine.operations.parts.scene_fit import share_outside
from hsi_engine.operations.parts.trained_scene import TrainedScene, pixel_size_m, size_text
from hsi_engine.pixels.grid import Grid

OLD_MODEL = Path(__file__).parents[3] / "data" / "models" / "version_1.hsimodel.gz"
ROWS, COLS, BANDS = 45, 61, 16


class Listener(hsi_engine.SilentReporter):
    def __init__(self) -> None:
        super().__init__()
        self.warnings: list[str] = []

    def log(self, message: str, level: str = "info") -> None:
        if level == "warning":
            self.warnings.append(message)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    scene = make_scenes.write_scene(folder / "scene.tif", rows=ROWS, cols=COLS, bands=BANDS)
    make_scenes.write_polygons(folder / "polygons.gpkg", like=scene)
    hsi_engine.train_classifier(
        scene=scene,
        labels=folder / "polygons.gpkg",
        class_field="class_name",
        output=folder / "m.hsimodel",
        model="spectral_cnn",
        patch_size=3,
        epochs=1,
        smooth=False,
    )
    return folder


def same_scene(path: Path, **changes: Any) -> Path:
    return make_scenes.write_scene(path, **{"rows": ROWS, "cols": COLS, "bands": BANDS} | changes)


def checks(found: Any) -> dict[str, tuple[str, str]]:
    return {check.name: (check.level, check.text) for check in found.fit.checks}


def test_bands_that_only_their_number_matches_are_a_remark(folder: Path) -> None:
    scene = same_scene(folder / "numbered.tif", wavelengths=False)
    found = hsi_engine.model_information(model=folder / "m.hsimodel", scene=scene)
    assert checks(found)["bands"][0] == "remark"
    assert found.fit.headline == "The model fits this scene, with 1 remark."
    assert found.fit.verdict == "fits_with_remarks"


def test_the_scene_of_the_training_fits(folder: Path) -> None:
    found = hsi_engine.model_information(model=folder / "m.hsimodel", scene=folder / "scene.tif")

    assert found.fit.verdict == "fits"
    assert found.fit.headline == "The model fits this scene."
    assert {check.level for check in found.fit.checks} == {"good"}
    assert found.trained_on.pixel_size_m == (30.0, 30.0)
    assert (found.neighbourhood_px, found.neighbourhood_m) == (3, 90.0)
    assert (found.trained_on.name, found.trained_on.labels) == ("scene.tif", "polygons.gpkg")
    assert [c.name for c in found.classes] == list(make_scenes.CLASS_NAMES.values())
    assert [c.color for c in found.classes] == list(make_scenes.CLASS_COLOURS.values())
    assert found.accuracy.measured in ("separate_places", "unknown")
    assert found.format_version == 4
    assert found.created is not None


def test_other_pixels_are_a_remark_and_mapping_says_the_same(folder: Path, tmp_path: Path) -> None:
    fine = same_scene(tmp_path / "fine.tif", transform=Affine(20, 0, 368000, 0, -20, 5810000))
    found = hsi_engine.model_information(model=folder / "m.hsimodel", scene=fine)

    assert found.fit.verdict == "fits_with_remarks"
    level, text = checks(found)["pixel_size"]
    assert level == "remark"
    assert text == (
        "The pixels are 20 m; the model was trained on 30 m. The model sees 3×3 pixels around each pixel, which is 90 m on"
        " the ground of the training and 60 m here."
    )
    listener = Listener()
    mapped = hsi_engine.classify_scene(
        scene=fine, model=folder / "m.hsimodel", output=tmp_path / "map.tif", reporter=listener
    )
    assert text in listener.warnings
    assert text in mapped.notes


@pytest.mark.parametrize(
    ("changes", "name", "verdict", "words"),
    [
        ({"dtype": "int16"}, "values", "does_not_fit", "Divide its values by 10,000"),
        ({"bands": 12}, "bands", "does_not_fit", "4 of the 16 bands that are needed are missing"),
        (
            {"wavelengths": False},
            "bands",
            "fits_with_remarks",
            "The scene states no wavelengths: its 16 bands are matched with those of the model by number; check that they are the same.",
        ),
        ({"crs": None, "transform": None}, "pixel_size", "fits", "The scene does not say how large pixels are"),
    ],
)
def test_what_does_not_fit_is_said(
    folder: Path, tmp_path: Path, changes: dict[str, Any], name: str, verdict: str, words: str
) -> None:
    scene = same_scene(tmp_path / "other.tif", **changes)
    if name == "values":  # the numbers of the file as they are
        with rasterio.open(scene, "r+") as file:
            file.scales = [1.0] * file.count
    found = hsi_engine.model_information(model=folder / "m.hsimodel", scene=scene)

    assert found.fit.verdict == verdict
    assert words in checks(found)[name][1]
    if name == "bands" and verdict == "does_not_fit":
        assert checks(found)["values"] == ("unknown", "Not examined, because the bands do not match.")


def test_bands_that_are_matched_by_number_are_named_when_a_scene_is_mapped(folder: Path, tmp_path: Path) -> None:
    plain, first = same_scene(tmp_path / "plain.tif", wavelengths=False), tmp_path / "first.hsimodel"
    hsi_engine.train_classifier(
        scene=plain, labels=folder / "polygons.gpkg", output=first, model="random_forest", smooth=False
    )
    for scene, model, words in (
        (plain, folder / "m.hsimodel", "The scene states no wavelengths: its 16 bands are matched"),
        (folder / "scene.tif", first, "The model states no wavelengths, the scene does: its 16 bands are matched"),
        (plain, first, ""),
    ):
        listener = Listener()
        mapped = hsi_engine.classify_scene(scene=scene, model=model, output=tmp_path / "map.tif", reporter=listener)
        said = [note for note in listener.warnings if "are matched" in note]
        assert [note in mapped.notes and note.startswith(words) for note in said] == ([True] if words else [])


def test_spectra_beyond_those_of_the_training_are_a_remark(folder: Path, tmp_path: Path) -> None:
    cube = make_scenes.reflectance(ROWS, COLS, BANDS, 0)
    cube[::2] = 2.5 * np.nanmax(cube)
    cube[1::2] = 0.4 * cube[1::2]
    other = same_scene(tmp_path / "other.tif", cube=cube / 1.5, with_hole=False)
    level, text = checks(hsi_engine.model_information(model=folder / "m.hsimodel", scene=other))["spectra"]

    assert level == "remark"
    assert "beyond the range of the training scene" in text


def test_the_page_shows_each_class_with_its_colour(folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "model.html"
    found = hsi_engine.model_information(model=folder / "m.hsimodel", scene=folder / "scene.tif", report=page)
    text = page.read_text(encoding="utf-8")

    assert text.index("The model fits this scene.") < text.index("Does it fit scene.tif?") < text.index("Classes and")
    for item in found.classes:
        assert f"background:{item.color}" in text
    assert "<script" not in text
    assert "http" not in text.replace("http-equiv", "")


def test_a_model_of_version_1(tmp_path: Path) -> None:
    old = tmp_path / "old.hsimodel"
    old.write_bytes(gzip.decompress(OLD_MODEL.read_bytes()))
    found = hsi_engine.model_information(
        model=old, scene=same_scene(tmp_path / "scene.tif"), report=tmp_path / "m.html"
    )

    assert (found.format_version, found.created, found.accuracy.measured) == (1, None, "unknown")
    assert found.accuracy.sentence == "The accuracy of this model is not known."
    assert checks(found)["pixel_size"] == (
        "unknown",
        "The model does not say how large pixels are on the ground: not compared.",
    )
    assert found.fit.verdict == "fits"
    assert "with remarks: spectra could not be compared and the pixel size could not be" in found.fit.headline


@pytest.mark.parametrize(
    "training",
    [
        {},
        {"split": "random"},
        {"split": {"strategy": "folds"}, "settings": {}, "versions": 3, "scene": [1]},
        {"scene": {"pixel_size_m": ["a", 1], "low": [1], "sensor": 5, "rows": "x"}, "settings": [], "inputs": None},
    ],
)
def test_records_of_other_programs(folder: Path, tmp_path: Path, training: dict[str, Any]) -> None:
    bundle = read_bundle(folder / "m.hsimodel")
    strange = ModelBundle(
        members=bundle.members,
        preprocessing=bundle.preprocessing,
        legend=bundle.legend,
        training=training,
        metrics={"test": {"overall_accuracy": "good"}, "calibration": 3},
    )
    write_bundle(strange, tmp_path / "strange.hsimodel")
    found = hsi_engine.model_information(
        model=tmp_path / "strange.hsimodel", scene=folder / "scene.tif", report=tmp_path / "strange.html"
    )

    assert found.accuracy.measured == "unknown"
    assert found.trained_on.pixel_size_m is None
    assert "not known" in found.to_text()
    assert (
        hsi_engine.classify_scene(
            scene=folder / "scene.tif", model=tmp_path / "strange.hsimodel", output=tmp_path / "map.tif"
        )
        .description["accuracy"]
        .startswith("The accuracy of this model is not known.")
    )


def test_the_map_says_what_made_it(folder: Path, tmp_path: Path) -> None:
    mapped = hsi_engine.classify_scene(
        scene=folder / "scene.tif", model=folder / "m.hsimodel", output=tmp_path / "map.tif"
    )
    with rasterio.open(tmp_path / "map.tif") as file:
        tags = file.tags()

    assert tags["TIFFTAG_IMAGEDESCRIPTION"] == "Class map of scene.tif"
    assert tags["HSI_MODEL_ID"] == mapped.model_id
    assert tags["HSI_ACCURACY"] == mapped.description["accuracy"]
    assert "labelled pixels of 3 classes from polygons.gpkg" in tags["HSI_LABELS"]
    assert len(tags["HSI_LABELS_SHA256"]) == 64
    assert "HSI_TRAINED_ON" not in tags


def test_the_map_of_another_scene_says_where_its_accuracy_comes_from(folder: Path, tmp_path: Path) -> None:
    other = same_scene(tmp_path / "other.tif", seed=0)
    described = hsi_engine.classify_scene(
        scene=other, model=folder / "m.hsimodel", output=tmp_path / "map.tif"
    ).description

    assert described["trained_on"] == "scene.tif"
    assert described["accuracy"].endswith("This was measured on scene.tif, not on this scene.")


Run = Callable[..., int]


@pytest.mark.parametrize(
    "words",
    [
        ["info", "m.hsimodel", "--scene", "scene.tif"],
        ["info", "--scene", "scene.tif", "m.hsimodel"],
        ["info", "--model=m.hsimodel", "--scene=scene.tif"],
        ["info", "model_without_ending", "--scene", "scene.tif"],
        ["info", "--json", "m.hsimodel", "--scene", "scene.tif"],
    ],
)
def test_info_is_about_a_model_where_one_is_given(
    folder: Path, words: list[str], capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    (folder / "model_without_ending").write_bytes((folder / "m.hsimodel").read_bytes())
    assert main([*words, *([] if "--json" in words else ["--json"])]) == 0
    answer = json.loads(capfd.readouterr().out)
    assert answer["fit"]["verdict"] == "fits"


@pytest.mark.parametrize("words", [["info", "scene.tif"], ["info", "--scene", "scene.tif"], ["info", "tif.hsimodel"]])
def test_info_is_about_a_scene_where_that_is_given(
    folder: Path, words: list[str], capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    (folder / "tif.hsimodel").write_bytes((folder / "scene.tif").read_bytes())
    assert main([*words, "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["rows"] == ROWS


def test_a_scene_that_is_a_model_is_described_as_one(
    folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    assert main(["info", "--scene", "m.hsimodel", "--json"]) == 0
    assert json.loads(capfd.readouterr().out)["format_version"] == 4


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("notes.txt", 3, "is not a raster that GDAL can read"),
        ("notes.hsimodel", 5, "This is not a model: expected a zip archive"),
        ("missing.hsimodel", 5, "The file does not exist"),
    ],
)
def test_a_file_that_is_neither(
    tmp_path: Path, name: str, code: int, words: str, capfd: pytest.CaptureFixture[str]
) -> None:
    if not name.startswith("missing"):
        (tmp_path / name).write_text("only words")
    assert main(["info", str(tmp_path / name)]) == code
    assert words in capfd.readouterr().err


def test_mistakes_name_the_command_that_was_typed_and_its_help_says_that_it_takes_models(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.hsimodel").write_text("only words")
    assert main(["info", str(tmp_path / "notes.hsimodel"), "--colour"]) == 2
    err = capfd.readouterr().err
    assert err == "hsi: error: hsi info MODEL has no option '--colour'.\n  See hsi info MODEL --help.\n"
    assert main(["model-info", "m", "--colour"]) == 2
    assert "hsi model-info has no option" in capfd.readouterr().err
    main(["info", "--help"])
    assert "Given a model file, it describes the model" in " ".join(capfd.readouterr().out.split())


def test_a_spectrum_counts_as_outside_if_many_of_its_bands_are() -> None:
    low, high = np.zeros(20), np.ones(20)
    inside, slightly, far, one_band = np.full(20, 0.5), np.full(20, 1.2), np.full(20, 1.3), np.full(20, 0.5)
    one_band[3] = 9.0
    spectra = np.stack([inside, slightly, far, -far, one_band], axis=1)

    assert share_outside(spectra, low, high) == 2 / 5


@pytest.mark.parametrize(
    ("crs", "transform", "expected"),
    [
        ("EPSG:32633", Affine(20, 0, 0, 0, -30, 0), (20.0, 30.0)),
        ("EPSG:2263", Affine(10, 0, 1e6, 0, -10, 2e5), (3.048, 3.048)),  # US survey feet
        ("EPSG:4326", Affine(0.001, 0, 13, 0, -0.001, 60.0305), (55.8, 111.4)),
        (None, Affine(20, 0, 0, 0, -20, 0), None),
        ("EPSG:32633", Affine.identity(), None),
    ],
)
def test_the_size_of_a_pixel_on_the_ground(
    crs: str | None, transform: Affine, expected: tuple[float, float] | None
) -> None:
    found = pixel_size_m(Grid(crs=crs, transform=transform, shape=(61, 45)))
    assert found == (None if expected is None else pytest.approx(expected, rel=2e-3))


def test_sizes_in_words() -> None:
    assert [size_text(size) for size in ((30.0, 30.0), (20.0, 30.0), (2.914, 2.914), (1113.2, 1113.2))] == [
        "30 m",
        "20 × 30 m",
        "2.91 m",
        "1,113 m",
    ]


def test_a_record_comes_back_as_it_was() -> None:
    scene = TrainedScene(sensor="EnMAP", pixel_size_m=(30.0, 30.0), low=(0.0, 0.1), high=(1.0, 2.0), sampled=7)
    record = {"scene": json.loads(json.dumps(scene.to_json()))}
    assert TrainedScene.of_record(record, 2) == scene
    assert TrainedScene.of_record(record, 3).low is None


def test_a_model_that_began_with_another_names_it(folder: Path, tmp_path: Path) -> None:
    bundle = read_bundle(folder / "m.hsimodel")
    assert hsi_engine.model_information(model=folder / "m.hsimodel").started_from == ""
    start = {"model": "abcdef0123456789", "name": "old.hsimodel", "kept": ["water"], "new": ["soil"], "frozen": True}
    later = dataclasses.replace(bundle, training={**bundle.training, "warm_start": start})
    write_bundle(later, tmp_path / "later.hsimodel")
    found = hsi_engine.model_information(model=tmp_path / "later.hsimodel", report=tmp_path / "later.html")
    text = "old.hsimodel (model abcdef012345); kept the classes water; new are soil; only the last layers were trained"
    assert found.started_from == text
    assert text in " ".join(found.to_text().split())
    assert text in (tmp_path / "later.html").read_text("utf-8")


def test_a_record_in_which_single_values_are_of_other_kinds(folder: Path, tmp_path: Path) -> None:
    bundle = read_bundle(folder / "m.hsimodel")
    training, metrics = copy.deepcopy(dict(bundle.training)), copy.deepcopy(dict(bundle.metrics))
    training["split"]["trained"] = [["a", 1]] * len(bundle.legend)
    metrics["selective"] = {"points": [{"interval_95": ""}]}
    path = tmp_path / "strange.hsimodel"
    write_bundle(dataclasses.replace(bundle, training=training, metrics=metrics), path)
    found = hsi_engine.model_information(model=path)
    assert found.accuracy.measured == "unknown"
    assert [c.labelled_pixels for c in found.classes] == [None] * len(bundle.legend)
