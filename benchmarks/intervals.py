"""Whether the intervals of an assessment hold: ``python -m benchmarks.intervals``.

A map of known errors and its truth are made; samples of points are drawn by each design and assessed with what
``hsi assess`` uses. Prints one JSON document. ``designs`` holds, by name, ``coverage``: the share of samples whose 95 %
interval holds the true figure, for the overall accuracy and for the true area of each class, and ``bias``: mean of the
estimates less the true figure, and the Monte Carlo error of that mean (standard deviation over the root of the
samples). ``coverage_of_users_accuracy`` and ``coverage_of_producers_accuracy`` are lists over the classes, the latter over
the samples in which the class was found. All shares are 0 to 1. Takes a minute or two on one core.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from hsi_engine.evaluation.design_based.map_accuracy import map_accuracy
from hsi_engine.evaluation.design_based.reference_sample import ReferenceSample
from hsi_engine.evaluation.design_based.sample_size import equal_allocation, proportional_allocation

IntArray = npt.NDArray[np.int64]

SHAPE = (400, 520)
SHARES = (0.37, 0.26, 0.18, 0.12, 0.05, 0.02)
POINTS = 800
FEWEST_POINTS = 30
FEWEST_AREA = 0.02


@dataclass(frozen=True)
class World:
    """Class index of each pixel, (pixels,), of the truth, of the assessed map and of an older map; its shape; points to draw,
    and how many of them at least in each stratum of a stratified sample.
    """

    truth: IntArray
    mapped: IntArray
    older: IntArray
    shape: tuple[int, int]
    points: int = POINTS
    fewest: int = FEWEST_POINTS

    @property
    def classes(self) -> int:
        return len(SHARES)


Draw = Callable[[World, np.random.Generator], ReferenceSample]


def make_world(
    seed: int, shape: tuple[int, int] = SHAPE, *, points: int = POINTS, fewest: int = FEWEST_POINTS
) -> World:
    """Patches of six classes; a map that is wrong along borders and in places, and an older one that is worse."""
    rng = np.random.default_rng(seed)
    field = smooth(rng, shape, 12)
    truth = np.searchsorted(np.quantile(field, np.cumsum(SHARES)[:-1]), field)
    return World(
        truth=truth.ravel(),
        mapped=with_errors(truth, rng, border=0.35, anywhere=0.06).ravel(),
        older=with_errors(truth, rng, border=0.6, anywhere=0.2).ravel(),
        shape=shape,
        points=points,
        fewest=fewest,
    )


def smooth(rng: np.random.Generator, shape: tuple[int, int], width_px: int) -> npt.NDArray[np.float64]:
    from scipy.ndimage import gaussian_filter

    return np.asarray(gaussian_filter(rng.standard_normal(shape), width_px, mode="wrap"))


def with_errors(truth: IntArray, rng: np.random.Generator, *, border: float, anywhere: float) -> IntArray:
    """The truth as a classifier would show it: neighbours take pixels along borders, and single pixels are confused."""
    rows, cols = (
        np.clip(rng.integers(-3, 4, truth.shape) + at, 0, n - 1)
        for at, n in zip(np.indices(truth.shape), truth.shape, strict=True)
    )
    moved = np.where(rng.random(truth.shape) < border, truth[rows, cols], truth)
    # Classes are confused with the next one rather than with any.
    confused = np.clip(moved + rng.choice([-1, 1], truth.shape), 0, len(SHARES) - 1)
    return np.where(rng.random(truth.shape) < anywhere, confused, moved)


def simple(world: World, rng: np.random.Generator) -> ReferenceSample:
    return sample(world, rng.choice(len(world.truth), world.points, replace=False), "simple")


def post_stratified(world: World, rng: np.random.Generator) -> ReferenceSample:
    points = rng.choice(len(world.truth), world.points, replace=False)
    sizes = np.bincount(world.mapped, minlength=world.classes).astype(np.float64)
    found = sample(world, points, "simple")
    return replace(found, design="post_stratified", strata=world.mapped[points], sizes=sizes, strata_are_classes=True)


def systematic(world: World, rng: np.random.Generator) -> ReferenceSample:
    spacing_px = round(math.sqrt(len(world.truth) / world.points))
    rows, cols = (np.arange(rng.integers(spacing_px), edge, spacing_px) for edge in world.shape)
    points = (rows[:, None] * world.shape[1] + cols).ravel()
    return sample(world, points, "systematic")


def stratified(strata: str, allocate: Callable[..., list[int]]) -> Draw:
    """Draws within the classes of a map: "mapped" or "older"."""
    kept: dict[int, list[IntArray]] = {}

    def draw(world: World, rng: np.random.Generator) -> ReferenceSample:
        of_pixel = getattr(world, strata)
        pixels = kept.setdefault(id(world), [np.flatnonzero(of_pixel == k) for k in range(world.classes)])
        counts = allocate(world.points, [len(each) for each in pixels], minimum=world.fewest)
        points = np.concatenate(
            [each[rng.choice(len(each), n, replace=False)] for each, n in zip(pixels, counts, strict=True)]
        )
        sizes = np.array([len(each) for each in pixels], np.float64)
        return replace(
            sample(world, points, "simple"),
            design="stratified",
            strata=of_pixel[points],
            sizes=sizes,
            strata_are_classes=strata == "mapped",
        )

    return draw


def sample(world: World, points: IntArray, design: Any) -> ReferenceSample:
    return ReferenceSample(
        design=design,
        classes=world.classes,
        reference=world.truth[points],
        mapped=world.mapped[points],
        strata=np.zeros(len(points), np.int64),
        sizes=np.array([len(world.truth)]),
    )


DESIGNS: dict[str, Draw] = {
    "simple": simple,
    "post_stratified": post_stratified,
    "systematic": systematic,
    "stratified_equal": stratified("mapped", equal_allocation),
    "stratified_proportional": stratified("mapped", proportional_allocation),
    "strata_of_another_map": stratified("older", equal_allocation),
}


def measure(world: World, draw: Draw, samples: int, rng: np.random.Generator, method: Any = "wilson") -> dict[str, Any]:
    """Coverage and bias of one design."""
    true = [float((world.truth == world.mapped).mean()), *np.bincount(world.truth).astype(float) / len(world.truth)]
    values, held, users = np.empty((samples, len(true))), np.zeros(len(true)), np.zeros(world.classes)
    users_true = [float((world.truth == k)[world.mapped == k].mean()) for k in range(world.classes)]
    producers, known = np.zeros(world.classes), np.zeros(world.classes)
    producers_true = [float((world.mapped == k)[world.truth == k].mean()) for k in range(world.classes)]
    for number in range(samples):
        found = map_accuracy(draw(world, rng), method)
        for place, share in enumerate((found.overall, *found.areas)):
            low, high = share.interval or (math.nan, math.nan)
            values[number, place] = math.nan if share.value is None else share.value
            held[place] += low <= true[place] <= high
        for place, share in enumerate(found.users):
            low, high = share.interval or (math.nan, math.nan)
            users[place] += low <= users_true[place] <= high
        for place, share in enumerate(found.producers):
            if share.interval is not None:
                known[place] += 1
                producers[place] += share.interval[0] <= producers_true[place] <= share.interval[1]
    bias, error = values.mean(axis=0) - true, values.std(axis=0, ddof=1) / math.sqrt(samples)
    names = ["overall", *(f"area_{k + 1}" for k in range(world.classes))]
    return {
        "coverage": dict(zip(names, (held / samples).tolist(), strict=True)),
        "coverage_of_users_accuracy": (users / samples).tolist(),
        "coverage_of_producers_accuracy": (producers / np.maximum(known, 1)).tolist(),
        "bias": {
            name: {"value": value, "monte_carlo_error": of}
            for name, value, of in zip(names, bias.tolist(), error.tolist(), strict=True)
        },
    }


def verdict(designs: dict[str, Any], shares: list[float]) -> dict[str, Any]:
    """The lowest and highest coverage of classes that are not tiny, and the largest bias in Monte Carlo errors."""
    named = ["overall", *(f"area_{k + 1}" for k, share in enumerate(shares) if share >= FEWEST_AREA)]
    covered = {name: [found["coverage"][each] for each in named] for name, found in designs.items()}
    biased = [abs(b["value"]) / b["monte_carlo_error"] for found in designs.values() for b in found["bias"].values()]
    return {
        "lowest_coverage": {name: min(found) for name, found in covered.items()},
        "highest_coverage": {name: max(found) for name, found in covered.items()},
        "largest_bias_in_monte_carlo_errors": max(biased),
        "figures_compared": len(biased),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Coverage of the intervals of an assessment.")
    parser.add_argument("--samples", type=int, default=1000, help="drawn by each design")
    parser.add_argument("--points", type=int, default=POINTS, help="of each sample")
    parser.add_argument("--fewest", type=int, default=FEWEST_POINTS, help="of them in each stratum at least")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--interval", choices=["wilson", "clopper_pearson", "wald"], default="wilson")
    parser.add_argument("--designs", nargs="+", choices=list(DESIGNS), default=list(DESIGNS), metavar="NAME")
    given = parser.parse_args(arguments)
    world = make_world(given.seed, points=given.points, fewest=given.fewest)
    designs = {}
    for (name, draw), child in zip(
        DESIGNS.items(), np.random.SeedSequence(given.seed).spawn(len(DESIGNS)), strict=True
    ):
        if name not in given.designs:
            continue
        designs[name] = measure(world, draw, given.samples, np.random.default_rng(child), given.interval)
        print(name, designs[name]["coverage"], file=sys.stderr)
    shares = (np.bincount(world.truth) / len(world.truth)).tolist()
    about = {
        "samples": given.samples,
        "points": given.points,
        "fewest_in_a_stratum": given.fewest,
        "interval": given.interval,
        "pixels": len(world.truth),
        "overall_accuracy": float((world.truth == world.mapped).mean()),
        "true_shares": shares,
        "producers_accuracy": [float((world.mapped == k)[world.truth == k].mean()) for k in range(world.classes)],
        "mapped_shares": (np.bincount(world.mapped) / len(world.truth)).tolist(),
    }
    print(json.dumps({**about, **verdict(designs, shares), "designs": designs}, indent=2))


if __name__ == "__main__":
    main()
