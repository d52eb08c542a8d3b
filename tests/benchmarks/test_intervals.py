"""The benchmark of the intervals, on a small world and few samples."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from benchmarks import intervals


def test_it_states_coverage_and_bias_of_each_design(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(intervals, "make_world", lambda seed, points, fewest: replace(WORLD, points=points))
    intervals.main(["--samples", "12", "--points", "400"])
    found = json.loads(capsys.readouterr().out)
    assert set(found["designs"]) == set(intervals.DESIGNS)
    for design in found["designs"].values():
        assert set(design["coverage"]) == set(design["bias"]) == {"overall", *(f"area_{k}" for k in range(1, 7))}
        assert design["coverage"]["overall"] > 0.5
        assert abs(design["bias"]["overall"]["value"]) < 0.03


def test_intervals_that_ignore_the_strata_would_be_seen() -> None:
    """Of equal numbers from each class, the share that is right is not that of the map."""
    rng = np.random.default_rng(0)
    draw = intervals.DESIGNS["stratified_equal"]

    def naive(world: intervals.World, rng: np.random.Generator) -> intervals.ReferenceSample:
        found = draw(world, rng)
        return intervals.replace(
            found,
            design="simple",
            strata=np.zeros(len(found), np.int64),
            sizes=np.array([found.sizes.sum()]),
            strata_are_classes=False,
        )

    found = intervals.measure(WORLD, naive, 10, rng)
    assert found["coverage"]["area_6"] == 0
    assert found["bias"]["area_6"]["value"] > 0.1


WORLD = intervals.make_world(1, (160, 200))
