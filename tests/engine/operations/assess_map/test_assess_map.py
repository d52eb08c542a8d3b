"""The operation that compares a class map with a reference."""

from __future__ import annotations

import csv
import json
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import numpy.typing as npt
import pytest
import rasterio
import torch
from affine import Affine

import make_scenes
from hsi_engine.bundle.model_bundle import Member, ModelBundle
from hsi_engine.bundle.model_file import read_bundle, write_bundle
from hsi_engine.classes.legend import Legend
from hsi_engine.errors import BundleError, Cancelled, LabelError, MismatchError, OutputError
from hsi_engine.io.files.outputs import sha256_of
from hsi_engine.io.legends.style_files import write_class_map_style
from hsi_engine.io.maps.class_map import ClassMapWriter
from hsi_engine.io.scenes.scene import describe_scene
from hsi_engine.models import registry
from hsi_engine.operations.assess_map.operation import OPERATION, AssessMapResult
from hsi_engine.operations.definition.function import start
from hsi_engine.operations.definition.validation import validate
from hsi_engine.pixels.window import Window
from hsi_engine.preprocess.branch import Branch
from hsi_engine.preprocess.chain import Preprocessing
from hsi_engine.preprocess.pca import fit_pca
from hsi_engine.reporting import SilentReporter
from hsi_engine.spectrum.bands import BandTable

LEGEND = Legend.of(make_scenes.CLASS_NAMES, make_scenes.CLASS_COLOURS)
TRUTH = make_scenes.labelled()


def assess(map_path: Path, reference: Path, reporter: SilentReporter | None = None, **params: Any) -> AssessMapResult:
    given = {"map": map_path, "reference": reference, **params}
    parsed = validate(OPERATION, {k: str(v) if isinstance(v, Path) else v for k, v in given.items()})
    return start(OPERATION, parsed, reporter or SilentReporter())


@pytest.fixture
def write_map(scene_path: Path, tmp_path: Path) -> Callable[..., Path]:
    """Factory of class maps on the grid of the synthetic scene."""

    def write(values: npt.NDArray[Any], legend: Legend = LEGEND, *, style: bool = True) -> Path:
        path = tmp_path / "map.tif"
        with ClassMapWriter(path, describe_scene(scene_path).grid, legend) as writer:
            writer.write(Window.of_shape(values.shape), values)
        if style:
            write_class_map_style(path, legend)
        return path

    return write


@pytest.fixture
def good_map(write_map: Callable[..., Path]) -> Path:
    """A map that is right but for five soil pixels shown as water and three pixels without a class."""
    values = make_scenes.land_cover()
    soil = np.argwhere(TRUTH == 11)[:5]
    meadow = np.argwhere(TRUTH == 5)[:3]
    values[tuple(soil.T)] = 2
    values[tuple(meadow.T)] = 0
    return write_map(values)


def test_counts_and_figures(good_map: Path, labels_path: Path) -> None:
    result = assess(good_map, labels_path)
    total = int((TRUTH > 0).sum())
    matrix = np.array(result.confusion_matrix)
    assert [(c["value"], c["name"], c["color"]) for c in result.classes] == [
        (c.value, c.name, c.colour) for c in LEGEND
    ]
    assert (result.samples, result.correct, result.unclassified) == (total, total - 8, 3)
    assert matrix[2, 0] == 5
    assert matrix.sum() == total - 3
    assert result.overall_accuracy == pytest.approx(1 - 8 / total)
    assert result.to_json()["classes"][2]["producers_accuracy"] == pytest.approx(1 - 5 / (TRUTH == 11).sum())
    assert "3 reference pixels have no class in the map and are counted as wrong." in result.notes


def test_a_class_of_a_very_long_name_leaves_the_table_readable(
    write_map: Callable[..., Path], labels_path: Path
) -> None:
    long = "a" * 300
    legend = Legend.of({**make_scenes.CLASS_NAMES, 5: long}, make_scenes.CLASS_COLOURS)
    result = assess(write_map(make_scenes.land_cover(), legend), labels_path)
    rows = [line for line in result.to_text().splitlines() if line.startswith("  ")]
    assert any(f"  {'a' * 39}…  " in row for row in rows)
    assert max(map(len, rows)) < 100
    assert long in [c["name"] for c in result.classes]


