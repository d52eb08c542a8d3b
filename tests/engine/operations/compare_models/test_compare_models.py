"""Comparing models: figures against their formulas, what is kept of a run that stops, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hsi_engine
import make_scenes
from hsi_engine.errors import Cancelled, LabelError, ParameterError
from hsi_engine.evaluation.mcnemar import holm
from hsi_engine.evaluation.training_runs import corrected_t
from hsi_engine.operations.compare_models import run
from hsi_engine.operations.compare_models.operation import CompareModelsResult
from hsi_engine.report.wording import percent
from hsi_engine.reporting import SilentReporter
from hsi_engine.selection.repeated import rounds

FAST = "lda, logistic_regression"
MIXED = "lda, spectral_cnn(epochs=1, patch_size=3)"
Json = dict[str, Any]


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("inputs")
    scene = make_scenes.write_scene(folder / "scene.tif", rows=40, cols=52, bands=9)
    make_scenes.write_polygons(folder / "polygons.gpkg", like=scene)
    return {"scene": folder / "scene.tif", "labels": folder / "polygons.gpkg"}


@pytest.fixture(scope="module")
def folds(inputs: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> tuple[CompareModelsResult, Path]:
    out = tmp_path_factory.mktemp("folds")
    given: Json = {**inputs, "class_field": "class_id", "models": MIXED, "seeds": 2, "folds": 2}
    result = hsi_engine.compare_models(**given, results=out / "r.json", report=out / "r.html")
    return result, out


@pytest.fixture(scope="module")
def pixels(inputs: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> CompareModelsResult:
    given: Json = {**inputs, "class_field": "class_id", "models": MIXED, "seeds": 2, "split": "random"}
    return hsi_engine.compare_models(**given, train_share=0.05, results=tmp_path_factory.mktemp("pixels") / "r.json")


class CancelAfter(SilentReporter):
    """Cancels when the progress names a training for the first time."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text, self.logged = text, list[str]()
        self.seen: list[str] = []

    def progress(self, fraction: float, message: str = "") -> None:
        self.seen.append(message)
        if self.text and self.text in message:
            self.cancel.set()

    def log(self, message: str, level: str = "info") -> None:
        self.logged.append(message)


def timeless(content: Any) -> Any:
    """Without what the clock decides."""
    if isinstance(content, dict):
        return {k: timeless(v) for k, v in content.items() if "seconds" not in k}
    return [timeless(v) for v in content] if isinstance(content, list) else content


