"""Why a pixel has its class: what is said equals the map, comes from the training, and misses nothing without a word."""

from __future__ import annotations

import dataclasses
import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
import torch
from rasterio.warp import transform

import hsi_engine
import make_scenes
from hsi_engine.bundle.model_file import read_bundle, write_bundle
from hsi_engine.errors import BundleError, HsiError, LabelError, MismatchError, ParameterError, SceneError
from hsi_engine.operations.explain_pixel.operation import ExplainedClass, NearestPixel, PixelApplicability, PixelSet
from hsi_engine.operations.explain_pixel.words import verdict_on
from hsi_engine.spectrum.class_spectra import SpectrumSums

ROWS, COLS, BANDS = 45, 61, 16
OLD_MODEL = Path(__file__).parents[3] / "data" / "models" / "version_1.hsimodel.gz"
METHODS: dict[str, dict[str, Any]] = {
    "spectra": {"model": "logistic_regression", "smooth": False},
    "smoothed": {"model": "lda"},
    "patches": {
        "model": "hybridsn",
        "components": 13,
        "patch_size": 9,
        "epochs": 2,
        "split": "random",
        "train_share": 0.3,
    },
}
# Corners, an edge, and pixels inside; the hole of the scene is elsewhere.
PIXELS = ((0, 0), (0, COLS - 1), (ROWS - 1, 0), (ROWS - 1, COLS - 1), (0, 20), (7, 33), (22, 4))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("explained")
    scene = make_scenes.write_scene(folder / "scene.tif", cube=make_scenes.reflectance(ROWS, COLS, BANDS, noise=0.2))
    make_scenes.write_polygons(folder / "polygons.gpkg", like=scene)
    return folder


@pytest.fixture(scope="module", params=METHODS)
def model(request: pytest.FixtureRequest, folder: Path) -> Path:
    path = folder / f"{request.param}.hsimodel"
    if not path.exists():
        train(folder, path, **METHODS[request.param])
    return path


@pytest.fixture(scope="module")
def lda(folder: Path) -> Path:
    path = folder / "smoothed.hsimodel"
    if not path.exists():
        train(folder, path, **METHODS["smoothed"])
    return path


def train(folder: Path, path: Path, **settings: Any) -> None:
    labels = {"labels": folder / "polygons.gpkg", "class_field": "class_name"}
    hsi_engine.train_classifier(scene=folder / "scene.tif", **labels, output=path, device="cpu", **settings)


def explain(folder: Path, model: Path, **given: Any) -> Any:
    return hsi_engine.explain_pixel(scene=folder / "scene.tif", model=model, device="cpu", **given)


def rasters(folder: Path, model: Path, **given: Any) -> dict[str, Any]:
    """The rasters of a map of the whole scene, (bands, rows, cols), by parameter."""
    names = ["output", "probabilities", *(("dissimilarity", "sets") if given.pop("trust", True) else ())]
    files = {name: folder / f"{model.stem}_{name}.tif" for name in names}
    hsi_engine.classify_scene(scene=folder / "scene.tif", model=model, device="cpu", **files, **given)
    found = {}
    for name, path in files.items():
        with rasterio.open(path) as file:
            found[name] = file.read()
    return found


def test_it_says_what_the_map_shows(folder: Path, model: Path) -> None:
    mapped = rasters(folder, model)
    legend = read_bundle(model).legend
    classes = []
    for row, col in PIXELS:
        found = explain(folder, model, row=row, col=col)
        assert found.class_value == mapped["output"][0, row, col]
        classes.append(found.class_value)
        by_value = {one.value: one for one in found.classes}
        shares = [by_value[item.value].probability for item in legend]
        np.testing.assert_allclose(shares, mapped["probabilities"][:, row, col], atol=2e-6)
        assert found.classes[0].value == found.class_value
        assert found.prediction_set.values == [one.value for one in found.classes if one.in_set]
        assert [by_value[item.value].in_set for item in legend] == mapped["sets"][:, row, col].astype(bool).tolist()
        np.testing.assert_allclose(
            found.area_of_applicability.dissimilarity, mapped["dissimilarity"][0, row, col], atol=1e-6
        )
    assert len(set(classes)) > 1


