"""Of very many pairs of classes only the closest are listed; all of them are counted."""

from __future__ import annotations

import numpy as np
import pytest

from hsi_engine.classes.legend import Legend
from hsi_engine.label_check import check as module
from hsi_engine.label_check.separability import fit_space, jeffries_matusita, pair_distances, shrunk_covariance
from hsi_engine.label_check.verdict import verdict_on

LEGEND = Legend.of({1: "one", 2: "two", 3: "three", 4: "four"})
DISTANCES = np.array(
    [
        [0.0, 1.5, 0.4, np.nan],
        [1.5, 0.0, 0.9, np.nan],
        [0.4, 0.9, 0.0, np.nan],
        [np.nan] * 4,
    ]
)


def test_pairs_come_closest_first_without_classes_that_have_no_pixel() -> None:
    notes: list[str] = []
    pairs = module._pairs(DISTANCES, LEGEND, notes)
    assert [(pair.names, pair.distance, pair.told_apart) for pair in pairs] == [
        (("one", "three"), 0.4, "hardly"),
        (("two", "three"), 0.9, "hardly"),
        (("one", "two"), 1.5, "in_part"),
    ]
    assert notes == []


def test_of_too_many_the_closest_are_listed_and_all_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_PAIRS", 1)
    notes: list[str] = []
    pairs = module._pairs(DISTANCES, LEGEND, notes)
    assert [pair.names for pair in pairs] == [("one", "three")]
    assert notes == ["Of 3 pairs of classes, the 1 that are hardest to tell apart are listed."]
    advice = verdict_on([], pairs, [], feature_word="polygon", n_folds=0, hardly=9).advice
    assert any("one and three; and 5 more pairs" in sentence for sentence in advice)


def test_all_distances_at_once_are_those_of_single_pairs() -> None:
    rng = np.random.default_rng(0)
    classes = np.repeat([0, 2, 3, 5], [9, 1, 20, 14])
    spectra = (rng.normal(size=(44, 8)) + classes[:, None]).astype(np.float32)
    points = fit_space(spectra, classes).project(spectra)
    found = pair_distances(points, classes, 6)
    normals = {c: (points[classes == c].mean(axis=0), shrunk_covariance(points[classes == c])) for c in (0, 2, 3, 5)}
    for a, of_a in normals.items():
        for b, of_b in normals.items():
            expected = jeffries_matusita(*of_a, *of_b) if a != b else 0.0
            assert found[a, b] == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert np.isnan(found[[1, 4]]).all()
    assert np.isnan(found[:, [1, 4]]).all()