def test_unclassified_pixels_may_be_left_out(good_map: Path, labels_path: Path) -> None:
    result = assess(good_map, labels_path, unclassified="leave_out")
    assert (result.samples, result.unclassified) == (int((TRUTH > 0).sum()) - 3, 0)
    assert any("no class in the map and are left out" in note for note in result.notes)


@pytest.mark.parametrize("field", ["class_id", "class_name"])
def test_polygons_give_the_figures_of_the_raster(
    good_map: Path, labels_path: Path, polygons_path: Path, field: str
) -> None:
    by_raster = assess(good_map, labels_path)
    by_polygons = assess(good_map, polygons_path, class_field=field)
    assert by_polygons.confusion_matrix == by_raster.confusion_matrix
    assert [c["value"] for c in by_polygons.classes] == [2, 5, 11]


def test_names_that_differ_are_told(good_map: Path, polygons_path: Path) -> None:
    frame = geopandas.read_file(polygons_path)
    frame["class_name"] = frame["class_name"].replace({"soil": "asphalt", "meadow": "Meadow"})
    frame.to_file(polygons_path.with_name("other.gpkg"), driver="GPKG")
    result = assess(good_map, polygons_path.with_name("other.gpkg"), class_field="class_id")
    told = [note for note in result.notes if "is called" in note]
    assert told == [
        "Class 11 is called “soil” in the map but “asphalt” in the reference; classes are compared by value."
    ]


def test_a_map_without_names_takes_those_of_the_reference(write_map: Callable[..., Path], polygons_path: Path) -> None:
    path = write_map(make_scenes.land_cover(), style=False)
    result = assess(path, polygons_path, class_field="class_id")
    assert [c["name"] for c in result.classes] == ["water", "meadow", "soil"]
    assert result.overall_accuracy == 1


def test_classes_that_only_one_side_holds(write_map: Callable[..., Path], labels_path: Path) -> None:
    values = make_scenes.land_cover()
    values[values == 5] = 7
    result = assess(write_map(values, Legend.of({2: "water", 7: "road", 11: "soil"})), labels_path)
    by_value = {c["value"]: c for c in result.classes}
    assert sorted(by_value) == [2, 5, 7, 11]
    assert by_value[5]["producers_accuracy"] == 0
    assert (by_value[7]["name"], by_value[7]["producers_accuracy"], by_value[7]["users_accuracy"]) == ("road", None, 0)
    assert result.average_accuracy == pytest.approx(2 / 3)


def test_a_subset_is_assessed_alone(good_map: Path, labels_path: Path, tmp_path: Path) -> None:
    split = np.zeros(TRUTH.shape, np.uint8)
    split[:, :10], split[:, 10:] = 1, 3
    with rasterio.open(labels_path) as source:
        profile = source.profile
    with rasterio.open(tmp_path / "split.tif", "w", **profile) as target:
        target.write(split, 1)
    result = assess(good_map, labels_path, subset=tmp_path / "split.tif")
    assert result.samples == (TRUTH[:, 10:] > 0).sum()
    assert (
        assess(good_map, labels_path, subset=tmp_path / "split.tif", subset_value=1).samples
        == (TRUTH[:, :10] > 0).sum()
    )
    with pytest.raises(LabelError, match="have no pixel to compare"):
        assess(good_map, labels_path, subset=tmp_path / "split.tif", subset_value=9)