def test_folds_that_match_the_distances_of_the_map(
    inputs: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measures: list[Any] = []
    measured: list[float] = []
    make_folds, mismatch_with = rounds.make_folds, run.mismatch_with

    def kept_measure(*given: Any) -> Any:
        measures.append(mismatch_with(*given))
        return measures[-1]

    def measured_folds(*given: Any, **options: Any) -> Any:
        folds = make_folds(*given, **options)
        measured.append(measures[-1](folds))
        return folds

    monkeypatch.setattr(run, "mismatch_with", kept_measure)
    monkeypatch.setattr(rounds, "make_folds", measured_folds)
    given: Json = {**inputs, "class_field": "class_id", "models": FAST, "seeds": 1, "folds": 2}
    hsi_engine.compare_models(**given, results=tmp_path / "largest.json")
    hsi_engine.compare_models(**given, match_distances=True, results=tmp_path / "matching.json")
    assert measured[1] < measured[0]


def test_distances_are_matched_by_folds_only(inputs: dict[str, Path], tmp_path: Path) -> None:
    given: Json = {**inputs, "class_field": "class_id", "models": FAST, "split": "random", "match_distances": True}
    with pytest.raises(ParameterError, match="chooses among folds, but the accuracy is checked on 'random'"):
        hsi_engine.compare_models(**given, results=tmp_path / "r.json")


def test_all_models_are_tested_on_the_same_pixels(folds: tuple[CompareModelsResult, Path]) -> None:
    result, _ = folds
    assert result.question == "new_places"
    assert result.seeds == [0, 1]
    first, second = result.models
    assert {first["name"], second["name"]} == {"lda", "spectral_cnn(epochs=1, patch_size=3)"}
    sides = [[(r["seed"], r["fold"], r["train_samples"], r["test_samples"]) for r in m["runs"]] for m in result.models]
    assert sides[0] == sides[1]
    assert result.split["guard_px"] == 2
    rows = [np.sum(model["confusion_matrix"], axis=1).tolist() for model in result.models]
    assert rows[0] == rows[1]
    assert sum(rows[0]) == sum(result.split["tested"])


def test_means_and_deviations_are_those_of_the_seeds(folds: tuple[CompareModelsResult, Path]) -> None:
    for model in folds[0].models:
        for name in ("overall_accuracy", "average_accuracy", "kappa", "mean_iou"):
            found = model[name]
            a, b = found["values"]
            assert found["mean"] == pytest.approx((a + b) / 2)
            assert found["deviation"] == pytest.approx(abs(a - b) / 2**0.5)
        runs = [run for run in model["runs"] if run["seed"] == 1]
        pooled = sum(r["overall_accuracy"] * r["test_samples"] for r in runs) / sum(r["test_samples"] for r in runs)
        assert model["overall_accuracy"]["values"][1] == pytest.approx(pooled)
    accuracies = [model["overall_accuracy"]["mean"] for model in folds[0].models]
    assert accuracies == sorted(accuracies, reverse=True)


def test_tests_of_pairs_follow_from_the_runs(pixels: CompareModelsResult) -> None:
    (pair,) = pixels.pairs
    a, b = (next(m for m in pixels.models if m["name"] == pair[at]) for at in ("first", "second"))
    differences = [x["overall_accuracy"] - y["overall_accuracy"] for x, y in zip(a["runs"], b["runs"], strict=True)]
    assert pair["difference"] == pytest.approx(np.mean(differences))
    ratio = np.mean([run["test_samples"] / run["train_samples"] for run in a["runs"]])
    expected = corrected_t(differences, float(ratio))
    assert expected is not None
    assert pair["training_runs"]["p_value"] == pytest.approx(expected.p_value)
    for seed, found in zip((0, 1), pair["mcnemar"]["by_seed"], strict=True):
        run = next(run for run in a["runs"] if run["seed"] == seed)
        gained = found["only_first"] - found["only_second"]
        assert gained == pytest.approx(differences[seed] * run["test_samples"])
    # Of two seeds, the larger p-value; of one pair, Holm changes nothing.
    assert pair["mcnemar"]["p_mid"] == max(one["p_mid"] for one in pair["mcnemar"]["by_seed"])
    assert pair["p_holm"] == pair["p_value"]


def test_several_pairs_are_adjusted(inputs: dict[str, Path], tmp_path: Path) -> None:
    given: Json = {**inputs, "class_field": "class_id", "split": "random", "train_share": 0.05, "seeds": 1}
    result = hsi_engine.compare_models(**given, models=f"{FAST}, {MIXED[5:]}", results=tmp_path / "r.json")
    assert len(result.pairs) == 3
    assert [pair["p_holm"] for pair in result.pairs] == holm([pair["p_value"] for pair in result.pairs])
    exact = [pair["mcnemar"]["p_exact"] for pair in result.pairs]
    assert [pair["mcnemar"]["p_exact_holm"] for pair in result.pairs] == holm(exact)
    assert all(pair["training_runs"] is None for pair in result.pairs)
    assert all(model["kappa"]["deviation"] is None for model in result.models)


def test_words_say_what_is_covered(folds: tuple[CompareModelsResult, Path], pixels: CompareModelsResult) -> None:
    places, gaps = " ".join(folds[0].covers), " ".join(pixels.covers)
    assert "the question of new places" in places
    assert "McNemar" not in places
    assert "the question of gaps" in gaps
    assert "McNemar's tests" in gaps
    for text in (places, gaps):
        assert "cover the choice of the labelled pixels that were tested" in text
        assert "standard deviation over 2 seeds" in text


def test_random_pixels_state_how_many_lie_next_to_training_pixels(
    inputs: dict[str, Path], pixels: CompareModelsResult, tmp_path: Path
) -> None:
    near = pixels.split["near"]
    assert 0 < near <= 1
    said = f"{percent(near)} of the test pixels have a training pixel within two pixels"
    assert said in " ".join(pixels.covers)
    edge = pixels.split["largest_patch_px"]
    assert f"lie inside a training patch of {edge}×{edge} pixels, the largest of these models" in " ".join(
        pixels.covers
    )
    given: Json = {**inputs, "class_field": "class_id", "split": "random", "train_share": 0.2, "seeds": 1}
    single = hsi_engine.compare_models(**given, models=FAST, results=tmp_path / "r.json", report=tmp_path / "r.html")
    assert single.split["leakage"] == 0
    text = " ".join(single.covers)
    assert f"{percent(single.split['near'])} of the test pixels have a training pixel within two pixels" in text
    assert "0.0 %" not in text
    assert "All of them look at single pixels" in text
    assert "large patches" not in text
    assert "within two pixels" in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_files(folds: tuple[CompareModelsResult, Path]) -> None:
    result, out = folds
    assert sorted(path.name for path in out.iterdir()) == ["r.html", "r.json"]
    written = json.loads((out / "r.json").read_text(encoding="utf-8"))
    assert written["models"] == result.to_json()["models"]
    assert written["settings"]["models"] == MIXED
    page = (out / "r.html").read_text(encoding="utf-8")
    for text in ("Which differences are more than chance?", result.verdict, *result.covers):
        assert text.replace("'", "&#39;") in page
    assert "<script" not in page
    assert page.count('<td class="clear">') == sum(pair["p_holm"] < 0.05 for pair in result.pairs)
    trained = page.partition('class="models trained"')[2].partition("</table>")[0]
    assert trained.count("<tr>") == 1 + len(result.models)
    (network,) = (model["training"] for model in result.models if model["is_network"])
    assert network["epochs"] == 1
    assert f"<td>{network['learning_rate']:g}</td>" in trained


def test_a_run_that_was_cancelled_repeats_nothing(
    folds: tuple[CompareModelsResult, Path], inputs: dict[str, Path], tmp_path: Path
) -> None:
    given: Json = {**inputs, "class_field": "class_id", "models": MIXED, "seeds": 2, "folds": 2}
    stopped = CancelAfter("spectral_cnn(epochs=1, patch_size=3), seed 0, fold 2")
    with pytest.raises(Cancelled, match=r"finished trainings are kept in r\.json\.parts: run the same again"):
        hsi_engine.compare_models(**given, results=tmp_path / "r.json", reporter=stopped)
    assert [path.name for path in tmp_path.iterdir()] == ["r.json.parts"]
    assert len(list((tmp_path / "r.json.parts").iterdir())) == 5

    again = CancelAfter("")
    result = hsi_engine.compare_models(**given, results=tmp_path / "r.json", report=tmp_path / "r.html", reporter=again)
    trained = {text for text in again.seen if text.startswith("Comparing models: ")}
    assert not any("lda" in text or "seed 0, fold 1" in text for text in trained)
    assert len(trained) == 3
    assert "5 of 8 trainings are finished already and are not repeated." in again.logged
    ours, theirs = result.to_json(), folds[0].to_json()
    for content in (ours, theirs):
        del content["results"], content["report"]
    assert timeless(ours) == timeless(theirs)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r.html", "r.json"]


def test_other_settings_never_use_what_is_kept(inputs: dict[str, Path], tmp_path: Path) -> None:
    given: Json = {**inputs, "class_field": "class_id", "models": FAST, "seeds": 1, "folds": 2}
    with pytest.raises(Cancelled):
        hsi_engine.compare_models(
            **given, results=tmp_path / "r.json", reporter=CancelAfter("logistic_regression, seed 0, fold 1")
        )
    again = CancelAfter("")
    hsi_engine.compare_models(**given, bands="1-6", results=tmp_path / "r.json", reporter=again)
    assert any("2 finished trainings in r.json.parts belong to other settings" in text for text in again.logged)
    assert sum(text.startswith("Comparing models: lda") for text in dict.fromkeys(again.seen)) == 2


def test_a_model_that_fails_does_not_stop_the_others(inputs: dict[str, Path], tmp_path: Path) -> None:
    given: Json = {**inputs, "class_field": "class_id", "seeds": 1, "folds": 2, "split": "random"}
    result = hsi_engine.compare_models(
        **given, models=f"hybridsn, {FAST}, hybridsn(patch_size=55)", results=tmp_path / "r.json"
    )
    assert [model["status"] for model in result.models] == ["compared", "compared", "failed", "failed"]
    few_bands, large_patch = (model["message"] for model in result.models[2:])
    assert "needs at least 13 components" in few_bands
    assert "a patch of 55×55 pixels is larger than the whole scene" in large_patch
    assert len(result.pairs) == 1
    assert "Not compared, because a training failed: hybridsn and hybridsn(patch_size=55)." in result.covers
    assert "failed: HybridSN needs at least 13 components" in result.to_text()


@pytest.mark.parametrize(
    ("models", "message", "hint"),
    [
        ("lda", "needs two models or more; parameter 'models' lists 1", "There are logistic_regression, lda"),
        ("lda, LDA", "lists 'lda' twice", "different settings"),
        ("lda(a=1, b=2), lda(b=2, a=1)", "twice", ""),
        ("lda, hybridsm", "no model called 'hybridsm'", "Did you mean hybridsn"),
        ("lda, svm(", r"cannot be read at 'svm\('", "svm, hybridsn(patch_size=11"),
        ("lda, svm(epochs=3)", "'epochs' is a setting of networks", ""),
        ("lda, hybridsn(patch_size=4)", "patch_size", ""),
        ("lda, hybridsn(patch_size=5)", "needs a patch of", ""),
        ("lda, two_sources", "lists 'two_sources', which needs a second raster", "off the list"),
        ("lda, hybridsn(colour=red)", "HybridSN .*has no option 'colour'", ""),
    ],
)
def test_what_is_refused(inputs: dict[str, Path], tmp_path: Path, models: str, message: str, hint: str) -> None:
    with pytest.raises(ParameterError, match=message) as error:
        hsi_engine.compare_models(**inputs, models=models, results=tmp_path / "r.json")
    assert hint in error.value.hint
    assert not list(tmp_path.iterdir())


def test_labels_that_allow_no_test(inputs: dict[str, Path], tmp_path: Path) -> None:
    given: Json = {**inputs, "class_field": "class_id", "models": "lda, hybridsn(patch_size=39)"}
    with pytest.raises(LabelError, match="cannot be compared in separate places") as error:
        hsi_engine.compare_models(**given, results=tmp_path / "r.json")
    assert "smaller patches" in error.value.hint
