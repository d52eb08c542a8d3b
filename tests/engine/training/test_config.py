"""Learning rates over a run."""

from __future__ import annotations

import pytest

from hsi_engine.training.config import Schedule, TrainingConfig, learning_rate_at, resolved


def rate(schedule: Schedule, progress: float) -> float:
    config = TrainingConfig(epochs=10, batch_size=8, learning_rate=0.1, schedule=schedule)
    return learning_rate_at(config, progress)


@pytest.mark.parametrize(
    ("progress", "expected"), [(0.0, 0.1), (0.39, 0.1), (0.4, 0.01), (0.74, 0.01), (0.75, 0.001), (1.0, 0.001)]
)
def test_step_divides_by_ten_after_40_and_75_percent(progress: float, expected: float) -> None:
    assert rate("step", progress) == pytest.approx(expected)


def test_one_cycle_warms_up_to_the_full_rate_at_30_percent_and_ends_near_zero() -> None:
    rates = [rate("one_cycle", i / 100) for i in range(101)]
    assert rates[0] == pytest.approx(0.1 / 25)
    assert rates.index(max(rates)) == 30
    assert max(rates) == pytest.approx(0.1)
    assert rates[:31] == sorted(rates[:31])
    assert rates[30:] == sorted(rates[30:], reverse=True)
    assert rates[-1] == pytest.approx(1e-5)


def test_cosine_falls_from_the_full_rate_to_zero_through_half() -> None:
    assert [rate("cosine", p) for p in (0.0, 0.5, 1.0)] == pytest.approx([0.1, 0.05, 0.0])


def test_constant_stays() -> None:
    assert rate("constant", 0.0) == rate("constant", 1.0) == 0.1


@pytest.mark.parametrize(
    ("samples", "least", "most", "epochs"),
    [
        (640, None, None, 7),  # as it was given
        (640, 50, 200, 7),  # 70 steps lie between the bounds
        (650, None, 200, 7),  # the last step of a pass is a small one
        (64, 50, None, 50),  # one step an epoch
        (64_000, None, 800, 1),  # a whole pass at least
        (3_000, None, 100, 2),  # 47 steps an epoch
        (10, 50, 200, 50),  # a batch may be larger than all samples
    ],
)
def test_bounds_on_steps_change_the_number_of_passes(
    samples: int, least: int | None, most: int | None, epochs: int
) -> None:
    config = TrainingConfig(epochs=7, batch_size=64, learning_rate=0.1, least_steps=least, most_steps=most)
    found = resolved(config, samples)
    assert found.epochs == epochs
    assert found.least_steps is found.most_steps is None
