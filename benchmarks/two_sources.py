"""What a second raster is worth next to a scene, and what a map from one of them alone loses.

``python -m benchmarks.two_sources`` trains on the EnMAP scene of Potsdam, tests in its tiles that are held back, next to a multispectral raster
that is made of it (six bands, each the mean of four to six bands), and prints JSON: overall accuracy on the test pixels
of maps from both, from the scene alone and from the second raster alone, and of the spectral-first network on the scene.
``--seeds N`` repeats it. Two minutes per seed on one core.

``--ablation`` trains with weights of the losses λ and η of 0, the default, and ten times the default, and prints the table of
``docs/decisions/0016-two-sources.md``. Each training is kept in ``benchmarks/results/two_sources.jsonl``: a run that was stopped resumes.
"""

from __future__ import annotations

import argparse
import itertools
import json
import tempfile
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio

import hsi_engine
from benchmarks.honest import commit, machine, say, words_of
from benchmarks.honest_scenes import DATA
from benchmarks.honest_store import RESULTS

# 0-based, first and end: blue, green, red, near infrared and twice short-wave infrared.
GROUPS = ((10, 14), (24, 28), (40, 44), (75, 80), (140, 146), (180, 186))
# 0, the default, and ten times the default.
COMMON_WEIGHTS, INVARIANCE_WEIGHTS = (0.0, 0.001, 0.01), (0.0, 0.1, 1.0)
# In the file of the split: pixels that are held back, and what a test is called.
_HELD_BACK, _TEST = 2, 3


def write_multispectral(path: Path, scene: Path) -> Path:
    """Write means of groups of bands of a scene as a float32 GeoTIFF on its grid; nodata where any of them has none."""
    with rasterio.open(scene) as opened:
        cube, fill = opened.read().astype(np.float32), opened.nodata
        grid = {"crs": opened.crs, "transform": opened.transform, "height": opened.height, "width": opened.width}
    cube[cube == fill] = np.nan
    means = np.stack([cube[first:end].mean(axis=0) for first, end in GROUPS])
    kind = {"driver": "GTiff", "dtype": "float32", "nodata": np.nan, "count": len(means)}
    with rasterio.open(path, "w", **kind, **grid) as target:
        target.write(means)
    return path


def write_split(path: Path, split: Path) -> Path:
    """Write the split with its held back pixels as a test: none of them is to choose an epoch."""
    with rasterio.open(split) as opened:
        sides, profile = opened.read(1), opened.profile
    sides[sides == _HELD_BACK] = _TEST
    with rasterio.open(path, "w", **profile) as target:
        target.write(sides, 1)
    return path


def measure(seed: int, options: dict[str, Any], wanted: Collection[str] | None = None) -> dict[str, float]:
    """Overall accuracy on the test pixels of the split, by what is mapped; ``wanted`` are the ways to train, all if None."""
    data = DATA / "enmap_potsdam"
    scene, labels, found = data / "scene.tif", data / "labels.tif", {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        split = write_split(folder / "split.tif", data / "split.tif")
        common: dict[str, Any] = {"labels": labels, "split_source": split, "seed": seed}
        second = write_multispectral(folder / "multispectral.tif", scene)
        both: dict[str, Any] = {"scene": scene, "second": second}
        ways: dict[str, tuple[dict[str, Any], dict[str, dict[str, Any]]]] = {
            "spectral_cnn": ({"scene": scene, "model": "spectral_cnn"}, {"scene": {"scene": scene}}),
            "two_sources": (both | {"model": "two_sources"} | options, {"both": both}),
            "with_modality_dropout": (
                both | {"model": "two_sources", "modality_dropout": 0.3} | options,
                {
                    "both": both,
                    "scene": {"scene": scene},
                    "second": {"scene": second, "only_second": True},
                },
            ),
        }
        for way, (training, maps) in ways.items():
            if wanted is not None and way not in wanted:
                continue
            model = folder / "model.hsimodel"
            hsi_engine.train_classifier(output=model, device="cpu", smooth=False, **common, **training)
            for source, inputs in maps.items():
                hsi_engine.classify_scene(model=model, output=folder / "map.tif", device="cpu", **inputs)
                found[f"{way}, {source}"] = _accuracy(folder / "map.tif", labels, split)
    return found


def _accuracy(*files: Path) -> float:
    """Of a map, by labels and a split."""
    layers: list[npt.NDArray[Any]] = []
    for file in files:
        with rasterio.open(file) as opened:
            layers.append(opened.read(1))
    mapped, reference, split = layers
    tested = (split == _TEST) & (reference > 0) & (mapped > 0)
    return float((mapped[tested] == reference[tested]).mean())


def ablation(seeds: int, store: Path) -> list[dict[str, Any]]:
    """Overall accuracies by weights and seed; what the store lacks is measured, seed by seed."""
    kept = [json.loads(line) for line in store.read_text(encoding="utf-8").splitlines()] if store.exists() else []
    stamp = {"commit": commit(), "machine": words_of(machine())}
    for seed, common, invariance in itertools.product(range(seeds), COMMON_WEIGHTS, INVARIANCE_WEIGHTS):
        named = {"common_weight": common, "invariance_weight": invariance, "seed": seed}
        if any(named.items() <= row.items() for row in kept):
            continue
        options = {"common_weight": common, "invariance_weight": invariance}
        kept.append({**named, **measure(seed, options, ("with_modality_dropout",)), **stamp})
        store.parent.mkdir(parents=True, exist_ok=True)
        with store.open("a", encoding="utf-8") as file:
            file.write(json.dumps(kept[-1]) + "\n")
        say(json.dumps(kept[-1]))
    return kept


def ablation_table(rows: list[dict[str, Any]]) -> str:
    """Means and standard deviations over the seeds in percent, as Markdown."""
    sources = ("both", "scene", "second")
    lines = ["| λ | η | both | scene alone | second alone | seeds |", "| ---: | ---: | ---: | ---: | ---: | ---: |"]
    for common, invariance in itertools.product(COMMON_WEIGHTS, INVARIANCE_WEIGHTS):
        here = [r for r in rows if (r["common_weight"], r["invariance_weight"]) == (common, invariance)]
        if not here:
            continue
        found = [[100 * row[f"with_modality_dropout, {source}"] for row in here] for source in sources]
        cells = [f"{np.mean(one):.1f}" + (f" ± {np.std(one, ddof=1):.1f}" if len(one) > 1 else "") for one in found]
        lines.append(f"| {common:g} | {invariance:g} | {' | '.join(cells)} | {len(here)} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.two_sources")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--ablation", action="store_true", help="weights of the losses instead of sources")
    parser.add_argument(
        "--store", type=Path, default=RESULTS / "two_sources.jsonl", help="file that keeps the ablation"
    )
    parser.add_argument("--common-weight", type=float)
    parser.add_argument("--invariance-weight", type=float)
    given = parser.parse_args()
    if given.ablation:
        print(ablation_table(ablation(given.seeds, given.store)))
        return
    named = {"common_weight": given.common_weight, "invariance_weight": given.invariance_weight}
    options = {name: value for name, value in named.items() if value is not None}
    runs = [measure(seed, options) for seed in range(given.seeds)]
    means = {way: float(np.mean([run[way] for run in runs])) for way in runs[0]}
    print(json.dumps({"options": options, "overall_accuracy": runs, "mean": means}, indent=2))


if __name__ == "__main__":
    main()