def test_smoothing_is_that_of_the_map(folder: Path, lda: Path) -> None:
    assert read_bundle(lda).smoothing is not None
    smooth, plain = (rasters(folder, lda, smooth=smooth, trust=False)["output"][0] for smooth in (True, False))
    row, col = (int(place[0]) for place in np.nonzero((smooth != plain) & (smooth != 0)))
    found = explain(folder, lda, row=row, col=col, smooth=False)
    assert found.class_value == plain[row, col]
    assert found.before_smoothing is None
    assert found.prediction_set is None
    assert any("no prediction set without smoothing" in sentence for sentence in found.missing)
    smoothed = explain(folder, lda, row=row, col=col)
    assert smoothed.class_value == smooth[row, col]
    assert smoothed.before_smoothing == found.class_name
    assert any(sentence.startswith("Smoothing changed the class") for sentence in smoothed.sentences)


def test_the_nearest_pixels_are_those_of_the_training(folder: Path, lda: Path) -> None:
    """A training pixel is nearest to itself, with its class and place."""
    bundle = read_bundle(lda)
    known = bundle.training["known_pixels"]
    for at in (0, len(known["rows"]) // 2, -1):
        row, col = known["rows"][at], known["cols"][at]
        found = explain(folder, lda, row=row, col=col, nearest=3)
        assert len(found.nearest) == 3
        first = found.nearest[0]
        assert (first.row, first.col) == (row, col)
        assert first.distance == pytest.approx(0, abs=1e-4)
        assert first.value == [item.value for item in bundle.legend][known["classes"][at]]
        assert (first.x, first.y) == pytest.approx((found.x, found.y))
        assert [one.distance for one in found.nearest] == sorted(one.distance for one in found.nearest)
        assert first.distance == found.area_of_applicability.dissimilarity


def test_a_position_is_a_pixel_in_any_crs(folder: Path, lda: Path) -> None:
    with rasterio.open(folder / "scene.tif") as file:
        x, y = file.transform @ (33.9, 7.1)
        (lon,), (lat,) = transform(file.crs, "EPSG:4326", [x], [y])
    for position in (f"{x},{y}", f"{lon}, {lat}, EPSG:4326"):
        found = explain(folder, lda, position=position)
        assert (found.row, found.col) == (7, 33)
    assert explain(folder, lda, row=7, col=33).classes == found.classes


def test_class_spectra_are_those_of_the_labels(folder: Path, lda: Path) -> None:
    """What the model keeps is what the labels give, and what the scene holds there."""
    kept = explain(folder, lda, row=7, col=33)
    given = explain(folder, lda, row=7, col=33, labels=folder / "polygons.gpkg", class_field="class_name")
    assert (kept.class_spectra_of, given.class_spectra_of) == ("model", "labels")
    for ours, theirs in zip(kept.class_spectra, given.class_spectra, strict=True):
        assert (ours.value, ours.pixels) == (theirs.value, theirs.pixels)
        np.testing.assert_allclose(ours.mean, theirs.mean, rtol=1e-5)
        np.testing.assert_allclose(ours.deviation, theirs.deviation, rtol=1e-4)
    with rasterio.open(folder / "scene.tif") as file:
        pixel = file.read()[:, 7, 33] * np.array(file.scales) + np.array(file.offsets)
    np.testing.assert_allclose(
        [band.value for band in kept.bands], pixel[[b.number - 1 for b in kept.bands]], rtol=1e-5
    )


def test_how_to_read_labels_is_not_ignored_in_silence(folder: Path, lda: Path) -> None:
    found = explain(folder, lda, row=7, col=33, class_field="class_name", overlap="first")
    assert [note for note in found.notes if note.startswith("Not used")] == [
        "Not used: 'class_field' and 'overlap' are about labels, and none were given (labels); classes have the spectra that the"
        " model keeps."
    ]


def test_sums_give_mean_and_deviation() -> None:
    spectra = np.random.default_rng(0).normal(1e4, 3, (5, 40))
    values = np.arange(40) % 3
    sums = SpectrumSums(spectra.mean(axis=1))
    for part in np.array_split(np.arange(40), 7):
        sums.add(values[part], spectra[:, part])
    own = spectra[:, values == 1]
    found = sums.of(1)
    assert found is not None
    assert found.pixels == own.shape[1]
    np.testing.assert_allclose(found.mean, own.mean(axis=1))
    np.testing.assert_allclose(found.deviation, own.std(axis=1, ddof=1))
    assert sums.of(9) is None


def test_what_no_label_showed_is_outside(folder: Path, lda: Path, tmp_path: Path) -> None:
    cube = make_scenes.reflectance(ROWS, COLS, BANDS, noise=0.06)
    cube[:, 3, 4] = np.linspace(0.95, 0.01, BANDS)
    scene = make_scenes.write_scene(tmp_path / "odd.tif", cube=cube)
    found = hsi_engine.explain_pixel(scene=scene, model=lda, row=3, col=4)
    assert not found.area_of_applicability.inside
    assert found.sentences[0] == "The model was trained on nothing like this spectrum."


def test_the_hole_of_a_scene_is_said_to_have_no_data(folder: Path, lda: Path) -> None:
    rows, cols = make_scenes.hole(ROWS, COLS)
    with pytest.raises(
        SceneError, match=rf"row {rows.start}, column {cols.start} .* has no data in any of the"
    ) as error:
        explain(folder, lda, row=rows.start, col=cols.start)
    assert "is nodata in a map" in error.value.message


@pytest.mark.parametrize(
    ("given", "kind", "words"),
    [
        ({}, ParameterError, "No pixel is named"),
        ({"row": 3}, ParameterError, "'col' is missing"),
        ({"row": 3, "col": 4, "position": "1,2"}, ParameterError, "Both a position and a row and column"),
        ({"row": ROWS, "col": 0}, MismatchError, f"rows are 0 to {ROWS - 1} and columns 0 to {COLS - 1}"),
        ({"position": "1,2"}, MismatchError, "lies outside the scene, which covers x"),
        ({"position": "13,95,EPSG:4326"}, MismatchError, r"\(13, 95\) does not exist in EPSG:4326"),
        ({"position": "1"}, ParameterError, "does not hold two finite numbers"),
        ({"position": "here,there"}, ParameterError, "does not begin with two numbers"),
        ({"position": "nan,2"}, ParameterError, "does not hold two finite numbers"),
        ({"position": "1,2,EPSG:1"}, ParameterError, "'EPSG:1' is not a known CRS"),
    ],
)
def test_other_places_are_refused_in_words(
    folder: Path, lda: Path, given: dict[str, Any], kind: type[HsiError], words: str
) -> None:
    with pytest.raises(kind, match=words):
        explain(folder, lda, **given)


def test_swapped_numbers_are_recognised(folder: Path, lda: Path) -> None:
    with rasterio.open(folder / "scene.tif") as file:
        x, y = file.transform @ (3.5, 2.5)
    with pytest.raises(MismatchError) as error:
        explain(folder, lda, position=f"{y},{x}")
    assert "with the two numbers swapped" in error.value.hint


def test_a_scene_without_coordinates_is_pointed_at_as_a_gis_shows_it(folder: Path, lda: Path, tmp_path: Path) -> None:
    scene = make_scenes.write_scene(tmp_path / "plain.tif", rows=ROWS, cols=COLS, bands=BANDS, crs=None, transform=None)
    for position in ("33.2,7.9", "33.2,-7.9"):
        found = hsi_engine.explain_pixel(scene=scene, model=lda, position=position)
        assert (found.row, found.col, found.x, found.crs) == (7, 33, None, None)
    with pytest.raises(MismatchError, match="the scene has no CRS"):
        hsi_engine.explain_pixel(scene=scene, model=lda, position="33.2,7.9,EPSG:4326")


def test_what_an_old_model_lacks_is_said(folder: Path, tmp_path: Path) -> None:
    old = tmp_path / "old.hsimodel"
    old.write_bytes(gzip.decompress(OLD_MODEL.read_bytes()))
    bands = read_bundle(old).preprocessing.scene_bands
    scene = make_scenes.write_scene(tmp_path / "scene.tif", rows=ROWS, cols=COLS, bands=bands)
    found = hsi_engine.explain_pixel(scene=scene, model=old, row=7, col=33, report=tmp_path / "page.html")
    assert found.prediction_set is found.area_of_applicability is None
    assert found.nearest == found.class_spectra == []
    assert found.class_spectra_of == "none"
    said = " ".join(found.missing)
    for words in (
        "keeps no spectra of its classes",
        "no calibration scores",
        "none of its training pixels",
        "not calibrated",
    ):
        assert words in said
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "The spectra of the classes are not known" in page
    assert "none of its training pixels" in page


def test_a_model_without_places_says_so(folder: Path, lda: Path, tmp_path: Path) -> None:
    """The same map, and a sentence instead of class and place."""
    bundle = read_bundle(lda)
    training = {name: value for name, value in bundle.training.items() if name not in ("known_pixels", "class_spectra")}
    older = tmp_path / "older.hsimodel"
    write_bundle(dataclasses.replace(bundle, training=training), older)
    found, now = (explain(folder, model, row=7, col=33) for model in (older, lda))
    assert found.model_id == now.model_id
    assert [one.probability for one in found.classes] == [one.probability for one in now.classes]
    assert [one.distance for one in found.nearest] == [one.distance for one in now.nearest]
    assert {one.name for one in found.nearest} == {None}
    assert any("not their classes and places" in sentence for sentence in found.missing)


def test_a_coverage_that_asks_too_much_is_said(folder: Path, lda: Path) -> None:
    bundle = read_bundle(lda)
    few = dataclasses.replace(bundle.trust.calibrated, scores=bundle.trust.calibrated.scores.thinned(30, seed=0))
    path = folder / "few.hsimodel"
    write_bundle(dataclasses.replace(bundle, trust=dataclasses.replace(bundle.trust, calibrated=few)), path)
    found = explain(folder, path, row=7, col=33, coverage=0.99)
    assert found.prediction_set is None
    assert any("needs 99 tested pixels or more, and the model has 30" in sentence for sentence in found.missing)
    assert explain(folder, path, row=7, col=33, coverage=0.9).prediction_set is not None


def test_what_speaks_against_a_class_is_in_the_verdict() -> None:
    classes = [
        ExplainedClass(
            value=v, name=n, color="#000000", probability=p, in_set=None, labelled_pixels=None, distance=None
        )
        for v, n, p in ((1, "tree", 0.6), (2, "soil", 0.4))
    ]
    near = [
        NearestPixel(distance=0.1, value=v, name=n, row=0, col=0, x=None, y=None) for v, n in ((1, "tree"), (2, "soil"))
    ]
    area = PixelApplicability(inside=True, dissimilarity=0.1, threshold=0.5, training_pixels=9)
    tree, soil = (PixelSet(coverage=0.9, method="class", values=[c.value], names=[c.name]) for c in classes)
    assert verdict_on(classes, tree, area, near).level == "good"
    other = verdict_on(classes, soil, area, near)
    assert (other.level, other.text) == ("caution", "The prediction set holds another class: soil.")
    unlike = verdict_on(classes, tree, area, near[1:])
    assert (unlike.level, unlike.text) == ("caution", "The training pixels that are most like it are of other classes.")
    not_kept = [one.model_copy(update={"value": None, "name": None}) for one in near]
    assert verdict_on(classes, tree, area, not_kept).level == "good"


def test_labels_of_other_classes_are_refused(folder: Path, lda: Path, tmp_path: Path) -> None:
    with rasterio.open(folder / "scene.tif") as file:
        profile = file.profile | {"count": 1, "dtype": "uint8", "nodata": 0}
    with rasterio.open(tmp_path / "other.tif", "w", **profile) as file:
        file.write(np.full((ROWS, COLS), 77, np.uint8), 1)
    with pytest.raises(LabelError, match="no class of the model: they have 77, the model has"):
        explain(folder, lda, row=7, col=33, labels=tmp_path / "other.tif")


def test_the_page_holds_what_the_result_says(folder: Path, lda: Path, tmp_path: Path) -> None:
    report = tmp_path / "pixel.html"
    found = explain(folder, lda, row=7, col=33, report=report)
    page = report.read_text(encoding="utf-8")
    for one in found.classes:
        assert one.name in page
    assert f"Why is this pixel {found.class_name}?" in page
    assert "Row 7, column 33 (from 0)" in page
    assert page.count("data:image/png") == 1
    assert "<script" not in page
    assert json.loads(found.model_dump_json())["classes"][0]["name"] == found.class_name
    assert found.headline in found.to_text()


@pytest.mark.filterwarnings("ignore:(overflow|invalid value) encountered:RuntimeWarning")
def test_scores_that_are_no_numbers_are_refused(folder: Path, lda: Path, tmp_path: Path) -> None:
    bundle = read_bundle(lda)
    weights = {name: torch.full_like(tensor, 3e38) for name, tensor in bundle.members[0].weights.items()}
    members = (dataclasses.replace(bundle.members[0], weights=weights), *bundle.members[1:])
    write_bundle(dataclasses.replace(bundle, members=members), tmp_path / "huge.hsimodel")
    with pytest.raises(
        BundleError, match="gives no probabilities for the pixel in row 7, column 33: its scores are not finite"
    ):
        explain(folder, tmp_path / "huge.hsimodel", row=7, col=33)
