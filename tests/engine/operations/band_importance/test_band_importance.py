"""Importance of bands: found where the classes differ, on held-out pixels, the same for the same seed."""

from __future__ import annotations

import csv
import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hsi_engine
import make_scenes
from hsi_engine.bundle.model_file import read_bundle, write_bundle
from hsi_engine.errors import BundleError, LabelError
from hsi_engine.operations.band_importance import run as running
from hsi_engine.selection import cross_fit as fitting
from hsi_engine.selection.importance import HeldOutPredictions
from hsi_engine.spectrum.band_groups import band_order, group_bands

ROWS, COLS, BANDS = 45, 61, 24
# Only in these bands do the classes differ; all others show the same brightness and noise.
INFORMATIVE = range(9, 13)
METHODS: dict[str, dict[str, Any]] = {
    "lda": {"model": "lda"},
    "patches": {
        "model": "hybridsn",
        "components": 13,
        "patch_size": 9,
        "epochs": 2,
        "split": "random",
        "train_share": 0.3,
    },
}


def informative_cube() -> np.ndarray:
    rng = np.random.default_rng(0)
    cover = make_scenes.land_cover(ROWS, COLS)
    brightness = rng.normal(0, 0.02, (ROWS, COLS))
    cube = 0.3 + brightness + rng.normal(0, 0.01, (BANDS, ROWS, COLS))
    for value, shift in ((5, 0.12), (11, -0.12)):
        cube[INFORMATIVE.start : INFORMATIVE.stop, cover == value] += shift
    return cube


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("importance")
    scene = make_scenes.write_scene(folder / "scene.tif", cube=informative_cube())
    make_scenes.write_polygons(folder / "polygons.gpkg", like=scene)
    for name, settings in METHODS.items():
        labels = {"labels": folder / "polygons.gpkg", "class_field": "class_name"}
        hsi_engine.train_classifier(
            scene=scene, **labels, output=folder / f"{name}.hsimodel", device="cpu", smooth=False, **settings
        )
    return folder


def importance(folder: Path, method: str = "lda", **given: Any) -> Any:
    values = {
        "scene": folder / "scene.tif",
        "labels": folder / "polygons.gpkg",
        "device": "cpu",
        "repeats": 2,
        "folds": 2,
    }
    return hsi_engine.band_importance(model=folder / f"{method}.hsimodel", **values | given)


@pytest.fixture(scope="module")
def found(folder: Path) -> Any:
    return importance(folder, repeats=4, report=folder / "page.html", table=folder / "table.csv")


def test_the_bands_that_differ_are_found(found: Any) -> None:
    covered = [number for group in found.groups for number in group.bands]
    assert sorted(covered) == list(range(1, BANDS + 1))
    informative = {band + 1 for band in INFORMATIVE}
    (strongest,) = (group for group in found.groups if set(group.bands) & informative)
    assert set(strongest.bands) == informative
    assert strongest.drop > 0.4
    for group in found.groups:
        if group is not strongest:
            assert abs(group.drop) < 0.1
        assert group.drop == pytest.approx(np.mean(group.drops))
        assert group.deviation == pytest.approx(np.std(group.drops, ddof=1))
    assert found.headline.startswith("Bands 10–13 (")
    assert found.average_accuracy > 0.9
    assert any("share their importance" in sentence for sentence in found.limits)


def test_the_same_seed_gives_the_same_figures(folder: Path) -> None:
    first, again, other = (importance(folder, groups=3, seed=seed) for seed in (0, 0, 1))
    assert [group.drops for group in first.groups] == [group.drops for group in again.groups]
    assert [group.drops for group in first.groups] != [group.drops for group in other.groups]