def test_json_and_csv_hold_the_result(good_map: Path, labels_path: Path, tmp_path: Path) -> None:
    result = assess(good_map, labels_path, metrics=tmp_path / "m.json", table=tmp_path / "t.csv")
    data = json.loads((tmp_path / "m.json").read_text("utf-8"))
    for name in ("overall_accuracy", "average_accuracy", "kappa", "confusion_matrix", "notes"):
        assert data[name] == getattr(result, name)
    with (tmp_path / "t.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows] == ["water", "meadow", "soil"]
    assert [[int(row[f"map_{v}"]) for v in (2, 5, 11)] for row in rows] == result.confusion_matrix
    assert float(rows[0]["users_accuracy"]) == result.classes[0]["users_accuracy"]


def test_the_text_for_a_terminal(good_map: Path, labels_path: Path) -> None:
    text = assess(good_map, labels_path).to_text()
    assert "Overall accuracy  99.00 %" in text
    assert "3 unclassified" in text
    assert "meadow" in text


@pytest.mark.parametrize("option", ["reference", "subset"])
@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("polygons", r"lies on the map\. In the CRS of the map \(.*the map over x"),
        ("raster", r"is not on the grid of the map: .* \(map against reference\)"),
        ("no_crs", r"has no CRS; the map is in"),
    ],
)
def test_what_does_not_fit_is_said_of_the_map(
    good_map: Path, labels_path: Path, tmp_path: Path, option: str, kind: str, words: str
) -> None:
    moved = make_scenes.NORTH_UP @ (Affine.scale(2) if kind == "raster" else Affine.translation(3000, 0))
    crs = None if kind == "no_crs" else "EPSG:32633"
    other = make_scenes.write_scene(tmp_path / "other.tif", transform=moved, crs=crs)
    if kind == "raster":
        wrong = make_scenes.write_labels(tmp_path / "wrong.tif", like=other)
    else:
        wrong = make_scenes.write_polygons(tmp_path / "wrong.gpkg", like=other)
    subset = {"subset": wrong, "subset_field": None if kind == "raster" else "class_id"}
    with pytest.raises((LabelError, MismatchError), match=words) as caught:
        assess(good_map, wrong if option == "reference" else labels_path, **(subset if option == "subset" else {}))
    assert "scene" not in str(caught.value)


def test_the_report_shows_map_and_scene(good_map: Path, labels_path: Path, scene_path: Path, tmp_path: Path) -> None:
    assess(good_map, labels_path, scene=scene_path, report=tmp_path / "r.html")
    page = (tmp_path / "r.html").read_text("utf-8")
    assert page.count("data:image/png") == 3
    assert "How this reference relates to the training pixels is not known" in page
    assert sha256_of(labels_path) in page


def test_files_that_an_assessment_writes_anew_are_no_inputs_of_it(
    good_map: Path, labels_path: Path, scene_path: Path, tmp_path: Path
) -> None:
    outputs = {kind: tmp_path / f"written.{suffix}" for kind, suffix in (("report", "html"), ("picture", "png"))}
    outputs |= {"metrics": tmp_path / "written.json", "table": tmp_path / "written.csv"}
    for _ in range(2):
        assess(good_map, labels_path, scene=scene_path, **outputs)
    page = outputs["report"].read_text("utf-8")
    assert page.count(f"{scene_path.name} · SHA-256") == 1
    assert "written." not in page


def test_a_scene_of_another_place_is_refused(
    good_map: Path, labels_path: Path, make_scene: Callable[..., Path], tmp_path: Path
) -> None:
    other = make_scene("other.tif", rows=20)
    with pytest.raises(MismatchError, match="is not the one that was mapped: the size is 37×29 pixels against 20×29"):
        assess(good_map, labels_path, scene=other, report=tmp_path / "r.html", metrics=tmp_path / "m.json")
    assert not (tmp_path / "m.json").exists()


def write_model(path: Path, labels: Path, metrics: dict[str, Any] | None = None, **training: Any) -> Path:
    bands = BandTable(names=("b",) * 15, wavelength_nm=(None,) * 15, fwhm_nm=(None,) * 15, good=(True,) * 15)
    options = {"batch_norm": False, "squeeze_excitation": False, "dropout": 0.4}
    torch.manual_seed(0)
    pca = fit_pca([np.random.default_rng(0).normal(size=(100, 15))], 13, True)
    bundle = ModelBundle(
        members=(
            Member(
                architecture="hybridsn",
                options=options,
                weights=registry.build("hybridsn", options, 13, 9, len(LEGEND)).state_dict(),
                patch_size=9,
            ),
        ),
        preprocessing=Preprocessing(
            bands=bands,
            band_indices=tuple(range(15)),
            scene_bands=15,
            scene_dtype="int16",
            pixels=100,
            mean_spectrum=pca.mean,
            branches=(Branch(n_bands=15, reduction=pca),),
        ),
        legend=LEGEND,
        training={
            "settings": {"scene": "scene.tif", "epochs": 2, "seed": 0},
            "versions": {"torch": "2"},
            "inputs": {"labels": sha256_of(labels)},
            "split": {"strategy": "random", "leakage": 0.9, "train_samples": 5},
            "history": [{"epoch": 1, "loss": 1.0, "accuracy": 0.5}, {"epoch": 2, "loss": 0.5, "accuracy": 0.7}],
            "notes": ["A note of the training."],
            **training,
        },
        metrics=metrics or {},
    )
    write_bundle(bundle, path)
    return path


