"""What a sample cannot say is left open, and what makes no sense is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hsi_engine.evaluation.design_based.agreement import agreement
from hsi_engine.evaluation.design_based.intervals import wilson
from hsi_engine.evaluation.design_based.map_accuracy import map_accuracy
from hsi_engine.evaluation.design_based.paired import map_difference
from hsi_engine.evaluation.design_based.reference_sample import ReferenceSample


def sample(
    mapped: list[int], reference: list[int], strata: list[int], sizes: list[float], **other: Any
) -> ReferenceSample:
    return ReferenceSample(
        **{"design": "stratified", "classes": 1 + max(*mapped, *reference)} | other,
        mapped=np.array(mapped),
        reference=np.array(reference),
        strata=np.array(strata),
        sizes=np.array(sizes),
    )


def test_a_class_that_was_never_found_has_no_producers_accuracy() -> None:
    found = map_accuracy(sample([0, 0, 1, 1], [0, 0, 0, 0], [0, 0, 1, 1], [60, 40], strata_are_classes=True))
    assert found.producers[1].value is None
    assert found.producers[1].interval is None
    assert found.users[1].value == 0
    assert found.areas[1].value == 0


def test_a_reference_class_that_the_map_lacks_is_an_error_of_the_map_with_an_area() -> None:
    found = map_accuracy(sample([0, 0, 1, 1], [0, 2, 1, 1], [0, 0, 1, 1], [60, 40], strata_are_classes=True))
    assert found.users[2].value is None
    assert found.producers[2].value == 0
    assert found.areas[2].value == pytest.approx(0.3)
    assert found.overall.value == pytest.approx(0.7)


def test_a_stratum_with_one_point_has_no_variance_and_the_other_classes_keep_theirs() -> None:
    found = map_accuracy(sample([0, 0, 0, 1], [0, 0, 1, 1], [0, 0, 0, 1], [60, 40], strata_are_classes=True))
    assert found.overall.value == pytest.approx(0.8)
    assert found.overall.standard_error is None
    assert found.overall.interval is None
    assert found.users[1].standard_error is None
    assert found.users[0].standard_error == pytest.approx(np.sqrt(0.95 * (2 / 9) / 2))


def test_a_stratum_of_one_pixel_is_known_completely() -> None:
    found = map_accuracy(sample([0, 0, 0, 1], [0, 0, 1, 1], [0, 0, 0, 1], [60, 1], strata_are_classes=True))
    assert found.overall.standard_error is not None


def test_a_stratum_without_points_is_refused() -> None:
    with pytest.raises(ValueError, match=r"strata without a labelled point: \[1\]"):
        sample([0, 0], [0, 0], [0, 0], [60, 40])


def test_more_points_than_pixels_are_refused() -> None:
    with pytest.raises(ValueError, match="more points than pixels"):
        sample([0, 0], [0, 0], [0, 0], [1])


def test_a_point_without_a_class_in_the_map_is_wrong_unless_it_is_outside() -> None:
    mapped, reference = np.array([0, 0, 1, -1]), np.array([0, 1, 1, 1])
    wrong = map_accuracy(sample(mapped.tolist(), reference.tolist(), [0] * 4, [100], design="simple"))
    left_out = map_accuracy(
        sample(mapped.tolist(), reference.tolist(), [0] * 4, [100], design="simple", inside=mapped >= 0)
    )
    assert wrong.overall.value == pytest.approx(0.5)
    assert wrong.counts[1].tolist() == [1, 1, 1]
    assert left_out.overall.value == pytest.approx(2 / 3)
    assert left_out.points == 3


def test_weights_of_equal_areas_change_nothing_and_larger_pixels_count_more() -> None:
    values = ([0, 0, 1, 1, 1], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [60.0, 40.0])
    plain = map_accuracy(sample(*values))
    same = map_accuracy(sample(*values, areas=np.full(5, 900.0)))
    assert same.overall.standard_error == pytest.approx(plain.overall.standard_error)
    assert same.producers[1].value == pytest.approx(plain.producers[1].value)
    larger = map_accuracy(sample(*values, areas=np.array([2.0, 1, 1, 1, 1])))
    assert (larger.overall.value or 0) > (plain.overall.value or 0)


def test_identical_maps_do_not_differ() -> None:
    one = sample([0, 0, 1, 1], [0, 1, 1, 1], [0, 0, 1, 1], [60, 40])
    found = map_difference(one, one)
    assert (found.difference, found.standard_error, found.p_value) == (0, 0, None)


def test_the_difference_of_two_maps_has_a_smaller_error_than_two_samples() -> None:
    rng = np.random.default_rng(0)
    reference = rng.integers(0, 2, 200)
    first = np.where(rng.random(200) < 0.2, 1 - reference, reference)
    second = np.where(rng.random(200) < 0.05, 1 - first, first)
    strata, sizes = (np.arange(200) % 2).tolist(), [3000.0, 1000.0]
    a, b = (sample(m.tolist(), reference.tolist(), strata, sizes) for m in (first, second))
    found, accuracies = map_difference(a, b), [map_accuracy(each).overall for each in (a, b)]
    assert found.difference == pytest.approx((accuracies[0].value or 0) - (accuracies[1].value or 0))
    apart = np.hypot(*(each.standard_error or 0 for each in accuracies))
    assert 0 < (found.standard_error or 0) < 0.6 * apart


def test_agreement_of_interpreters_is_cohens() -> None:
    # Cohen's own kind of table: 20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no.
    one = np.repeat([0, 0, 1, 1, -1], [20, 5, 10, 15, 3])
    other = np.repeat([0, 1, 0, 1, 0], [20, 5, 10, 15, 3])
    found = agreement(one, other)
    assert (found.points, found.agree) == (50, 35)
    assert found.kappa == pytest.approx(0.4)


def test_agreement_without_common_points_is_open() -> None:
    found = agreement(np.array([0, -1]), np.array([-1, 1]))
    assert (found.points, found.share, found.kappa) == (0, None, None)


def test_intervals_of_one_stratum_are_wilsons_on_its_points() -> None:
    mapped, reference = [0] * 50 + [1] * 50, [0] * 44 + [1] * 53 + [0] * 3
    simple = map_accuracy(sample(mapped, reference, [0] * 100, [1e9], design="simple"))
    share = simple.overall
    assert share.interval == pytest.approx(wilson(0.91, 0.91 * 0.09 / (share.standard_error or 0) ** 2))
    strata = map_accuracy(sample(mapped, reference, mapped, [9e8, 1e8], strata_are_classes=True, finite=False))
    users = strata.users[0]
    assert users.interval == pytest.approx(wilson(0.88, 49))


def test_an_area_that_rests_on_a_single_point_of_a_large_stratum_has_a_wide_interval() -> None:
    mapped, reference = [0] * 200 + [1] * 50, [1] + [0] * 199 + [1] * 50
    found = map_accuracy(sample(mapped, reference, mapped, [9500, 500], strata_are_classes=True)).areas[1]
    share, variance = found.value or 0, (found.standard_error or 0) ** 2
    plain, (low, high) = wilson(share, share * (1 - share) / variance), found.interval or (0, 0)
    assert low < plain[0]
    assert high > plain[1]


def test_post_stratified_points_of_one_stratum_have_wilsons_interval() -> None:
    mapped, reference = [0] * 50 + [1] * 50, [0] * 44 + [1] * 53 + [0] * 3
    found = map_accuracy(sample(mapped, reference, [0] * 100, [1e12], design="post_stratified"))
    assert found.overall.interval == pytest.approx(wilson(0.91, 99), abs=1e-9)


@pytest.mark.parametrize("rare", [0, 2, 5])
def test_bounds_of_post_stratified_points_are_where_the_score_test_rejects(rare: int) -> None:
    """Found again by trying all pairs of shares of the two strata."""
    mapped, reference = [0] * 90 + [1] * 10, [1] * rare + [0] * (90 - rare) + [1] * 8 + [0] * 2
    drawn = sample(mapped, reference, mapped, [9.5e6, 0.5e6], design="post_stratified", finite=False)
    found = map_accuracy(drawn).areas[1]
    a, b = np.meshgrid(np.linspace(1e-9, 0.2, 801), np.linspace(0.1, 1 - 1e-9, 361))
    likelihood = rare * np.log(a) + (90 - rare) * np.log(1 - a) + 8 * np.log(b) + 2 * np.log(1 - b)
    share = 0.95 * a + 0.05 * b
    weights = np.array([0.95, 0.05])
    factors = (weights / 100 + (1 - weights) / 100**2) * np.array([90 / 89, 10 / 9])
    variance = factors[0] * a * (1 - a) + factors[1] * b * (1 - b)
    kept = []
    for theta in np.arange(0.0105, 0.17, 0.001):
        near = np.abs(share - theta) < 0.0005
        best = np.flatnonzero(near)[np.argmax(likelihood[near])]
        if (share.flat[best] - (found.value or 0)) ** 2 <= 1.95996**2 * variance.flat[best]:
            kept.append(theta)
    assert found.interval == pytest.approx((kept[0], kept[-1]), abs=0.002)


def test_post_stratified_points_do_not_rule_out_what_they_missed() -> None:
    """All ten points of a rare class are right but one, none lies elsewhere: Σ f p (1 − p) of what was found is nearly 0."""
    mapped, reference = [0] * 490 + [1] * 10, [0] * 490 + [1] * 9 + [0]
    found = map_accuracy(sample(mapped, reference, mapped, [4.9e6, 1e5], design="post_stratified")).areas[1]
    assert (found.interval or (0, 0))[1] > (found.value or 0) + 1.5 / 500
    none = map_accuracy(
        sample([0] * 400 + [1] * 99, [0] * 499, [0] * 400 + [1] * 99, [8e6, 2e6], design="post_stratified", classes=2)
    )
    low, high = none.areas[1].interval or (1, 0)
    assert (low, round(high, 3)) == (0, 0.008)
