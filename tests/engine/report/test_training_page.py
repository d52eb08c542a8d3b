"""The report of a training, from record to page: what is known comes first, and so does what is not."""

import copy
import re
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from affine import Affine

from hsi_engine.classes.legend import Legend
from hsi_engine.evaluation.accuracy import accuracy_from_indices
from hsi_engine.evaluation.clustered import clustered_intervals
from hsi_engine.evaluation.one_class import no_better_than_one_class
from hsi_engine.evaluation.reliability import reliability
from hsi_engine.operations.train_classifier.report import write_training_report
from hsi_engine.pixels.grid import Grid
from hsi_engine.pixels.samples import SampleSet
from hsi_engine.report.content import FalseColour, MapPicture
from hsi_engine.report.figures.folds_picture import picture_in_page, picture_of_folds
from hsi_engine.splitting.folds import Folds, make_folds

LEGEND = Legend.of({1: "grass & <herbs>", 4: "soil", 7: "water"})
GRID = Grid(crs="EPSG:32633", transform=Affine(30, 0, 364000, 0, -30, 5810000), shape=(60, 90))
FAILED = "It has <no> patch that fits."


def samples() -> SampleSet:
    rows, cols = (axis.ravel() for axis in np.mgrid[0:60:2, 0:90:2])
    classes = (rows // 10 + cols // 15) % 3
    return SampleSet(rows=rows, cols=cols, classes=classes, groups=rows // 10 * 10 + cols // 15, legend=LEGEND)


@cache
def folds() -> Folds:
    return make_folds(samples(), n_folds=3, guard_px=0, seed=0, block_px=15)


def candidate(name: str, score: float | None, status: str = "judged", **more: Any) -> dict[str, Any]:
    figures = ("overall_accuracy", "average_accuracy", "kappa", "mean_iou")
    return {
        "name": name,
        "title": name.replace("_", " ").capitalize(),
        "status": status,
        "message": "",
        "members": [] if score is None else [name],
        **dict.fromkeys(figures, score),
        "samples": None,
        "score": score,
        "simplicity": None if score is None else 10,
        "behind_best": None,
        "behind_best_standard_error": None,
        "p_value": None,
        "seconds": None if score is None else 12.0,
    } | more


def behind(points: float, error: float, p_value: float) -> dict[str, float]:
    return {"behind_best": points / 100, "behind_best_standard_error": error / 100, "p_value": p_value}


def record() -> SimpleNamespace:
    """A model as far as the report reads it."""
    found = folds()
    tested = np.flatnonzero(found.fold >= 0)
    reference, units = found.samples.classes[tested], found.unit[tested]
    rng = np.random.default_rng(1)
    wrong = rng.random(len(reference)) < np.where(reference == 1, 0.7, 0.1)
    predicted = np.where(wrong, np.where(reference == 0, 2, 0), reference)
    probabilities = np.full((len(reference), 3), 0.05)
    probabilities[np.arange(len(reference)), predicted] = 0.9
    accuracy = accuracy_from_indices(reference, predicted, LEGEND).to_json()
    selection = {
        "effort": "quick",
        "chosen": "svm",
        "title": "Svm",
        "reason": "Svm has the highest score.",
        "candidates": [
            candidate("svm", 0.8123, "chosen"),
            candidate("logistic_regression", 0.801, **behind(1.13, 0.9, 0.3)),
            candidate("forest", 0.6, **behind(21.2, 2.5, 0.001)),
            candidate("wide_cnn", None, "failed", message=FAILED),
            candidate("slow_cnn", None, "not_tried", message="Not tried: the time limit of 1 min was reached."),
        ],
        "smoothing": {
            "tried": [
                {
                    "radius_px": radius, "epsilon": epsilon, "overall_accuracy": share, "average_accuracy": share - 0.1,
                    "mean_iou": 0.5, "chosen": radius == 2,
                }
                for radius, epsilon, share in ((0, None, 0.7123), (2, 0.1, 0.7345), (4, 1.0, 0.6))
            ]
        },
    }  # fmt: skip
    training = {
        "settings": {"scene": "a/scene.tif", "labels": "polygons.gpkg", "train_share": 0.1, "seed": 5},
        "split": {
            "strategy": "folds", "train_samples": len(found.samples), "test_samples": len(tested), "guard_px": 0,
            "leakage": 0.0, "overlap": 0.0, "notes": list(found.notes),
        },
        "folds": found.to_json(),
        "selection": selection,
        "comparison": None,
        "notes": ["A note.", "Chosen: Svm has the highest score."],
        "history": [],
        "best_epoch": None,
    }  # fmt: skip
    sure = reliability(probabilities, reference, units, seed=0).to_json()
    metrics = {
        "cross_fitted": accuracy,
        "test": accuracy,
        "intervals": clustered_intervals(reference, predicted, units, 3, seed=0).to_json(),
        "calibration": {
            "before": sure,
            "after": sure,
            "temperatures": [1.25],
            "confidence_scaling": {"slope": 0.5, "offset": -0.25},
        },
    }
    return SimpleNamespace(training=training, metrics=metrics, patch_size=1, legend=LEGEND)


@pytest.fixture
def bundle() -> SimpleNamespace:
    return copy.deepcopy(_RECORD)


_RECORD = record()


def page_of(bundle: SimpleNamespace, folder: Path, **pictures: Any) -> str:
    target = folder / "r.html"
    write_training_report(bundle, target, title="Training of m.hsimodel", **pictures)  # type: ignore[arg-type]
    return target.read_text("utf-8")


def text_of(page: str) -> str:
    body = page[page.index("<body>") :]
    words = re.sub(r"<[^>]*>", " ", body)
    for entity, letter in (("&lt;", "<"), ("&gt;", ">"), ("&#39;", "'"), ("&#34;", '"'), ("&amp;", "&")):
        words = words.replace(entity, letter)
    return " ".join(words.split())


def map_picture() -> MapPicture:
    scene = FalseColour(rgb=np.full((*GRID.shape, 3), 90, np.uint8), caption="bands")
    values, pixels = np.ones(GRID.shape, np.uint8), [0] * len(LEGEND)
    return MapPicture(values=values, legend=LEGEND, grid=GRID, class_pixels=pixels, false_colour=scene)


def test_the_first_line_is_the_accuracy_in_new_places_with_its_interval(bundle: Any, tmp_path: Path) -> None:
    page = page_of(bundle, tmp_path)
    overall = bundle.metrics["intervals"]["overall_accuracy"]
    low, high = (f"{100 * bound:.0f}" for bound in overall["interval_95"])
    units, samples = bundle.training["folds"]["units"], bundle.training["folds"]["samples"]
    start = text_of(page)[:420]
    assert start.startswith(
        f"Model trained on scene.tif Overall accuracy {100 * overall['value']:.1f} % in places the model was not trained"
        f" on (95 % interval {low}–{high} %), on {samples:,} labelled pixels in {units} blocks."
        " The model was trained with all labels. Training of m.hsimodel on scene.tif with polygons.gpkg"
    )
    assert page.index('class="verdict"') < page.index('class="figures"')


def test_a_report_with_a_map_is_one_on_the_map(bundle: Any, tmp_path: Path) -> None:
    text = text_of(page_of(bundle, tmp_path, map_picture=map_picture()))
    assert text.startswith("Class map of scene.tif")
    assert "The map was made with all labels." in text


def test_an_unknown_accuracy_comes_first_with_what_to_label(bundle: Any, tmp_path: Path) -> None:
    note = "The accuracy is not known: no class can be tested twice. Label at least one more place of soil."
    bundle.metrics.clear()
    bundle.training["split"] |= {"strategy": "none", "test_samples": 0, "leakage": None, "notes": [note]}
    bundle.training["folds"] |= {"n_folds": 0, "tested": 0, "notes": [note]}
    bundle.training |= {"selection": None, "notes": [note]}
    page = page_of(bundle, tmp_path, map_picture=map_picture())
    assert text_of(page).startswith(
        "Class map of scene.tif The accuracy of this map is not known No class can be tested twice."
        " Label at least one more place of soil."
    )
    assert 'class="box caution"' in page
    assert "Overall accuracy" not in page
    assert "How the method was chosen" not in page


def test_a_training_that_was_not_to_be_checked_says_how_to(bundle: Any, tmp_path: Path) -> None:
    bundle.metrics.clear()
    bundle.training["split"] = {"strategy": "none", "train_samples": 9, "test_samples": 0}
    bundle.training |= {"selection": None, "folds": None}
    text = text_of(page_of(bundle, tmp_path))
    assert "The accuracy of this model is not known No labelled pixel was held back" in text
    assert "run Assess map" in text


def test_three_questions_get_three_answers(bundle: Any, tmp_path: Path) -> None:
    text = text_of(page_of(bundle, tmp_path))
    assert "Gaps: how well are the gaps between labelled pixels filled? not measured" in text
    assert "This map: what share of the map is correct? not measured Needs reference points drawn at random" in text
    share = 100 * bundle.metrics["test"]["overall_accuracy"]
    assert f"New places: how well are places mapped that have no labels? overall accuracy {share:.1f} %" in text


def test_random_pixels_answer_for_gaps_only(bundle: Any, tmp_path: Path) -> None:
    test = accuracy_from_indices(np.zeros(1000, int), np.r_[np.zeros(987, int), 1, [2] * 12], LEGEND).to_json()
    split = {"strategy": "random", "train_samples": 50, "test_samples": 1000, "leakage": 0.75, "overlap": 1.0}
    bundle.training["comparison"] = {"split": split, "test": test}
    text = text_of(page_of(bundle, tmp_path))
    assert "Gaps: how well are the gaps between labelled pixels filled? overall accuracy 98.7 %" in text
    assert "75.0 % of them inside a training patch" in text
    assert f"with 50 of the {bundle.training['folds']['samples']:,} labelled pixels only" in text
    assert text.index("98.7 %") > text.index("in places the model was not trained on")


def test_a_split_is_no_accuracy_of_new_places_if_it_is_random(bundle: Any, tmp_path: Path) -> None:
    bundle.training["split"] |= {"strategy": "random", "leakage": 0.9, "overlap": 1.0, "train_samples": 300}
    bundle.training["folds"] = None
    text = text_of(page_of(bundle, tmp_path))
    assert "in gaps between training pixels, not in new places" in text[:200]
    assert "as if pixels were independent" in text[:300]
    assert "made with all labels" not in text
    assert "was trained with 300 labelled pixels; the others were held back" in text


def test_cross_fitting_stands_next_to_a_split_and_before_it_in_words(bundle: Any, tmp_path: Path) -> None:
    bundle.training["split"] |= {"strategy": "random", "leakage": 0.9, "overlap": 1.0}
    text = text_of(page_of(bundle, tmp_path))
    assert "in places the model was not trained on" in text[:200]
    assert "on the training side of the split only" in text


def test_the_table_of_candidates_explains_each_of_them(bundle: Any, tmp_path: Path) -> None:
    page = page_of(bundle, tmp_path)
    text = text_of(page)
    assert "Svm has the highest score." in text
    assert "Svm 81.2 81.2 81.2 0.81 best 12 chosen" in text
    assert "Logistic regression baseline 80.1 80.1 80.1 0.80 −1.1 ± 0.9 12 not distinguishable from the best" in text
    assert "Forest 60.0 60.0 60.0 0.60 −21.2 ± 2.5 12 lower than the best" in text
    assert f"Wide cnn – – – – – failed: {FAILED}" in text
    assert "Slow cnn – – – – – not tried: the time limit of 1 min was reached." in text
    assert len(re.findall(r'<tr class="chosen"><th class="name" scope="row">Svm', page)) == 1
    assert FAILED not in page, "it is escaped"


def test_a_chosen_method_is_never_lower_than_the_best_in_one_place_and_alike_in_another(
    bundle: Any, tmp_path: Path
) -> None:
    rows = bundle.training["selection"]["candidates"]
    rows[0]["status"] = "judged"
    rows[1] |= {"status": "chosen"} | behind(0.04, 0.3, 0.9)
    rows[2] |= behind(21.2, 2.5, 0.125)
    text = text_of(page_of(bundle, tmp_path))
    assert (
        "Logistic regression baseline 80.1 80.1 80.1 0.80 0.0 ± 0.3 12 chosen; not distinguishable from the best"
        in text
    )
    assert "−21.2 ± 2.5 12 lower; too few places to tell whether by chance" in text
    assert "−0.0" not in text


def test_a_model_that_is_no_better_than_one_class_is_warned_of(bundle: Any, tmp_path: Path) -> None:
    page = page_of(bundle, tmp_path)
    assert "would be right for" in text_of(page)
    assert "No better than one class everywhere" not in page
    reference = np.repeat([0, 1, 2], [100, 500, 400])
    poor = accuracy_from_indices(reference, np.where(np.arange(1000) < 450, reference, 0), LEGEND)
    bundle.metrics["test"] = poor.to_json()
    note = no_better_than_one_class(poor, "model")
    bundle.training["notes"].append(note)
    page = page_of(bundle, tmp_path)
    assert 'class="box warning"' in page
    assert text_of(page).count(note) == 1


def test_many_averages_are_folded_but_never_the_chosen_one(bundle: Any, tmp_path: Path) -> None:
    rows = bundle.training["selection"]["candidates"]
    rows[0]["status"] = "judged"
    means = [candidate(f"mean_{n}", 0.7, members=["a", "b"], **behind(n, 1, 0.5)) for n in range(1, 6)]
    means[2]["status"] = "chosen"
    rows += means
    page = page_of(bundle, tmp_path)
    folded = page[page.index("<details>") : page.index("</details>")]
    assert "4 averages" in folded
    assert [f"Mean {n}<" in folded for n in range(1, 6)] == [True, True, False, True, True]
    del rows[-2:]
    assert "<details>" not in page_of(bundle, tmp_path)


def test_differences_to_a_method_that_is_not_listed_are_not_shown(bundle: Any, tmp_path: Path) -> None:
    rows = bundle.training["selection"]["candidates"]
    rows[0] |= behind(5.0, 1.0, 0.01)
    text = text_of(page_of(bundle, tmp_path))
    assert "Svm 81.2 81.2 81.2 0.81 best 12 chosen" in text
    assert "Logistic regression baseline 80.1 80.1 80.1 0.80 −1.1 12 compared" in text


def test_a_method_that_was_asked_for_is_not_said_to_be_chosen(bundle: Any, tmp_path: Path) -> None:
    assert "The method was chosen by these very figures" in text_of(page_of(bundle, tmp_path))
    bundle.training["settings"]["model"] = "svm"
    text = text_of(page_of(bundle, tmp_path))
    assert "best 12 asked for" in text
    assert "chosen by these very figures" not in text


def test_smoothing_is_shown_before_and_after(bundle: Any, tmp_path: Path) -> None:
    text = text_of(page_of(bundle, tmp_path))
    assert "overall accuracy from 71.2 to 73.5 % and the average accuracy from 61.2 to 63.5 %" in text
    assert "radius 2 px (ε 0.1) 73.5 63.5 50.0 taken" in text
    for one in bundle.training["selection"]["smoothing"]["tried"]:
        one["chosen"] = one["radius_px"] == 0
    assert "2 strengths were tried. None makes" in text_of(page_of(bundle, tmp_path))


def test_each_class_has_its_intervals_and_counts(bundle: Any, tmp_path: Path) -> None:
    text = text_of(page_of(bundle, tmp_path))
    figures, counts = bundle.metrics["intervals"], bundle.training["folds"]["classes"][2]
    parts = []
    for name in ("producers_accuracy", "users_accuracy"):
        low, high = figures[name][2]["interval_95"]
        parts.append(f"{100 * figures[name][2]['value']:.1f} {100 * low:.0f}–{100 * high:.0f}")
    assert f"7 water {' '.join(parts)} {counts['samples']} {counts['units']} {counts['tested']}" in text


def test_weak_classes_are_named_with_their_counts_and_strong_ones_are_not(bundle: Any, tmp_path: Path) -> None:
    text = text_of(page_of(bundle, tmp_path))
    matrix = bundle.metrics["test"]["confusion_matrix"]
    right, support = matrix[1][1], sum(matrix[1])
    assert f"{right} of {support} tested pixels correct, " in text
    assert " taken for grass & <herbs>" in text
    assert "water: " not in text


def test_a_class_in_one_place_is_not_known(bundle: Any, tmp_path: Path) -> None:
    note = "soil lies in one place only. Label soil in at least one more place."
    bundle.training["folds"]["classes"][1] |= {"units": 1, "tested": 0}
    bundle.training["folds"]["notes"] = [note]
    matrix = np.array(bundle.metrics["test"]["confusion_matrix"])
    matrix[1] = 0
    bundle.metrics["test"]["confusion_matrix"] = matrix.tolist()
    text = text_of(page_of(bundle, tmp_path))
    assert "4 soil not known (one place only)" in text
    assert "How well it finds soil is not known." in text[:400]
    assert note in text


def test_the_design_effect_is_put_into_words(bundle: Any, tmp_path: Path) -> None:
    found = bundle.metrics["intervals"]
    found |= {"design_effect": 12.4, "effective_samples": 87.3}
    text = text_of(page_of(bundle, tmp_path))
    assert "are worth about 87 independent pixels (design effect 12)" in text
    found |= {"design_effect": None, "effective_samples": None}
    assert "independent pixels (design" not in text_of(page_of(bundle, tmp_path))


def test_confidence_is_explained_with_its_errors(bundle: Any, tmp_path: Path) -> None:
    after = bundle.metrics["calibration"]["after"] = copy.deepcopy(bundle.metrics["calibration"]["before"])
    after |= {"expected_calibration_error": 0.0312, "debiased": 0.0205, "debiased_interval_95": [0.004, 0.041]}
    page = page_of(bundle, tmp_path)
    text = text_of(page)
    assert 'alt="Reliability diagram before and after scaling"' in page
    assert "After scaling 3.1 % 2.1 % 0.4–4.1 %" in text
    assert "the mean confidence was 90.0 %" in text
    assert "too confident" in text
    assert "Temperatures: 1.25 for each method; values above 1 make it less confident." in text
    assert (
        "logit(p') = 0.5 · logit(p) − 0.25, so that 50 % becomes 44 %, 80 % becomes 61 % and 95 % becomes 77 %" in text
    )
    assert "Platt, J. (1999)" in text


def test_a_confidence_that_was_left_alone_is_called_so(bundle: Any, tmp_path: Path) -> None:
    bundle.metrics["calibration"]["confidence_scaling"] = {"slope": 1.0, "offset": 0.0}
    text = text_of(page_of(bundle, tmp_path))
    assert "The final confidence is left as it is." in text
    assert "logit(p')" not in text


def test_the_temperature_of_earlier_records_is_shown(bundle: Any, tmp_path: Path) -> None:
    calibration = bundle.metrics["calibration"]
    del calibration["confidence_scaling"]
    calibration["temperature"] = 0.71
    text = text_of(page_of(bundle, tmp_path))
    assert "Temperatures: 1.25 for each method, 0.71 for the final probabilities. Values above 1" in text


def test_no_learning_curves_without_a_history(bundle: Any, tmp_path: Path) -> None:
    assert "Learning curves" not in page_of(bundle, tmp_path)
    bundle.training["history"] = [{"epoch": 1, "loss": 0.5, "accuracy": 0.7}]
    assert "Learning curves" in page_of(bundle, tmp_path)


def test_names_are_escaped(bundle: Any, tmp_path: Path) -> None:
    page = page_of(bundle, tmp_path)
    assert "<herbs>" not in page
    assert "grass &amp; &lt;herbs&gt;" in page


def test_notes_and_settings_that_say_it_twice_or_wrongly_are_left_out(bundle: Any, tmp_path: Path) -> None:
    text = text_of(page_of(bundle, tmp_path))
    assert text.count("Svm has the highest score.") == 1
    assert "A note." in text
    assert "Train share" not in text
    assert "Seed 5" in text


def test_the_folds_are_drawn_and_survive_a_second_report(bundle: Any, tmp_path: Path) -> None:
    picture = picture_of_folds(GRID, samples(), folds())
    first = page_of(bundle, tmp_path, folds_picture=picture)
    assert "tested in fold 3" in first
    kept = picture_in_page(first)
    assert kept is not None
    np.testing.assert_array_equal(kept.rgba, picture.rgba)
    again = picture_in_page(page_of(bundle, tmp_path, folds_picture=kept, map_picture=map_picture()))
    assert again is not None
    labelled = picture.rgba[..., 3] > 0
    np.testing.assert_array_equal(again.rgba[labelled], picture.rgba[labelled])
    assert (again.rgba[~labelled][:, 3] == 255).all(), "over the grey scene"
    assert picture_in_page(page_of(bundle, tmp_path)) is None


@pytest.mark.parametrize("south_up", [False, True])
def test_each_labelled_pixel_has_the_colour_of_its_fold(south_up: bool) -> None:
    found, labelled = folds(), samples()
    transform = Affine(30, 0, 364000, 0, 30, 5810000) if south_up else GRID.transform
    rgba = picture_of_folds(Grid(crs=GRID.crs, transform=transform, shape=GRID.shape), labelled, found).rgba
    rgba = rgba[::-1] if south_up else rgba
    colours = rgba[labelled.rows, labelled.cols]
    assert (rgba[..., 3] > 0).sum() == len(labelled)
    assert {tuple(c) for c in colours[found.fold == 0].tolist()} == {(0xE6, 0x9F, 0x00, 255)}
    assert len(np.unique(colours, axis=0)) == found.n_folds


def test_no_label_is_lost_in_the_picture_of_a_large_scene() -> None:
    grid = Grid(crs=GRID.crs, transform=GRID.transform, shape=(3000, 5000))
    one = SampleSet(rows=[2999, 7], cols=[4999, 11], classes=[0, 1], groups=[0, 1], legend=LEGEND)
    folded = Folds(
        samples=one, fold=np.array([0, 1]), unit=np.array([0, 1]), n_folds=2, unit_name="block", block_px=9, notes=(),
        untested=(),
    )  # fmt: skip
    rgba = picture_of_folds(grid, one, folded).rgba
    assert max(rgba.shape) <= 1200
    assert rgba[-1, -1, 3] == 255
    assert rgba[1, 2, 3] == 255
    assert len(np.unique(rgba.reshape(-1, 4), axis=0)) == 3


HISTORY = [{"epoch": 1, "loss": 1.0, "accuracy": 0.5}, {"epoch": 2, "loss": 0.5, "accuracy": 0.7}]


def test_curves_say_which_network_they_are_of_and_what_it_was_trained_on(bundle: Any, tmp_path: Path) -> None:
    bundle.training |= {"history": HISTORY, "history_of": {"network": "Spectral network", "networks": 2}}
    text = text_of(page_of(bundle, tmp_path))
    assert "Of spectral network, the first of the 2 networks that are averaged." in text
    assert "The final model is trained on all labelled pixels" in text
    assert "No test pixel is used in training" not in text
    bundle.training["history_of"]["networks"] = 1
    bundle.training["split"]["strategy"] = "blocks"
    text = text_of(page_of(bundle, tmp_path))
    assert "that are averaged" not in text
    assert "No test pixel is used in training" in text


def test_a_second_split_shows_the_share_of_neighbours_not_of_patches_that_are_none(bundle: Any, tmp_path: Path) -> None:
    split = {
        "strategy": "random",
        "train_samples": 10,
        "test_samples": 90,
        "leakage": 0.0,
        "overlap": 0.0,
        "near": 0.38,
    }
    bundle.training["comparison"] = {"split": split, "test": bundle.metrics["test"]}
    text = text_of(page_of(bundle, tmp_path))
    assert "Test pixels with a training pixel within two pixels – 38.0 %" in text
    assert "Test pixels inside a training patch no patches: single pixels no patches: single pixels" in text


def test_what_the_map_leaves_out_stands_at_the_head(bundle: Any, tmp_path: Path) -> None:
    left = "The map leaves 5 pixels (1.0 %) unclassified."
    text = text_of(page_of(bundle, tmp_path, part_mapped=left, mapping={"Minimum confidence": 0.6}))
    assert text.index(left) < 500
    assert "Minimum confidence 0.6" in text


def test_notes_on_a_split_say_which_one(bundle: Any, tmp_path: Path) -> None:
    note = "Of 5,012 labelled pixels 501 are for training."
    split = {"strategy": "random", "train_samples": 10, "test_samples": 90, "leakage": 0.0, "notes": [note]}
    bundle.training["comparison"] = {"split": split, "test": bundle.metrics["test"]}
    assert f"Random pixels: {note}" in text_of(page_of(bundle, tmp_path))


def test_one_polygon_in_many_blocks_is_one_place_in_the_table(bundle: Any, tmp_path: Path) -> None:
    accuracy = bundle.metrics["test"]
    water = bundle.training["folds"]["classes"][2]
    water |= {"tested": 0, "units": 7, "places": 1}
    accuracy["confusion_matrix"][2] = [0, 0, 0]
    text = text_of(page_of(bundle, tmp_path))
    assert "not known (one place only)" in text
    assert "too close together" not in text


def test_numbers_on_a_page_have_commas(bundle: Any, tmp_path: Path) -> None:
    page = page_of(bundle, tmp_path)
    assert "\N{NARROW NO-BREAK SPACE}" not in page
    assert f"{len(samples()):,}" in page


def test_settings_are_called_as_in_forms(bundle: Any, tmp_path: Path) -> None:
    bundle.training["settings"] |= {"overlap": "drop", "resampling": "refuse", "effort": "quick"}
    text = text_of(page_of(bundle, tmp_path))
    assert "Overlapping polygons Leave these pixels out" in text
    assert "Resampling of labels Stop" in text
    assert "Overlap drop" not in text