def test_a_map_assessed_on_its_training_pixels_is_called_so(
    good_map: Path, labels_path: Path, polygons_path: Path, tmp_path: Path
) -> None:
    model = write_model(tmp_path / "m.hsimodel", labels_path)
    assess(good_map, labels_path, model=model, report=tmp_path / "r.html")
    page = (tmp_path / "r.html").read_text("utf-8")
    assert "The reference holds the pixels the model was trained on" in page
    assert "Learning curves" in page
    assert "A note of the training." in page
    assess(good_map, polygons_path, class_field="class_id", model=model, report=tmp_path / "r.html")
    assert "is not known" in (tmp_path / "r.html").read_text("utf-8")


@pytest.mark.parametrize(("value", "words"), [(3, "This split leaks: 90.0 %"), (1, "Not assessed on test pixels")])
def test_the_split_of_the_training_is_recognised(
    good_map: Path, labels_path: Path, tmp_path: Path, value: int, words: str
) -> None:
    split = tmp_path / "split.tif"
    with rasterio.open(labels_path) as source, rasterio.open(split, "w", **source.profile) as target:
        target.write(np.full((1, *source.shape), value, np.uint8))
    model = write_model(tmp_path / "m.hsimodel", labels_path, inputs={"split_source": sha256_of(split)})
    assess(good_map, labels_path, model=model, subset=split, subset_value=value, report=tmp_path / "r.html")
    assert words in (tmp_path / "r.html").read_text("utf-8")


def test_a_split_that_training_wrote_is_known_by_its_counts(good_map: Path, labels_path: Path, tmp_path: Path) -> None:
    values = np.where(TRUTH > 0, 3, 0).astype(np.uint8)
    values[:, :5][TRUTH[:, :5] > 0] = 1
    with rasterio.open(labels_path) as source, rasterio.open(tmp_path / "s.tif", "w", **source.profile) as target:
        target.write(values, 1)
    counts = {"train_samples": int((values == 1).sum()), "test_samples": int((values == 3).sum())}
    split = {"strategy": "blocks", "leakage": 0.0, "overlap": 0.0, "guard_px": 4, **counts}
    test = assess(good_map, labels_path, subset=tmp_path / "s.tif").to_json()
    pages = []
    for off in (0, 1):
        split["train_samples"] += off
        model = write_model(tmp_path / "m.hsimodel", labels_path, {"test": test}, split=split)
        assess(good_map, labels_path, model=model, subset=tmp_path / "s.tif", report=tmp_path / "r.html")
        pages.append((tmp_path / "r.html").read_text("utf-8"))
    assert "side by side" not in pages[0], "the test of the model is this very one"
    assert "side by side" in pages[1]
    assert "No test pixel lies inside a training patch, and no patches overlap" in pages[0]
    assert "relates to the training pixels is not known" in pages[1]


