import dataclasses

import pytest

from hsi_engine.report.content import SplitSummary
from hsi_engine.report.wording import percent, percent_range, strategy_name, strategy_text, verdict
from hsi_engine.splitting.split import Split

SPLIT = SplitSummary(
    strategy="blocks", train_samples=10, validation_samples=0, test_samples=90, leakage=0.5, overlap=0.75, patch_size=9
)


@pytest.mark.parametrize(
    ("leakage", "overlap", "level", "words"),
    [
        (0.5, 0.75, "warning", "This split leaks: 50.0 % of the test pixels"),
        (1e-6, 0.2, "warning", "leaks: less than 0.1 %"),
        (0.0, 0.25, "good", "No test pixel lies inside a training patch"),
        (0.0, 0.0, "good", "no patches overlap"),
        (None, None, "caution", "not measured"),
    ],
)
def test_the_verdict_follows_the_leakage(leakage: float | None, overlap: float | None, level: str, words: str) -> None:
    found = verdict(dataclasses.replace(SPLIT, leakage=leakage, overlap=overlap))
    assert found.level == level
    assert words in found.headline


def test_an_unknown_split_is_not_called_good() -> None:
    assert verdict(None).level == "caution"


def test_the_explanation_names_patch_and_overlap() -> None:
    assert "9×9 pixel patch" in verdict(SPLIT).text
    assert "25.0 %" in verdict(dataclasses.replace(SPLIT, leakage=0.0, overlap=0.25)).text


def test_random_pixels_are_never_called_good() -> None:
    found = verdict(dataclasses.replace(SPLIT, strategy="random", leakage=0.0, overlap=0.0))
    assert found.level == "caution"
    assert "neighbours" in found.headline


@pytest.mark.parametrize(("near", "level"), [(0.9, "caution"), (0.02, "good"), (None, "good")])
def test_a_split_of_neighbours_is_not_called_good_though_no_patch_sees_them(near: float | None, level: str) -> None:
    split = SplitSummary(
        strategy="given", train_samples=50, validation_samples=0, test_samples=50, leakage=0.0, overlap=0.0, near=near
    )
    found = verdict(split)
    assert found.level == level
    assert split.tests_neighbours == (level == "caution")
    if near == 0.9:
        assert "90.0 % of the test pixels have a training pixel within two pixels" in found.text


def test_separate_places_are_good_and_what_they_do_not_cover_is_said() -> None:
    found = verdict(dataclasses.replace(SPLIT, strategy="folds", leakage=0.0))
    assert found.level == "good"
    assert "places that the model had not seen" in found.headline
    assert "not tested itself" in found.text
    assert "other scenes" in found.text


def test_no_test_is_not_good() -> None:
    found = verdict(dataclasses.replace(SPLIT, strategy="none", leakage=None))
    assert found.level == "caution"
    assert "not known" in found.headline


def test_folds_name_their_guard_or_that_there_is_none() -> None:
    folds = dataclasses.replace(SPLIT, strategy="folds")
    assert "within 4 pixels" in strategy_text(dataclasses.replace(folds, guard_px=4))
    assert "may touch" in strategy_text(dataclasses.replace(folds, guard_px=0))


@pytest.mark.parametrize(
    ("interval", "words"), [((0.655, 0.783), "66–78 %"), ((0.701, 0.722), "70.1–72.2 %"), (None, "")]
)
def test_an_interval_has_no_more_digits_than_it_deserves(interval: tuple[float, float] | None, words: str) -> None:
    assert percent_range(interval) == words


@pytest.mark.parametrize("strategy", ["random", "blocks", "polygons", "given", "folds", "none"])
def test_every_strategy_of_a_split_has_words(strategy: str) -> None:
    split = dataclasses.replace(SPLIT, strategy=strategy)
    assert strategy_name(split) != strategy
    assert len(strategy_text(split)) > 30


def test_a_strategy_of_the_future_is_named() -> None:
    split = dataclasses.replace(SPLIT, strategy="hexagons")
    assert strategy_name(split) == "hexagons"
    assert "hexagons" in strategy_text(split)


def test_a_guard_is_told() -> None:
    text = strategy_text(dataclasses.replace(SPLIT, strategy="blocks", guard_px=4, removed_samples=1234))
    assert "guard of 4 pixels" in text
    assert "1,234 labelled pixels" in text


@pytest.mark.parametrize(
    ("share", "words"),
    [(0, "0.0 %"), (1, "100.0 %"), (0.5, "50.0 %"), (0.99999, "more than 99.9 %"), (0.00001, "less than 0.1 %")],
)
def test_shares_are_not_rounded_to_nothing_or_everything(share: float, words: str) -> None:
    assert percent(share) == words


def test_a_summary_is_made_from_what_a_split_tells() -> None:
    split = Split(
        train=[0], validation=[], test=[1, 2], strategy="blocks", guard_px=3, leakage=0.0, overlap=float("nan"),
        removed=4, notes=("A note.",),
    )  # fmt: skip
    summary = SplitSummary.from_json(split.to_json(), 7)
    assert (summary.train_samples, summary.test_samples, summary.removed_samples, summary.guard_px) == (1, 2, 4, 3)
    assert (summary.leakage, summary.overlap, summary.patch_size, summary.notes) == (0.0, None, 7, ("A note.",))


def test_what_random_test_pixels_lie_next_to_is_measured_not_said() -> None:
    random = dataclasses.replace(SPLIT, strategy="random", leakage=0.0, overlap=0.0)
    assert (
        "38.0 % of the test pixels have a training pixel within two"
        in verdict(dataclasses.replace(random, near=0.38)).text
    )
    for near in (0.38, None):
        assert "most" not in verdict(dataclasses.replace(random, near=near)).text
