"""The benchmark of accuracies: keys and kept results, the page, and two candidates on a small scene."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import make_scenes
from benchmarks import honest, honest_runs
from benchmarks.honest_page import document, page, table
from benchmarks.honest_runs import only_folds
from benchmarks.honest_scenes import Files, Place, Scene, all_scenes, split_randomly
from benchmarks.honest_store import Outcome, Store, count_cells, hash_sources, key_of
from hsi_engine.splitting.folds import make_folds

MACHINE = {"processor": "a chip", "cores": 2, "threads": 1, "system": "Linux", "python": "3.11", "torch": "2.9"}
OUTCOME = Outcome(
    cells=[[0, 0, 0, 6], [0, 1, 0, 2], [1, 1, 1, 2]], n_classes=2, n_train=7, seconds=0.25, leakage=0.5, device="cpu"
)
WORSE = replace(OUTCOME, cells=[[0, 0, 0, 5], [0, 0, 1, 1], [0, 1, 0, 2], [1, 1, 1, 2]])
ROWS, COLS = 44, 53
NAMES = ("logistic_regression", "lda")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    # So noisy that smoothing gains something.
    cube = make_scenes.reflectance(ROWS, COLS, noise=0.25)
    scene = make_scenes.write_scene(tmp_path / "scene.tif", cube=cube)
    labels = make_scenes.write_polygons(tmp_path / "labels.gpkg", like=scene)
    return Place(lambda: Files(scene=scene, labels=labels, class_field="class_id"), unit_px=9)


@pytest.fixture
def scenes(place: Place, monkeypatch: pytest.MonkeyPatch) -> tuple[Scene, ...]:
    monkeypatch.setattr(honest_runs, "N_FOLDS", 3)
    common: dict[str, Any] = {"place": place, "effort": "quick", "among": NAMES, "auto_seeds": (1,)}
    candidates = {"logistic_regression": (0, 1), "lda": (1,)}
    return (
        Scene(name="random", split=split_randomly(0.2), protocol="random", candidates=candidates, **common),
        Scene(name="blocks", split=None, protocol="blocks", candidates=dict.fromkeys(NAMES, (1,)), **common),
    )


# ------------------------------------------------------------------------------------------- keys, kept results


def test_a_key_names_all_that_decides_a_result() -> None:
    parts = {"scene": "a", "candidate": "lda", "seed": 0, "settings": {"x": 1, "y": 2}}
    keys = {key_of(**parts), key_of(**{**parts, "settings": {"y": 2, "x": 1}})}
    assert len(keys) == 1
    for change in ({"scene": "b"}, {"candidate": "svm"}, {"seed": 1}, {"settings": {"x": 1}}):
        keys.add(key_of(**{**parts, **change}))
    assert len(keys) == 5


def test_the_hash_of_the_sources_follows_content_and_names(tmp_path: Path) -> None:
    (tmp_path / "models" / "inner").mkdir(parents=True)
    file = tmp_path / "models" / "inner" / "a.py"
    file.write_text("1")
    found = [hash_sources(tmp_path)]
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "b.py").write_text("no part of a result")
    assert hash_sources(tmp_path) == found[0]
    file.write_text("2")
    found.append(hash_sources(tmp_path))
    file.rename(file.with_name("c.py"))
    found.append(hash_sources(tmp_path))
    assert len(set(found)) == 3


def test_kept_results_outlive_a_run_that_was_stopped_while_it_wrote(tmp_path: Path) -> None:
    path = tmp_path / "kept.jsonl"
    Store(path).add("k", "a", "lda", 0, OUTCOME)
    with path.open("a") as file:
        file.write('{"key": "half')
    Store(path).add("l", "b", "lda", 0, WORSE)
    again = Store(path)
    assert (again.get("k"), again.get("l"), again.get("half")) == (OUTCOME, WORSE, None)
    forgetful = Store(path, forget=["a"])
    assert (forgetful.get("k"), forgetful.get("l")) == (None, WORSE)


def test_results_of_other_sources_count_unless_they_are_outdated(tmp_path: Path) -> None:
    path = tmp_path / "kept.jsonl"
    old, new = (replace(OUTCOME, sources=sources, commit=sources) for sources in ("old", "new"))
    Store(path).add("k", "a", "lda", 0, old)
    assert Store(path).get("k") == old
    assert Store(path, sources="new").get("k") is None
    Store(path, sources="new").add("k", "a", "lda", 0, new)
    assert Store(path).results("a") == {"lda": {0: new}}
    assert len(path.read_text().splitlines()) == 2


def test_cells_hold_every_test_pixel() -> None:
    reference, predicted, unit = (np.array(values) for values in ([0, 1, 1, 0], [0, 0, 1, 0], [3, 3, 5, 3]))
    cells = count_cells(reference, predicted, unit)
    assert cells == [[3, 0, 0, 2], [3, 1, 0, 1], [5, 1, 1, 1]]
    back = replace(OUTCOME, cells=cells).samples
    assert [array.tolist() for array in back] == [[0, 0, 1, 1], [0, 0, 0, 1], [3, 3, 3, 5]]


# ------------------------------------------------------------------------------------------- document and page


@pytest.fixture
def found() -> dict[str, Any]:
    chosen = replace(
        OUTCOME,
        device="cuda:0 (a GPU)",
        chosen="mean_of_svm_and_spectral_cnn_5px (2 folds), lda (1 fold)",
        reason="It is the best.",
        notes=["Oats are not tested."],
    )
    results = {"lda": {0: WORSE, 1: OUTCOME}, "hybridsn": {0: WORSE}, "auto": {0: chosen}}
    return document({"a_scene": (results, {"svm": "No."})}, machine=MACHINE, commit="abc")


def test_the_document_has_the_mean_and_each_seed(found: dict[str, Any]) -> None:
    scene = json.loads(json.dumps(found))["scenes"]["a_scene"]
    lda = scene["candidates"]["lda"]
    assert [seed["overall_accuracy"] for seed in lda["seeds"]] == [0.7, 0.8]
    assert lda["overall_accuracy"] == pytest.approx(0.75)
    assert lda["average_accuracy"] == pytest.approx(((5 / 6 + 1 / 2) / 2 + (1 + 1 / 2) / 2) / 2)
    assert (lda["n_train"], lda["n_test"], lda["leakage"], lda["blocks"]) == (7, 10, 0.5, 2)
    assert lda["overall_accuracy_standard_error"] > 0
    assert scene["auto"]["reason"] == "It is the best."
    # Only the seed that both have counts.
    assert scene["comparison"]["best_classical"] == "lda"
    assert scene["comparison"]["difference"] == pytest.approx(0.1)


def test_the_table_has_a_line_for_each_candidate_and_auto_in_bold(found: dict[str, Any]) -> None:
    lines = table(found["scenes"]["a_scene"]).splitlines()
    assert len({line.count("|") for line in lines}) == 1
    assert [line.split("|")[1].strip() for line in lines] == [
        "",
        "---",
        "Shrinkage LDA",
        "HybridSN (15×15 px)",
        "**auto**",
    ]
    assert lines[2].endswith("| 7 | 10 | 50 % | 0.2 | 70.0, 80.0 |")
    assert lines[4].endswith("| **7** | **10** | **50 %** | **0.2, GPU** | **80.0** |")


def test_the_page_says_what_auto_did_and_what_failed(found: dict[str, Any]) -> None:
    text = page(found)
    assert (
        "auto took the mean of SVM (RBF kernel) and spectral-first CNN (5×5 px) (2 folds), shrinkage LDA (1 fold). Its overall accuracy is 10.0 points above that of shrinkage LDA (standard error"
        in text
    )
    assert "\n- Oats are not tested.\n" in text
    assert "SVM (RBF kernel) failed: No." in text
    assert "`python -m benchmarks.honest` writes this page" in text
    assert "abc on a chip, 2 cores" in text


def test_the_page_knows_the_question_of_every_scene() -> None:
    for scene in all_scenes():
        text = page(document({scene.name: ({"lda": {0: OUTCOME}}, {})}, machine=MACHINE, commit=""))
        assert f"## {scene.name}" not in text
        assert any(f"\n**{question}" in text for question in ("New places", "Gaps between labels"))


# ------------------------------------------------------------------------------------------- measuring


def test_two_candidates_are_measured_once(
    scenes: tuple[Scene, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "kept" / "honest.jsonl"
    part = honest.measure(scenes, Store(path), wanted=["lda"])["scenes"]
    assert [(list(scene["candidates"]), scene["auto"]) for scene in part.values()] == [(["lda"], None)] * 2
    found = honest.measure(scenes, Store(path))
    for name, seeds in (("random", [0, 1]), ("blocks", [1])):
        scene = found["scenes"][name]
        assert list(scene["candidates"]) == list(NAMES)
        assert [one["seed"] for one in scene["candidates"]["logistic_regression"]["seeds"]] == seeds
        assert 0.5 < scene["auto"]["overall_accuracy"] < 1
        assert scene["auto"]["leakage"] == 0
        assert scene["auto"]["reason"]
        assert scene["comparison"]["best_classical"] in NAMES
    page(found)

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("computed again")

    for name in ("cross_fit", "compare", "fitter_of", "choose", "choose_smoothing"):
        monkeypatch.setattr(honest_runs, name, refuse)
    assert honest.measure(scenes, Store(path))["scenes"] == found["scenes"]


def test_a_choice_on_folds_is_the_same_from_kept_scores(scenes: tuple[Scene, ...]) -> None:
    scene = scenes[1]
    on_folds = honest_runs.OnFolds(place=scene.place, folds=honest_runs.block_folds(scene, 1), seed=1)
    methods = [scene.place.method(name) for name in NAMES]
    fitted = [on_folds.cross_fit(method) for method in methods]
    kept = [on_folds.restored(method, one.log_scores, 0.0) for method, one in zip(methods, fitted, strict=True)]
    plain, smoothed = on_folds.choose(fitted, smooth=True)
    again, smoothed_again = on_folds.choose(kept, smooth=True)
    assert (again.cells, again.chosen, again.reason) == (plain.cells, plain.chosen, plain.reason)
    assert smoothed is not None
    assert smoothed_again is not None
    assert smoothed_again.cells == smoothed.cells
    # The same pixels in the same blocks, and more of them right.
    (reference, predicted, unit), (as_before, less_right, _) = smoothed.samples, plain.samples
    assert np.array_equal(np.bincount(reference), np.bincount(as_before))
    assert len(unit) == (on_folds.folds.fold >= 0).sum()
    assert (reference == predicted).sum() > (as_before == less_right).sum()


def test_folds_that_are_left_are_numbered_anew(place: Place) -> None:
    folds = make_folds(place.samples, n_folds=4, guard_px=1, seed=0)
    fewer = only_folds(folds, [1, 3])
    assert fewer.n_folds == 2
    assert np.array_equal(fewer.tested_in(0), folds.tested_in(1))
    assert np.array_equal(fewer.tested_in(1), folds.tested_in(3))
    assert not np.isin(fewer.fold, [2, 3]).any()