def test_a_record_of_another_form_is_told_not_shown(good_map: Path, labels_path: Path, tmp_path: Path) -> None:
    model = write_model(tmp_path / "m.hsimodel", labels_path, settings="none", inputs=[], history={"epoch": 1})
    assess(good_map, labels_path, model=model, report=tmp_path / "r.html")
    assert "training record of the model has an unknown format" in (tmp_path / "r.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("params", "error", "words"),
    [
        ({"reference": "missing.tif"}, LabelError, r"missing\.tif"),
        ({"map": "missing.tif"}, LabelError, "does not exist"),
        ({"map": "scene.tif"}, LabelError, "must hold one band of whole numbers"),
        ({"model": "labels.tif", "report": "r.html"}, BundleError, r"labels\.tif"),
        ({"report": "no/r.html"}, OutputError, "does not exist"),
        ({"metrics": "labels.tif"}, OutputError, "is also an input"),
        ({"metrics": "a.json", "table": "a.json"}, OutputError, "same name"),
    ],
)
def test_bad_input_is_refused_in_words(
    good_map: Path, labels_path: Path, params: dict[str, str], error: type[Exception], words: str
) -> None:
    given = {name: good_map.parent / file for name, file in params.items()}
    before = sorted(good_map.parent.iterdir())
    with pytest.raises(error, match=words):
        assess(given.pop("map", good_map), given.pop("reference", labels_path), **given)
    assert sorted(good_map.parent.iterdir()) == before


def test_a_cancelled_assessment_writes_nothing(good_map: Path, labels_path: Path, tmp_path: Path) -> None:
    cancelled = threading.Event()
    cancelled.set()
    with pytest.raises(Cancelled):
        assess(good_map, labels_path, SilentReporter(cancelled), metrics=tmp_path / "m.json")
    assert not (tmp_path / "m.json").exists()


def test_the_real_scene(enmap: Path) -> None:
    result = assess(enmap / "labels.tif", enmap / "polygons.gpkg", class_field="class_id")
    assert result.overall_accuracy == 1
    assert [c["name"] for c in result.classes] == ["roof", "pavement", "low vegetation", "tree", "soil", "water"]


def tagged(path: Path, **tags: str) -> Path:
    with rasterio.open(path, "r+") as file:
        file.update_tags(**tags)
    return path


class Log(SilentReporter):
    """Keeps what is logged as a warning."""

    def __init__(self) -> None:
        super().__init__()
        self.warnings: list[str] = []

    def log(self, message: str, level: str = "info") -> None:
        self.warnings += [message] if level == "warning" else []


ACCURACY = "Overall accuracy 71.6 % in places the model was not trained on."


@pytest.mark.parametrize("by_model", [False, True])
def test_a_reference_that_was_trained_on_is_called_so_wherever_the_figure_stands(
    good_map: Path, labels_path: Path, tmp_path: Path, by_model: bool
) -> None:
    digest = sha256_of(labels_path)
    tagged(good_map, HSI_LABELS_SHA256=digest, HSI_ACCURACY=ACCURACY, HSI_MEASURED="separate_places")
    model = {"model": write_model(tmp_path / "m.hsimodel", labels_path)} if by_model else {}
    log, copy = Log(), labels_path.with_name("copy.tif")
    copy.write_bytes(labels_path.read_bytes())
    result = assess(good_map, copy, log, metrics=tmp_path / "m.json", report=tmp_path / "r.html", **model)
    (warning,) = result.warnings
    assert warning.startswith("The reference holds the pixels the model was trained on. ")
    assert "show how well the training labels are reproduced" in warning
    assert (ACCURACY in warning) is not by_model, "this model does not know its accuracy"
    assert result.to_text().startswith(f"Warning: {warning}")
    assert json.loads((tmp_path / "m.json").read_text("utf-8"))["warnings"] == [warning]
    assert warning in log.warnings
    page = (tmp_path / "r.html").read_text("utf-8")
    assert page.count("The reference holds the pixels the model was trained on") == 1
    assert not result.advice


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ("9 labelled pixels of 3 classes from labels.tif", "may hold pixels .* labels of the same name, labels.tif"),
        (
            "{n} labelled pixels of 3 classes from other.gpkg",
            "may hold the pixels .* exactly as many labelled pixels, {n}",
        ),
        ("{n} labelled pixels of 3 classes from labels.tif", "holds the pixels .* and with as many pixels"),
        ("9 labelled pixels of 3 classes from other.gpkg", ""),
    ],
)
def test_without_a_model_the_map_says_what_it_was_made_with(
    good_map: Path, labels_path: Path, labels: str, words: str
) -> None:
    n = f"{(TRUTH > 0).sum():,}"
    result = assess(tagged(good_map, HSI_LABELS=labels.format(n=n)), labels_path)
    assert len(result.warnings) == bool(words)
    assert re.search(words.format(n=n), " ".join(result.warnings))