def test_nothing_permuted_is_what_the_folds_predict(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The patches that are read here give the classes of the cubes of the training, at the edge of the scene too."""
    seen: dict[str, Any] = {}

    def fit(recipe: Any, folds: Any, *rest: Any, **named: Any) -> Any:
        seen["fitted"], seen["folds"] = fitting.cross_fit(recipe, folds, *rest, **named), folds
        return seen["fitted"]

    predict = HeldOutPredictions.predict

    def first(self: HeldOutPredictions, order: Any, **how: Any) -> Any:
        found = predict(self, order, **how)
        seen.setdefault("predicted", (found, self._tested.samples))
        return found

    monkeypatch.setattr(running, "cross_fit", fit)
    monkeypatch.setattr(HeldOutPredictions, "predict", first)
    result = importance(folder, "patches", groups=2, pixels=400)
    predicted, samples = seen["predicted"]
    assert len(samples) == 400 == result.tested_pixels
    assert {0, 1, 2, 3} & set(samples.rows.tolist())  # their patches reach beyond the scene
    tested = seen["folds"].samples.take(fitting.tested_samples(seen["folds"]))
    by_place = {place: at for at, place in enumerate(zip(tested.rows.tolist(), tested.cols.tolist(), strict=True))}
    at = [by_place[place] for place in zip(samples.rows.tolist(), samples.cols.tolist(), strict=True)]
    own = seen["fitted"].log_scores.argmax(axis=1)[at]
    # Where two classes are equally likely, rounding decides.
    assert (own == predicted).mean() > 0.99
    assert [(one.reduction, one.number) for one in result.components] == [("MNF", n + 1) for n in range(13)]


def test_what_it_costs_is_said_before(folder: Path) -> None:
    class Listener(hsi_engine.SilentReporter):
        def __init__(self) -> None:
            super().__init__()
            self.said: list[str] = []

        def log(self, message: str, level: str = "info") -> None:
            self.said.append(message)

    listener = Listener()
    found = importance(folder, reporter=listener)
    training = next(
        at for at, text in enumerate(listener.said) if "is trained again for each of 2 folds: 2 trainings" in text
    )
    permuting = next(at for at, text in enumerate(listener.said) if text.startswith("Permuting "))
    assert training < permuting
    assert f"{len(found.groups)} groups of bands and 0 components, 2 times each" in listener.said[permuting]


def test_page_and_table_hold_all_groups(found: Any, folder: Path) -> None:
    page = (folder / "page.html").read_text(encoding="utf-8")
    assert found.headline in page
    assert "share their importance" in page
    assert "<script" not in page
    with (folder / "table.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["drop"]) for row in rows] == [group.drop for group in found.groups]
    assert [int(row["first_band"]) for row in rows] == [min(group.bands) for group in found.groups]


def test_an_average_of_methods_is_examined_as_one(folder: Path) -> None:
    labels = {"labels": folder / "polygons.gpkg", "class_field": "class_name"}
    path = folder / "auto.hsimodel"
    hsi_engine.train_classifier(scene=folder / "scene.tif", **labels, output=path, effort="quick", time_limit=0.01)
    bundle = read_bundle(path)
    selection = dict(bundle.training["selection"])
    selection["candidates"] = [{"name": "both", "members": ["logistic_regression", "lda"]}]
    selection["chosen"] = "both"
    mean = dataclasses.replace(bundle, training={**bundle.training, "selection": selection})
    write_bundle(mean, folder / "mean.hsimodel")
    found = importance(folder, "mean")
    assert found.headline.startswith("Bands 10–13 (")


def test_a_model_that_does_not_say_how_it_was_made_is_refused(folder: Path) -> None:
    bundle = read_bundle(folder / "lda.hsimodel")
    training = {name: value for name, value in bundle.training.items() if name != "settings"}
    write_bundle(dataclasses.replace(bundle, training=training), folder / "silent.hsimodel")
    with pytest.raises(BundleError, match="does not say how it was trained"):
        importance(folder, "silent")
    settings = {**bundle.training["settings"], "model": "forgotten"}
    write_bundle(dataclasses.replace(bundle, training={**training, "settings": settings}), folder / "other.hsimodel")
    with pytest.raises(BundleError, match=r"are not those of a method of this version: .*forgotten"):
        importance(folder, "other")


def test_labels_in_one_place_are_refused(folder: Path, tmp_path: Path) -> None:
    import rasterio

    with rasterio.open(folder / "scene.tif") as file:
        profile = file.profile | {"count": 1, "dtype": "uint8", "nodata": 0}
    values = np.zeros((ROWS, COLS), np.uint8)
    values[2:4, 2:4], values[2:4, 10:12] = 2, 5
    with rasterio.open(tmp_path / "few.tif", "w", **profile) as file:
        file.write(values, 1)
    with pytest.raises(LabelError, match="No labelled pixel can be held out"):
        importance(folder, labels=tmp_path / "few.tif")


def test_neighbours_that_correlate_are_grouped() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(2, 500))
    spectra = np.stack([a, a + 0.01 * b, b, b, a], axis=1)
    groups = group_bands(spectra, np.arange(5), correlation=0.95, most=5)
    assert [group.tolist() for group in groups] == [[0, 1], [2, 3], [4]]  # the last is no neighbour of the first
    assert len(group_bands(spectra, np.arange(5), correlation=1.0, most=2)) == 2
    flipped = group_bands(spectra, np.array([4, 0, 1, 2, 3]), correlation=0.95, most=5)
    assert [group.tolist() for group in flipped] == [[4, 0, 1], [2, 3]]


def test_a_band_without_values_joins_a_neighbour() -> None:
    spectra = np.random.default_rng(0).normal(size=(50, 3))
    spectra[:, 1] = 7.0
    assert sum(len(group) for group in group_bands(spectra, np.arange(3), correlation=0.9, most=3)) == 3


def test_bands_are_ordered_by_wavelength_if_all_have_one() -> None:
    assert band_order([500.0, 900.0, 700.0]).tolist() == [0, 2, 1]
    assert band_order([500.0, None, 400.0]).tolist() == [0, 1, 2]
