"""Worked examples of the literature, recomputed from their formulas where the printed figures do not follow from them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from hsi_engine.evaluation.design_based.map_accuracy import MapAccuracy, Share, map_accuracy
from hsi_engine.evaluation.design_based.reference_sample import ReferenceSample


def olofsson_sample(counts: Sequence[Sequence[int]], sizes: Sequence[float]) -> ReferenceSample:
    """Points of a matrix of counts, rows are the map (the strata) as these papers print it; no finite-population factor."""
    mapped, reference = np.nonzero(np.ones_like(counts))
    times = np.ravel(counts)
    return ReferenceSample(
        design="stratified",
        classes=len(sizes),
        reference=np.repeat(reference, times),
        mapped=np.repeat(mapped, times),
        strata=np.repeat(mapped, times),
        sizes=np.asarray(sizes),
        strata_are_classes=True,
        finite=False,
    )


def check(found: Sequence[Share], values: Sequence[float], errors: Sequence[float], digits: int = 6) -> None:
    tolerance = 0.5000001 * 10**-digits
    assert [share.value for share in found] == pytest.approx(list(values), abs=tolerance)
    assert [share.standard_error for share in found] == pytest.approx(list(errors), abs=tolerance)


OLOFSSON_2014 = [[66, 0, 5, 4], [0, 55, 8, 12], [1, 0, 153, 11], [2, 1, 9, 313]]
PX_2014 = [200_000, 150_000, 3_200_000, 6_450_000]
HECTARES_OF_PIXEL = 0.09


@pytest.fixture(scope="module")
def example_2014() -> MapAccuracy:
    return map_accuracy(olofsson_sample(OLOFSSON_2014, PX_2014), "wald")


def test_olofsson_2014_overall(example_2014: MapAccuracy) -> None:
    check([example_2014.overall], [0.9465119], [0.0094304], digits=7)
    low, high = example_2014.overall.interval or (0, 0)
    assert (high - low) / 2 == pytest.approx(0.01848, abs=5e-6)
    assert example_2014.correct / example_2014.points == 0.9171875


def test_olofsson_2014_users(example_2014: MapAccuracy) -> None:
    check(example_2014.users, [0.880000, 0.733333, 0.927273, 0.963077], [0.037776, 0.051407, 0.020278, 0.010476])


def test_olofsson_2014_producers_follow_equation_7_and_not_the_misprint(example_2014: MapAccuracy) -> None:
    check(example_2014.producers, [0.748661, 0.847156, 0.934509, 0.961609], [0.108832, 0.129800, 0.017512, 0.009368])
    limits = [1.959964 * (share.standard_error or 0) for share in example_2014.producers]
    assert limits == pytest.approx([0.213, 0.254, 0.034, 0.018], abs=5e-4)  # printed: 0.21 0.23 0.03 0.01


def test_olofsson_2014_areas(example_2014: MapAccuracy) -> None:
    check(
        example_2014.areas,
        [0.0235086, 0.0129846, 0.3175221, 0.6459846],
        [0.0034907, 0.0021292, 0.0087924, 0.0092300],
        digits=7,
    )
    total = sum(PX_2014) * HECTARES_OF_PIXEL
    hectares = [share.times(total) for share in example_2014.areas]
    assert [area.value for area in hectares] == pytest.approx([21157.76, 11686.15, 285769.93, 581386.15], abs=0.00501)
    assert [1.96 * (area.standard_error or 0) for area in hectares] == pytest.approx(
        [6157.63, 3755.83, 15509.84, 16281.66], abs=0.00501
    )
    assert (example_2014.areas[0].standard_error or 0) * sum(PX_2014) == pytest.approx(34907, abs=0.5)  # not 34,097


def test_olofsson_2014_proportions(example_2014: MapAccuracy) -> None:
    printed = [
        [0.017600, 0, 0.001333, 0.001067],
        [0, 0.011000, 0.001600, 0.002400],
        [0.001939, 0, 0.296727, 0.021333],
        [0.003969, 0.001985, 0.017862, 0.621185],
    ]
    assert pytest.approx(np.array(printed), abs=5.01e-7) == example_2014.proportions[:, :-1].T
    assert example_2014.mapped_shares == pytest.approx(np.array(PX_2014) / sum(PX_2014))
    assert not example_2014.proportions[:, -1].any()


def test_olofsson_2013_first_example() -> None:
    found = map_accuracy(olofsson_sample([[97, 0, 3], [3, 279, 18], [2, 1, 97]], [22_353, 1_122_543, 610_228]), "wald")
    check([found.overall], [0.9444168], [0.0111644], digits=7)
    assert [share.value for share in found.users] == pytest.approx([0.97, 0.93, 0.97])
    check(found.producers, [0.480631, 0.994189, 0.896926], [0.114558, 0.005778, 0.021024])
    area = found.areas[0].times(22_353 + 1_122_543 + 610_228)
    assert area.value == pytest.approx(45112.4, abs=0.05)
    assert area.standard_error == pytest.approx(10751.4, abs=0.05)
    assert 1.96 * (area.standard_error or 0) == pytest.approx(21072.75, abs=0.01)


def test_olofsson_2013_second_example() -> None:
    found = map_accuracy(olofsson_sample([[127, 66, 54], [2, 322, 17], [0, 15, 540]], [7, 295, 698]), "wald")
    check([found.overall], [0.9612974], [0.0060533], digits=7)
    assert [share.value for share in found.users] == pytest.approx([0.51417, 0.94428, 0.97297], abs=5e-6)
    assert [share.value for share in found.producers] == pytest.approx([0.67535, 0.93072, 0.97665], abs=5e-6)
    assert [share.standard_error for share in found.producers] == pytest.approx(
        [0.155403, 0.014991, 0.004900], abs=5.01e-7
    )


def test_tinigua_has_the_standard_errors_of_equation_7() -> None:
    hectares = [145_078.56, 5_703.75, 64_029.69]
    found = map_accuracy(olofsson_sample([[287, 1, 25], [3, 43, 4], [11, 1, 127]], hectares), "wald")
    check([found.overall], [0.914448], [0.012801])
    check(found.users, [0.916933, 0.86, 0.913669], [0.015624, 0.049570, 0.023908])
    check(found.producers, [0.960926, 0.841466, 0.829274], [0.010321, 0.094642, 0.026562])
    areas = [share.times(sum(hectares)) for share in found.areas]
    assert [area.value for area in areas] == pytest.approx([138436.63, 5829.38, 70545.99], abs=0.00501)
    assert [area.standard_error for area in areas] == pytest.approx([2709.38, 712.02, 2711.11], abs=0.00501)


def test_the_widespread_mistake_in_equation_7_would_be_seen() -> None:
    """With (1 − n_ij/n_+j) in place of (1 − n_ij/n_i+) the first standard error is another one."""
    n = np.array(OLOFSSON_2014, dtype=float)
    rows, px = n.sum(axis=1), np.array(PX_2014, dtype=float)
    estimated = (px / rows) @ n
    users, producers = np.diag(n) / rows, px / rows * np.diag(n) / estimated
    j = 0
    own = px[j] ** 2 * (1 - producers[j]) ** 2 * users[j] * (1 - users[j]) / (rows[j] - 1)
    others = [i for i in range(4) if i != j]

    def error(share_in: np.ndarray) -> float:
        terms = sum(px[i] ** 2 * n[i, j] / rows[i] * (1 - share_in[i]) / (rows[i] - 1) for i in others)
        return float(np.sqrt((own + producers[j] ** 2 * terms) / estimated[j] ** 2))

    right, wrong = error(n[:, j] / rows), error(n[:, j] / n[:, j].sum())
    found = map_accuracy(olofsson_sample(OLOFSSON_2014, PX_2014)).producers[j].standard_error
    assert found == pytest.approx(right, rel=1e-12)
    assert abs(wrong - right) > 1e-4


STEHMAN_2014 = {
    "A": "AA AA AA AA AA AC AB BA BB BC",
    "B": "AA BB BB BB BB BB BA BA BB BB",
    "C": "BC BC CC CC CC CD CD CB BB BA",
    "D": "DD DD DD DD DD DD DD DC DC DB",
}


@pytest.fixture(scope="module")
def stehman() -> MapAccuracy:
    pairs = [(h, pair) for h, row in enumerate(STEHMAN_2014.values()) for pair in row.split()]
    return map_accuracy(
        ReferenceSample(
            design="stratified",
            classes=4,
            reference=np.array(["ABCD".index(pair[1]) for _, pair in pairs]),
            mapped=np.array(["ABCD".index(pair[0]) for _, pair in pairs]),
            strata=np.array([h for h, _ in pairs]),
            sizes=np.array([40_000, 30_000, 20_000, 10_000]),
        )
    )


def test_stehman_2014_overall_and_areas(stehman: MapAccuracy) -> None:
    check([stehman.overall], [0.63], [0.084642])
    check(stehman.areas, [0.35, 0.34, 0.20, 0.11], [0.082248, 0.075853, 0.064280, 0.030722])


def test_stehman_2014_users_and_producers(stehman: MapAccuracy) -> None:
    check(stehman.users, [0.741935, 0.574468, 0.50, 0.70], [0.164542, 0.124782, 0.215112, 0.152676])
    check(stehman.producers, [0.657143, 0.794118, 0.30, 0.636364], [0.147710, 0.116548, 0.150411, 0.162280])


def test_stehman_2014_cells(stehman: MapAccuracy) -> None:
    cells = [[0.23, 0.04, 0.04, 0], [0.12, 0.27, 0.08, 0], [0, 0.02, 0.06, 0.04], [0, 0.01, 0.02, 0.07]]
    assert pytest.approx(np.array(cells), abs=1e-12) == stehman.proportions[:, :-1].T


def test_post_stratified_variance_is_equation_48_of_stehman_2013() -> None:
    counts, sizes = np.array([[40, 5, 1], [3, 60, 6], [2, 4, 29]]), np.array([3000.0, 4500.0, 2500.0])
    mapped, reference = np.nonzero(np.ones_like(counts))
    found = map_accuracy(
        ReferenceSample(
            design="post_stratified",
            classes=3,
            reference=np.repeat(reference, counts.ravel()),
            mapped=np.repeat(mapped, counts.ravel()),
            strata=np.repeat(mapped, counts.ravel()),
            sizes=sizes,
            strata_are_classes=True,
        )
    )
    rows, n, weights = counts.sum(axis=1), counts.sum(), sizes / sizes.sum()
    right = np.diag(counts) / rows
    spread = right * (1 - right) * rows / (rows - 1)
    variance = (1 - n / sizes.sum()) / n * (weights @ spread) + ((1 - weights) @ spread) / n**2
    assert found.overall.value == pytest.approx(weights @ right, rel=1e-12)
    assert found.overall.standard_error == pytest.approx(np.sqrt(variance), rel=1e-12)


def test_simple_sample_has_the_variance_of_a_proportion() -> None:
    found = map_accuracy(
        ReferenceSample(
            design="simple",
            classes=2,
            reference=np.array([0] * 60 + [1] * 40),
            mapped=np.array([0] * 90 + [1] * 10),
            strata=np.zeros(100, dtype=int),
            sizes=np.array([400]),
        )
    )
    assert found.overall.value == pytest.approx(0.7)
    assert found.overall.standard_error == pytest.approx(np.sqrt(0.75 * 0.7 * 0.3 / 99))