def test_test_pixels_of_the_split_are_not_called_trained_on(good_map: Path, labels_path: Path, tmp_path: Path) -> None:
    values = np.where(TRUTH > 0, 3, 0).astype(np.uint8)
    values[:, :5][TRUTH[:, :5] > 0] = 1
    with rasterio.open(labels_path) as source, rasterio.open(tmp_path / "s.tif", "w", **source.profile) as target:
        target.write(values, 1)
    tagged(good_map, HSI_LABELS=f"{(values == 1).sum():,} labelled pixels of 3 classes from labels.tif")
    assert not assess(good_map, labels_path, subset=tmp_path / "s.tif").warnings
    (training,) = assess(good_map, labels_path, subset=tmp_path / "s.tif", subset_value=1).warnings
    assert training.startswith("Not assessed on test pixels")
    tagged(good_map, HSI_LABELS=f"{(TRUTH > 0).sum():,} labelled pixels of 3 classes from labels.tif")
    (everything,) = assess(good_map, labels_path, subset=tmp_path / "s.tif").warnings
    assert everything.startswith("The reference holds the pixels")


def test_a_model_that_did_not_make_the_map_is_refused(good_map: Path, labels_path: Path, tmp_path: Path) -> None:
    model = write_model(tmp_path / "m.hsimodel", labels_path)
    notes = assess(good_map, labels_path, model=model).notes
    assert "The map does not say which model made it: whether it is the given one could not be checked." in notes
    tagged(good_map, HSI_MODEL_ID="0" * 64, HSI_METHOD="Shrinkage LDA")
    with pytest.raises(MismatchError, match=r"was not made by model .* names model 000000000000… \(Shrinkage LDA\)"):
        assess(good_map, labels_path, model=model)
    tagged(good_map, HSI_MODEL_ID=read_bundle(model).id)
    assert not any("which model made it" in note for note in assess(good_map, labels_path, model=model).notes)


def test_a_legend_of_a_part_of_the_classes_leaves_the_others_their_names(
    good_map: Path, polygons_path: Path, tmp_path: Path
) -> None:
    given = tmp_path / "given.json"
    given.write_text('[{"value": 5, "name": "Wiese"}]')
    names = [c["name"] for c in assess(good_map, polygons_path, class_field="class_id").classes]
    result = assess(good_map, polygons_path, class_field="class_id", legend=given)
    assert [c["name"] for c in result.classes] == ["Wiese" if name == "meadow" else name for name in names]
    assert any("The given legend lacks class values 2, 11" in note for note in result.notes)


def test_a_legend_that_nobody_gave_is_not_mentioned(good_map: Path, polygons_path: Path) -> None:
    assert not any("given legend" in note for note in assess(good_map, polygons_path, class_field="class_name").notes)


def test_a_reference_of_one_class_is_no_accuracy(good_map: Path, tmp_path: Path, labels_path: Path) -> None:
    with rasterio.open(labels_path) as source, rasterio.open(tmp_path / "one.tif", "w", **source.profile) as target:
        target.write(np.where(TRUTH == 2, 2, 0).astype(source.dtypes[0]), 1)
    (warning,) = assess(good_map, tmp_path / "one.tif", report=tmp_path / "r.html").warnings
    assert warning.startswith("The reference pixels are all of one class (water)")
    assert "Only one class was assessed" in (tmp_path / "r.html").read_text("utf-8")


def test_a_map_of_one_class_is_no_better_than_one_class(
    write_map: Callable[..., Path], labels_path: Path, tmp_path: Path
) -> None:
    values = np.bincount(TRUTH[TRUTH > 0]).argmax()
    result = assess(write_map(np.full(TRUTH.shape, values)), labels_path, report=tmp_path / "r.html")
    (warning,) = result.warnings
    assert warning.startswith("The map is no better than one class everywhere")
    assert result.advice, "the figure itself is sound"
    assert "One class         " in result.to_text()
    assert "No better than one class everywhere" in (tmp_path / "r.html").read_text("utf-8")
